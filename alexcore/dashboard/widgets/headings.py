"""The head of a page: its title, a sentence on what one looks at, and the explanation beside it."""

import streamlit as st


def show_heading(title: str, sentence: str, explanation: str | None) -> None:
    """Show the head of a page, before anything that takes time."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.title(title, width="content")
        if explanation:
            with st.popover("Explained", icon=":material/school:", type="tertiary"):
                st.markdown(explanation)
    st.markdown(sentence)
