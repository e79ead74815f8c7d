import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from alexcore.dashboard.app import PAGES
from alexcore.models import create_model
from alexcore.runs.layers import LayerEpoch, save_layers
from alexcore.runs.predictions import load_predictions
from alexcore.runs.run import RESUME_FILE, Run, load_run, save_run
from alexcore.settings import SHIPPED_RUNS
from alexcore.training.driver import Task
from alexcore.training.job import JOB_FILE, PROGRESS_FILE, _owned, find_job
from alexcore.training.log_run import log_run
from alexcore.training.start import create_started_config
from alexcore.weights.safetensors import load_model
from alexcore.weights.snapshots import keep_snapshot
from tests.dashboard.conftest import OpenPage
from tests.training.test_job import wait_for_epoch, wait_until_over


def _names(at: AppTest) -> set[str]:
    return set(at.dataframe(key="run-table").value["run"])


def test_the_finding_is_stated_with_its_interval(open_page: OpenPage) -> None:
    """Full minus half of the shipped runs, by hand from their run.json."""
    at = open_page("training")
    assert "The article's conclusion" in "\n".join(text.value for text in at.markdown)
    runs = [load_run(path.parent) for path in SHIPPED_RUNS.glob("*/run.json")]
    last = {
        (r.model, r.config.batch_size, r.config.seed): r.last["val_accuracy"]
        for r in runs
        if r.experiment == "creatures" and r.last
    }
    seeds = {seed for _, _, seed in last}
    assert seeds == {0, 1, 2}
    mean = sum(last["full", b, s] - last["half", b, s] for b in (8, 16) for s in seeds) / 6
    assert at.metric[0].label == "Full minus half, last epoch"
    assert at.metric[0].value == f"{100 * mean:+.1f} points"
    assert at.metric[0].delta.startswith("95%: ")


def _read(at: AppTest) -> str:
    return "\n".join(element.value for element in (*at.markdown, *at.caption))


def test_how_many_seeds_would_see_a_difference(open_page: OpenPage) -> None:
    at = open_page("training", finding="How many seeds", difference="2.0")
    assert at.slider(key="difference").value == 2.0
    # By hand: differences +2, -1 and +0.5 points have a standard deviation of 1.5, and a paired t
    # test of 0.75 more takes statsmodels' TTestPower().solve_power(2 / 1.5, power=0.8) = 6.6 pairs.
    assert "**7 seeds** would see a true difference of 2.0 points" in _read(at)
    at.slider(key="difference").set_value(1.0).run()
    assert "**20 seeds** would see a true difference of 1.0 points" in _read(at)
    assert any('"seeds-needed"' in c.proto.json for c in at.get("bidi_component"))


def test_equivalence_is_said_for_the_bound_one_chooses(open_page: OpenPage) -> None:
    at = open_page("training", finding="Equivalent?")
    assert "**Cannot tell**: the 90% interval, -2.0 to +3.0, reaches beyond ±1.0" in _read(at)
    assert "They would be equivalent within ±3.1." in _read(at)
    at.slider(key="bound").set_value(3.1).run()
    assert "**Equivalent** within ±3.1 points." in _read(at)


def test_one_seed_is_told_to_say_nothing(open_page: OpenPage) -> None:
    for tab in ("How many seeds", "Equivalent?"):
        at = open_page("training", experiment="pokemon", finding=tab)
        assert "One seed a run tells nothing of chance" in _read(at)
        assert "chance cannot be told from width" in _read(at)


def test_a_bootstrap_is_shown_beside_t_where_they_differ(open_page: OpenPage) -> None:
    assert "by more than a third of the margin. From 3 seeds a bootstrap is too narrow" in _read(
        open_page("training")
    )


def test_pictures_only_one_of_two_runs_gets_right_are_shown(open_page: OpenPage) -> None:
    at = open_page("training", finding="Two runs", arun="full-b16-s1", brun="half-b16-s2")
    both = [
        {p.path: p.correct for p in load_predictions(SHIPPED_RUNS / name / "validation.csv")}
        for name in ("full-b16-s1", "half-b16-s2")
    ]
    first = sum(both[0][path] and not both[1][path] for path in both[0])
    second = sum(both[1][path] and not both[0][path] for path in both[0])
    assert f"{first} are right in full-b16-s1 alone and {second} in half-b16-s2 alone" in _read(at)
    assert "**Which is better cannot be told from these pictures.**" in _read(at)
    assert f"{first} of {first}, with what half-b16-s2 predicts" in _read(at)
    at.segmented_control(key="right_in").set_value("the second run").run()
    assert f"{second} of {second}, with what full-b16-s1 predicts" in _read(at)
    for name in ("full-b16-s1", "half-b16-s2"):
        assert f"**{name}: expected calibration error" in _read(at)


def test_two_runs_begin_with_a_pair_that_differs_in_width_alone(
    open_page: OpenPage, tmp_path: Path
) -> None:
    """And saw the same pictures, as the first by name did not."""
    folder = Path(shutil.copytree(SHIPPED_RUNS / "half-b8", tmp_path / "runs" / "half-b0"))
    run = load_run(folder)
    save_run(replace(run, dataset=run.dataset | {"fingerprint": "0" * 16}))
    at = open_page("training", finding="Two runs")
    assert at.selectbox(key="arun").value == "full-b8"
    assert at.selectbox(key="brun").value == "half-b8"


def test_what_others_found_stands_beside_ours(open_page: OpenPage) -> None:
    said = _read(open_page("training", finding="What others found"))
    assert "**The article**: half learns worse" in said
    assert "**The paper's authors, 2012**: full +1.70 points top-1, +1.23 top-5" in said
    assert "conv5 and the hidden layers stay whole, so it is another question" in said
    assert "**Ours**: full +0.5 ± 3.7 points" in said


def test_models_batches_and_seeds_are_picked(open_page: OpenPage) -> None:
    at = open_page("training")
    assert len(_names(at)) == 12
    at.pills(key="tmodel-creatures").set_value(["half"]).run()
    at.pills(key="tseed-creatures").set_value(["0", "2"]).run()
    assert _names(at) == {"half-b8", "half-b16", "half-b8-s2", "half-b16-s2"}
    at.pills(key="tbatch-creatures").set_value([]).run()
    assert not at.exception
    assert at.info[0].value == "No run is chosen."


@pytest.mark.parametrize(
    "query",
    [
        {"charts": "one chart a configuration"},
        {"axis": "wall time in seconds", "fold": "false"},
        {"log": "true", "clip": "false", "half_life": "0"},
        {"experiment": "pokemon"},
    ],
)
def test_a_link_opens_the_curves_as_they_were(open_page: OpenPage, query: dict[str, str]) -> None:
    at = open_page("training", **query)
    assert not at.exception and not at.error
    names = [element.proto.component_name for element in at.get("bidi_component")]
    assert names == ["alexcore_chart"] * (4 if "charts" in query else 1)


def test_a_run_shows_what_it_got_wrong(open_page: OpenPage) -> None:
    at = open_page("training", tview="One run", run="half-b16")
    predictions = load_predictions(SHIPPED_RUNS / "half-b16" / "validation.csv")
    wrong = sum(not p.correct for p in predictions)
    assert any(f"{wrong} of {wrong}, the most confident first" in c.value for c in at.caption)
    at.selectbox(key="cell").set_value("muse, predicted sprig").run()
    confused = sum((p.label, p.predicted) == ("muse", "sprig") for p in predictions)
    assert any(f"{confused} of {confused}, the most" in c.value for c in at.caption)
    assert len(at.dataframe[0].value) == 5
    assert "**half-b16: expected calibration error" in _read(at)


def test_a_mistake_is_looked_at_on_another_page(
    open_page: OpenPage, tmp_path: Path, creatures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictions = load_predictions(SHIPPED_RUNS / "half-b16-s1" / "validation.csv")
    worst = max((p for p in predictions if not p.correct), key=lambda p: p.probability)
    picture = tmp_path / "data" / "creatures-1" / "creatures" / worst.path
    picture.parent.mkdir(parents=True)
    shutil.copyfile(next(creatures.glob("*/*.png")), picture)
    at = open_page("training", tview="One run", run="half-b16-s1")
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path / "data"))
    at.run().button(key=f"feature_maps-{worst.path}").click().run()
    assert not at.exception, at.exception[0].value
    assert at.segmented_control(key="fview").value == "Grid"
    assert str(at.selectbox(key="image").value).startswith(picture.stem)


def test_a_csv_of_another_tool_joins_the_charts(open_page: OpenPage) -> None:
    at = open_page("training")
    good = b"epoch,step,train_loss,val_loss,val_acc\n0,9,1.6,1.5,0.3\n1,19,1.4,1.3,0.5\n"
    at.file_uploader(key="imported-files").set_value(
        [("mine.csv", good, "text/csv"), ("bad.csv", b"a,b\n1,2\n", "text/csv")]
    ).run()
    assert not at.exception
    assert len(at.error) == 1 and at.error[0].value.startswith("bad.csv: found the columns a, b")
    (chart,) = at.get("bidi_component")
    assert '"mine"' in chart.proto.json, "the line comes with the file, not one click later"


def test_a_run_is_started_watched_and_stopped(
    open_page: OpenPage, tmp_path: Path, creatures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALEXCORE_PICTURES", str(creatures.parent))
    at = open_page("training", tview="Train")
    form = {box.label: box for box in at.selectbox}
    form["Pictures"].set_value(str(creatures))
    numbers = {box.label: box for box in at.number_input}
    numbers["Epochs"].set_value(500)
    numbers["Batch size"].set_value(8)
    next(button for button in at.button if button.label == "Start").click().run()
    assert not at.exception and not at.error, [error.value for error in at.error]
    runs = tmp_path / "runs"
    job = find_job(runs)
    assert job is not None and job.folder.name == "creatures-half-b8-e500"
    next(button for button in at.button if button.label == "Start").click().run()
    assert "one run at a time is enough" in at.error[0].value
    wait_for_epoch(runs, job.folder.name)
    at.run()
    next(button for button in at.button if button.label == "Stop").click().run()
    wait_until_over(runs)
    at.run()
    assert any("can be resumed" in info.value for info in at.info)
    assert any(button.label == "Resume" for button in at.button)


def _leave_layers(folder: Path, diverged: int | None = None) -> Run:
    """Write what a run without weights leaves that looked inside for two epochs."""
    folder.mkdir(parents=True)
    shutil.copyfile(SHIPPED_RUNS / "half-b16-s1" / "history.csv", folder / "history.csv")
    whole = load_run(SHIPPED_RUNS / "half-b16-s1")
    run = replace(whole, folder=folder, finished=diverged is None, diverged=diverged)
    save_run(run)
    save_layers(
        folder,
        [
            LayerEpoch(epoch, layer, 0.5, ratio, 0.1, 0.02)
            for epoch, ratio in ((1, 0.001), (2, 0.75))
            for layer in ("conv1", "fc6")
        ],
    )
    return run


def _count_charts(at: AppTest) -> int:
    names = [element.proto.component_name for element in at.get("bidi_component")]
    return names.count("alexcore_chart")


def test_a_run_shows_what_happened_inside(open_page: OpenPage, tmp_path: Path) -> None:
    _leave_layers(tmp_path / "runs" / "looked")
    at = open_page("training", tview="One run", run="looked")
    assert _count_charts(at) == 2, "curves and layers"
    assert any("About a thousandth" in c.value for c in at.caption)
    at.segmented_control(key="quantity").set_value("silent ReLUs").run()
    assert any("zero on every validation picture" in c.value for c in at.caption)
    assert "CSV" in [button.label for button in at.download_button]
    assert any("neither weights nor snapshots" in c.value for c in at.caption)
    assert not at.exception and not at.error


def test_a_run_of_before_says_how_to_look_inside(open_page: OpenPage) -> None:
    at = open_page("training", tview="One run", run="half-b8")
    assert any("no layers.csv" in i.value and "under *Train*" in i.value for i in at.info)


@pytest.mark.parametrize("diverged", [None, 3])
def test_a_damaged_layers_file_is_named_once_and_the_rest_works(
    open_page: OpenPage, tmp_path: Path, diverged: int | None
) -> None:
    _leave_layers(tmp_path / "runs" / "looked", diverged)
    (tmp_path / "runs" / "looked" / "layers.csv").write_text("epoch,layer\n1,conv1\n")
    at = open_page("training", tview="One run", run="looked")
    assert ["layers.csv is damaged" in error.value for error in at.error] == [True]
    assert _count_charts(at) == 1


def test_a_run_that_diverged_is_listed_and_explained(open_page: OpenPage, tmp_path: Path) -> None:
    _leave_layers(tmp_path / "runs" / "wild", diverged=3)
    at = open_page("training")
    at.segmented_control(key="experiment").set_value("creatures").run()
    assert any("1 diverged and left out: wild." in c.value for c in at.caption)
    table = at.dataframe(key="run-table").value.set_index("run")
    assert table.loc["wild", "state"] == "diverged in epoch 3"
    assert table.loc["half-b8", "state"] == "finished"
    at.segmented_control(key="tview").set_value("One run").run()
    at.selectbox(key="run").set_value("wild").run()
    (said,) = [w.value for w in at.warning]
    assert "diverged in epoch 3" in said and "conv1 in epoch 2" in said and "0.75" in said
    assert "lower learning rate (it was 0.01" in said
    assert _count_charts(at) == 2
    at.segmented_control(key="tview").set_value("Train").run()
    assert not [button for button in at.main.button if button.label == "Resume"]


def test_kernels_are_shown_through_time(open_page: OpenPage, tmp_path: Path, tiny_run: Run) -> None:
    folder = Path(shutil.copytree(tiny_run.folder, tmp_path / "runs" / "through"))
    run = replace(tiny_run, folder=folder, snapshots=3)
    save_run(run)
    for epoch in (0, 1):
        keep_snapshot(run, epoch, load_model(run))
    at = open_page("training", tview="One run", run="through")
    slider = at.select_slider(key="epoch")
    assert slider.options == ["0", "1", "2"] and slider.value == 2
    slider.set_value(1).run()
    (wall,) = at.get("image")
    assert "after epoch 1" in wall.proto.imgs[0].caption
    at.segmented_control(key="kernels").set_value("what training added").run()
    assert at.select_slider(key="epoch").options == ["1", "2"]
    # The snapshots are of one net, so that nothing was added between them: no kernel has a figure.
    assert [m.value for m in at.metric if m.label.startswith("Auto")] == ["–"]
    assert not at.exception and not at.error


def _leave_unfinished(folder: Path, job: dict[str, Any] | None) -> Run:
    """Write what a run that was stopped leaves, as far as a page reads it."""
    folder.mkdir(parents=True)
    run = replace(load_run(SHIPPED_RUNS / "half-b16-s1"), folder=folder, finished=False)
    save_run(run)
    (folder / RESUME_FILE).touch()
    if job:
        (folder / JOB_FILE).write_text(json.dumps(job | {"config": run.config.to_dict()}))
    return run


def _watch_alone(runs: Path, watched: str = "") -> AppTest:
    """Run what a fragment reruns while a run is watched, without the rest of the page."""

    def watch() -> None:
        from alexcore.dashboard.training.watch import watch_runs

        watch_runs()

    at = AppTest.from_function(watch, default_timeout=60)
    at.session_state["watched"] = watched
    return at.run()


def test_a_stopped_run_can_be_resumed_without_loading_the_page_anew(
    open_page: OpenPage, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    _leave_unfinished(runs / "left", {"data": "creatures", "device": "cpu"})
    (runs / "left" / PROGRESS_FILE).write_text('{"stage": "stopped"}')
    _leave_unfinished(runs / "creatures" / "typed", None)
    at = _watch_alone(runs, "left")
    assert any("can be resumed" in info.value for info in at.info)
    assert [button.label for button in at.button] == ["Resume"]
    assert any("Started by a command" in c.value and "typed" in c.value for c in at.caption)


def test_a_run_that_ends_is_opened_and_looked_into(open_page: OpenPage, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "mine"
    shutil.copytree(SHIPPED_RUNS / "half-b16-s1", folder)
    (folder / PROGRESS_FILE).write_text('{"stage": "finished"}')
    at = open_page("training", tview="Train")
    at.session_state["watched"] = "mine"
    at.run()
    labels = [button.label for button in at.button]
    assert "Open the run" in labels and "Look inside" in labels
    at.button(key="look-inside").click().run()
    assert at.selectbox(key="model").value == "mine"
    assert at.segmented_control(key="fview").value == "Grid", "feature maps"
    at.switch_page(str(PAGES["training"].path)).run()
    at.segmented_control(key="tview").set_value("Train").run()
    at.button(key="open-run").click().run()
    assert not at.exception
    assert at.segmented_control(key="tview").value == "One run"
    assert at.selectbox(key="run").value == "mine"


def test_read_only_watches_and_cannot_stop_or_resume(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALEXCORE_READ_ONLY", "1")
    runs = tmp_path / "runs"
    _leave_unfinished(runs / "left", {"data": "creatures", "device": "cpu"})
    (runs / "now").mkdir()
    (runs / "now" / PROGRESS_FILE).write_text('{"stage": "preparing", "done": 3, "total": 9}')
    with _owned(runs, runs / "now"):
        at = open_page("training", tview="Train")
    assert "read-only" in at.info[0].value
    assert "**now**: preparing pictures, 3 of 9" in at.get("progress")[0].proto.text
    buttons = {button.label: button for button in at.main.button}
    assert buttons["Stop"].disabled and buttons["Resume"].disabled
    assert "Start" not in buttons


def test_the_csv_holds_every_run_raw_and_smoothed(open_page: OpenPage) -> None:
    import io

    import pandas as pd

    from alexcore.dashboard.training.curves import _write_csv
    from alexcore.dashboard.training.runs import Line

    rows = pd.DataFrame(
        {"epoch": [1, 2], "step": [1, 2], "images_seen": [10, 20], "seconds": [1.0, 2.0]}
        | {"lr": [0.1, 0.1]}
        | {
            f"{side}_{kind}": [2.0, 4.0]
            for side in ("train", "val")
            for kind in ("loss", "accuracy")
        }
    )
    lines = [Line("a", "k", "red", "solid", rows), Line("b", "k", "red", "solid", rows)]
    table = pd.read_csv(io.StringIO(_write_csv(lines, 10.0)))
    assert table["run"].tolist() == ["a", "a", "b", "b"]
    # Half-life one step: 2, then (0.25 * 2 + 0.5 * 4) / 0.75.
    assert table["val_loss_smoothed"].tolist()[:2] == pytest.approx([2.0, 2.5 / 0.75])


def test_near_copies_of_the_chosen_pictures_are_counted(
    open_page: OpenPage, creatures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALEXCORE_PICTURES", str(tmp_path / "pictures"))
    root = Path(shutil.copytree(creatures, tmp_path / "pictures" / "twice"))
    at = open_page("training", tview="Train")
    at.selectbox(key="pictures").set_value(str(root)).run()
    _get_button(at, "Look for near copies").click().run()
    assert "No near copies" in [expander.label for expander in at.expander]
    for path in root.glob("volt/*.png"):
        with Image.open(path) as image:
            image.convert("RGB").save(path.with_suffix(".jpg"))
    st.cache_resource.clear()  # the folder is looked at every half minute
    at.run()
    _get_button(at, "Look for near copies").click().run()
    assert "6 near copies are held together" in [expander.label for expander in at.expander]


def test_a_set_to_download_says_whose_it_is(open_page: OpenPage) -> None:
    at = open_page("training", tview="Train")
    assert not any("CC BY" in caption.value for caption in at.caption)
    at.selectbox(key="pictures").set_value("flowers").run()
    assert any("CC BY 2.0" in caption.value for caption in at.caption)
    assert not any(button.label == "Look for near copies" for button in at.button)


def _get_button(at: AppTest, label: str) -> Button:
    return next(button for button in at.button if button.label == label)


def test_the_form_starts_what_a_recipe_and_more_choices_say(
    open_page: OpenPage, tmp_path: Path, creatures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job's configuration is the command's; one's own run gives the net to begin with."""
    started: list[Task] = []
    monkeypatch.setattr(
        "alexcore.dashboard.training.start.start_job", lambda runs, task: started.append(task)
    )
    at = open_page("training", tview="Train")
    next(box for box in at.selectbox if box.label == "Recipe").set_value("finetune").run()
    begin = next(box for box in at.selectbox if box.label == "Begin with")
    assert begin.value == "imagenet"
    begin.set_value("").run()
    held = next(box for box in at.number_input if box.label == "Layers held fixed")
    assert not at.exception and held.value == 0, "random weights are not held"
    next(box for box in at.selectbox if box.label == "Begin with").set_value("half-b16-s1").run()
    model = next(box for box in at.selectbox if box.label == "Model")
    assert model.options == ["half"]
    numbers = {box.label: box for box in at.number_input}
    assert numbers["Epochs"].value == 15 and numbers["Layers held fixed"].value == 5
    numbers["Grey"].set_value(0.25)
    numbers["Weight decay, biases"].set_value(0.0)
    next(box for box in at.selectbox if box.label == "Schedule").set_value("one-cycle")
    next(button for button in at.button if button.label == "Start").click().run()
    assert not at.exception and not at.error
    assert [task.config for task in started] == [
        create_started_config(
            "finetune", init="half-b16-s1", grey=0.25, bias_weight_decay=0.0, schedule="one-cycle"
        )
    ]


def test_the_form_scales_the_papers_rates_unless_they_are_given(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Task] = []
    monkeypatch.setattr(
        "alexcore.dashboard.training.start.start_job", lambda runs, task: started.append(task)
    )
    at = open_page("training", tview="Train")
    next(box for box in at.selectbox if box.label == "Recipe").set_value("paper2012").run()
    next(box for box in at.number_input if box.label == "Epochs").set_value(10)
    next(button for button in at.button if button.label == "Start").click().run()
    drops = next(box for box in at.text_input if box.label == "Falls after epoch, to")
    assert drops.value == "24:0.001,50:0.0001,78:0.00001"
    drops.set_value("4:0.001")
    next(button for button in at.button if button.label == "Start").click().run()
    assert not at.exception and not at.error
    assert [task.config for task in started] == [
        create_started_config("paper2012", epochs=10),
        create_started_config("paper2012", epochs=10, lr_drops="4:0.001"),
    ]


def test_the_form_refuses_a_choice_out_of_range(open_page: OpenPage) -> None:
    at = open_page("training", tview="Train")
    next(box for box in at.number_input if box.label == "Smallest crop").set_value(1.5)
    next(button for button in at.button if button.label == "Start").click().run()
    assert at.error[0].value == "Got scale_min=1.5; it must be in (0, 1]."


def test_a_run_of_any_code_joins_the_charts_and_opens(open_page: OpenPage, tmp_path: Path) -> None:
    log = log_run("my-loop", 16, runs=tmp_path / "runs")
    at = open_page("training")
    assert any("my-loop has no epoch yet" in each.value for each in at.caption)
    log.log(train_loss=1.2, val_acc=0.5)
    at.run()
    assert not at.exception and not at.error
    (chart,) = at.get("bidi_component")
    assert '"my-loop"' in chart.proto.json
    assert any("my-loop is training, epochs so far: 1" in each.value for each in at.caption)
    log.finish(create_model("half", num_classes=3, hidden=8))
    at.run()
    next(button for button in at.button if button.label == "Look inside my-loop").click().run()
    assert not at.exception and not at.error
    assert str(at.selectbox(key="model").value).startswith("my-loop-")
