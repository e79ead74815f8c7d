import xml.etree.ElementTree as ET

from alexcore.figures.volumes import Volume, draw_volumes, list_volumes
from alexcore.inspection.trace import trace_variant


def test_volumes_are_the_traced_shapes() -> None:
    volumes = list_volumes(trace_variant("full"))
    assert [(v.label, v.shape) for v in volumes[1:5]] == [
        ("conv1", (96, 55, 55)),
        ("pool1", (96, 27, 27)),
        ("conv2", (256, 27, 27)),
        ("pool2", (256, 13, 13)),
    ]
    assert [v.label for v in volumes[-3:]] == ["fc6", "fc7", "fc8"]


def test_boxes_are_to_scale() -> None:
    large, small = Volume("a", (64, 40, 40), "conv"), Volume("b", (256, 10, 10), "conv")
    assert large.box[1] / small.box[1] == 4
    assert small.box[0] / large.box[0] == 4


def test_svg_is_well_formed_and_names_every_layer() -> None:
    volumes = list_volumes(trace_variant("half"))
    root = ET.fromstring(draw_volumes(volumes, selected="conv2"))
    layers = [g.get("data-layer") for g in root.iter("{http://www.w3.org/2000/svg}g")]
    assert layers == [v.label for v in volumes]
