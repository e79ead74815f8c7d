"""The app: its pages and the frame around each.

For every run of a page ``main.py`` -> ``navigate`` -> one of ``pages/``.
"""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from alexcore.dashboard.explanations import EXPLANATIONS
from alexcore.dashboard.permissions import require_login
from alexcore.dashboard.session import choose, leave_for
from alexcore.dashboard.urls import translate_old_link
from alexcore.dashboard.warm_up import start_warm_up
from alexcore.dashboard.widgets.headings import show_heading
from alexcore.dashboard.widgets.sidebar import pick_image, pick_model, show_device
from alexcore.settings import PAGES_FOLDER

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PageInfo:
    """One page of the navigation.

    Attributes:
        name: Of its script, and its path in the address.
        title: In the navigation.
        icon: A Material symbol.
        sentence: What one looks at, below the heading.
        heading: Above the page, where it is not the title.
    """

    name: str
    title: str
    icon: str
    sentence: str
    heading: str = ""

    @property
    def path(self) -> Path:
        """Where its script lies."""
        return PAGES_FOLDER / f"{self.name}.py"


_PAGES = (
    PageInfo(
        "overview",
        "Overview",
        ":material/home:",
        "The network that began the deep learning years, opened up: its shapes, its training, "
        "what its channels see, and what it finds alike.",
        "Inside AlexNet",
    ),
    PageInfo(
        "architecture",
        "Architecture",
        ":material/layers:",
        "Follow one picture through the layers: how its shape shrinks and where the cost sits.",
    ),
    PageInfo(
        "training",
        "Training",
        ":material/show_chart:",
        "Every line is a training run, drawn over the images it has seen, since batch 8 takes "
        "twice the steps of batch 16. Colour tells the width, the dash the batch size.",
    ),
    PageInfo(
        "feature_maps",
        "Feature maps",
        ":material/grid_view:",
        "Each tile is one channel of a layer: bright where the picture holds what it looks for.",
    ),
    PageInfo(
        "retrieval",
        "Retrieval",
        ":material/image_search:",
        "The training pictures whose last hidden layer lies nearest to the query's: the paper's "
        "figure 4.",
    ),
)
PAGES = {page.name: page for page in _PAGES}


def navigate() -> None:
    """Draw the frame, its sidebar's model and image, and within it the page the address names."""
    st.set_page_config(
        page_title="Inside AlexNet",
        page_icon=str(_HERE / "icon.png"),
        layout="wide",
        menu_items={"About": "Look inside AlexNet: shapes, training, feature maps, retrieval."},
    )
    require_login()
    page = st.navigation(
        [
            st.Page(info.path, title=info.title, icon=info.icon, default=info.name == "overview")
            for info in PAGES.values()
        ]
    )
    translate_old_link()  # once the page is known, to which it comes back
    if asked := leave_for():
        st.switch_page(PAGES[asked].path, query_params={})
    info = next(info for info in _PAGES if info.title == page.title)
    show_heading(info.heading or info.title, info.sentence, EXPLANATIONS.get(info.name))
    with st.sidebar:
        source = pick_model()
        choose(source, pick_image(source.preprocessing))
        device_line = st.empty()
    page.run()
    show_device(device_line)
    start_warm_up()
