"""The arithmetic of a cell in words and as a table, for pages, commands and files alike."""

from collections.abc import Iterator

from alexcore.features.arithmetic import Arithmetic
from alexcore.features.windows import Place
from alexcore.inference.model import Inference


def name_place(inference: Inference, place: Place) -> str:
    """Return ``conv3 channel 7 (4, 5)``, ``relu6 unit 12`` or ``fc8 unit 2, volt``."""
    model, node = inference.model, place.node
    if inference.activations[node].ndim == 3:
        return f"{model.names[node]} channel {place.channel} ({place.row}, {place.column})"
    named = f", {model.classes[place.channel]}" if node == list(model.names)[-1] else ""
    return f"{model.names[node]} unit {place.channel}{named}"


def describe_arithmetic(inference: Inference, found: Arithmetic) -> str:
    """Return the arithmetic of a cell in one or two sentences."""
    model, window, place = inference.model, found.window, found.place
    height, width = window.inside.shape
    read = model.names[window.node] if window.node else "the picture"
    size = f"{height} × {width} cells of " if height * width > 1 else ""
    name, total = name_place(inference, place), f"{found.total:.4g}"
    if found.kind == "weighted sum":
        count, noun = len(window.channels), "channels" if size else "units"
        text = (
            f"{name} is the sum of {found.products.size:,} products of input and weight, over "
            f"{size}{count:,} {noun} of {read}, plus the bias: "
            f"{found.terms.sum():.4g} {'-' if found.bias < 0 else '+'} {abs(found.bias):.4g} "
            f"= {total}"
        )
    elif found.kind == "normalisation":
        over = f"the {height} × {width} cells around it" if size else (
            f"channels {window.channels[0]} to {window.channels[-1]} at its place"
        )  # fmt: skip
        text = (
            f"{name} is its cell of {read} divided by a power of the squares of {over}: "
            f"{found.centre:.4g} / ({found.bias:g} + {found.terms.sum():.4g})^{found.beta:g} "
            f"= {total}"
        )
    elif found.kind == "ReLU":
        text = f"{name} is the larger of 0 and {read}: max(0, {found.sum:.4g}) = {total}"
    elif found.kind == "copy":
        scaled = f" times {found.factor:g}" if found.factor != 1 else ", left as it is"
        text = f"{name} is a value of {read}{scaled}: {total}"
    else:
        text = f"{name} is the {found.kind} of {height} × {width} cells of {read}: {total}"
    if found.kind == "weighted sum" and found.factor != 1:
        text += f", the inputs times {found.factor:g} as the dropout of 2012 has it"
    outside = int((~window.inside).sum())
    if outside:
        text += f" ({outside} of the cells lie beyond the edge and "
        text += "do not count)" if found.kind == "maximum" else "count as 0)"
    then = "".join(f"; {model.names[node]} makes it {value:.4g}" for node, value in found.then)
    return f"{text}{then}."


def list_products(found: Arithmetic) -> Iterator[tuple[int, int, int, float, float, float]]:
    """Yield (channel, row, column, input, weight, product) of everything a cell read.

    Rows and columns beyond the edge are counted on, the first before it is -1.
    """
    window, products = found.window, found.products
    for term, channel in enumerate(window.channels.tolist()):
        for i, row in enumerate(window.rows.tolist()):
            for j, column in enumerate(window.columns.tolist()):
                at = term, i, j
                yield (
                    channel, row, column, float(window.values[at]), float(found.weights[at]),
                    float(products[at]),
                )  # fmt: skip


def write_products(found: Arithmetic) -> str:
    """Return ``list_products``, the bias and the sum as CSV."""
    rows = [",".join(f"{n:.9g}" for n in row) for row in list_products(found)]
    ends = [f"bias,,,,,{found.bias:.9g}", f"sum,,,,,{found.sum:.9g}"]
    return "\n".join(("channel,row,column,input,weight,product", *rows, *ends, ""))
