"""A trace as text: a table for CSV, Markdown or LaTeX, a summary, and the articles' shape walk."""

from collections.abc import Sequence

import pandas as pd

from alexcore.inspection.trace import Layer, Trace


def format_shape(shape: Sequence[int]) -> str:
    """Return a shape as people write it: 1 × 96 × 55 × 55."""
    return " × ".join(map(str, shape))


def format_window(layer: Layer) -> str:
    """Return kernel, stride, padding and groups of a convolution or pool, ``""`` for others.

    A window that may hang over the right and lower edge is marked as rounded up.
    """
    found = layer.attributes
    if "kernel" not in found:
        return ""
    parts = [f"{found['kernel']}×{found['kernel']}", f"s{found.get('stride', 1)}"]
    parts.append(f"p{found.get('padding', 0)}")
    if found.get("ceil_mode"):
        parts.append("up")
    if found.get("groups", 1) > 1:
        parts.append(f"g{found['groups']}")
    return " ".join(parts)


def create_table(trace: Trace) -> pd.DataFrame:
    """Return one row a layer: names, window, shape, costs, memory in bytes and view in pixels."""
    return pd.DataFrame(
        {
            "layer": layer.label,
            "window": format_window(layer),
            "output shape": format_shape(layer.out_shape),
            "parameters": layer.params,
            "parameter share": layer.params / max(trace.params, 1),
            "mult-adds": layer.mult_adds,
            "mult-add share": layer.mult_adds / max(trace.mult_adds, 1),
            "receptive field": layer.receptive_field.field if layer.receptive_field else None,
            "jump": layer.receptive_field.jump if layer.receptive_field else None,
            "padding seen, left": _measure_overhang(trace, layer, 0),
            "padding seen, right": _measure_overhang(trace, layer, 1),
            "memory, inference": layer.live_bytes,
            "memory, training": layer.saved_bytes,
            "module": layer.node,
            "kind": layer.kind,
        }
        for layer in trace.layers
    ).astype(
        dict.fromkeys(
            ("receptive field", "jump", "padding seen, left", "padding seen, right"), "Int64"
        )
    )


def _measure_overhang(trace: Trace, layer: Layer, side: int) -> int | None:
    view = layer.receptive_field
    return view.overhang(trace.input_shape[-1])[side] if view else None


def format_sides(trace: Trace) -> str:
    """Return the side of the map behind every convolution and pool: 55-27-27-13-13-13-13-6."""
    windows = [layer for layer in trace.layers if "kernel" in layer.attributes]
    return "-".join(str(layer.out_shape[-1]) for layer in windows)


def describe_zeros(trace: Trace) -> str:
    """Return in a sentence where the first convolution reads zeros beyond the picture."""
    size = trace.input_shape[-1]
    first = next(layer for layer in trace.layers if layer.kind == "Conv2d")
    before, after = first.receptive_field.overhang(size) if first.receptive_field else (0, 0)
    if not before and not after:
        return f"{first.label} reads no zeros: its windows end within the {size} pixels."
    return (
        f"{first.label} reads zeros beyond the {size} pixels: "
        f"{_count(before, 'above', 'left')}, {_count(after, 'below', 'right')}."
    )


def _count(rows: int, vertical: str, horizontal: str) -> str:
    if not rows:
        return f"none {vertical} or {horizontal}"
    end = "s" * (rows > 1)
    return f"{rows} row{end} {vertical} and {rows} column{end} {horizontal}"


def format_markdown(table: pd.DataFrame) -> str:
    """Return a table as GitHub-flavoured Markdown."""
    lines = ["| " + " | ".join(table.columns) + " |", "|" + " --- |" * len(table.columns)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in table.values]
    return "\n".join(lines) + "\n"


def format_latex(table: pd.DataFrame) -> str:
    r"""Return a table as a LaTeX ``tabular`` with booktabs rules."""
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]
    columns = "".join("r" if number else "l" for number in numeric)
    head = " & ".join(_escape(name) for name in table.columns)
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head + r" \\", r"\midrule"]
    lines += [" & ".join(_escape(_cell(v)) for v in row) + r" \\" for row in table.values]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _cell(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _escape(text: str) -> str:
    return text.replace("_", r"\_").replace("%", r"\%").replace("×", r"$\times$")


def format_summary(trace: Trace) -> str:
    """Return a plain text summary in the manner of torchsummary: name, shape, parameters."""
    rule, double = "-" * 55, "=" * 55
    lines = [rule, f"{'Layer (type)':>21} {'Output shape':>20} {'Param #':>12}", double]
    counts: dict[str, int] = {}
    for layer in trace.layers:
        counts[layer.kind] = counts.get(layer.kind, 0) + 1
        name = f"{layer.kind}-{counts[layer.kind]}"
        shape = str([-1, *layer.out_shape[1:]])
        lines.append(f"{name:>21} {shape:>20} {layer.params:>12,}")
    megabytes = sum(layer.out_bytes for layer in trace.layers) / 2**20
    lines += [double, f"Total params: {trace.params:,}", f"Mult-adds: {trace.mult_adds:,}"]
    lines += [f"Outputs size (MiB): {megabytes:.2f}"]
    lines += [f"Params size (MiB): {trace.params * 4 / 2**20:.2f}", rule]
    return "\n".join(lines)


def format_walk(trace: Trace) -> str:
    """Return the first article's walk: a line a layer, its path, its own text and its shape.

    Where the net flattens its maps in a function of its own, that is a line too.
    """
    steps = [("input", "", trace.input_shape)]
    steps += [(layer.node, layer.text, layer.out_shape) for layer in trace.layers]
    paths, texts = (max(len(step[part]) for step in steps) for part in (0, 1))
    return "\n".join(
        f"{path:<{paths}}  {text:<{texts}}  -> torch.Size({list(shape)})"
        for path, text, shape in steps
    )
