"""``streamlit run dashboard.py``."""

import streamlit as st

from alexcore.dashboard.server import MAIN, ROUTES, lifespan

# Streamlit looks for this very call in the file's text.
app = st.App(MAIN, routes=ROUTES, lifespan=lifespan)
