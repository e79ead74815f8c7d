from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from alexcore.features.units import Units, find_units_file, save_units
from alexcore.settings import SHIPPED_RUNS
from alexcore.sources import find_source
from tests.dashboard.conftest import OpenPage


@pytest.fixture
def own_data(open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder where nothing was found yet."""
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path))


def headings(at: AppTest) -> list[str]:
    return [heading.value for heading in at.subheader]


@pytest.mark.usefixtures("own_data")
def test_units_are_named_once_and_then_listed(
    open_page: OpenPage, creatures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "alexcore.features.dissection.draw_test_pictures",
        lambda *_, **__: sorted(creatures.glob("*/*-000.png")),
    )
    at = open_page("feature_maps", fview="Units")
    assert not at.dataframe
    (button,) = [button for button in at.button if button.label == "Name the units"]
    button.click().run()
    assert not at.exception and not at.error
    assert find_units_file(find_source("half-b16-s1", SHIPPED_RUNS)).is_file()
    table, shipped = at.dataframe
    assert shipped.value["net"].tolist() == ["look-half", "half-b16-s1", "full-b16-s1"]
    assert len(table.value) == 128 and table.value["IoU"].is_monotonic_decreasing
    at.segmented_control(key="ulayer").set_value("conv1").run()
    assert len(at.dataframe[0].value) == 48


@pytest.mark.usefixtures("own_data")
def test_a_named_channel_bears_its_name(open_page: OpenPage) -> None:
    ious = np.array([[0.02, 0.01], [0.03, 0.125]], np.float32).repeat(64, 0)
    units = Units(("eye", "shell"), {"conv5": np.zeros(128, np.float32)}, {"conv5": ious})
    save_units(find_units_file(find_source("half-b16-s1", SHIPPED_RUNS)), units)
    at = open_page("feature_maps", layer="pool5", channel="3")
    assert "pool5, channel 3" in headings(at)
    at.number_input(key="channel").set_value(64).run()
    assert "pool5, channel 64: answers to shell (overlap 0.12)" in headings(at)
    at.selectbox(key="layer").set_value("relu4").run()
    assert "relu4, channel 64" in headings(at), "of a layer that has no names"
    at.segmented_control(key="fview").set_value("Units").run()
    captions = [caption.value for caption in at.caption]
    assert any(caption.startswith("64 of 128 units of conv5 answer") for caption in captions)


@pytest.mark.usefixtures("own_data")
def test_a_net_of_other_pictures_says_why_its_units_have_no_names(open_page: OpenPage) -> None:
    at = open_page("feature_maps", model="untrained-half", fview="Units")
    assert not at.exception and not at.error and not at.dataframe
    (said,) = at.info
    assert said.value.startswith("Units are named after the parts of drawn pictures")
    assert "untrained-half comes of no training" in said.value
