"""The app: its pages, and the sidebar's model and image, which every page reads."""

import streamlit as st

from ui.headings import show_heading
from ui.inputs import pick_image, pick_model, show_device
from ui.permissions import require_login
from ui.warm_up import start_warm_up

st.set_page_config(
    page_title="Inside AlexNet",
    page_icon="ui/icon.png",
    layout="wide",
    menu_items={"About": "Look inside AlexNet: shapes, training, feature maps, retrieval."},
)

require_login()
page = st.navigation(
    [
        st.Page("views/overview.py", title="Overview", icon=":material/home:", default=True),
        st.Page("views/architecture.py", title="Architecture", icon=":material/layers:"),
        st.Page("views/training.py", title="Training", icon=":material/show_chart:"),
        st.Page("views/feature_maps.py", title="Feature maps", icon=":material/grid_view:"),
        st.Page("views/retrieval.py", title="Retrieval", icon=":material/image_search:"),
    ]
)
show_heading(page.title)
with st.sidebar:
    st.session_state["model_choice"] = model = pick_model()
    st.session_state["image_choice"] = pick_image(model.preset)
    device_line = st.empty()
page.run()
show_device(device_line)
start_warm_up()
