"""How a chart of ``alexcore.figures`` reaches the page."""

import streamlit as st

from alexcore.figures.charts import Chart


def show_chart(chart: Chart, key: str, alt: str) -> None:
    """Draw a chart that keeps its place, so that a change of it is no new chart to the browser.

    Streamlit's toolbar over it saves a PNG.
    """
    st.echarts_chart(chart.option, height=chart.height, key=key, alt=alt)
