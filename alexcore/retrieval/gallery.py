"""A gallery: one durable Lance table of a folder's pictures and their embeddings.

folder + model -> ``build_gallery`` -> table of path, label, sha256, thumbnail, embedding
-> ``load_rows`` -> ``search``. Commits are atomic: a reader sees whole batches only.
"""

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import nn

from alexcore.datasets.folder import FolderListing, Item, Progress
from alexcore.errors import GalleryError, GalleryMissingError, ImageError
from alexcore.extraction.embeddings import create_embedder
from alexcore.images import load_image
from alexcore.transforms import Preset, normalise, to_array

THUMBNAIL_SIDE = 192
_COMMIT_ROWS = 512
_BATCH = 32

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GalleryKey:
    """What the vectors of one gallery have in common; its ``name`` keeps others apart.

    Attributes:
        dataset: Name of the folder.
        run: Name of the run whose model embeds.
        node: The node the embedding is read from.
        preset: The preprocessing.
        weights_digest: sha256 of the run's weights.
    """

    dataset: str
    run: str
    node: str
    preset: Preset
    weights_digest: str

    @property
    def name(self) -> str:
        """The table's folder name."""
        node = self.node.replace(".", "_")
        return f"{self.dataset}-{self.run}-{node}-{self.preset.digest}.lance"


@dataclass(frozen=True, slots=True)
class Rows:
    """A gallery in memory, in the order of the paths.

    Attributes:
        paths: Below the gallery's root.
        labels: Class of each.
        digests: sha256 of each file.
        embeddings: float32 (N, D).
        root: The folder the pictures were read from.
    """

    paths: tuple[str, ...]
    labels: tuple[str, ...]
    digests: tuple[str, ...]
    embeddings: npt.NDArray[np.float32]
    root: Path


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: rows now, embedded anew, dropped, and files left out with the reason."""

    rows: int
    embedded: int
    dropped: int
    unreadable: tuple[tuple[str, str], ...]


def build_gallery(
    folder: Path,
    listing: FolderListing,
    model: nn.Module,
    key: GalleryKey,
    device: torch.device,
    on_progress: Progress | None = None,
) -> BuildReport:
    """Embed every picture of a listing that the gallery does not hold yet.

    Only new and changed files are embedded and removed ones dropped; stopped anywhere, the
    next build goes on after the last committed batch.

    Args:
        folder: Where galleries lie.
        listing: The pictures, from ``scan_folder``; all of a folder or only some.
        model: In evaluation mode on ``device``.
        key: Names the gallery; its node must be one of the model's.
        device: Where to compute.
        on_progress: Called with (pictures done, pictures to embed).

    Raises:
        GalleryError: The table cannot be written or belongs to other weights.
    """
    uri = folder / key.name
    held = _load_digests(uri, key)
    wanted = {item.path: item for item in listing.items}
    gone = [path for path in held if path not in wanted]
    fresh = [item for item in listing.items if held.get(item.path) != item.sha256]
    unreadable: list[tuple[str, str]] = []
    embedded = 0
    try:
        if gone:
            _delete(uri, gone)
        done = 0
        for rows in _embed(listing, fresh, model, key, device, unreadable):
            _upsert(uri, rows, key, listing.root)
            embedded += len(rows)
            done = min(done + _COMMIT_ROWS, len(fresh))
            if on_progress is not None:
                on_progress(done, len(fresh))
    except OSError as error:
        raise GalleryError(f"cannot write the gallery {uri}: {error}") from error
    return BuildReport(len(_load_digests(uri, key)), embedded, len(gone), tuple(unreadable))


def _embed(
    listing: FolderListing,
    items: Sequence[Item],
    model: nn.Module,
    key: GalleryKey,
    device: torch.device,
    unreadable: list[tuple[str, str]],
) -> Iterator[list[dict[str, Any]]]:
    """Yield rows for at most ``_COMMIT_ROWS`` items at a time; decoding runs ahead in threads."""
    embed = create_embedder(model, key.node)
    with ThreadPoolExecutor() as pool:
        for chunk in _chunks(items, _COMMIT_ROWS):
            rows: list[dict[str, Any]] = []
            read = pool.map(lambda item: _read(listing.root, item, key.preset), chunk)
            while group := list(islice(read, _BATCH)):
                good = [row for row in group if "error" not in row]
                unreadable += [(row["path"], row["error"]) for row in group if "error" in row]
                if not good:
                    continue
                pixels = torch.from_numpy(np.stack([row.pop("pixels") for row in good]))
                vectors = embed(normalise(pixels.to(device), key.preset)).cpu().numpy()
                for row, vector in zip(good, vectors, strict=True):
                    rows.append(row | {"embedding": vector})
            yield rows


def _read(root: Path, item: Item, preset: Preset) -> dict[str, Any]:
    try:
        image = load_image(root / item.path)
    except ImageError as error:
        return {"path": item.path, "error": str(error)}
    return {
        "path": item.path,
        "label": item.label,
        "sha256": item.sha256,
        "thumbnail": create_thumbnail(image),
        "pixels": to_array(image, preset),
    }


def create_thumbnail(image: Image.Image, side: int = THUMBNAIL_SIDE) -> bytes:
    """Return a WebP file of the picture, at most ``side`` pixels on its longer side."""
    small = image.copy()
    small.thumbnail((side, side))
    file = io.BytesIO()
    small.save(file, "WEBP", quality=80)
    return file.getvalue()


def _upsert(uri: Path, rows: list[dict[str, Any]], key: GalleryKey, root: Path) -> None:
    import lance
    import pyarrow as pa

    if not rows:
        return
    width = len(rows[0]["embedding"])
    fields = [
        ("path", pa.string()),
        ("label", pa.string()),
        ("sha256", pa.string()),
        ("thumbnail", pa.binary()),
        ("embedding", pa.list_(pa.float32(), width)),
    ]
    metadata = {"weights_digest": key.weights_digest, "root": str(root.resolve())}
    columns = {name: [row[name] for row in rows] for name, _ in fields[:-1]}
    flat = np.stack([row["embedding"] for row in rows]).astype(np.float32).reshape(-1)
    columns["embedding"] = pa.FixedSizeListArray.from_arrays(pa.array(flat), width)
    table = pa.table(columns, schema=pa.schema(fields, metadata=metadata))
    if uri.exists():
        merge = lance.dataset(str(uri)).merge_insert("path")
        merge.when_matched_update_all().when_not_matched_insert_all().execute(table)
    else:
        lance.write_dataset(table, str(uri), mode="create")


def _delete(uri: Path, paths: Sequence[str]) -> None:
    import lance

    dataset = lance.dataset(str(uri))
    for chunk in _chunks(paths, 500):
        dataset.delete(_path_in(chunk))


def _path_in(paths: Sequence[str]) -> str:
    """Return the SQL condition that a row's path is one of these."""
    return "path IN (" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + ")"


def _chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _load_digests(uri: Path, key: GalleryKey) -> dict[str, str]:
    """Return {path: sha256} of what is committed; empty when there is no table yet."""
    if not uri.exists():
        return {}
    table = _open(uri, key).to_table(columns=["path", "sha256"])
    return dict(zip(table["path"].to_pylist(), table["sha256"].to_pylist(), strict=True))


def _open(uri: Path, key: GalleryKey) -> Any:
    import lance

    if not uri.exists():
        raise GalleryMissingError(
            f"there is no gallery {uri.name} yet; build it with python -m alexcore embed."
        )
    try:
        dataset = lance.dataset(str(uri))
    except (ValueError, OSError) as error:
        raise GalleryError(
            f"the gallery {uri.name} cannot be opened: it is damaged or half copied. Move its "
            "folder aside and build it again."
        ) from error
    metadata = {k.decode(): v.decode() for k, v in (dataset.schema.metadata or {}).items()}
    if metadata.get("weights_digest") != key.weights_digest:
        raise GalleryError(
            f"the gallery {uri.name} was made with other weights of {key.run}; its vectors cannot "
            "be compared with today's. Remove it and build it again."
        )
    return dataset


def find_version(folder: Path, key: GalleryKey) -> int:
    """Return the number of the last commit; it grows with every change.

    Raises:
        GalleryError: The gallery is missing, damaged, or made with other weights.
    """
    return int(_open(folder / key.name, key).version)


def load_rows(folder: Path, key: GalleryKey) -> Rows:
    """Read a gallery into memory, without its thumbnails.

    Raises:
        GalleryError: It is missing, damaged, or made with other weights.
    """
    uri = folder / key.name
    dataset = _open(uri, key)
    table = dataset.to_table(columns=["path", "label", "sha256", "embedding"]).sort_by("path")
    vectors = table["embedding"].combine_chunks()
    flat = vectors.flatten().to_numpy(zero_copy_only=False)
    width = table.schema.field("embedding").type.list_size
    return Rows(
        paths=tuple(table["path"].to_pylist()),
        labels=tuple(table["label"].to_pylist()),
        digests=tuple(table["sha256"].to_pylist()),
        embeddings=np.array(flat, np.float32).reshape(-1, width),  # arrow's memory is read-only
        root=Path(dataset.schema.metadata[b"root"].decode()),
    )


def load_thumbnails(folder: Path, key: GalleryKey, paths: Sequence[str]) -> dict[str, bytes]:
    """Return {path: WebP file} for some rows.

    Raises:
        GalleryError: The gallery is missing, damaged, or made with other weights.
    """
    dataset = _open(folder / key.name, key)
    table = dataset.to_table(columns=["path", "thumbnail"], filter=_path_in(paths))
    return dict(zip(table["path"].to_pylist(), table["thumbnail"].to_pylist(), strict=True))
