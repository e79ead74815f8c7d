from alexcore.runs.config import create_config
from alexcore.training.experiment import plan_experiment


def test_plan_makes_every_combination_whole_comparisons_first() -> None:
    plans = plan_experiment(create_config(epochs=3), ["full", "half"], [8, 16], [0, 1])
    assert [plan.run_name for plan in plans] == [
        "full-b8", "full-b16", "half-b8", "half-b16",
        "full-b8-s1", "full-b16-s1", "half-b8-s1", "half-b16-s1",
    ]  # fmt: skip
    assert {plan.epochs for plan in plans} == {3}
