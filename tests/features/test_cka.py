from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from alexcore.features.cka import (
    PICTURES,
    choose_pictures,
    compare_layers,
    compute_gram,
    compute_grams,
    find_pictures,
)
from alexcore.images.preprocessing import to_array, to_input
from alexcore.inference.embeddings import create_embedder
from alexcore.inference.model import load_model
from alexcore.runs.run import Run
from alexcore.sources import create_run_source, find_source


def compute_by_hand(x: np.ndarray, y: np.ndarray) -> float:
    """HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)) with HSIC(K, L) = trace(K H L H) / (n - 1)^2."""
    n = len(x)
    h = np.eye(n) - np.ones((n, n)) / n
    k, m = x.astype(np.float64) @ x.T, y.astype(np.float64) @ y.T

    def hsic(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.trace(a @ h @ b @ h)) / (n - 1) ** 2

    return hsic(k, m) / float(np.sqrt(hsic(k, k) * hsic(m, m)))


def test_cka_equals_the_formula_on_centred_gram_matrices() -> None:
    rng = np.random.default_rng(0)
    left = {"a": rng.normal(3, 1, (40, 7)), "b": rng.random((40, 90))}
    right = {"c": left["a"] @ rng.normal(size=(7, 5)) + 1, "d": rng.normal(size=(40, 3))}
    grams = [
        {name: compute_gram(x.astype(np.float32)) for name, x in side.items()}
        for side in (left, right)
    ]
    found = compare_layers(*grams)
    assert (found.left, found.right, found.pictures) == (("a", "b"), ("c", "d"), 40)
    for row, x in enumerate(left.values()):
        for column, y in enumerate(right.values()):
            by_hand = compute_by_hand(x, y)
            assert found.values[row, column] == pytest.approx(by_hand, abs=1e-6)
    table = found.to_csv().splitlines()
    assert table[0] == "layer,c,d" and len(table) == 3 and table[1].startswith("a,0.")


def test_cka_does_not_see_rotation_and_scale_and_is_0_of_what_never_changes() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(30, 6)).astype(np.float32)
    turned = (3 * x @ np.linalg.qr(rng.normal(size=(6, 6)))[0] + 5).astype(np.float32)
    grams = {"turned": compute_gram(turned), "still": compute_gram(np.ones_like(x))}
    (values,) = compare_layers({"x": compute_gram(x)}, grams).values
    assert values == pytest.approx([1, 0], abs=1e-6)


def test_a_net_is_like_itself_over_pictures_it_was_not_trained_on(
    tiny_run: Run, creatures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alexcore.features.cka.find_folder", lambda name: creatures)
    source = create_run_source(tiny_run)
    model = load_model(source, torch.device("cpu"))
    assert find_pictures(source) == tiny_run.dataset["name"]
    pictures = choose_pictures(source)
    assert len(pictures) == sum(tiny_run.dataset["validation"].values()) <= PICTURES
    done = []
    grams = compute_grams(model, pictures, lambda *at: done.append(at))
    assert done[-1] == (len(pictures), len(pictures))
    assert {"conv1", "relu5", "pool5", "fc8"} <= grams.keys()
    assert not [label for label in grams if label.startswith(("drop", "flatten"))]
    assert np.diag(compare_layers(grams, grams).values) == pytest.approx(1)
    x = torch.cat(
        [
            to_input(to_array(Image.open(file), source.preprocessing), source.preprocessing,
                     torch.device("cpu"))
            for file in pictures
        ]
    )  # fmt: skip
    ours = create_embedder(model.module, model.find_node("relu2"))(x).numpy()
    np.testing.assert_allclose(grams["relu2"], compute_gram(ours), atol=1e-5)


def test_nets_that_no_run_trained_are_asked_about_the_demo_set() -> None:
    assert find_pictures(find_source("untrained-half")) == "creatures"
