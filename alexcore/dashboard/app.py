"""The app: its pages and the frame around each.

For every run of a page ``main.py`` -> ``navigate`` -> one of ``pages/``.
"""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from alexcore.dashboard.permissions import require_login
from alexcore.dashboard.session import choose
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
        title: In the navigation and above the page.
        icon: A Material symbol.
    """

    name: str
    title: str
    icon: str

    @property
    def path(self) -> Path:
        """Where its script lies."""
        return PAGES_FOLDER / f"{self.name}.py"


PAGES = {
    page.name: page
    for page in (
        PageInfo("overview", "Overview", ":material/home:"),
        PageInfo("architecture", "Architecture", ":material/layers:"),
        PageInfo("training", "Training", ":material/show_chart:"),
        PageInfo("feature_maps", "Feature maps", ":material/grid_view:"),
        PageInfo("retrieval", "Retrieval", ":material/image_search:"),
    )
}


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
    show_heading(page.title)
    with st.sidebar:
        source = pick_model()
        choose(source, pick_image(source.preset))
        device_line = st.empty()
    page.run()
    show_device(device_line)
    start_warm_up()
