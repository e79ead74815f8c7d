from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from alexcore.errors import CheckpointError
from alexcore.models import create_model, get_spec
from alexcore.runs.config import SplitRule
from alexcore.runs.run import Run
from alexcore.settings import DEMO_RUN, SHIPPED_RUNS
from alexcore.sources import (
    create_file_source,
    create_run_source,
    create_untrained_source,
    find_source,
    list_sources,
)
from alexcore.weights.classifier_keys import V01_CHANGES
from alexcore.weights.safetensors import load_model


def test_a_run_is_a_source_with_its_own_classes_and_preprocessing(tiny_run: Run) -> None:
    source = create_run_source(tiny_run)
    module, classes = source.load()
    assert classes == tiny_run.classes == ("brook", "cinder", "muse", "sprig", "volt")
    assert (source.num_classes, source.hidden, source.preprocessing) == (
        5,
        32,
        tiny_run.preprocessing,
    )
    assert source.trained_on == "creatures" and source.split_rule == SplitRule(0.2)
    x = torch.zeros(1, 3, 227, 227)
    with torch.inference_mode():
        assert torch.equal(module(x), load_model(tiny_run)(x))


def test_an_untrained_net_is_that_of_seed_0_and_leaves_the_generator_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    module, classes = create_untrained_source(get_spec("half")).load()
    assert torch.equal(torch.rand(1), expected)
    torch.manual_seed(0)
    ours = create_model("half").state_dict()
    assert all(torch.equal(ours[key], value) for key, value in module.state_dict().items())
    assert classes[4] == "output 4"
    wide = create_untrained_source(get_spec("half"), 7, 16)
    assert wide.digest != create_untrained_source(get_spec("half")).digest
    module, classes = wide.load()
    assert (wide.num_classes, wide.hidden, len(classes)) == (7, 16, 7)
    assert module(torch.zeros(1, 3, 227, 227)).shape == (1, 7)


def test_a_weights_file_is_private_and_recognised() -> None:
    from safetensors.torch import save

    data = save(create_model("half", 7, 16).state_dict())
    source = create_file_source("somewhere/mine.safetensors", data)
    assert source.private and source.spec.name == "half" and source.name.startswith("mine-")
    module, classes = source.load()
    assert (source.num_classes, source.hidden, len(classes)) == (7, 16, 7)
    assert not module.training and source.preprocessing.resize == 256


def test_the_nets_of_2012_take_raw_pixels_unless_version_0_1_made_them() -> None:
    from safetensors.torch import save

    for name, std in (("original", 1 / 255), ("one_gpu", 1 / 255), ("zfnet", 0.229)):
        assert create_untrained_source(get_spec(name)).preprocessing.std[0] == std
    today = create_model("original", 3, 8)
    former = create_model("original", 3, 8, **V01_CHANGES["original"])
    for model, std in ((today, 1 / 255), (former, 0.229)):
        source = create_file_source("net.safetensors", save(model.state_dict()))
        assert source.spec.name == "original" and source.preprocessing.std[0] == std


def test_sources_are_found_by_what_a_command_says(tiny_run: Run, tmp_path: Path) -> None:
    file = tmp_path / "net.safetensors"
    save_file(create_model("half", 3, 8).state_dict(), file)
    assert find_source(str(file)).num_classes == 3
    assert find_source(str(tiny_run.folder)).run == tiny_run
    assert find_source("tiny", tiny_run.folder.parent).name == "tiny"
    assert find_source("untrained-zfnet").spec.name == "zfnet"
    assert find_source("imagenet").download is not None


def test_find_rejects_a_name_that_is_nothing() -> None:
    with pytest.raises(CheckpointError, match=r"no run 'nowhere'.* untrained-half.* imagenet"):
        find_source("nowhere", SHIPPED_RUNS)


def test_the_demo_run_is_offered_first_or_after_what_one_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alexcore.runs.run import list_runs

    runs, _ = list_runs(SHIPPED_RUNS)
    monkeypatch.setenv("ALEXCORE_MODEL", "untrained-zfnet")
    assert list(list_sources(runs))[:2] == ["untrained-zfnet", DEMO_RUN]
    save_file(create_model("half", 3, 8).state_dict(), tmp_path / "mine.safetensors")
    monkeypatch.setenv("ALEXCORE_MODEL", str(tmp_path / "mine.safetensors"))
    first = next(iter(list_sources(runs).values()))
    assert first.name.startswith("mine-") and first.num_classes == 3
    assert not first.private, "it is the server's, not one session's"
    monkeypatch.delenv("ALEXCORE_MODEL")
    names = list(list_sources(runs))
    assert names[0] == DEMO_RUN and names[-1] == "imagenet"
    assert "untrained-original" in names
    assert "pokemon-half-b8" not in names  # only its history is here
