import io
import json
import shutil
import zipfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from alexcore.dashboard.caching import compute_inference, get_inference
from alexcore.dashboard.feature_maps.layers_alike import _say_trained
from alexcore.dashboard.feature_maps.top_images import find_top_images_file
from alexcore.dashboard.feature_maps.what_if_picture import write_curves
from alexcore.dashboard.session import ImageChoice, create_upload, get_samples
from alexcore.features.ablation import Change, change_channels, to_probabilities
from alexcore.features.attribution import compute_heatmap
from alexcore.features.faithfulness import measure_faithfulness
from alexcore.features.focus import compute_share, find_mask
from alexcore.features.picture_changes import (
    Cover,
    Move,
    PictureChange,
    change_picture,
    read_strokes,
)
from alexcore.images.preprocessing import to_input
from alexcore.settings import SAMPLE_IMAGES, SHIPPED_RUNS
from alexcore.sources import ModelSource, find_source
from tests.dashboard.conftest import OpenPage, texts


def captions(at: AppTest) -> list[str]:
    return [caption for image in at.image for caption in image.captions]


def find_figures(at: AppTest) -> dict[str, dict[str, Any]]:
    """Return {name: figure} of the page's charts."""
    components = [json.loads(element.proto.json) for element in at.get("bidi_component")]
    return {data["name"]: data["figure"] for data in components if "figure" in data}


def test_grid_shows_the_chosen_layer(open_page: OpenPage) -> None:
    at = open_page("feature_maps")
    assert "**relu1** (`features.1`): 48 channels of 55 × 55" in texts(at)
    at.selectbox(key="layer").set_value("conv5").run()
    assert "**conv5** (`features.10`): 128 channels of 13 × 13" in texts(at)
    assert not at.exception and not at.error


def test_ten_crops_stand_beside_the_single_answer(open_page: OpenPage) -> None:
    at = open_page("feature_maps", crops="true")
    pictures = len(at.image)
    assert "five of 227 × 227 pixels from the middle 256 × 256" in texts(at)
    at.toggle(key="crops").set_value(False).run()
    assert not at.exception and not at.error
    assert len(at.image) == pictures - 1 and "over ten crops" not in texts(at)


def test_a_stage_is_one_click(open_page: OpenPage) -> None:
    at = open_page("feature_maps")
    at.pills(key="stage").set_value("stage 2").run()
    assert at.selectbox(key="layer").value == "pool2"
    assert "**pool2** (`features.5`): 128 channels of 13 × 13" in texts(at)


def test_many_channels_come_in_pages(open_page: OpenPage) -> None:
    at = open_page("feature_maps", layer="relu3", page="2")
    assert not at.exception
    assert "**relu3** (`features.7`): 192 channels" in texts(at)


@pytest.mark.parametrize(("layer", "units"), [("fc6", "2,048"), ("relu7", "2,048"), ("fc8", "5")])
def test_connected_layers_are_strips(open_page: OpenPage, layer: str, units: str) -> None:
    at = open_page("feature_maps", layer=layer)
    assert any(line.startswith(layer) and f"): {units} units" in line
               for line in texts(at).splitlines())  # fmt: skip


@pytest.mark.parametrize("scale", ["unit", "layer", "fixed"])
def test_scales_and_orders_work_on_signed_and_unsigned_layers(
    open_page: OpenPage, scale: str
) -> None:
    at = open_page("feature_maps", scale=scale, order="sparsity", layer="conv2")
    assert not at.exception and not at.error
    at.selectbox(key="layer").set_value("relu5").run()
    assert not at.exception and not at.error


def test_a_channel_is_looked_at_closely(open_page: OpenPage) -> None:
    at = open_page("feature_maps", layer="relu2", channel="17")
    assert at.number_input(key="channel").value == 17
    assert any(heading.value == "relu2, channel 17" for heading in at.subheader)
    assert "the frame is what the cell sees, 51 × 51 pixels" in texts(at)


@pytest.fixture
def demo_set(creatures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thirty pictures of the tests in the place of the drawn demo set."""
    monkeypatch.setattr(
        "alexcore.dashboard.feature_maps.top_images.get_creatures_folder", lambda: creatures
    )
    monkeypatch.setattr("alexcore.retrieval.pictures.open_source", lambda *_, **__: creatures)


def test_the_top_images_are_offered_then_found(
    open_page: OpenPage, demo_set: None, data_folder: Path
) -> None:
    at = open_page("feature_maps")
    (button,) = [button for button in at.button if button.label == "Find them"]
    button.click().run()
    assert not at.exception and not at.error
    assert list((data_folder / "top_images").glob("creatures-half-b16-s1-*.npz"))
    assert sum(" · " in caption for caption in captions(at)) == 9
    images = len(at.image)
    at.segmented_control(key="projected").set_value("guided backpropagation").run()
    assert not at.exception and not at.error and len(at.image) == images
    at.segmented_control(key="projected").set_value("nothing").run()
    assert len(at.image) == images - 9
    shown = [line for line in texts(at).splitlines() if "channels of" in line]
    assert "dead, silent for all 25 pictures of the demo set" in shown[0]  # five are held out


def test_a_damaged_file_is_named_where_the_grid_alone_is_drawn(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a move of its controls draws it."""

    def draw() -> None:
        from alexcore.dashboard.caching import get_inference
        from alexcore.dashboard.feature_maps.grid import show_grid
        from alexcore.dashboard.session import get_samples
        from alexcore.sources import find_source

        show_grid(get_inference(find_source("untrained-half"), get_samples()["brook"]))

    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path))
    file = find_top_images_file(find_source("untrained-half"))
    file.parent.mkdir()
    file.write_bytes(b"half a file")
    at = AppTest.from_function(draw, default_timeout=60).run()
    assert not at.exception
    assert "damaged" in at.error[0].value


def test_a_copy_of_a_sample_bears_its_own_name(open_page: OpenPage) -> None:
    at = open_page("feature_maps", image="brook")
    data = (SAMPLE_IMAGES / "brook.png").read_bytes()
    at.file_uploader(key="uploader").set_value(("mine.png", data, "image/png")).run()
    assert "receives of mine-" in texts(at)


@pytest.mark.parametrize("way", ["sum", "mean", "maximum", "components"])
def test_all_in_one_shows_stages_and_convolutions(open_page: OpenPage, way: str) -> None:
    at = open_page("feature_maps", fview="All in one", combine=way)
    names = [caption.split(":")[0] for caption in captions(at)]
    assert names[-8:] == [
        "pool1", "pool2", "pool5", "relu1", "relu2", "relu3", "relu4", "relu5",
    ]  # fmt: skip


def test_side_by_side_links_the_layer(open_page: OpenPage) -> None:
    at = open_page("feature_maps", fview="Side by side", bmodel="untrained-full", blayer="relu3")
    shown = captions(at)
    assert "half-b16-s1 on brook, relu3: 192 channels" in shown
    assert "untrained-full on brook, relu3: 384 channels" in shown
    at.selectbox(key="bimage").set_value("volt").run()
    assert "untrained-full on volt, relu3: 384 channels" in captions(at)


def test_a_model_can_stand_beside_itself(open_page: OpenPage) -> None:
    at = open_page("feature_maps", fview="Side by side", bmodel="half-b16-s1", bimage="brook")
    assert captions(at).count("half-b16-s1 on brook, relu1: 48 channels") == 2


def test_a_background_is_seen_on_both_sides(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def look(source: ModelSource, image: ImageChoice) -> object:
        seen.append(image.background)
        return get_inference(source, image)

    monkeypatch.setattr("alexcore.dashboard.feature_maps.beside.get_inference", look)
    at = open_page("feature_maps", fview="Side by side", bmodel="untrained-half")
    file = io.BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(file, "PNG")
    hole = create_upload("hole.png", file.getvalue())
    at.session_state["uploads"] = {hole.name: hole}
    at.run()
    at.selectbox(key="image").set_value(hole.name).run()
    at.selectbox(key="bimage").set_value(hole.name).run()
    at.color_picker(key="background").set_value("#ff0000").run()
    assert f"untrained-half on {hole.name}, relu1: 48 channels" in captions(at)
    assert seen[-1] == "#ff0000"


def test_channels_of_two_models_are_matched(open_page: OpenPage, demo_set: None) -> None:
    at = open_page("feature_maps", fview="Side by side", bmodel="untrained-half")
    for button in at.button:
        if button.label == "Match the channels":
            button.click().run()
    assert not at.exception and not at.error
    assert "48 pairs, median correlation" in texts(at)
    assert sum(" ~ " in caption for caption in captions(at)) == 24


@pytest.mark.parametrize("method", ["Grad-CAM", "integrated gradients", "occlusion"])
def test_why_draws_a_heatmap_for_any_class(open_page: OpenPage, method: str) -> None:
    """A link of one method alone, as version 0.1 wrote it, too."""
    at = open_page("feature_maps", fview="Why", method=method)
    assert not at.exception and not at.error
    assert at.segmented_control(key="method").value == [method]
    at.selectbox(key="class").set_value("volt").run()
    assert "Red raises the score of volt" in texts(at)
    assert "of it on the creature" in texts(at)


def test_why_sets_methods_side_by_side_with_what_tells_them_apart(open_page: OpenPage) -> None:
    at = open_page("feature_maps", image="volt", fview="Why", camlayer="relu3", against="brook")
    at.segmented_control(key="method").set_value(["LayerCAM", "Grad-CAM"]).run()
    assert not at.exception and not at.error
    assert "Red raises the score of volt rather than brook, blue lowers it." in texts(at)
    assert "**Grad-CAM at relu3**" in texts(at) and "**LayerCAM at relu3**" in texts(at)
    inference = compute_inference(find_source("half-b16-s1", SHIPPED_RUNS), get_samples()["volt"])
    model, classes = inference.model, inference.model.classes
    x = to_input(inference.picture.pixels, model.source.preprocessing, model.device)
    target = classes.index("volt"), classes.index("brook")
    heat = compute_heatmap(model.module, x, target, "LayerCAM", layer=model.nodes["relu3"])
    curves = measure_faithfulness(model.module, x, target, heat)
    drawn = find_figures(at)["faithfulness"]["data"]
    assert [trace["name"] for trace in drawn] == ["Grad-CAM", "LayerCAM"] * 2
    table = next(frame.value for frame in at.dataframe if "deletion area" in frame.value)
    assert list(table.index) == ["Grad-CAM at relu3", "LayerCAM at relu3"]
    assert table["deletion area"].iloc[1] == pytest.approx(curves.deletion_area, abs=1e-5)
    mask = find_mask("volt", "", model.source.preprocessing)
    assert mask is not None
    assert table["on the creature"].iloc[1] == pytest.approx(compute_share(heat, mask), abs=1e-5)


def test_blue_is_explained_only_where_it_can_be(open_page: OpenPage) -> None:
    at = open_page("feature_maps", image="volt", fview="Why", method="LayerCAM")
    assert at.selectbox(key="against").value == "nothing"
    assert "Red raises the score of volt." in texts(at) and "blue lowers" not in texts(at)


def test_why_makes_the_top_layers_random(open_page: OpenPage) -> None:
    at = open_page("feature_maps", image="volt", fview="Why", randomtop="true")
    assert not at.exception and not at.error
    shown = [caption for caption in captions(at) if caption.startswith(("fc", "conv"))]
    assert [caption.split(":")[0] for caption in shown] == [
        "fc8", "fc7", "fc6", "conv5", "conv4", "conv3", "conv2", "conv1",
    ]  # fmt: skip
    at.toggle(key="randomtop").set_value(False).run()
    assert "as it is" not in captions(at)


def test_why_says_what_does_not_fit_a_net(open_page: OpenPage) -> None:
    at = open_page("feature_maps", model="untrained-zfnet", fview="Why", method="DeepLIFT")
    assert not at.exception and not at.error
    assert "DeepLIFT has no rule for response normalisation" in texts(at)


def test_why_says_that_the_device_has_no_memory(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr("alexcore.features.attribution.compute_attribution", fail)
    at = open_page("feature_maps", image="volt", fview="Why", method="Grad-CAM")
    assert "ran out of memory" in at.error[0].value


def test_work_that_was_stopped_waits_until_it_is_asked_for(open_page: OpenPage) -> None:
    at = open_page("feature_maps", image="volt", fview="Why", method="Grad-CAM")
    at.session_state["stop Explaining"] = True  # as its click leaves it
    at.segmented_control(key="method").set_value(["Grad-CAM", "LayerCAM"]).run()
    assert "Stopped; 1 of the answers are missing" in texts(at)
    assert "**LayerCAM at relu5**" not in texts(at) and "**Grad-CAM at relu5**" in texts(at)
    next(button for button in at.button if button.label == "Go on").click().run()
    assert "**LayerCAM at relu5**" in texts(at)


def test_methods_are_measured_over_held_out_pictures_and_kept(
    open_page: OpenPage, data_folder: Path, creatures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "alexcore.dashboard.feature_maps.on_creature.open_source", lambda *_, **__: creatures
    )
    at = open_page("feature_maps", image="volt", fview="Why")
    next(button for button in at.button if button.label == "Measure Grad-CAM").click().run()
    assert not at.exception and not at.error
    assert "half-b16-s1 on 5 validation pictures of creatures" in texts(at)
    (file,) = (data_folder / "focus").glob("creatures-half-b16-s1-*.npz")
    assert "Measure Grad-CAM" not in [button.label for button in at.button]
    file.write_text("[{")
    at.run()
    assert "damaged" in at.error[0].value
    file.unlink()


def test_only_methods_and_nets_that_fit_are_offered_to_measure(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "alexcore.features.attribution.explain_misfit",
        lambda _, method: "DeepLIFT has no rule." if method == "DeepLIFT" else "",
    )
    at = open_page("feature_maps", fview="Why", method="DeepLIFT")
    assert "**DeepLIFT**: DeepLIFT has no rule." in texts(at)
    assert not [button for button in at.button if button.label.startswith("Measure")]
    at = open_page("feature_maps", model="untrained-zfnet", fview="Why")
    assert not at.exception and not at.error
    assert "Only nets that know all species of creatures can be measured" in texts(at)
    assert not [button for button in at.button if button.label.startswith("Measure")]
    assert "What these methods are worth here" in [each.label for each in at.expander]


def test_downloads_hold_what_is_shown(open_page: OpenPage) -> None:
    from alexcore.dashboard.caching import compute_inference
    from alexcore.reports.bundle import write_activations, write_bundle

    at = open_page("feature_maps")
    inference = compute_inference(
        at.session_state["chosen-source"], at.session_state["chosen-image"]
    )
    with np.load(io.BytesIO(write_activations(inference))) as arrays:
        assert arrays["conv1"].shape == (48, 55, 55) and arrays["fc8"].shape == (5,)
        assert arrays["conv1"].min() < 0 and arrays["relu1"].min() == 0
        np.testing.assert_array_equal(arrays["relu1"], np.maximum(arrays["conv1"], 0))
    with zipfile.ZipFile(io.BytesIO(write_bundle(inference))) as archive:
        names = archive.namelist()
    assert {"crop.png", "sprites/conv1.png", "sums/pool5.png", "activations.npz", "about.json"} <= {
        *names
    }


def test_maps_of_unlike_size_stand_side_by_side() -> None:
    """27 x 27 cells beside 26 x 26, as half and zfnet give after conv2."""
    from alexcore.dashboard.feature_maps.beside import _join

    joined = _join(np.eye(27, dtype=np.float32), np.eye(26, dtype=np.float32), signed=False)
    assert joined.size == (2 * 27 * 4 + 4, 27 * 4)


def test_a_grid_is_saved_as_it_is_shown() -> None:
    """Silent channels are grey in the file too."""
    from alexcore.dashboard.feature_maps.channel import Look
    from alexcore.dashboard.feature_maps.grid import _draw

    maps = np.zeros((2, 4, 4), np.float32)
    maps[1, 0, 0] = 1
    look = Look("features.1", "relu1", "per channel", "index", 1.0)
    image = Image.open(io.BytesIO(_draw(maps, np.arange(2), look, None))).convert("RGB")
    assert image.getpixel((0, 0)) == (128, 134, 145)


def test_a_heatmap_that_took_its_time_is_kept(open_page: OpenPage) -> None:
    at = open_page("feature_maps", image="volt", fview="Why", method="integrated gradients")
    for method in ("Grad-CAM", "integrated gradients"):
        at.segmented_control(key="method").set_value([method]).run()
        assert not at.exception and not at.error


def test_channels_are_taken_away_and_the_classes_follow(open_page: OpenPage) -> None:
    at = open_page("feature_maps", image="volt", fview="What if", layer="relu5")
    assert "**What each channel of relu5 does to volt**" in texts(at)
    at.multiselect(key="changed").set_value([3, 7]).run()
    assert not at.exception and not at.error
    source = find_source("half-b16-s1", SHIPPED_RUNS)
    inference = compute_inference(source, get_samples()["volt"])
    without = change_channels(inference, "features.11", {3: Change(), 7: Change()}, nullcontext())
    shares = to_probabilities(without)
    after = find_figures(at)["changed-classes"]["data"][1]
    found = dict(zip(after["y"], after["x"], strict=True))
    classes = inference.model.classes
    assert [found[label] for label in classes] == pytest.approx(shares.tolist(), abs=1e-6)
    at.selectbox(key="layer").set_value("relu7").run()
    assert at.multiselect(key="changed").value == [3, 7], "units of the same numbers"
    at.segmented_control(key="way").set_value("hold at its mean").run()
    assert "What each channel" not in texts(at), "means are kept of layers that give maps"


def test_a_channel_leads_to_what_if_it_were_gone_and_back(open_page: OpenPage) -> None:
    at = open_page("feature_maps", layer="relu4", channel="5")
    next(b for b in at.button if b.label == "What if it were gone?").click().run()
    assert at.segmented_control(key="fview").value == "What if"
    assert at.multiselect(key="changed").value == [5]
    next(b for b in at.button if b.label == "Look at channel 5").click().run()
    assert at.segmented_control(key="fview").value == "Grid"
    assert at.number_input(key="channel").value == 5


def test_a_net_is_seen_through_time(open_page: OpenPage) -> None:
    at = open_page("feature_maps", model="look-half", image="volt", fview="Through time")
    assert not at.exception and not at.error and not at.info
    assert at.select_slider(key="epoch").options == ["0", "1", "2", "4", "7"]
    assert "**The whole net as it ended**" in texts(at)
    at.select_slider(key="epoch").set_value(2).run()
    assert "**Finished classifier, convolutions of epoch 2**" in texts(at)
    assert "Channel 0 of relu1, after epoch 2" in captions(at)
    at.selectbox(key="tscale").set_value("one range for all epochs").run()
    at.selectbox(key="layer").set_value("pool5").run()
    at.toggle(key="play").set_value(True).run()
    assert not at.exception and not at.error
    assert "look-half on volt: pool5 and its channel 0 at epochs 0, 1, 2, 4, 7" in captions(at)


def test_a_net_without_snapshots_says_how_to_keep_them(open_page: OpenPage) -> None:
    at = open_page("feature_maps", fview="Through time", epoch="0")
    assert "half-b16-s1 kept no snapshots. `alexcore train --snapshots 10`" in at.info[0].value
    assert "**The whole net as it began**" in texts(at)
    at.selectbox(key="model").set_value("untrained-half").run()
    assert "Nothing is known of how untrained-half was trained" in at.info[0].value
    assert "--snapshots 10" in at.info[0].value and not at.exception
    next(b for b in at.button if b.label == "Look with look-half").click().run()
    assert at.selectbox(key="model").value == "look-half" and not at.info and not at.exception


def test_a_damaged_snapshot_is_named_and_the_others_are_shown(
    open_page: OpenPage, tmp_path: Path
) -> None:
    folder = tmp_path / "runs" / "mine"
    shutil.copytree(SHIPPED_RUNS / "look-half", folder)
    (folder / "snapshots" / "epoch-002.safetensors").write_bytes(b"half a file")
    at = open_page("feature_maps", model="mine", fview="Through time", epoch="2")
    assert "epoch-002.safetensors is damaged" in at.error[0].value and not at.exception
    at.toggle(key="play").set_value(True).run()
    assert "epoch-002.safetensors is damaged" in at.error[0].value and not at.exception
    assert "mine on brook: relu1 and its channel 0 at epochs 0, 1, 4, 7" in captions(at)


def test_a_net_that_held_out_other_pictures_is_named() -> None:
    left, right = (find_source(name, SHIPPED_RUNS) for name in ("half-b16-s1", "half-b8-s1"))
    run = right.run
    assert run and left.trained_on == right.trained_on == "creatures"

    def part(**rule: Any) -> str:
        there = replace(right, run=replace(run, config=replace(run.config, **rule)))
        return _say_trained("creatures", left, there)

    assert part() == part(keep_near_copies=True) == "", "nothing drawn is a copy"
    assert "half-b8-s1 held out others and may have" in part(validation_share=0.3)


def test_layers_of_two_models_are_compared_and_chosen(
    open_page: OpenPage, creatures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alexcore.features.cka.find_folder", lambda name: creatures)
    at = open_page("feature_maps", fview="Side by side", bmodel="untrained-full")
    next(b for b in at.button if b.label == "Compare all layers").click().run()
    assert not at.exception and not at.error
    charts = [json.loads(chart.proto.json) for chart in at.get("bidi_component")]
    (figure,) = (chart["figure"] for chart in charts if chart.get("name") == "layers-alike")
    (cells,) = figure["data"]
    assert cells["x"] == cells["y"] and {"conv1", "pool5", "fc8"} <= {*cells["x"]}
    assert "Linear CKA over 5 validation pictures of creatures" in texts(at)
    assert "half-b16-s1 on brook, relu1: 48 channels" in captions(at)
    at.selectbox(key="blayer").set_value("fc6").run()
    at.selectbox(key="clayer").set_value("conv5").run()
    assert not at.exception and not at.error
    shown = captions(at)
    assert "half-b16-s1 on brook, fc6: 2,048 units" in shown
    assert "untrained-full on brook, conv5: 256 channels" in shown


def test_a_covered_and_shifted_picture_is_asked_about(open_page: OpenPage) -> None:
    """Everything is in the link, and is what the command's objects say by themselves."""
    covers = "0.200.200.700.800_100.500.500.600.500"
    at = open_page(
        "feature_maps", image="volt", fview="What if", what="the picture", cover=covers,
        fill="blur", dx="12", layer="pool5", channel="7", curve="shift across",
    )  # fmt: skip
    assert not at.error
    inference = compute_inference(find_source("half-b16-s1", SHIPPED_RUNS), get_samples()["volt"])
    cover = Cover(read_strokes(covers), "blur")
    single = change_picture(inference, PictureChange(cover, Move(right=12)), nullcontext())
    figures = find_figures(at)
    before, after = figures["moved-classes"]["data"]
    for bars, logits in ((before, inference.logits), (after, single.logits)):
        shares = dict(zip(inference.model.classes, to_probabilities(logits), strict=True))
        assert bars["x"] == pytest.approx([shares[label] for label in bars["y"]], abs=1e-6)
    maps = single.find("pool5")
    assert f"and is {maps[7].max():.3g}." in texts(at)
    most = int(at.pills(key="changes-most").options[0])
    at.pills(key="changes-most").set_value(most).run()
    assert at.number_input(key="channel").value == most
    assert figures["moved-curves"]["data"][0]["name"] == "volt"
    assert "now" in [note["text"] for note in figures["moved-curves"]["layout"]["annotations"]]
    at.slider(key="dx").set_value(0).run()
    next(b for b in at.button if b.label == "Undo").click().run()
    assert at.query_params["cover"] == "0.200.200.700.800"
    next(b for b in at.button if b.label == "Clear").click().run()
    assert "cover" not in at.query_params
    before, after = find_figures(at)["moved-classes"]["data"]
    assert before["x"] == after["x"]


def test_a_long_drawing_stays_with_the_session_and_a_wrong_link_is_told(
    open_page: OpenPage,
) -> None:
    where = {"fview": "What if", "what": "the picture"}
    at = open_page("feature_maps", **where, cover="volt")
    assert "cannot be read" in at.error[0].value and not at.exception
    at.session_state["covered"] = "_".join(["0.100.100.200.200"] * 200)
    at.run()
    assert not at.error and "cover" not in at.query_params
    assert not next(b for b in at.button if b.label == "Undo").disabled


def test_the_curves_are_a_table_of_all_classes() -> None:
    shares = np.array([[0.25, 0.75], [1.0, 0.0]], np.float32)
    table = write_curves("angle", range(-12, 1, 12), ("volt", "a cat, asleep"), shares)
    assert table == 'angle,volt,"a cat, asleep"\n-12,0.25,0.75\n0,1,0\n'


def test_one_walks_from_a_class_towards_the_pixels_and_back(open_page: OpenPage) -> None:
    at = open_page(
        "feature_maps", image="volt", layer="fc8", channel="2", arithmetic="true", fcell="fc8-0-0"
    )
    assert "fc8 unit 2" in texts(at) and "The softmax over all 5 classes" in texts(at)
    follow = "Follow the strongest"
    seen = []
    for _ in range(12):
        buttons = [b for b in at.button if b.label.startswith(follow)]
        if not buttons:
            break
        buttons[0].click().run()
        assert not at.exception and not at.error
        seen.append(at.selectbox(key="layer").value)
    assert seen[0] == "relu7" and seen[-1] == "relu1" and "pool5" in seen
    assert "3 channels of the picture" in texts(at) and "The 11 × 11 pixels it read" in captions(at)
    assert at.query_params["fcell"].startswith("relu1-")
    walk = at.query_params["walk"].split("~")
    assert len(walk) == len(seen) + 1 and walk[0] == "fc8-2-0-0"
    elsewhere = open_page(
        "feature_maps", image="volt", layer="relu1", channel="3", arithmetic="true",
        walk="~".join(walk),
    )  # fmt: skip
    assert "fc8 unit 2" not in captions(elsewhere), "this is no part of the walk"
    next(b for b in at.button if b.label == "Back").click().run()
    assert at.selectbox(key="layer").value == seen[-2]
    next(b for b in at.button if b.label.startswith("fc8 unit 2")).click().run()
    assert at.selectbox(key="layer").value == "fc8" and "walk" not in at.query_params


def test_a_link_opens_a_cell_and_a_damaged_one_the_strongest(open_page: OpenPage) -> None:
    shared = {"layer": "relu3", "channel": "7", "arithmetic": "true"}
    at = open_page(
        "feature_maps",
        **shared,
        fcell="relu3-4-5",
        walk="fc8-1-0-0~relu9-1~fc7-99999-0-0~relu3-7-4-5",
    )
    assert "Cell (4, 5) is" in texts(at) and "conv3 channel 7 (4, 5) is the sum of" in texts(at)
    assert "fc8 unit 1, " in texts(at), "what there is of a walk"
    for damaged in ("relu3-x", "relu3", "conv1-4-5"):
        assert not open_page("feature_maps", **shared, fcell=damaged).exception
