"""``python -m benchmarks [GROUP ...]``: run some groups or all and print one table."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.architecture import measure_architecture
from benchmarks.caches import measure_caches
from benchmarks.dashboard import measure_dashboard
from benchmarks.features import measure_features
from benchmarks.limits import measure_limits
from benchmarks.map import measure_map
from benchmarks.retrieval import measure_retrieval
from benchmarks.sessions import measure_sessions
from benchmarks.table import Row, format_json, format_table
from benchmarks.together import measure_together
from benchmarks.torchvision_engine import measure_torchvision_engine
from benchmarks.training import measure_training

GROUPS: dict[str, Callable[[], list[Row]]] = {
    "architecture": measure_architecture,
    "features": measure_features,
    "training": measure_training,
    "torchvision": measure_torchvision_engine,
    "retrieval": measure_retrieval,
    "map": measure_map,
    "dashboard": measure_dashboard,
    "caches": measure_caches,
    "together": measure_together,
    "sessions": measure_sessions,
}


def main(names: list[str]) -> None:
    """Run the named groups, all when there are none, and write ``benchmarks/results``."""
    unknown = set(names) - set(GROUPS)
    if unknown:
        raise SystemExit(f"no group {', '.join(unknown)}; there are {', '.join(GROUPS)}.")
    limits = measure_limits()
    for name, value in limits.items():
        print(f"{name}: {value:,.1f}")
    rows = [row for name in (names or GROUPS) for row in GROUPS[name]()]
    facts = "; ".join(f"{name} {value:,.1f}" for name, value in limits.items())
    table = f"{date.today():%d %B %Y}, measured limits: {facts}.\n\n{format_table(rows)}"
    print(f"\n{table}")
    results = Path("benchmarks") / "results"
    results.mkdir(exist_ok=True)
    (results / "table.md").write_text(table + "\n", encoding="utf-8")
    (results / "table.json").write_text(format_json(rows, limits), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
