"""The Feature maps page: extraction against a bare forward pass, the sprite against imshow."""

import io

import matplotlib
import numpy as np
import numpy.typing as npt
import torch
from matplotlib import pyplot as plt
from playwright.sync_api import Page

from alexcore.figures.sprites import create_sprite, encode_png, plan_grid
from alexcore.inference.extract import create_extractor
from alexcore.models import create_model
from alexcore.models.layer_names import name_layers
from benchmarks.limits import time_median
from benchmarks.reruns import Times, create_rows, measure_bare, measure_reruns, opened
from benchmarks.table import Row
from tests.browser.server import launch


def measure_features() -> list[Row]:
    """Return extraction, sprite and the page's answer to another layer."""
    rows = [_measure_extraction(), _measure_sprite()]
    with launch() as browser:
        bare = measure_bare(browser)
        with opened(browser, "feature_maps", "Feature maps") as page:
            rows += create_rows("another layer to last repaint", _change_layers(page), bare)
    return rows


def _measure_extraction() -> Row:
    """All five convolutions of the full net for a new picture."""
    model = create_model("full").eval()
    wanted = [path for path, label in name_layers(model).items() if label.startswith("conv")]
    extractor = create_extractor(model, [*wanted, "classifier.5"])
    pictures = iter(torch.randn(200, 1, 3, 227, 227))
    with torch.inference_mode():
        bare = time_median(lambda: model(next(pictures)), 40)
        ours = time_median(lambda: extractor(next(pictures)), 40)
    return Row("five convolutions of a picture", ours * 1e3, "ms", "forward pass", bare * 1e3,
               "≤ 1.3")  # fmt: skip


def _measure_sprite() -> Row:
    """The widest layer's channels as one PNG, against one imshow each."""
    maps = np.random.default_rng(0).random((384, 13, 13)).astype(np.float32)
    grid = plan_grid(*maps.shape[:2])
    ours = time_median(lambda: encode_png(create_sprite(maps, grid)))
    theirs = time_median(lambda: _draw_with_imshow(maps), 1)
    return Row("sprite of 384 channels", ours * 1e3, "ms", "loop over plt.imshow", theirs * 1e3,
               "≤ 0.1, aim 0.01")  # fmt: skip


def _draw_with_imshow(maps: npt.NDArray[np.float32]) -> bytes:
    matplotlib.use("agg")
    figure = plt.figure(figsize=(14, 7))
    for index, values in enumerate(maps):
        plt.subplot(14, 28, index + 1)
        plt.axis("off")
        plt.imshow(values)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    plt.close(figure)
    return file.getvalue()


def _change_layers(page: Page) -> Times:
    """Click the article's stages in turn, the picture already seen."""
    stages = [page.get_by_role("radio", name=f"stage {n}").or_(
        page.get_by_role("button", name=f"stage {n}")
    ) for n in (1, 2)]  # fmt: skip
    return measure_reruns(page, lambda turn: stages[turn % 2].click())
