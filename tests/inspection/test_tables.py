import io
import json

import pandas as pd
import torch
import torchvision
from torch import Size, Tensor

from alexcore.inspection.nets import trace_net
from alexcore.inspection.tables import (
    create_table,
    format_latex,
    format_markdown,
    format_summary,
    format_walk,
    format_window,
)
from alexcore.inspection.trace import trace_variant
from alexcore.models import create_model, list_models


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


def walk_children(model: torchvision.models.AlexNet, x: Tensor) -> list[tuple[str, str, Size]]:
    """The article's loop: every child of every part in turn, and the shape it gives."""
    steps = [("input", "", x.shape)]
    for part in ("features", "avgpool", "classifier"):
        if part == "classifier":
            x = torch.flatten(x, 1)
            steps.append(("flatten", "flatten(avgpool)", x.shape))
        whole = model.get_submodule(part)
        for name, child in (dict(whole.named_children()) or {"": whole}).items():
            x = child(x)
            steps.append((f"{part}.{name}".strip("."), repr(child), x.shape))
    return steps


def read_walk(text: str) -> list[tuple[str, str, Size]]:
    """Take the lines apart again."""
    steps = []
    for line in text.splitlines():
        left, shape = line.split(" -> torch.Size(")
        path, _, layer = left.partition(" ")
        steps.append((path, layer.strip(), Size(json.loads(shape.removesuffix(")")))))
    return steps


def test_walk_is_a_plain_loop_over_torchvisions_own_children() -> None:
    with torch.device("meta"):
        model, x = torchvision.models.alexnet().eval(), torch.empty(4, 3, 224, 224)
    wanted = walk_children(model, x)
    assert len(wanted) == 1 + 13 + 1 + 1 + 7
    assert read_walk(format_walk(trace_net("alexnet", batch=4))) == wanted
    ours = read_walk(format_walk(trace_variant("torchvision", batch=4)))
    assert ours == [(path, line.replace("inplace=True", ""), size) for path, line, size in wanted]


def test_walk_is_the_articles_line_for_line() -> None:
    lines = format_walk(trace_variant("torchvision", batch=4)).splitlines()
    assert " ".join(lines[1].split()) == (
        "features.0 Conv2d(3, 64, kernel_size=(11, 11), stride=(4, 4), padding=(2, 2)) "
        "-> torch.Size([4, 64, 55, 55])"
    )
    assert len({line.index("->") for line in lines}) == 1


def test_walk_follows_every_layer_of_every_variant() -> None:
    """Leaves in the order of the module tree, the input before and the flatten among them."""
    for spec in list_models():
        with torch.device("meta"):
            model = create_model(spec.name)
        leaves = [
            (path, repr(module))
            for path, module in model.named_modules()
            if path and not list(module.children())
        ]
        steps = read_walk(format_walk(trace_variant(spec.name)))
        assert [step[:2] for step in steps if step[0] not in ("input", "flatten")] == leaves
        assert {path: shape for path, _, shape in steps}["flatten"][0] == 1
        assert steps[-1][2] == (1, spec.num_classes)


def test_walk_of_the_staged_net_by_hand() -> None:
    shapes = {path: shape for path, _, shape in read_walk(format_walk(trace_variant("staged")))}
    assert shapes["conv1.2"] == (1, 96, 27, 27)
    assert shapes["conv2.2"] == (1, 256, 13, 13)
    assert shapes["conv3.6"] == (1, 256, 6, 6)
    assert shapes["flatten"] == (1, 9216)
