import re
import shutil
from pathlib import Path

from streamlit.testing.v1 import AppTest

from alexcore.dashboard.overview.page import make_report
from alexcore.models import create_model
from alexcore.settings import SHIPPED_RUNS
from tests.dashboard.conftest import OpenPage
from tests.weights.test_untrusted import to_bytes


def _write_report(at: AppTest) -> str:
    """Write the report of what a session has chosen, as its button does."""
    return make_report(at.session_state["chosen-source"], at.session_state["chosen-image"])


def test_the_tour_has_six_steps(open_page: OpenPage) -> None:
    at = open_page()
    steps = [button.label for button in at.button if re.match(r"\*\*\d\. ", button.label)]
    assert [step[2] for step in steps] == ["1", "2", "3", "4", "5", "6"]


def test_the_report_holds_everything_and_needs_nothing(open_page: OpenPage) -> None:
    html = _write_report(open_page("feature_maps", image="volt"))
    near = "The 10 pictures of the training side of creatures nearest"
    parts = ("14,591,685 parameters", "validation accuracy", "relu1: 48 channels", near)
    assert all(part in html for part in parts)
    assert len(re.findall(r'"alt": "Neighbour ', html)) == 10
    ours = html.split("<script>")[0]  # Plotly's own text follows
    assert not re.search(r'(src|href)="(?!data:)', ours)
    assert len(html) < 8_000_000


def test_the_report_of_ones_own_weights(open_page: OpenPage) -> None:
    """They are the session's, and a download is written outside of any session's run."""
    data = to_bytes(create_model("half", num_classes=3, hidden=16).state_dict())
    at = open_page()
    at.file_uploader(key="weights").set_value(("mine.pth", data, "application/zip")).run()
    html = _write_report(at)
    assert "mine-" in html and "come without a history" in html and "there is no gallery" in html


def test_the_report_says_what_cannot_be_made(open_page: OpenPage) -> None:
    html = _write_report(open_page("feature_maps", model="untrained-half"))
    assert "come without a history" in html and "there is no gallery" in html
    assert "creatures-train-untrained-half-" in html


def test_the_report_wants_the_pictures_a_run_was_trained_on(
    open_page: OpenPage, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(SHIPPED_RUNS / "half-b16-s1", tmp_path / "runs" / "half-pets"))
    facts = (folder / "run.json").read_text().replace('"name": "creatures"', '"name": "pets"')
    (folder / "run.json").write_text(facts)
    html = _write_report(open_page("feature_maps", model="half-pets"))
    assert "there is no gallery pets-train-half-pets-" in html


def test_the_report_takes_the_demo_set_where_another_drawn_one_is_not_built(
    open_page: OpenPage, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(SHIPPED_RUNS / "half-b16-s1", tmp_path / "runs" / "half-large"))
    facts = (
        (folder / "run.json")
        .read_text()
        .replace('"name": "creatures"', '"name": "creatures-large"')
    )
    (folder / "run.json").write_text(facts)
    html = _write_report(open_page("feature_maps", model="half-large"))
    assert "there is no gallery creatures-train-half-large-" in html
