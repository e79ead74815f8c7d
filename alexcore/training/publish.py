"""A run made ready for others: figures alone, or weights in a quarter of the bytes."""

import shutil
from dataclasses import replace
from pathlib import Path

import torch

from alexcore.errors import CheckpointError
from alexcore.runs.predictions import load_predictions
from alexcore.runs.run import Run, save_run
from alexcore.training.data import TrainingData
from alexcore.training.evaluate import evaluate
from alexcore.weights.classifier_keys import V01_NOTE, is_from_v01
from alexcore.weights.safetensors import load_model, load_weights, save_weights


def ship_figures(run: Run, target: Path) -> Run:
    """Copy ``run.json``, ``history.csv``, ``validation.csv`` and, where there is one, ``test.csv``.

    Raises:
        CheckpointError: The run is not finished, or its predictions are missing.
    """
    if not run.finished:
        raise CheckpointError(f"{run.name} is not finished; resume it first.")
    load_predictions(run.predictions_file)
    target.mkdir(parents=True, exist_ok=True)
    for file in (run.history_file, run.predictions_file):
        shutil.copyfile(file, target / file.name)
    if run.test_file.is_file():
        shutil.copyfile(run.test_file, target / run.test_file.name)
    note = f"not kept; figures only.{_describe_net(run)}"
    copy = replace(run, folder=target, weights_digest=None, weights_note=note)
    save_run(copy)
    return copy


def ship_weights(run: Run, target: Path, data: TrainingData) -> Run:
    """Copy a run with compact weights and note in ``run.json`` what that costs.

    Args:
        run: Finished, with float32 weights.
        target: The new run directory.
        data: Its pictures, on whose validation side both forms are measured.

    Raises:
        CheckpointError: The run is not finished, has no weights, or was trained on other pictures.
    """
    if data.summary["fingerprint"] != run.dataset["fingerprint"]:
        raise CheckpointError(
            f"{run.name} was trained on other pictures than {data.summary['name']}."
        )
    device = torch.device("cpu")
    exact = load_model(run)
    before = evaluate(exact, data, run.preprocessing, device)
    copy = ship_figures(run, target)
    digest = save_weights(copy.weights_file, exact.state_dict(), compact=True)
    copy = replace(copy, weights_digest=digest)
    after = evaluate(load_model(copy), data, run.preprocessing, device)
    note = (
        "last epoch; int8 with one scale for each output. Validation "
        f"accuracy {before[1]:.4f} in float32, {after[1]:.4f} so; "
        f"loss {before[0]:.4f}, {after[0]:.4f}.{_describe_net(run)}"
    )
    copy = replace(copy, weights_note=note)
    save_run(copy)
    return copy


def _describe_net(run: Run) -> str:
    """Return what must be said of a run trained as version 0.1's net, ``""`` of others."""
    old = V01_NOTE in run.weights_note or (
        run.has_weights and is_from_v01(load_weights(run.weights_file), run.model)
    )
    return f" {V01_NOTE}" if old else ""
