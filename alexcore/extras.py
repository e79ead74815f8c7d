"""What few need and is installed apart: ONNX files, Milvus, UMAP, a login, notebooks, TensorBoard.

Each is an extra of ``pyproject.toml``; what asks for one that is not here says how to get it.
"""

from importlib.util import find_spec
from typing import Literal

from alexcore.settings import INSTALLED

Extra = Literal["auth", "milvus", "notebook", "onnx", "tensorboard", "umap"]
_MODULES: dict[Extra, tuple[str, ...]] = {
    "auth": ("authlib", "httpx"),
    "milvus": ("pymilvus",),
    "notebook": ("anywidget",),
    "onnx": ("onnx", "onnxruntime", "onnxscript"),
    "tensorboard": ("tensorboard",),
    "umap": ("umap",),
}
FEATURES: dict[Extra, str] = {
    "auth": "a login before the pages",
    "milvus": "galleries in Milvus",
    "notebook": "widgets in a notebook",
    "onnx": "ONNX files",
    "tensorboard": "event files of a training",
    "umap": "UMAP on the map",
}
"""What each is for, in a few words."""


def has_extra(name: Extra) -> bool:
    """Whether its packages can be imported; nothing is imported to find out."""
    return all(find_spec(module) is not None for module in _MODULES[name])


def describe_install(name: Extra) -> str:
    """Return the command that installs an extra.

    A checkout is asked for itself: pip would look for a package of that name elsewhere.
    """
    return f'pip install "alexcore[{name}]"' if INSTALLED else f'pip install -e ".[{name}]"'
