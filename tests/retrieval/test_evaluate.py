import shutil
from pathlib import Path

import torch

from alexcore.datasets.folder import scan_folder
from alexcore.retrieval.build import build_gallery
from alexcore.retrieval.evaluate import evaluate_gallery
from alexcore.retrieval.gallery import Gallery
from alexcore.retrieval.stores import open_store
from tests.retrieval.test_build import KEY, embed


def test_progress_reaches_its_total_past_a_picture_that_cannot_be_read(
    creatures: Path, tmp_path: Path
) -> None:
    store = open_store(str(tmp_path / "galleries"), KEY)
    build_gallery(store, scan_folder(creatures), embed)
    root = Path(shutil.copytree(creatures / "brook", tmp_path / "asked" / "brook")).parent
    (root / "brook" / "note.png").write_bytes(b"no picture")
    queries = scan_folder(root)
    steps: list[tuple[int, int]] = []
    found = evaluate_gallery(
        Gallery(store, torch.device("cpu")), queries, embed, "euclidean",
        lambda done, total: steps.append((done, total)),
    )  # fmt: skip
    assert found.embedding.queries == 6
    assert steps[-1] == (7, 7)
