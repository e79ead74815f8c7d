from pathlib import Path

import pytest

from alexcore.runs.snapshots import find_snapshot, list_snapshots, plan_snapshots


def test_snapshots_are_log_spaced_with_start_and_end() -> None:
    """The geometric series of 9 from 1 to 150 has the ratio 150^(1/8) = 1.871."""
    assert plan_snapshots(10, 150) == (0, 1, 2, 3, 7, 12, 23, 43, 80, 150)
    assert plan_snapshots(2, 150) == (0, 150)
    assert plan_snapshots(3, 150) == (0, 1, 150)
    assert plan_snapshots(0, 150) == ()


@pytest.mark.parametrize("epochs", [1, 2, 7, 12, 40, 150])
def test_snapshots_are_as_many_as_wished_and_no_epoch_twice(epochs: int) -> None:
    for count in range(2, 60):
        planned = plan_snapshots(count, epochs)
        assert len(set(planned)) == len(planned) == min(count, epochs + 1)
        assert list(planned) == sorted(planned)
        assert (planned[0], planned[-1]) == (0, epochs)


def test_snapshots_are_listed_by_number_whatever_else_lies_there(tmp_path: Path) -> None:
    for epoch in (1000, 20, 3):
        path = find_snapshot(tmp_path, epoch)
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "snapshots" / "epoch-last.safetensors").touch()
    assert list(list_snapshots(tmp_path)) == [3, 20, 1000]
    assert list_snapshots(tmp_path / "elsewhere") == {}
