"""Runs beside runs: a line a configuration, and the settings in which they differ.

(runs, histories) -> ``summarise_configurations``; what one choice gives over another is ``effect``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from alexcore.runs.history import Epoch
from alexcore.runs.run import Run


@dataclass(frozen=True, slots=True)
class Configuration:
    """All runs of one model and batch size.

    Attributes:
        model: The variant.
        batch_size: Images a step.
        seeds: How many runs.
        last: Mean validation accuracy of the last epoch.
        last_spread: Its standard deviation over seeds; None with one.
        best: Mean validation accuracy of the best epoch.
        gap: Mean of training minus validation accuracy over the last five epochs.
        reached: How many of the runs came to the target.
        epochs: Mean number of epochs those took; None when none did.
        images: Mean number of training images those took.
        seconds: Mean duration of a run.
    """

    model: str
    batch_size: int
    seeds: int
    last: float
    last_spread: float | None
    best: float
    gap: float
    reached: int
    epochs: float | None
    images: float | None
    seconds: float


def summarise_configurations(
    runs: Iterable[Run], histories: Mapping[str, Sequence[Epoch]], target: float
) -> list[Configuration]:
    """Return one line a model and batch size, in the order of their first run.

    Args:
        runs: Any; those that diverged or have no row are left out.
        histories: Rows by the run's name.
        target: Validation accuracy to reach, in [0, 1].
    """
    groups: dict[tuple[str, int], list[Sequence[Epoch]]] = {}
    for run in runs:
        rows = histories.get(run.name, ())
        if rows and run.diverged is None:
            groups.setdefault((run.model, run.config.batch_size), []).append(rows)
    return [_summarise(model, batch, members, target) for (model, batch), members in groups.items()]


def _summarise(
    model: str, batch_size: int, members: Sequence[Sequence[Epoch]], target: float
) -> Configuration:
    last = [rows[-1].val_accuracy for rows in members]
    gaps = [mean(r.train_accuracy - r.val_accuracy for r in rows[-5:]) for rows in members]
    firsts = [next((r for r in rows if r.val_accuracy >= target), None) for rows in members]
    came = [row for row in firsts if row is not None]
    return Configuration(
        model=model,
        batch_size=batch_size,
        seeds=len(members),
        last=mean(last),
        last_spread=stdev(last) if len(last) > 1 else None,
        best=mean(max(row.val_accuracy for row in rows) for rows in members),
        gap=mean(gaps),
        reached=len(came),
        epochs=mean(row.epoch for row in came) if came else None,
        images=mean(row.images_seen for row in came) if came else None,
        seconds=mean(rows[-1].seconds for rows in members),
    )


def find_differences(runs: Sequence[Run]) -> dict[str, dict[str, Any]]:
    """Return {field: {run: value}} for the configuration fields in which the runs differ."""
    choices = {run.name: run.choices for run in runs}
    names = sorted({name for made in choices.values() for name in made})
    table = {name: {run: made[name] for run, made in choices.items()} for name in names}
    return {name: values for name, values in table.items() if len(set(values.values())) > 1}
