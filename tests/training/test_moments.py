import io
from contextlib import nullcontext
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from alexcore.errors import CheckpointError
from alexcore.images.decode import WHITE
from alexcore.images.sandbox import prepare_picture
from alexcore.inference.model import Inference, infer, load_model
from alexcore.reports.film import Scene, create_film, look_back
from alexcore.runs.run import Run, load_run
from alexcore.runs.snapshots import find_snapshot
from alexcore.settings import SAMPLE_IMAGES, SHIPPED_RUNS
from alexcore.sources import create_run_source
from alexcore.training.first_weights import create_net
from alexcore.training.moments import Moment, list_moments, load_moment
from alexcore.weights.safetensors import load_weights


@pytest.fixture(scope="module")
def look_half() -> Run:
    """It kept the epochs 1, 2 and 4 of seven."""
    return load_run(SHIPPED_RUNS / "look-half")


@pytest.fixture(scope="module")
def finished(look_half: Run) -> Inference:
    model = load_model(create_run_source(look_half), torch.device("cpu"))
    picture = prepare_picture(SAMPLE_IMAGES / "volt.png", WHITE, model.source.preprocessing)
    return infer(model, picture, nullcontext(), "volt", "volt")


def test_the_net_of_an_epoch_has_its_convolutions_and_the_finished_rest(
    look_half: Run, finished: Inference
) -> None:
    moments = list_moments(look_half)
    assert [moment.epoch for moment in moments] == [0, 1, 2, 4, 7]
    assert [bool(moment.snapshot) for moment in moments] == [False, True, True, True, False]
    then = load_moment(finished.model, moments[2])
    kept, end = load_weights(find_snapshot(look_half.folder, 2)), finished.model.module.state_dict()
    for key, value in then.module.state_dict().items():
        assert torch.equal(value, kept.get(key, end[key])), key
        shared = value.data_ptr() == end[key].data_ptr()
        assert shared == (key not in kept), "what is the finished net's is not copied"
    assert load_moment(finished.model, moments[-1]) is finished.model
    start = load_moment(finished.model, moments[0]).module.state_dict()
    drawn = create_net(look_half.config, len(look_half.classes)).state_dict()
    assert all(torch.equal(value, drawn[key]) for key, value in start.items())
    assert len({load_moment(finished.model, m).source.digest for m in moments}) == len(moments)


def test_a_start_with_anothers_weights_is_not_drawn(look_half: Run) -> None:
    begun = replace(look_half, config=replace(look_half.config, init="imagenet"))
    assert [moment.epoch for moment in list_moments(begun)] == [1, 2, 4, 7]


def test_a_moment_rejects_a_damaged_snapshot(finished: Inference, tmp_path: Path) -> None:
    whole = find_snapshot(SHIPPED_RUNS / "look-half", 1).read_bytes()
    path = tmp_path / "epoch-001.safetensors"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckpointError, match="damaged"):
        load_moment(finished.model, Moment(1, path))


def test_one_palette_serves_a_layers_channels_and_epochs(finished: Inference) -> None:
    scene = Scene(finished, "conv1", 0)
    whole = scene.draw(finished.find("conv1"), 400)
    above = np.ones((1, 4, 4), np.float32)  # a channel, or an epoch, without a value below 0
    assert scene.draw(above, 40).getpalette() == whole.getpalette()
    assert Scene(finished, "relu1", 0, (-1, 1)).draw(above, 40).getpalette() == whole.getpalette()
    assert Scene(finished, "relu1", 0).draw(above, 40).getpalette() != whole.getpalette()


def test_a_film_has_a_frame_for_each_epoch(look_half: Run, finished: Inference) -> None:
    moments = list_moments(look_half)
    seen = {moment: look_back(finished, moment, nullcontext()) for moment in moments}
    scene = Scene(finished, "relu1", 3)
    with Image.open(io.BytesIO(create_film(scene, seen))) as film:
        assert (film.format, film.info["loop"]) == ("GIF", 0)
        frames = [np.asarray(f.convert("RGB"), np.int16) for f in ImageSequence.Iterator(film)]
    assert len(frames) == len(moments)
    assert all(np.abs(a - b).max() > 50 for a, b in pairwise(frames))
    classes = scene.list_classes(seen[moments[-1]])
    assert [label for label, _ in classes] == [each.label for each in finished.predictions]
    shares = [share for _, share in classes]
    assert shares == pytest.approx([each.probability for each in finished.predictions], abs=1e-6)
