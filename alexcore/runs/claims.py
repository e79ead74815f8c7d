"""What others say of half width, beside what the runs at hand say, and what each compared."""

from collections.abc import Sequence
from dataclasses import dataclass

from alexcore.models.sources_2012 import load_sources
from alexcore.runs.effect import MEASURES, Effect, Measure, find_pairs
from alexcore.runs.run import Run

_ALL_HALVED = "all five convolutions halved; the hidden layers stay whole"


@dataclass(frozen=True, slots=True)
class Claim:
    """One result on full against half width.

    Attributes:
        source: Who says it.
        result: What was found.
        halved: What is narrower in the half net.
        judged: By which pictures and how many runs.
    """

    source: str
    result: str
    halved: str
    judged: str

    def __str__(self) -> str:
        """Return all but the source as sentences."""
        return f"{self.result}. Half: {self.halved}. Judged by {self.judged}."


_ARTICLE = Claim(
    "The article",
    "half learns worse",
    _ALL_HALVED,
    "five classes of Pokemon pictures, 150 epochs; one run for each width and batch size, so "
    "no margin",
)


def _describe_authors() -> Claim:
    """Return what the paper's section 3.2 rounds, by the digits of its authors' logs."""
    found = load_sources().half_width
    top1, top5 = found.points
    logs = found.result.places[0].rpartition("/")[2].partition(":")[0]
    return Claim(
        "The paper's authors, 2012",
        f"full {top1:+.2f} points top-1, {top5:+.2f} top-5",
        "conv1 to conv4 halved; conv5 and the hidden layers stay whole, so it is another question",
        f"{found.result.pictures:,} test pictures of ILSVRC-2010, ten crops; one run each. Section "
        f"{found.section} of the paper, and {logs} of their program, whose logs give these digits",
    )


def list_claims(runs: Sequence[Run], effect: Effect, measure: Measure) -> list[Claim]:
    """Return what others published, then what these runs say.

    Args:
        runs: Those the effect was computed of, among others.
        effect: Full minus half of these runs.
        measure: By which accuracy.
    """
    pairs = find_pairs(runs, "model", "full", "half", measure)
    compared = [run for pair in pairs for run in (pair.left, pair.right)]
    batches = " and ".join(map(str, sorted({run.config.batch_size for run in compared})))
    pictures = " and ".join(sorted({run.dataset["name"] for run in compared}))
    seeds = "one seed" if effect.seeds == 1 else f"{effect.seeds} seeds"
    judged = f"{MEASURES[measure]} on {pictures}; {seeds}, batch {batches}"
    return [_ARTICLE, _describe_authors(), Claim("Ours", f"full {effect}", _ALL_HALVED, judged)]
