"""What others say of half width, beside what the runs at hand say, and what each compared."""

from collections.abc import Sequence
from dataclasses import dataclass

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


PUBLISHED = (
    Claim(
        "The article",
        "half learns worse",
        _ALL_HALVED,
        "five classes of Pokemon pictures, 150 epochs; one run for each width and batch size, so "
        "no margin",
    ),
    Claim(
        "The paper's authors, 2012",
        "full +1.70 points top-1, +1.23 top-5",
        "conv1 to conv4 halved; conv5 and the hidden layers stay whole, so it is another question",
        "150,000 test pictures of ILSVRC-2010, ten crops; one run each. Section 3.2 of the paper, "
        "and layer-params-145-half.cfg of their program, whose logs give these digits",
    ),
)
"""Section 3.2 of the paper has 1.7 and 1.2; the digits are 0.391680 - 0.374727 and 0.182287 -
0.169987, logged in ``layers/layer-params-145-half.cfg`` and ``layer-params-145-2010.cfg`` of
https://github.com/computerhistory/AlexNet-Source-Code."""


def list_claims(runs: Sequence[Run], effect: Effect, measure: Measure) -> list[Claim]:
    """Return what is published, then what these runs say.

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
    return [*PUBLISHED, Claim("Ours", f"full {effect}", _ALL_HALVED, judged)]
