"""A run made ready for others: figures alone, or weights in a sixth of the bytes."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from alexcore.errors import CheckpointError
from alexcore.runs.layers import LAYERS_FILE
from alexcore.runs.predictions import load_predictions
from alexcore.runs.run import Run, save_run
from alexcore.runs.snapshots import SNAPSHOTS_FOLDER, list_snapshots
from alexcore.training.batches import Share
from alexcore.training.data import TrainingData
from alexcore.training.evaluate import evaluate
from alexcore.weights.classifier_keys import describe_v01, is_from_v01
from alexcore.weights.safetensors import load_model, load_weights, save_weights
from alexcore.weights.snapshots import find_kernels_key


def ship_figures(run: Run, target: Path) -> Run:
    """Copy ``run.json`` and what tables there are: history, layers, validation and test.

    A run that diverged can be shown too, as far as it came; it has predicted nothing.

    Raises:
        CheckpointError: The run can go on, or its predictions are missing.
    """
    if not run.finished and run.diverged is None:
        raise CheckpointError(f"{run.name} is not finished; resume it first.")
    files = [run.history_file, run.folder / LAYERS_FILE, run.test_file]
    if run.finished:
        load_predictions(run.predictions_file)
        files.append(run.predictions_file)
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        if file.is_file():  # not each run has layers.csv and test.csv
            shutil.copyfile(file, target / file.name)
    note = f"not kept; figures only.{_describe_net(run)}"
    copy = replace(run, folder=target, weights_digest=None, weights_note=note)
    save_run(copy)
    return copy


def ship_weights(run: Run, target: Path, data: TrainingData, snapshots: int | None = None) -> Run:
    """Copy a run with compact weights and snapshots; ``run.json`` says what that costs.

    The first convolution's kernels stay exact: they are looked at, and a hundredth of the bytes.

    Args:
        run: Finished, with float32 weights.
        target: The new run directory.
        data: Its pictures, on whose validation side both forms are measured.
        snapshots: How many epochs of those that were kept to ship, start and end among them: all
            by default. The end is in the weights, and the start is drawn again from the seed where
            the run began with nobody's weights, so neither takes a file.

    Raises:
        CheckpointError: The run is not finished, has no weights, or was trained on other pictures;
            or fewer than two snapshots are asked for.
    """
    if data.summary["fingerprint"] != run.dataset["fingerprint"]:
        raise CheckpointError(
            f"{run.name} was trained on other pictures than {data.summary['name']}."
        )
    chosen = _choose_snapshots(run, snapshots)
    share = Share(torch.device("cpu"))
    exact = load_model(run)
    before = evaluate(exact, data.validation, data.classes, run.preprocessing, share)
    copy = ship_figures(run, target)
    for path in chosen:
        (target / SNAPSHOTS_FOLDER).mkdir(exist_ok=True)
        shutil.copyfile(path, target / SNAPSHOTS_FOLDER / path.name)
    state = exact.state_dict()
    digest = save_weights(copy.weights_file, state, compact=True, exact=(find_kernels_key(state),))
    copy = replace(copy, weights_digest=digest)
    packed = load_model(copy)
    after = evaluate(packed, data.validation, data.classes, run.preprocessing, share)
    note = (
        "last epoch; int8, large linear layers four bits, conv1's kernels exact. Validation "
        f"accuracy {before[1]:.4f} in float32, {after[1]:.4f} so; "
        f"loss {before[0]:.4f}, {after[0]:.4f}.{_describe_net(run)}"
    )
    copy = replace(copy, weights_note=note)
    save_run(copy)
    return copy


def _choose_snapshots(run: Run, count: int | None) -> list[Path]:
    kept = list_snapshots(run.folder)
    epochs = list(kept)
    if count is not None and kept:
        if count < 2:
            raise CheckpointError(f"got {count} snapshots; start and end are two.")
        # Evenly among those kept, which are even in the logarithm of time already.
        places = np.linspace(0, len(epochs) - 1, min(count, len(epochs))).round().astype(int)
        epochs = [epochs[place] for place in places]
    end = int(run.last["epoch"]) if run.last else run.config.epochs
    spared = {end} if run.config.init else {0, end}
    return [kept[epoch] for epoch in epochs if epoch not in spared]


def _describe_net(run: Run) -> str:
    """Return what must be said of a run trained as version 0.1's net, ``""`` of others."""
    note = describe_v01(run.model)
    old = note in run.weights_note or (
        run.has_weights and is_from_v01(load_weights(run.weights_file), run.model)
    )
    return f" {note}" if old else ""
