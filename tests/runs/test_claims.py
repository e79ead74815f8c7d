from dataclasses import replace

from alexcore.runs.claims import list_claims
from alexcore.runs.effect import compute_effect
from alexcore.runs.run import Run
from tests.runs.made_runs import Maker


def test_ours_is_judged_by_the_runs_that_were_compared(tiny_run: Run) -> None:
    """A run without a partner, of another batch size and another set, says nothing."""
    make = Maker(tiny_run)
    runs = [make("full", 16, 0, 0.9), make("half", 16, 0, 0.8)]
    alone = make("full", 8, 0, 0.9)
    other = {"name": "pets", "fingerprint": "0" * 16}
    runs.append(replace(alone, dataset=alone.dataset | other))
    effect = compute_effect(runs, "model", "full", "half", "last")
    assert effect is not None
    judged = list_claims(runs, effect, "last")[-1].judged
    assert judged.endswith("at the last epoch on creatures; one seed, batch 16")
