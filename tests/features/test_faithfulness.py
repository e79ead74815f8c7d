import numpy as np
import pytest
import torch
from torch import nn

from alexcore.features.faithfulness import STEPS, Curves, blur, measure_faithfulness


@pytest.mark.parametrize("target", [1, (1, 3)])
def test_curves_equal_a_plain_loop(half: nn.Module, target: int | tuple[int, int]) -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 3, 227, 227)
    heat = np.random.default_rng(0).normal(size=(227, 227)).astype(np.float32)
    seen: list[tuple[int, int]] = []
    found = measure_faithfulness(half, x, target, heat, lambda *at: seen.append(at))
    assert seen == [(1, 2), (2, 2)]
    hottest = sorted(range(heat.size), key=lambda place: -heat.flat[place])
    gone, come = x.clone(), blur(x)
    done = 0
    for step in range(0, STEPS + 1, 5):
        count = round(heat.size * step / STEPS)
        for place in hottest[done:count]:
            row, column = divmod(place, 227)
            gone[0, :, row, column] = 0
            come[0, :, row, column] = x[0, :, row, column]
        done = count
        for picture, curve in ((gone, found.deletion), (come, found.insertion)):
            with torch.no_grad():
                logits = half(picture)[0]
            if isinstance(target, int):
                expected = logits.softmax(0)[target]
            else:
                expected = logits[list(target)].softmax(0)[0]
            assert curve[step] == pytest.approx(float(expected), abs=1e-5)
    assert found.shares[0] == 0 and found.shares[-1] == 1 and len(found.shares) == STEPS + 1


def test_areas_are_those_of_trapezia() -> None:
    shares = np.array([0.0, 0.5, 1.0])
    curves = Curves(shares, np.array([1.0, 0.2, 0.0]), np.array([0.0, 0.8, 1.0]))
    assert curves.deletion_area == pytest.approx(0.35)
    assert curves.insertion_area == pytest.approx(0.65)
