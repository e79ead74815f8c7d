import shutil
from pathlib import Path

import pytest

from alexcore.models import create_model
from alexcore.settings import SHIPPED_RUNS
from alexcore.sources import create_file_source
from tests.dashboard.conftest import OpenPage, texts
from tests.weights.test_untrusted import to_bytes


def test_controls_follow_the_variant(open_page: OpenPage) -> None:
    at = open_page("architecture")
    assert at.metric[0].value == "14,591,685"
    at.selectbox(key="variant").set_value("original").run()
    assert at.slider(key="size").value == 224
    assert at.metric[0].value == "60,965,224"
    at.number_input(key="batch").set_value(4).run()
    assert at.metric[1].value == f"{4 * 725.066088:,.1f} M"


def test_variant_follows_the_model_of_the_sidebar(open_page: OpenPage) -> None:
    at = open_page("architecture")
    at.selectbox(key="model").set_value("untrained-zfnet").run()
    assert at.selectbox(key="variant").value == "zfnet"
    assert at.slider(key="size").value == 224


def test_classes_and_hidden_width_are_the_models(open_page: OpenPage) -> None:
    at = open_page("architecture")
    at.selectbox(key="model").set_value("look-half").run()
    assert at.number_input(key="hidden").value == 1024
    assert {metric.label: metric.value for metric in at.metric}["Parameters"] == "6,720,197"
    at.selectbox(key="variant").set_value("full").run()
    assert at.number_input(key="hidden").value == 2048
    at.selectbox(key="variant").set_value("half").run()
    assert at.number_input(key="hidden").value == 1024


def test_a_size_that_cannot_work_says_why(open_page: OpenPage) -> None:
    at = open_page("architecture")
    at.slider(key="size").set_value(224).run()
    assert len(at.error) == 1
    assert "(224 + 2·0 − 11) / 4 + 1 = 54.25" in at.error[0].value
    assert "227 and 228" in at.error[0].value
    at.slider(key="size").set_value(230).run()
    assert not at.error


def test_the_strip_shows_which_sizes_another_rounding_takes(open_page: OpenPage) -> None:
    at = open_page("architecture", variant="original", detail="pool2")
    assert "the outermost reach 16 beyond the picture left and above, 19 right" in texts(at)
    assert "the spatial norm lets 99 × 99 pixels change it a little" in texts(at)
    assert "original so takes, in pixels: 196 to 227." in texts(at)
    at.segmented_control(key="rounding").set_value("down").run()
    assert "original so takes, in pixels: 227 to 258." in texts(at)
    at = open_page("architecture", variant="original", rounding="down", padding="2")
    assert "original so takes, in pixels: 223 to 254." in texts(at)


def test_details_write_out_the_arithmetic(open_page: OpenPage) -> None:
    at = open_page("architecture")
    at.selectbox(key="detail").set_value("conv2").run()
    shown = texts(at)
    assert "(27 + 2·2 − 5) / 1 + 1 = 27" in shown
    assert "one cell sees 51 × 51 pixels, the next one 8 further" in shown
    assert "153,600 weights of half-b16-s1" in shown
    at.selectbox(key="detail").set_value("fc6").run()
    assert "9,437,184 weights of half-b16-s1" in texts(at)
    at.selectbox(key="detail").set_value("pool2").run()
    assert "pool2 has no weights" in texts(at)


def test_conv1_of_a_run_is_shown_from_its_start_and_of_another_net_as_it_is(
    open_page: OpenPage,
) -> None:
    at = open_page("architecture")
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown["Autocorrelation, median"] == "0.25"
    assert at.select_slider(key="epoch").options == ["0", "40"]
    at.segmented_control(key="kernels").set_value("what training added").run()
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown["Autocorrelation, median"] == "0.84"
    at.selectbox(key="model").set_value("untrained-half").run()
    shown = {metric.label: metric.value for metric in at.metric}
    assert abs(float(shown["Autocorrelation, median"])) < 0.03
    assert not at.select_slider


def test_details_of_another_variant_say_where_weights_are(open_page: OpenPage) -> None:
    at = open_page("architecture")
    at.selectbox(key="variant").set_value("full").run()
    assert "Choose a model of the variant full in the sidebar" in texts(at)


def test_table_can_be_downloaded_in_three_forms(open_page: OpenPage) -> None:
    at = open_page("architecture")
    assert [button.label for button in at.download_button] == ["CSV", "Markdown", "LaTeX"]


def test_a_link_opens_variant_size_and_layer(open_page: OpenPage) -> None:
    at = open_page("architecture", variant="torchvision", size="100", detail="fc7")
    assert at.selectbox(key="variant").value == "torchvision"
    assert at.slider(key="size").value == 100
    assert at.selectbox(key="detail").value == "fc7"


def test_compare_opens_on_full_against_half(open_page: OpenPage) -> None:
    at = open_page("architecture", view="Compare")
    assert [(m.label, m.value, m.delta) for m in at.metric][:2] == [
        ("Parameters", "40.7 M", "-35% from 62.4 M"),
        ("Mult-adds", "335.6 M", "-70% from 1,135.9 M"),
    ]


@pytest.mark.parametrize("other", ["resnet18", "full-b8", "untrained-original", "imagenet"])
def test_compare_takes_every_source_and_torchvisions_nets(open_page: OpenPage, other: str) -> None:
    at = open_page("architecture", view="Compare", right=other)
    assert at.selectbox(key="right").value == other
    assert not at.error and not at.exception


def test_compare_takes_own_weights(open_page: OpenPage) -> None:
    own = create_file_source("net.pt", to_bytes(create_model("half", 7, 16).state_dict()))
    at = open_page("architecture")
    at.session_state["own-models"] = {own.name: own}
    at.segmented_control(key="view").set_value("Compare").run()
    at.selectbox(key="right").set_value(own.name).run()
    assert not at.error and not at.exception
    # conv 17,472 + 153,728 + 221,376 + 331,968 + 221,312; fc 4608·16 + 16, 16·16 + 16, 16·7 + 7
    assert (at.metric[0].value, at.metric[0].delta) == ("1.0 M", "-98% from 62.4 M")


def test_articles_walk_the_batch_of_four(open_page: OpenPage) -> None:
    at = open_page("architecture", view="Articles")
    walk = [" ".join(line.split()) for line in at.code[0].value.splitlines()]
    assert walk[0] == "input -> torch.Size([4, 3, 224, 224])"
    assert walk[14:16] == [
        "avgpool AdaptiveAvgPool2d(output_size=(6, 6)) -> torch.Size([4, 256, 6, 6])",
        "flatten flatten(avgpool) -> torch.Size([4, 9216])",
    ]
    assert walk[-1].startswith("classifier.6 Linear(") and len(walk) == 23
    assert "features.0\nfeatures.1" in at.code[1].value
    assert "Total params: 61,100,840" in at.code[2].value
    assert "class AlexNet(nn.Module)" in at.code[3].value


def test_measure_shows_rates_beside_the_matrix_rate(open_page: OpenPage) -> None:
    at = open_page("architecture", view="Machine")
    at.select_slider(key="timed-batch").set_value(1).run()
    at.button[0].click().run()
    assert not at.exception
    assert [m.label for m in at.metric] == [
        "Forward, images/s", "Share of the matrix rate",
        "Training step, images/s", "Share of the matrix rate",
    ]  # fmt: skip


def test_safetensors_can_be_taken_along(open_page: OpenPage) -> None:
    at = open_page("architecture", view="Machine")
    at.button(key="prepare-safetensors").click().run()
    assert not at.exception and not at.error
    assert [button.label for button in at.download_button] == ["Download safetensors (58.4 MB)"]


def test_damaged_weights_give_one_message_and_the_rest_works(
    open_page: OpenPage, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(SHIPPED_RUNS / "half-b16-s1", tmp_path / "runs" / "broken"))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    at = open_page("architecture", model="broken")
    assert at.selectbox(key="model").value == "broken"
    assert len(at.error) == 1
    assert "is damaged or not safetensors" in at.error[0].value
    assert at.metric[0].value == "14,591,685"


def test_sources_are_searched_by_the_address_and_by_hand(open_page: OpenPage) -> None:
    at = open_page("architecture", view="Sources", words="border zeros")
    assert list(at.table[0].value["Claim"]) == [
        "**Zeros at conv1's border**  \nInput :orange-badge[inferred]"
    ]
    assert "blob/2f8b81f/layer.py#L1004" in at.table[0].value["Authors' program"][0]
    csv = at.download_button(key="download-sources").proto
    assert csv.label == "CSV"
    tables = len(at.table)
    at.text_input(key="words").set_value("border colourless").run()
    assert "No statement holds all of “border colourless”" in at.info[0].value
    assert len(at.table) == tables - 1
    at.text_input(key="words").set_value("").run()
    assert len(at.table[0].value) > 30


def test_compare_tells_the_papers_net_of_half_the_width_from_ours(open_page: OpenPage) -> None:
    shown = texts(open_page("architecture", view="Compare"))
    assert "98% of the parameters and 54% of the mult-adds: 59,798,312 against 60,965,224" in shown
    assert "It errs 1.7 points more often in the first place and 1.2 in the first five" in shown
