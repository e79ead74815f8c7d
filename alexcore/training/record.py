"""What a run leaves for people: ``run.json`` from its start, figures by epoch, weights at last."""

import platform
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from lightning_fabric import Fabric

from alexcore import __version__
from alexcore.devices import describe_device
from alexcore.images.preprocessing import Preprocessing
from alexcore.runs.config import TrainConfig
from alexcore.runs.history import Epoch, save_history
from alexcore.runs.layers import LAYERS_FILE, save_layers
from alexcore.runs.predictions import ValidationPrediction, save_predictions
from alexcore.runs.run import RESUME_FILE, Run, save_run
from alexcore.runs.snapshots import SNAPSHOTS_FOLDER
from alexcore.training.data import TrainingData
from alexcore.training.evaluate import evaluate_test, predict
from alexcore.training.state import State
from alexcore.weights.classifier_keys import describe_v01, is_from_v01
from alexcore.weights.safetensors import save_weights


def create_run(
    config: TrainConfig,
    data: TrainingData,
    folder: Path,
    fabric: Fabric,
    begun: Run | None = None,
) -> Run:
    """Return the run that is about to begin; nothing is written.

    Args:
        config: Every choice of the run.
        data: From ``prepare_data``.
        folder: The run directory.
        fabric: From ``create_fabric``.
        begun: The run that is continued, whose experiment and snapshots it keeps.
    """
    return Run(
        folder=folder,
        model=config.model,
        classes=data.classes,
        hidden=config.hidden,
        preprocessing=Preprocessing(config.crop, config.resize),
        config=config,
        dataset=data.summary,
        experiment=begun.experiment if begun else "",
        finished=False,
        weights_digest=None,
        weights_note="",
        versions={
            "alexcore": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
        device=describe_device(fabric.device),
        processes=fabric.world_size,
        snapshots=begun.snapshots if begun else 0,
    )


def forget_begun(run: Run) -> None:
    """Remove what a run that ended within its first epoch left in the folder: it was another."""
    shutil.rmtree(run.folder / SNAPSHOTS_FOLDER, ignore_errors=True)
    (run.folder / LAYERS_FILE).unlink(missing_ok=True)


def record_epoch(run: Run, state: State) -> None:
    """Write ``history.csv``, ``layers.csv`` and ``run.json`` after an epoch."""
    save_history(run.history_file, state.rows)
    save_layers(run.folder, state.layers)
    save_run(_with_figures(run, state.rows))


def record_divergence(run: Run, state: State, epoch: int) -> None:
    """Note that the loss of ``epoch`` was not finite, and what happened in the layers till then."""
    save_layers(run.folder, state.layers)
    save_run(replace(_with_figures(run, state.rows) if state.rows else run, diverged=epoch))


def _with_figures(run: Run, rows: list[Epoch]) -> Run:
    """Return the run with its best and its last epoch."""

    def figures(row: Epoch) -> dict[str, float]:
        accuracy, loss = round(row.val_accuracy, 4), round(row.val_loss, 4)
        return {"epoch": row.epoch, "val_accuracy": accuracy, "val_loss": loss}

    best = max(rows, key=lambda row: row.val_accuracy)
    return replace(run, best=figures(best), last=figures(rows[-1]))


def keep_test(
    run: Run, figures: dict[str, float], predictions: Sequence[ValidationPrediction]
) -> Run:
    """Write what ``evaluate_test`` found into ``test.csv`` and ``run.json``; return the run so.

    Raises:
        OSError: The disk is full or the folder cannot be written.
    """
    save_predictions(run.test_file, [replace(each, sha256="") for each in predictions])
    judged = replace(run, test=figures)
    save_run(judged)
    return judged


def finish_run(run: Run, data: TrainingData, state: State, fabric: Fabric) -> Run:
    """Write weights and predictions, mark the run finished, and drop what only a resume needs."""
    fabric.barrier()
    done = replace(_with_figures(run, state.rows), finished=True)
    if not fabric.is_global_zero:
        return done
    weights = state.result.state_dict()
    digest = save_weights(run.weights_file, weights)
    note = "float32, last epoch" + (", mean over its steps" if state.average else "")
    if is_from_v01(weights, run.model):
        note += ". " + describe_v01(run.model)
    predictions = predict(
        state.result, data.validation, data.classes, run.preprocessing, fabric.device
    )
    save_predictions(run.predictions_file, predictions)
    done = replace(done, weights_digest=digest, weights_note=note)
    if data.test is None:
        save_run(done)
    else:
        done = keep_test(done, *evaluate_test(run, state.result, data.test, fabric.device))
    (run.folder / RESUME_FILE).unlink(missing_ok=True)
    return done
