"""Runs against runs: paired differences over seeds with intervals, and a line a configuration.

(runs, histories) -> ``compute_effect`` for one question, or ``summarise_configurations``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import mean, stdev
from typing import Any, Literal

from alexcore.runs.history import Epoch
from alexcore.runs.run import Run

Figure = Literal["last", "best"]
Factor = Literal["model", "batch_size"]


@dataclass(frozen=True, slots=True)
class Effect:
    """How much more of a run's validation accuracy one choice gives than another.

    Attributes:
        differences: One a seed, each the mean over the seed's pairs of runs.
        mean: Of the differences.
        half_width: Of the 95% interval of the mean by Student's t; None with one seed.
    """

    differences: tuple[float, ...]
    mean: float
    half_width: float | None

    @property
    def sign(self) -> int:
        """1 or -1 when the interval lies on one side of zero, else 0."""
        if self.half_width is None or abs(self.mean) <= self.half_width:
            return 0
        return 1 if self.mean > 0 else -1


def compute_effect(
    runs: Iterable[Run], factor: Factor, left: Any, right: Any, figure: Figure
) -> Effect | None:
    """Compare two values of a factor over pairs of runs that differ in nothing else.

    Args:
        runs: Of one experiment; those not finished are left out.
        factor: What differs: the model or the batch size.
        left: The value whose accuracy counts positive.
        right: The value it is held against.
        figure: The last epoch's or the best epoch's validation accuracy.

    Returns:
        None when no pair is there.
    """
    accuracy: dict[tuple[Any, Any, int], float] = {}
    for run in runs:
        figures = run.last if figure == "last" else run.best
        if run.finished and figures:
            other = getattr(run.config, "model" if factor == "batch_size" else "batch_size")
            key = (getattr(run.config, factor), other, run.config.seed)
            accuracy[key] = figures["val_accuracy"]
    by_seed: dict[int, list[float]] = {}
    for (value, other, seed), reached in accuracy.items():
        if value == left and (right, other, seed) in accuracy:
            by_seed.setdefault(seed, []).append(reached - accuracy[right, other, seed])
    if not by_seed:
        return None
    differences = tuple(mean(by_seed[seed]) for seed in sorted(by_seed))
    return Effect(differences, mean(differences), _half_width(differences))


def _half_width(values: Sequence[float]) -> float | None:
    """Return half the 95% interval of the mean, Student's t with n - 1 degrees of freedom."""
    from scipy.stats import t

    if len(values) < 2:
        return None
    return float(t.ppf(0.975, len(values) - 1)) * stdev(values) / sqrt(len(values))


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
        runs: Any; those without a row are left out.
        histories: Rows by the run's name.
        target: Validation accuracy to reach, in [0, 1].
    """
    groups: dict[tuple[str, int], list[Sequence[Epoch]]] = {}
    for run in runs:
        rows = histories.get(run.name, ())
        if rows:
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
