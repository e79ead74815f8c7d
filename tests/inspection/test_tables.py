import io

import pandas as pd
import torch

from alexcore.inspection.tables import (
    create_table,
    format_latex,
    format_markdown,
    format_summary,
    format_window,
    walk_shapes,
)
from alexcore.inspection.trace import trace_variant
from alexcore.models import create_model


def test_table_holds_every_layer_and_its_shares_sum_to_one() -> None:
    trace = trace_variant("original")
    table = create_table(trace)
    assert list(table["layer"]) == [layer.label for layer in trace.layers]
    assert abs(table["parameter share"].sum() - 1) < 1e-9
    assert abs(table["mult-add share"].sum() - 1) < 1e-9
    assert table.set_index("layer").loc["conv2", "window"] == "5×5 s1 p2 g2"
    read = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    assert list(read["parameters"]) == list(table["parameters"])


def test_window_is_empty_where_there_is_none() -> None:
    trace = trace_variant("full")
    assert format_window(trace.find("fc6")) == ""
    assert format_window(trace.find("pool1")) == "3×3 s2 p0"


def test_markdown_and_latex_have_a_line_a_layer() -> None:
    trace = trace_variant("half")
    table = create_table(trace)
    lines = format_markdown(table).splitlines()
    assert len(lines) == 2 + len(trace.layers)
    assert {line.count("|") for line in lines} == {len(table.columns) + 1}
    latex = format_latex(table)
    assert latex.count(r" \\") == 1 + len(trace.layers)
    assert latex.startswith(r"\begin{tabular}{") and "×" not in latex
    assert "<NA>" not in latex and "nan" not in latex


def test_summary_by_hand() -> None:
    lines = format_summary(trace_variant("full", num_classes=1000, hidden=4096)).splitlines()
    assert lines[3].split() == ["Conv2d-1", "[-1,", "96,", "55,", "55]", "34,944"]
    assert "Total params: 62,378,344" in lines


def test_walk_is_the_articles() -> None:
    with torch.device("meta"):
        model = create_model("torchvision")
    assert walk_shapes(model, (4, 3, 224, 224)) == [
        ("input", (4, 3, 224, 224)),
        ("features", (4, 256, 6, 6)),
        ("avgpool", (4, 256, 6, 6)),
        ("flatten", (4, 9216)),
        ("classifier", (4, 1000)),
    ]


def test_walk_of_the_staged_net() -> None:
    with torch.device("meta"):
        model = create_model("staged")
    assert dict(walk_shapes(model, (1, 3, 227, 227))) == {
        "input": (1, 3, 227, 227),
        "conv1": (1, 96, 27, 27),
        "conv2": (1, 256, 13, 13),
        "conv3": (1, 256, 6, 6),
        "flatten": (1, 9216),
        "fc": (1, 5),
    }
