from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from alexcore.runs.history import Epoch
from alexcore.training.tensorboard import open_events


def test_events_are_read_by_tensorboard(tmp_path: Path) -> None:
    with open_events(tmp_path) as write:
        write(Epoch(1, 4, 25, 1.5, 0.01, 1.6, 0.2, 1.5, 0.25))
        write(Epoch(2, 8, 50, 3.0, 0.003, 1.4, 0.3, 1.3, 0.5))
    read = EventAccumulator(str(tmp_path)).Reload()
    found = [(event.step, event.value) for event in read.Scalars("accuracy/validation")]
    assert found == [(25, 0.25), (50, 0.5)]
    assert read.Scalars("lr")[1].value == pytest.approx(0.003)
