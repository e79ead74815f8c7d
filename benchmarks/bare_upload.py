"""The least a Streamlit app can do about an upload: what no page can be quicker than."""

import streamlit as st

st.title("Bare")
files = st.sidebar.file_uploader("Pictures", accept_multiple_files=True)
shown = files[-1].name.removesuffix(".jpg") if files else "nothing"
st.image("alexcore/dashboard/icon.png", alt=f"got {shown}")
