from pathlib import Path

import pandas as pd
import pytest

from alexcore.errors import CheckpointError
from alexcore.runs.history import Epoch, load_history, save_history

ROWS = [
    Epoch(1, 50, 800, 12.5, 0.01, 1.6, 0.2, 1.59, 0.25),
    Epoch(2, 100, 1600, 25.0, 0.01, 1.5, 0.3, 1.4, 0.375),
]


def test_history_reads_back(tmp_path: Path) -> None:
    save_history(tmp_path / "history.csv", ROWS)
    assert load_history(tmp_path / "history.csv") == ROWS


def test_history_has_the_columns_of_the_design(tmp_path: Path) -> None:
    save_history(tmp_path / "history.csv", ROWS)
    assert list(pd.read_csv(tmp_path / "history.csv").columns) == [
        "epoch", "step", "images_seen", "seconds", "lr", "train_loss", "train_accuracy",
        "val_loss", "val_accuracy",
    ]  # fmt: skip


def test_history_rejects_missing_and_foreign_files(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"has no history\.csv"):
        load_history(tmp_path / "history.csv")
    (tmp_path / "history.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CheckpointError, match="not of ours"):
        load_history(tmp_path / "history.csv")
