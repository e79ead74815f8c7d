"""What an experiment says of full against half width, in sentences for a page or a terminal."""

from math import ceil

from alexcore.runs.bootstrap import RESAMPLES, compute_bootstrap, differs_from_student
from alexcore.runs.disagreement import Disagreement
from alexcore.runs.effect import MEASURES, Effect, Measure
from alexcore.runs.equivalence import compute_equivalence
from alexcore.runs.power import (
    LEVEL,
    MOST_SEEDS,
    compute_power,
    compute_spread_interval,
    count_seeds,
)

ONE_SEED = "One seed a run tells nothing of chance; this takes at least two."
_FEW_SEEDS = 10


def conclude(width: Effect, measure: Measure) -> str:
    """Say whether the article's conclusion, that half learns worse, held.

    Args:
        width: Full minus half.
        measure: By which accuracy.
    """
    judged, seeds = MEASURES[measure], f"over {width.seeds} seeds"
    if width.margin is None:
        return (
            f"Full minus half is {width} of {judged}. The article concludes that half learns "
            "worse; with one seed a run, as there, chance cannot be told from width."
        )
    if width.sign > 0:
        return f"The article's conclusion held: {seeds} full minus half is {width} of {judged}."
    if width.sign < 0:
        return (
            f"The opposite of the article's conclusion: {seeds} full minus half is {width} of "
            f"{judged}; half is better."
        )
    return (
        f"The article's conclusion, that half learns worse, did not show: {seeds} full minus half "
        f"is {width} of {judged}. Chance alone gives differences of that size."
    )


def describe_seeds(effect: Effect, difference: float) -> str:
    """Say how many seeds would see a difference, and how well that is known.

    Args:
        effect: Whose spread over seeds is taken.
        difference: The true one, above 0, as a share of 1.
    """
    between = compute_spread_interval(effect)
    if between is None or effect.spread is None:
        return ONE_SEED
    if not effect.spread:
        return "All seeds give the same difference: there is no spread to plan with."
    needed = _say_seeds(count_seeds(difference, effect.spread))
    now = compute_power(difference, effect.spread, effect.seeds)
    low, high = (_say_seeds(count_seeds(difference, spread)) for spread in between)
    return (
        f"**{needed} seeds** would see a true difference of {100 * difference:.1f} points four "
        f"times in five; {effect.seeds} seeds see it in {now:.0%} of experiments. The spread over "
        f"seeds, {100 * effect.spread:.1f} points, is itself known from {effect.seeds} seeds only: "
        f"{100 * between[0]:.1f} to {100 * between[1]:.1f} (95%), so it may take {low} to {high}."
    )


def _say_seeds(count: int | None) -> str:
    return f"more than {MOST_SEEDS:,}" if count is None else f"{count:,}"


def describe_equivalence(effect: Effect, bound: float) -> str:
    """Say whether two choices are equivalent within plus or minus ``bound``, and what that means.

    Args:
        effect: One choice minus the other.
        bound: Above 0, as a share of 1.
    """
    found = compute_equivalence(effect, bound)
    if found is None:
        return ONE_SEED
    low, high = (f"{100 * end:+.1f}" for end in found.interval)
    within, p = f"±{100 * bound:.1f} points", max(found.above, found.below)
    if found.verdict == "equivalent":
        small = "; there is a difference, but one smaller than that" if found.sign else ""
        return (
            f"**Equivalent** within {within}{small}. Both one-sided tests say so (p {_say_p(p)}): "
            f"the 90% interval, {low} to {high}, lies inside."
        )
    if found.verdict == "different":
        return (
            f"**Different**: the 95% interval leaves out zero, and the 90% interval, {low} to "
            f"{high}, is not inside {within} (p {_say_p(p)})."
        )
    return (
        f"**Cannot tell**: the 90% interval, {low} to {high}, reaches beyond {within} "
        f"(p {_say_p(p)}), and the 95% interval holds zero. Neither a difference nor its absence "
        f"is shown. They would be equivalent within ±{ceil(1000 * found.smallest_bound) / 10:.1f}."
    )


def describe_bootstrap(effect: Effect) -> str | None:
    """Say what a bootstrap gives where it differs noticeably from Student's t, else None."""
    interval = compute_bootstrap(effect)
    if interval is None or not differs_from_student(effect, interval):
        return None
    low, high = (f"{100 * end:+.1f}" for end in interval)
    advice = (
        f"From {effect.seeds} seeds a bootstrap is too narrow, since it only repeats the "
        "differences it is given: trust Student's t."
        if effect.seeds < _FEW_SEEDS
        else "The differences are skewed or hold an outlier, which Student's t does not expect."
    )
    return (
        f"A paired bootstrap (BCa, {RESAMPLES:,} resamples) gives {low} to {high}. It is shown "
        f"because an end is off Student's by more than a third of the margin. {advice}"
    )


def describe_disagreement(left: str, right: str, found: Disagreement) -> str:
    """Say which of two runs is better on the same pictures, or that it cannot be told."""
    wins, losses, p = len(found.only_left), len(found.only_right), found.p_value
    kind = "test" if found.tested else "validation"
    counts = (
        f"Of {found.pictures:,} {kind} pictures {wins} are right in {left} alone and {losses} in "
        f"{right} alone (McNemar's exact test, p {_say_p(p)})."
    )
    if p < LEVEL:
        verdict = f"**{left if wins > losses else right} is better on these pictures.**"
    else:
        verdict = "**Which is better cannot be told from these pictures.**"
    return f"{verdict} {counts} This is about these two trained nets; another seed is another net."


def _say_p(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"{p:.2g}"
