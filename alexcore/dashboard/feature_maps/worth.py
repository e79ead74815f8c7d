"""What the methods were found to be worth on the shipped nets: ``worth.json``, measured once.

Rows are as of ``alexcore focus NET --data SET --methods all --pictures N --json``.
"""

from __future__ import annotations

import json
from pathlib import Path

import streamlit as st

from alexcore.dashboard.feature_maps.on_creature import show_focus_table

_FILE = Path(__file__).with_name("worth.json")


def show_worth() -> None:
    """The figures, their date, and what one learns from them."""
    told = json.loads(_FILE.read_text(encoding="utf-8"))
    with st.expander("What these methods are worth here", icon=":material/balance:"):
        st.markdown("\n".join(f"- {sentence}" for sentence in told["learnt"]))
        for net in told["nets"]:
            rows = net["methods"]
            st.markdown(
                f"**{net['name']}** on {rows[0]['pictures']} validation pictures of {net['data']}; "
                f"the creature covers {rows[0]['area']:.0%}"
            )
            show_focus_table(rows, f"What the methods are worth on {net['name']}")
        st.caption(f"Measured on {told['date']}. {told['note']}")
