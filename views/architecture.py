"""What happens to shape, cost and receptive field, layer by layer, and how two nets differ."""

import streamlit as st

from ui.panels.architecture.articles import show_articles
from ui.panels.architecture.compare import show_compare
from ui.panels.architecture.layers import show_layers
from ui.panels.architecture.machine import show_machine
from ui.state import get_model_choice

choice = get_model_choice()
view = st.segmented_control(
    "View",
    ["Layers", "Compare", "Articles", "Machine"],
    default="Layers",
    required=True,
    key="view",
    bind="query-params",
    label_visibility="collapsed",
    wrap=True,
)
if view == "Compare":
    show_compare()
elif view == "Articles":
    show_articles()
elif view == "Machine":
    show_machine(choice)
else:
    show_layers(choice)
