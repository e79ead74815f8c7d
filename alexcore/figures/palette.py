"""The product's colours: one a model on every page, told apart by colour-blind people too.

The hues are from Okabe and Ito's set, https://jfly.uni-koeln.de/color/.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from plotly.colors import get_colorscale, sample_colorscale, unlabel_rgb

MODEL_COLOURS = {
    "full": "#0072b2",
    "half": "#e07b00",
    "staged": "#56a4d8",
    "torchvision": "#009e73",
    "original": "#b8559a",
    "one_gpu": "#d55e00",
    "original_no_norms": "#c987b4",
    "original_2x2_pools": "#9c6f8e",
    "original_no_exchange": "#d9aecb",
    "zfnet": "#8a6d1f",
}
CLASS_COLOURS = (
    "#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#7b8fe0", "#b5a800", "#999999"
)  # fmt: skip
QUIET = "#8b93a1"
MARKED = "#d1495b"
AGREES = "#009e73"
RAISES, LOWERS = "#d1495b", "#0072b2"
"""What speaks for a class and against it."""


def get_model_colour(model: str) -> str:
    """Return the colour of a variant, grey for nets that are not ours."""
    return MODEL_COLOURS.get(model, QUIET)


@lru_cache(maxsize=8)
def create_lookup(name: str) -> npt.NDArray[np.uint8]:
    """Return a plotly colour scale as a table, (256, 3) uint8."""
    steps = np.linspace(0, 1, 256).tolist()
    colours = sample_colorscale(get_colorscale(name), steps, colortype="rgb")
    return np.rint([unlabel_rgb(colour) for colour in colours]).astype(np.uint8)
