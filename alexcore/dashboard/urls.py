"""Every query parameter of the dashboard, once: what one chooses is in the address.

A widget bound to a parameter has its name as key, so the same name is the session's. Links of
version 0.1 are translated when a session opens with one.
"""

import streamlit as st

from alexcore.models import list_models
from alexcore.sources import UNTRAINED

# The sidebar
MODEL = "model"
IMAGE = "image"
BACKGROUND = "background"

# Architecture
VIEW = "view"
VARIANT = "variant"
BATCH = "batch"
CLASSES = "classes"
HIDDEN = "hidden"
SIZE = "size"
ROUNDING = "rounding"
PADDING = "padding"
DETAIL = "detail"
KERNELS = "kernels"
EPOCH = "epoch"
LEFT = "left"
RIGHT = "right"
COMPARED_CLASSES = "cclasses"
COMPARED_HIDDEN = "chidden"
WORDS = "words"

# Training
TRAINING_VIEW = "tview"
EXPERIMENT = "experiment"
FINDING = "finding"
DIFFERENCE = "difference"
BOUND = "bound"
FIRST_RUN = "arun"
SECOND_RUN = "brun"
RIGHT_IN = "right_in"
CHARTS = "charts"
AXIS = "axis"
HALF_LIFE = "half_life"
FOLD = "fold"
LOG = "log"
CLIP = "clip"
TARGET = "target"
RUN = "run"
CELL = "cell"
QUANTITY = "quantity"
LOGGED = "logged"

# Feature maps
FEATURE_VIEW = "fview"
TEN_CROPS = "crops"
LAYER = "layer"
SCALE = "scale"
ORDER = "order"
GAMMA = "gamma"
PAGE = "page"
CHANNEL = "channel"
FEATURE_CELL = "fcell"
ARITHMETIC = "arithmetic"
WALK = "walk"
COMBINE = "combine"
CLASS = "class"
METHOD = "method"
AGAINST = "against"
CAM_LAYER = "camlayer"
RANDOM_TOP = "randomtop"
WAY = "way"
FACTOR = "factor"
CHANGED = "changed"
PROJECTED = "projected"
UNIT_LAYER = "ulayer"
WHAT = "what"
COVER = "cover"
TOOL = "tool"
BRUSH = "brush"
FILL = "fill"
ANGLE = "angle"
SHIFT_RIGHT = "dx"
SHIFT_DOWN = "dy"
CURVE = "curve"
OTHER_LAYER = "blayer"
LAYER_THERE = "clayer"
OTHER_MODEL = "bmodel"
OTHER_IMAGE = "bimage"
OTHER_SCALE = "bscale"
TIME_SCALE = "tscale"
PLAY = "play"

# Retrieval
RETRIEVAL_VIEW = "rview"
NODE = "node"
GALLERY = "gallery"
METRIC = "metric"
K = "k"
SEARCH = "search"
HIDE = "hide"
FOLD_COPIES = "foldcopies"
FARTHEST = "farthest"
NEIGHBOUR = "neighbour"
LIKE = "like"
WHY_ALIKE = "whyalike"
COMPARED_MODEL = "rmodel"
DRAW = "draw"
QUERIES = "figqueries"
PROJECTION = "projection"

_TRANSLATED = "links-translated"
_OLD_VALUES = {
    (SCALE, "layer"): "per layer",
    (SCALE, "fixed"): "fixed range",
    (OTHER_SCALE, "both"): "both by one range",
    (CHARTS, "one a kind"): "one chart a configuration",
}
"""{(parameter, its value in version 0.1): today's}; to go with the version after this one. What
Streamlit does not know it drops, so that a default needs no entry."""


def name_training_pick(label: str, experiment: str) -> str:
    """Return the parameter of a pick among an experiment's runs: its models, batches or seeds."""
    return f"t{label.lower()}-{experiment}"


def translate_old_link() -> None:
    """Give a link of version 0.1 today's words, and run the page anew with them.

    In this run widgets read the address as it came, whatever is written there.
    """
    if _TRANSLATED in st.session_state:
        return
    st.session_state[_TRANSLATED] = True
    told = st.query_params.to_dict()
    today = {name: new for (name, old), new in _OLD_VALUES.items() if told.get(name) == old}
    today |= {name: _translate_net(told[name]) for name in (LEFT, RIGHT) if name in told}
    if today.items() - told.items():
        st.query_params.update(today)
        st.rerun()


def _translate_net(old: str) -> str:
    """Return the source that was a variant, ``run NAME`` or ``torchvision NAME``."""
    if old in {spec.name for spec in list_models()}:
        return UNTRAINED + old
    return old.removeprefix("run ").removeprefix("torchvision ")
