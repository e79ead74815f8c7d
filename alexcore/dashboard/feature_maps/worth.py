"""What was measured once on the shipped nets, and what one learns from it: ``worth.json``.

Of the methods, rows are as of ``alexcore focus NET --data SET --methods all --pictures N --json``;
of the units, counts are as of ``alexcore units NET --json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from alexcore.dashboard.feature_maps.on_creature import show_focus_table

_FILE = Path(__file__).with_name("worth.json")


def show_worth() -> None:
    """What the methods are worth: heat on the creature, deletion and insertion."""
    with _told("methods", "What these methods are worth here") as nets:
        for net in nets:
            rows = net["methods"]
            st.markdown(
                f"**{net['name']}** on {rows[0]['pictures']} validation pictures of {net['data']}; "
                f"the creature covers {rows[0]['area']:.0%}"
            )
            show_focus_table(rows, f"What the methods are worth on {net['name']}")


def show_named() -> None:
    """How many units of each layer bear a name, in the shipped nets."""
    with _told("units", "Named units in the shipped nets") as nets:
        st.dataframe(nets, hide_index=True, alt="Named units of each layer of the shipped nets")


@contextmanager
def _told(of: str, title: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the figures; above them stands what one learns, below when that was measured."""
    told = json.loads(_FILE.read_text(encoding="utf-8"))[of]
    with st.expander(title, icon=":material/balance:"):
        st.markdown("\n".join(f"- {sentence}" for sentence in told["learnt"]))
        yield told["nets"]
        st.caption(f"Measured on {told['date']}. {told['note']}")
