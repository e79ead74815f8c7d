"""What a step does to each parameter, against the rule of 2012 written out."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from alexcore.runs.config import TrainConfig, create_config
from alexcore.runs.schedule import compute_lr
from alexcore.training.sgd import create_optimizer, group_parameters, set_rates


def test_weight_decay_by_group(half: nn.Module, tiny_config: TrainConfig) -> None:
    def decays(**changes: float) -> list[float]:
        groups = group_parameters(half, replace(tiny_config, weight_decay=0.1, **changes))  # type: ignore[arg-type]
        by_id = {id(p): g["weight_decay"] for g in groups for p in g["params"]}
        assert len(by_id) == 16
        return [by_id[id(parameter)] for parameter in half.parameters()]

    assert decays() == [0.1] * 16
    assert decays(bias_weight_decay=0.0) == [0.1, 0.0] * 8
    assert decays(linear_weight_decay=0.2) == [0.1] * 10 + [0.2] * 6
    assert decays(linear_weight_decay=0.2, bias_weight_decay=0.0) == [0.1, 0.0] * 5 + [0.2, 0.0] * 3
    assert len(group_parameters(half, tiny_config)) == 1


def test_rates_by_group(half: nn.Module, tiny_config: TrainConfig) -> None:
    config = replace(tiny_config, epochs=10, bias_lr=2.0, freeze_conv1=0.2)
    optimizer = create_optimizer(half, config, torch.device("cpu"))

    def rates(epoch: int) -> list[float]:
        set_rates(optimizer, config, epoch, 0.1)
        by_id = {id(p): g["lr"] for g in optimizer.param_groups for p in g["params"]}
        return [by_id[id(parameter)] for parameter in half.parameters()]

    assert rates(8) == [0.1, 0.2] * 8
    assert rates(9) == [0.0, 0.0] + [0.1, 0.2] * 7


@pytest.mark.parametrize("velocity", [True, False])
def test_the_papers_steps_are_its_authors(velocity: bool) -> None:
    """v = 0.9 v - rate (gradient + 0.0005 w), w += v; biases at twice the rate, never decayed.

    Over falls of the rate torch's own momentum is another rule, as the second case shows.
    """
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 3)).double()
    config = create_config("paper2012", epochs=10, velocity=velocity)
    optimizer = create_optimizer(net, config, torch.device("cpu"))
    weights = [parameter.detach().clone() for parameter in net.parameters()]
    speeds = [torch.zeros_like(weight) for weight in weights]
    for step in range(30):
        epoch = step // 3 + 1
        set_rates(optimizer, config, epoch, compute_lr(config, step, 3))
        optimizer.zero_grad()
        net(torch.randn(5, 1, 4, 4, dtype=torch.float64)).square().mean().backward()
        gradients = [_require(parameter.grad).clone() for parameter in net.parameters()]
        optimizer.step()
        rate = [0.01, 0.001, 0.0001, 0.00001][sum(epoch > last for last in (3, 5, 9))]
        for place, gradient in enumerate(gradients):
            is_bias = place % 2 == 1
            eps, decay = (2 * rate, 0.0) if is_bias else (rate, 0.0005)
            v = 0.9 * speeds[place] - decay * eps * weights[place] - eps * gradient
            speeds[place], weights[place] = v, weights[place] + v
    apart = max(
        float((ours - theirs).detach().abs().max())
        for ours, theirs in zip(net.parameters(), weights, strict=True)
    )
    assert apart < 1e-14 if velocity else apart > 1e-6


def _require(gradient: Tensor | None) -> Tensor:
    assert gradient is not None
    return gradient
