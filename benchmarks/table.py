"""What a measurement is and how a table of them is written."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its baseline.

    Attributes:
        name: What was measured.
        value: The figure.
        unit: Its unit.
        baseline: What it is held against.
        reference: The baseline's figure, in the same unit.
        ratio: ``value / reference``.
        goal: The ratio aimed for, as text.
    """

    name: str
    value: float
    unit: str
    baseline: str
    reference: float
    goal: str = ""

    @property
    def ratio(self) -> float:
        """Value over reference."""
        return self.value / self.reference


def format_table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| measured | value | baseline | its value | ratio | goal |"]
    lines.append("| --- | ---: | --- | ---: | ---: | --- |")
    for row in rows:
        lines.append(
            f"| {row.name} | {row.value:.4g} {row.unit} | {row.baseline} | "
            f"{row.reference:.4g} {row.unit} | {row.ratio:.3g} | {row.goal} |"
        )
    return "\n".join(lines)


def format_json(rows: Sequence[Row], limits: dict[str, float]) -> str:
    """Return rows and the machine's limits as JSON."""
    measured = [asdict(row) | {"ratio": row.ratio} for row in rows]
    return json.dumps({"limits": limits, "rows": measured}, indent=2) + "\n"
