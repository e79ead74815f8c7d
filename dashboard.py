"""``streamlit run dashboard.py``."""

import streamlit as st

from alexcore.dashboard.app import MAIN, ROUTES

app = st.App(MAIN, routes=ROUTES)  # Streamlit looks for this very call in the file's text
