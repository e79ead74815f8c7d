"""The least a Streamlit app can do about a slider: the baseline of every rerun."""

import streamlit as st

st.title("Bare")
st.markdown(f"value {st.slider('Value', 32, 512, 227)}")
