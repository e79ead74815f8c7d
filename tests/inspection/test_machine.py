"""Timing and export: what needs a real forward pass."""

import io
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from alexcore.errors import ModelError
from alexcore.inspection import export
from alexcore.inspection.export import export_onnx
from alexcore.inspection.speed import measure_speed
from alexcore.models import create_model


def test_speed_is_counted_as_said() -> None:
    steps: list[tuple[int, int]] = []
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))
    speed = measure_speed(net, 32, 4, torch.device("cpu"), lambda *at: steps.append(at))
    assert steps == [(1, 3), (2, 3), (3, 3)]
    # 224 weights and biases at 30 x 30 places, and 18 of the linear layer: 201,618 mult-adds.
    per_image = 2 * 201_618
    assert speed.forward_share == pytest.approx(per_image * speed.forward / speed.matrix_flops)
    assert speed.training_share == pytest.approx(
        3 * per_image * speed.training / speed.matrix_flops
    )
    assert min(speed.forward, speed.training, speed.matrix_flops) > 0


@pytest.mark.parametrize("name", ["half", "original"])
def test_onnx_takes_any_batch_and_gives_torchs_outputs(name: str) -> None:
    torch.manual_seed(0)
    model = create_model(name, num_classes=7, hidden=16).eval()
    size = model.config.input_size
    data = export_onnx(model, size)
    onnx.checker.check_model(onnx.load(io.BytesIO(data)))
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    for batch in (1, 5):
        x = torch.randn(batch, 3, size, size)
        (theirs,) = session.run(["logits"], {"x": x.numpy()})
        with torch.inference_mode():
            np.testing.assert_allclose(theirs, model(x).numpy(), atol=1e-4)


def test_export_rejects_a_file_that_answers_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def run(self, *_: Any) -> list[Any]:
            return [np.ones((3, 5), np.float32)]

    monkeypatch.setattr(onnxruntime, "InferenceSession", Wrong)
    monkeypatch.setattr(export, "_TOLERANCE", 1e-4)
    with pytest.raises(ModelError, match="outputs differ from torch's"):
        export_onnx(create_model("half", hidden=8).eval(), 227)
