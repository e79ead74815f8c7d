import pytest
import torch
import torchinfo
import torchvision
from torch import nn

from alexcore.errors import ModelError
from alexcore.inspection.tables import format_sides
from alexcore.inspection.trace import trace_model, trace_variant
from alexcore.models import create_model, list_models

THEIRS = ["resnet18", "vgg16", "mobilenet_v3_small", "squeezenet1_0"]


@pytest.mark.parametrize("name", [spec.name for spec in list_models()])
def test_variants_equal_torchinfo(name: str) -> None:
    model = create_model(name, hidden=64, num_classes=10)
    size = trace_variant(name).input_shape[-1]
    _compare_with_torchinfo(model, (2, 3, size, size))


@pytest.mark.parametrize("name", THEIRS)
def test_torchvision_nets_equal_torchinfo(name: str) -> None:
    _compare_with_torchinfo(torchvision.models.get_model(name), (2, 3, 224, 224))


def _compare_with_torchinfo(model: nn.Module, shape: tuple[int, ...]) -> None:
    ours = trace_model(model, "net", shape)
    theirs = torchinfo.summary(model.eval(), input_size=shape, verbose=0)
    assert ours.params == theirs.total_params
    # torchinfo counts a batch norm's weights once a picture; folded into a convolution, as at
    # inference, they cost nothing.
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    norm_weights = sum(p.numel() for norm in norms for p in norm.parameters())
    assert ours.mult_adds == theirs.total_mult_adds - shape[0] * norm_weights
    leaves = [
        (info.class_name, tuple(info.output_size), info.num_params)
        for info in theirs.summary_list
        if info.is_leaf_layer
    ]
    rows = [(layer.kind, layer.out_shape, layer.params) for layer in ours.layers]
    assert [row for row in rows if row[0] in {leaf[0] for leaf in leaves}] == leaves


@pytest.mark.parametrize(
    ("name", "millions"),
    [("full", 1135.9), ("half", 335.6), ("torchvision", 714.68),
     ("original", 725.066088), ("one_gpu", 391.870248)],
)  # fmt: skip
def test_mult_adds_are_as_published(name: str, millions: float) -> None:
    trace = trace_variant(name, num_classes=1000, hidden=4096)
    assert trace.mult_adds / 1e6 == pytest.approx(millions, abs=0.05)


def test_views_are_as_published() -> None:
    trace = trace_variant("full")
    expected = {
        "conv1": (11, 4), "pool1": (19, 8), "conv2": (51, 8), "pool2": (67, 16),
        "conv3": (99, 16), "conv4": (131, 16), "conv5": (163, 16), "pool5": (195, 32),
    }  # fmt: skip
    for label, (field, jump) in expected.items():
        view = trace.find(label).receptive_field
        assert view is not None
        assert (view.field, view.jump) == (field, jump), label
    assert trace.find("fc6").receptive_field is None


# field, jump, start, then the pixels seen by the first and the last cell, from the 2012 program's
# rounding by hand; the spatial norm behind conv2 lets 4 more cells of 8 pixels change what follows.
ORIGINAL = {
    "conv1": (11, 4, 5, 0, 226), "pool1": (19, 8, 9, 0, 226), "conv2": (51, 8, 9, -16, 242),
    "pool2": (67, 16, 17, -16, 242), "conv3": (99, 16, 17, -32, 258),
    "conv4": (131, 16, 17, -48, 274), "conv5": (163, 16, 17, -64, 290),
    "pool5": (195, 32, 33, -64, 290),
}  # fmt: skip


@pytest.mark.parametrize("label", ORIGINAL)
def test_views_of_the_original_know_both_edges(label: str) -> None:
    trace = trace_variant("original")
    view = trace.find(label).receptive_field
    assert view is not None
    assert (view.field, view.jump, view.start, *view.edges) == ORIGINAL[label]
    assert view.overhang(224) == (-ORIGINAL[label][3], ORIGINAL[label][4] - 223)
    assert view.widened == (0 if label in ("conv1", "pool1", "conv2") else 32)


@pytest.mark.parametrize(
    ("name", "sides"),
    [
        ("original", "55-27-27-13-13-13-13-6"),
        ("one_gpu", "55-27-27-13-13-13-13-6"),
        ("original_2x2_pools", "55-28-26-13-13-13-11-6"),
    ],
)
def test_sides_are_the_authors(name: str, sides: str) -> None:
    assert format_sides(trace_variant(name)) == sides


@pytest.mark.parametrize("name", ["full", "torchvision", "zfnet", "original"])
@pytest.mark.parametrize("label", ["conv1", "pool1", "conv2", "pool2", "conv5"])
def test_view_equals_the_gradient_of_one_cell(name: str, label: str) -> None:
    """The pixels with a gradient are the receptive field, cut at the picture's edge."""
    trace = trace_variant(name)
    layer = trace.find(label)
    view = layer.receptive_field
    assert view is not None
    torch.manual_seed(0)
    model = create_model(name, hidden=8, num_classes=2).double().eval()
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.uniform_(module.weight, 0.01, 0.02)  # no sign can cancel or be cut off
    size = trace.input_shape[-1]
    x = torch.rand(1, 3, size, size, dtype=torch.double, requires_grad=True)
    maps = x
    features = model.features
    assert isinstance(features, nn.Sequential)
    for path, module in features.named_children():
        # Averages in place of maxima: every cell of a window then has a gradient.
        if isinstance(module, nn.MaxPool2d):
            maps = nn.functional.avg_pool2d(maps, 3, 2, module.padding)
        else:
            maps = module(maps)
        if f"features.{path}" == layer.node:
            break
    for cell in (0, maps.shape[-1] // 2, maps.shape[-1] - 1):
        (gradient,) = torch.autograd.grad(maps[0, :, cell, cell].sum(), x, retain_graph=True)
        touched = gradient[0].abs().sum(0).sum(1).nonzero().flatten()
        field = view.field + view.widened
        first = view.start + cell * view.jump - (field - 1) / 2
        assert int(touched.min()) == max(0, first)
        assert int(touched.max()) == min(size - 1, first + field - 1)


def test_overhang_counts_the_padding_seen() -> None:
    trace = trace_variant("full")
    view = trace.find("conv2").receptive_field
    assert view is not None
    assert view.overhang(227) == (2 * 8, 2 * 8)  # two cells of padding, each 8 pixels apart


def test_saved_bytes_by_hand_for_the_first_layers() -> None:
    layers = {layer.label: layer for layer in trace_variant("full", batch=2).layers}
    assert layers["conv1"].saved_bytes == 2 * 3 * 227 * 227 * 4  # its input
    assert layers["relu1"].saved_bytes == 2 * 96 * 55 * 55 * 4  # its output
    assert layers["pool1"].saved_bytes == 2 * 96 * 27 * 27 * 8  # the indices, int64
    assert layers["conv1"].live_bytes == 2 * (3 * 227 * 227 + 96 * 55 * 55) * 4


def test_trace_leaves_the_model_as_found() -> None:
    model = create_model("half", hidden=8).train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    trace_model(model, "half", (1, 3, 227, 227))
    assert model.training
    assert all(torch.equal(model.state_dict()[key], value) for key, value in before.items())
    assert not any(module._forward_hooks for module in model.modules())


def test_trace_rejects_a_size_at_its_layer() -> None:
    with pytest.raises(ModelError, match=r"224 x 224 pixels does not fit.*fc6"):
        trace_variant("full", 224)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(7, 2))
    with pytest.raises(ModelError, match="cannot take"):
        trace_model(net, "odd", (1, 3, 8, 8))
