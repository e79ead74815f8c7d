"""Commands that say what runs found and how sure that is, in the words of the Training page."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markdown import Markdown

from alexcore.cli.console import AsJson, app, console, print_json
from alexcore.datasets.creatures import CREATURES
from alexcore.errors import CheckpointError
from alexcore.runs.bootstrap import compute_bootstrap
from alexcore.runs.calibration import compute_calibration, describe_calibration
from alexcore.runs.claims import list_claims
from alexcore.runs.disagreement import load_disagreement
from alexcore.runs.effect import Effect, choose_measure, compute_effect
from alexcore.runs.equivalence import compute_equivalence
from alexcore.runs.finding import (
    conclude,
    describe_bootstrap,
    describe_disagreement,
    describe_equivalence,
    describe_seeds,
)
from alexcore.runs.power import compute_power, count_seeds
from alexcore.runs.predictions import load_predictions
from alexcore.runs.run import find_run, list_runs
from alexcore.settings import get_run_roots


@app.command()
def finding(
    experiment: Annotated[str, typer.Option(help="The experiment's name.")] = CREATURES,
    difference: Annotated[
        float, typer.Option(min=0.01, help="How many seeds would see so many points?")
    ] = 1.0,
    bound: Annotated[
        float, typer.Option(min=0.01, help="Equivalent within plus or minus so many points?")
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Say what full against half width came to, how sure that is, and what others found."""
    found, troubles = list_runs(*get_run_roots())
    for trouble in troubles:
        console.print(trouble)
    runs = [run for run in found if run.experiment == experiment]
    measure = choose_measure(runs)
    width = compute_effect(runs, "model", "full", "half", measure)
    if width is None:
        names = ", ".join(sorted({run.experiment for run in found if run.experiment}))
        raise CheckpointError(
            f"the experiment {experiment!r} has no finished runs of full and half that differ in "
            f"nothing else; there are {names or 'none yet'}. 'alexcore experiment' trains some."
        )
    claims = list_claims(runs, width, measure)
    if as_json:
        record = {"experiment": experiment, "measure": measure}
        record |= _measure(width, difference / 100, bound / 100)
        print_json(record | {"claims": [asdict(claim) for claim in claims]})
        return
    _print(
        conclude(width, measure),
        describe_seeds(width, difference / 100),
        describe_equivalence(width, bound / 100),
        describe_bootstrap(width),
        *(f"{claim.source}: {claim}" for claim in claims),
    )


@app.command("compare-runs")
def compare_runs(
    left: Annotated[str, typer.Argument(help="A finished run's name or folder.")],
    right: Annotated[str, typer.Argument(help="Another one on the same pictures.")],
    as_json: AsJson = False,
) -> None:
    """Say which of two runs is better, and list the pictures only one of them gets right."""
    first, second = (find_run(name, *get_run_roots()) for name in (left, right))
    found = load_disagreement(first, second)
    files = (run.test_file if found.tested else run.predictions_file for run in (first, second))
    sure = [compute_calibration(load_predictions(file)) for file in files]
    if as_json:
        errors = [calibration.error for calibration in sure]
        print_json(asdict(found) | {"p_value": found.p_value, "calibration_errors": errors})
        return
    _print(
        describe_disagreement(first.name, second.name, found),
        *(
            describe_calibration(run.name, calibration, found.tested)
            for run, calibration in zip((first, second), sure, strict=True)
        ),
    )
    for right_one, wrong_one, pictures in (
        (first, second, found.only_left),
        (second, first, found.only_right),
    ):
        for picture in pictures:
            typer.echo(
                f"{picture.path}: right in {right_one.name}, {picture.predicted} "
                f"({picture.probability:.0%}) in {wrong_one.name}"
            )


def _measure(width: Effect, difference: float, bound: float) -> dict[str, Any]:
    """Return what the sentences say as numbers; shares of 1, not points."""
    equivalence = compute_equivalence(width, bound)
    return {
        "differences": width.differences,
        "mean": width.mean,
        "margin": width.margin,
        "spread": width.spread,
        "difference": difference,
        "seeds": count_seeds(difference, width.spread) if width.spread else None,
        "power": compute_power(difference, width.spread, width.seeds) if width.spread else None,
        "equivalence": equivalence and asdict(equivalence) | {"verdict": equivalence.verdict},
        "bootstrap": compute_bootstrap(width),
    }


def _print(*texts: str | None) -> None:
    Console().print(Markdown("\n\n".join(text for text in texts if text)))
