"""Runs that nobody trained, for arithmetic over them."""

from dataclasses import replace
from pathlib import Path

from alexcore.runs.run import Run


class Maker:
    """Makes finished runs of chosen accuracies after the pattern of a real one."""

    def __init__(self, base: Run) -> None:
        self.base = base

    def __call__(self, model: str, batch: int, seed: int, last: float, best: float = 1.0) -> Run:
        config = replace(self.base.config, model=model, batch_size=batch, seed=seed)
        name = f"{model}-b{batch}-s{seed}"
        figures = [{"epoch": 1, "val_accuracy": v, "val_loss": 0.0} for v in (best, last)]
        return replace(
            self.base, folder=Path(name), model=model, config=config, best=figures[0],
            last=figures[1], finished=True,
        )  # fmt: skip
