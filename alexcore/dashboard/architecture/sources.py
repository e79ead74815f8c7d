"""Architecture from its sources: claims beside the paper, the authors' program and libraries."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.components.chart import show_chart
from alexcore.models.sources_2012 import Basis, Sources, Statement, find_statements, load_sources

_BADGES: dict[Basis, str] = {
    "read": "gray", "counted": "blue", "arithmetic": "violet", "inferred": "orange"
}  # fmt: skip


def show_sources() -> None:
    """The whole panel."""
    sources = load_sources()
    st.markdown(
        "In 2025 the authors' program of 2012 and its logs were "
        f"[published]({sources.repository}). Every line below says where it stands there."
    )
    _show_statements(sources)
    _show_ablations(sources)
    _show_results(sources)
    _show_net(sources)
    st.subheader("What stays open")
    st.markdown("\n".join(f"- **{doubt.title}.** {doubt.text}" for doubt in sources.doubts))


@st.fragment
def _show_statements(sources: Sources) -> None:
    """The table, and the words one looks for in it."""
    words = st.text_input(
        "Search", key=urls.WORDS, bind="query-params", type="search", live=True, width=420,
        placeholder="LRN, padding, dropout, layer.py …",
    )  # fmt: skip
    found = find_statements(sources.statements, words or "")
    if not found:
        st.info(
            f"No statement holds all of “{words}”. Fewer words find more; a topic such as "
            f"{', '.join(dict.fromkeys(s.topic for s in sources.statements))} works too.",
            icon=":material/search_off:",
        )
        return
    st.table(
        pd.DataFrame(
            {
                "Claim": f"**{s.claim}**  \n{s.topic} :{_BADGES[s.basis]}-badge[{s.basis}]",
                "Paper": s.paper,
                "Authors' program": f"{s.code}  \n{_link(sources, s.places)}",
                "Libraries": s.libraries or "–",
                "Here": s.here,
            }
            for s in found
        ),
        height=620 if len(found) > 4 else "content",
        hide_index=True,
        alt="What the paper, the authors' program, libraries and this project do, claim by claim",
    )
    st.caption(
        ":gray-badge[read] in a file · :blue-badge[counted] from its layers or logs · "
        ":violet-badge[arithmetic] from a formula · :orange-badge[inferred] from what the files "
        "leave open. Libraries as far as their own source was read; a dash: not looked up. As "
        'printed: `create_model("original", as_printed=True)`.'
    )
    st.download_button(
        "CSV", lambda: _write_csv(sources, found), "alexnet-2012-sources.csv", "text/csv",
        on_click="ignore", icon=":material/download:", key="download-sources",
    )  # fmt: skip


def _link(sources: Sources, places: Sequence[str]) -> str:
    """Return places as links, without the folder that all configurations share."""
    return " · ".join(
        f"[{place.removeprefix('layers/')}]({sources.link(place)})" for place in places
    )


def _write_csv(sources: Sources, statements: Sequence[Statement]) -> str:
    return pd.DataFrame(
        {
            "topic": s.topic,
            "claim": s.claim,
            "paper": s.paper,
            "authors' program": s.code,
            "libraries": s.libraries,
            "here": s.here,
            "known by": s.basis,
            "places": " ".join(sources.link(place) for place in s.places),
        }
        for s in statements
    ).to_csv(index=False)


def _show_ablations(sources: Sources) -> None:
    from alexcore.figures.ablations import plot_ablations

    st.subheader("What each part was worth")
    show_chart(
        plot_ablations(sources.ablations),
        "ablations",
        "Points of top-1 and top-5 error that each change of the net adds",
    )
    st.caption(
        "Beside each bar: wrong pictures with the change / without it. Half width is judged by "
        f"{sources.half_width.result.pictures:,} test pictures of ILSVRC-2010, all others by "
        f"{sources.ablations[1].result.pictures:,} validation pictures of ILSVRC-2012; ten crops. "
        "Each ran once, so a difference of 0.1 points says nothing."
    )
    st.table(
        pd.DataFrame(
            {
                "Change": f"**{a.change}**",
                "Paper": _say_points(a.printed, 1) + (f" · section {a.section}" * bool(a.section)),
                "Logged": _say_points(a.points, 3),
                "What else differs": a.note,
                "Where": _link(sources, a.result.places),
            }
            for a in sources.ablations
        ),
        hide_index=True,
        alt="The ablations: the paper's points, the logged points, and where they stand",
    )
    with st.expander("Tried, without figures"):
        st.markdown("\n".join(f"- {r.text} {_link(sources, r.places)}" for r in sources.remarks))


def _say_points(points: tuple[float, float] | None, digits: int) -> str:
    return " / ".join(f"{value:+.{digits}f}" for value in points) if points else "–"


def _say_errors(errors: tuple[float, float], digits: int) -> str:
    return " / ".join(f"{value:.{digits}f}%" for value in errors)


def _show_results(sources: Sources) -> None:
    left, right = st.columns(2)
    with left:
        st.subheader("The paper's percentages, counted")
        st.table(
            pd.DataFrame(
                {
                    "Judged by": f"**{r.title}**",
                    "Paper": _say_errors(r.printed, 1) if r.printed else "–",
                    "Wrong": f"{r.wrong[0]:,} / {r.wrong[1]:,} of {r.pictures:,}",
                    "Cross-entropy": f"{r.logprob:.6f}" if r.logprob else "–",
                    "Where": _link(sources, r.places[:1]),
                }
                for r in sources.results
            ),
            hide_index=True,
            alt="The paper's errors and the wrong pictures they were counted from",
        )
    with right:
        st.subheader("From net 120 to 145")
        st.table(
            pd.DataFrame(
                {
                    "Net": f"**{step.result.net}**",
                    "What changed": step.change,
                    "Error": _say_errors(step.result.errors, 2),
                    "Wrong": f"{step.result.wrong[0]:,} / {step.result.wrong[1]:,}",
                    "Where": _link(sources, step.result.places),
                }
                for step in sources.lineage
            ),
            hide_index=True,
            alt="The nets that led to the published one, their changes and errors",
        )
    st.caption(
        "Top-1 / top-5. The logs hold fractions of six decimals, which leave one whole number of "
        "pictures each. The line is judged by the validation pictures of ILSVRC-2012, ten crops."
    )


def _show_net(sources: Sources) -> None:
    conv1 = sources.find_layer("conv1")
    product = " × ".join(map(str, sources.printed_factors))
    st.subheader("The published net in numbers")
    st.table(
        pd.DataFrame(
            {
                "Layer": f"**{layer.name}**",
                "Side": _say(layer.side),
                "Parameters": _say(layer.parameters),
                "Figure 2": _say(layer.printed),
                "Neurons": f"{layer.neurons:,}",
                "Field": _say(layer.field),
                "with spatial norm": _say(layer.field_with_norm),
                "Jump": _say(layer.jump),
                "First centre": _say(layer.start),
                "with padding 2": _say(layer.start_padding_2),
                "First weights": f"N(0, {layer.weight_std}²)" if layer.weight_std else "–",
                "bias": _say(layer.bias),
                "Where": _link(sources, layer.places),
            }
            for layer in sources.layers
        ),
        hide_index=True,
        alt="Side, parameters, neurons, receptive fields and first weights of each layer",
    )
    st.caption(
        f"{sources.net.parameters:,} parameters, {sources.net.mult_adds:,} mult-adds and "
        f"{sources.neurons:,} neurons without the pools. Fields and centres in pixels."
    )
    st.markdown(
        f"**Figure 2's {conv1.printed:,}** neurons in conv1 are {product}, a "
        f"{sources.printed_factors[1]} in the place of the second {sources.printed_factors[0]}; "
        f"{conv1.side} × {conv1.side} × {sources.printed_factors[2]} are {conv1.neurons:,}. All "
        "its other counts agree with the program. :violet-badge[arithmetic] No file says so."
    )


def _say(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"
