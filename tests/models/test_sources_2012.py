"""The file of what the sources say, against our own nets and against the paper's rounding."""

import re
from math import prod

import pytest
import torch

from alexcore.inspection.tables import format_sides
from alexcore.inspection.trace import Trace, trace_variant
from alexcore.models import create_model
from alexcore.models.layer_names import name_layers
from alexcore.models.sources_2012 import SourceLayer, find_statements, load_sources

SOURCES = load_sources()


@pytest.fixture(scope="module")
def original() -> Trace:
    return trace_variant("original")


def test_totals_are_those_of_our_nets(original: Trace) -> None:
    assert (original.params, original.mult_adds) == (SOURCES.net.parameters, SOURCES.net.mult_adds)
    one_gpu = trace_variant("one_gpu")
    half = SOURCES.one_gpu
    assert (one_gpu.params, one_gpu.mult_adds) == (half.parameters, half.mult_adds)


@pytest.mark.parametrize("layer", SOURCES.layers, ids=lambda layer: layer.name)
def test_each_layer_is_as_in_our_net(original: Trace, layer: SourceLayer) -> None:
    ours = original.find(layer.name)
    assert ours.params == (layer.parameters or 0)
    assert prod(ours.out_shape) == layer.neurons
    if layer.side is not None:
        assert ours.out_shape[2:] == (layer.side, layer.side)
    if view := ours.receptive_field:
        assert (view.field, view.jump, view.start) == (layer.field, layer.jump, layer.start)
        assert view.field + view.widened == layer.field_with_norm
    else:
        assert layer.field is None


def test_first_weights_are_drawn_as_the_program_draws_them() -> None:
    torch.manual_seed(0)
    model = create_model("original", num_classes=50, hidden=200)
    modules = {name: model.get_submodule(path) for path, name in name_layers(model).items()}
    for layer in SOURCES.layers:
        if layer.weight_std is not None:
            weight, bias = modules[layer.name].parameters()
            assert float(weight.detach().std()) == pytest.approx(layer.weight_std, rel=0.05)
            assert bias.unique().tolist() == [layer.bias]


def test_padding_by_two_begins_two_pixels_further_out() -> None:
    """torchvision pads by 2 and has the same kernels and strides."""
    trace = trace_variant("torchvision")
    for layer in SOURCES.layers:
        if layer.start_padding_2 is not None:
            view = trace.find(layer.name).receptive_field
            assert view is not None and view.start == layer.start_padding_2 == layer.start - 2  # type: ignore[operator]


def test_layers_add_up_and_figure_2_is_told_from_them() -> None:
    weighted = [layer for layer in SOURCES.layers if layer.parameters is not None]
    assert sum(layer.parameters or 0 for layer in weighted) == SOURCES.net.parameters
    assert sum(layer.neurons for layer in weighted) == SOURCES.neurons
    odd = [layer for layer in weighted if layer.printed != layer.neurons]
    assert [layer.name for layer in odd] == ["conv1"]
    assert prod(SOURCES.printed_factors) == odd[0].printed


def test_counts_give_the_papers_figures_to_their_last_digit() -> None:
    for result in SOURCES.results:
        assert result.printed == tuple(round(error, 1) for error in result.errors)
    printed = [ablation for ablation in SOURCES.ablations if ablation.printed]
    assert [a.section for a in printed] == ["3.2", "3.3", "3.4"]
    for ablation in printed:
        assert ablation.printed == tuple(round(points, 1) for points in ablation.points)


def test_long_numbers_of_the_texts_are_those_of_the_tables() -> None:
    """60,965,224 in a sentence is the net's; the last ones stand in sentences alone."""
    net, half = SOURCES.net, SOURCES.one_gpu
    known = {net.parameters, net.mult_adds, half.parameters, half.mult_adds, SOURCES.neurons}
    known |= {n for x in SOURCES.layers for n in (x.neurons, x.parameters, x.printed) if n}
    known |= {result.pictures for result in SOURCES.results}
    known |= {trace_variant(name).params for name in ("torchvision", "original_no_exchange")}
    known |= {2_048, 2_178, 650_000, 500_000}
    texts = [s.text for s in SOURCES.statements] + [d.text for d in SOURCES.doubts]
    texts += [ablation.note for ablation in SOURCES.ablations]
    told = {int(n.replace(",", "")) for n in re.findall(r"\d{1,3}(?:,\d{3})+", " ".join(texts))}
    assert {net.parameters, half.parameters, SOURCES.neurons} <= told <= known
    assert format_sides(trace_variant("original_2x2_pools")) in " ".join(texts)


def test_every_place_is_a_file_with_lines() -> None:
    results = [*SOURCES.results, *(a.result for a in SOURCES.ablations)]
    groups = [SOURCES.net.places, SOURCES.one_gpu.places]
    groups += [statement.places for statement in SOURCES.statements]
    groups += [layer.places for layer in SOURCES.layers]
    groups += [remark.places for remark in SOURCES.remarks]
    groups += [result.places for result in results]
    places = [place for group in groups for place in group]
    wrong = [p for p in places if not re.fullmatch(r"[\w./-]+?(\.\w+(:\d+(-\d+)?)?)?", p)]
    assert all(groups) and not wrong
    address = "https://github.com/computerhistory/AlexNet-Source-Code/blob/2f8b81f/layers"
    assert SOURCES.link("layers/layers-145.cfg:9-33") == f"{address}/layers-145.cfg#L9-L33"
    assert SOURCES.link("layers/layers-148.cfg") == f"{address}/layers-148.cfg"


def test_a_statement_is_found_by_all_of_its_words_in_any_case() -> None:
    (found,) = find_statements(SOURCES.statements, "ALPHA lrn")
    assert found.claim == "LRN's alpha"
    assert not find_statements(SOURCES.statements, "alpha beta gamma")
    assert len(find_statements(SOURCES.statements, " ")) == len(SOURCES.statements)
