import pytest

from alexcore.errors import ModelError, TrainingError
from alexcore.runs.config import SplitRule, TrainConfig, create_config, restore_config
from alexcore.runs.schedule import compute_lr


def test_article_recipe_is_the_articles() -> None:
    config = create_config()
    assert (config.lr, config.lr_drops, config.epochs) == (0.01, "18:0.003", 150)
    assert (config.resize, config.crop) == (256, 227)
    rates = [compute_lr(config, step, 10) for step in (0, 179, 180)]  # epochs 1, 18 and 19
    assert rates == [0.01, 0.01, 0.003]


def test_paper_recipe_is_the_papers() -> None:
    config = create_config("paper2012")
    assert (config.batch_size, config.momentum, config.weight_decay) == (128, 0.9, 5e-4)
    assert (config.crop, config.flip, config.colour_noise) == (224, True, 0.1)
    assert (config.bias_lr, config.bias_weight_decay) == (2, 0)
    rates = [compute_lr(config, epoch - 1, 1) for epoch in (1, 24, 25, 50, 51, 78, 79, 91)]
    assert rates == [0.01, 0.01, 1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5]
    assert config.epochs == 91


def test_the_papers_rates_fall_at_the_same_shares_of_a_shorter_run() -> None:
    assert create_config("paper2012", epochs=10).lr_drops == "3:0.001,5:0.0001,9:0.00001"
    assert create_config("paper2012", epochs=1).lr_drops == "1:0.001,1:0.0001,1:0.00001"
    assert create_config("paper2012", epochs=10, lr_drops="4:0.1").lr_drops == "4:0.1"
    assert create_config("article", epochs=40).lr_drops == "18:0.003"


def test_create_lets_the_crop_follow_the_model() -> None:
    assert create_config(model="torchvision").crop == 224
    assert create_config(model="torchvision", crop=227).crop == 227


def test_run_name_tells_model_batch_and_seed() -> None:
    assert create_config(model="full", batch_size=8).run_name == "full-b8"
    assert create_config(model="full", batch_size=8, seed=2).run_name == "full-b8-s2"


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("batch_size", 0, "at least 1"),
        ("lr", 0.0, "above 0"),
        ("lr_drops", "18", "epochs and rates"),
        ("lr_drops", "50:0.001,24:0.01", "epochs and rates"),
        ("lr_drops", "18:0", "epochs and rates"),
        ("momentum", 1.0, r"in \[0, 1\)"),
        ("resize", 100, "at least the crop"),
        ("validation_share", 1.0, r"in \(0, 1\)"),
        ("precision", "8-bit", "one of auto, 32-true"),
    ],
)
def test_config_rejects_values_out_of_range(field: str, value: object, allowed: str) -> None:
    with pytest.raises(TrainingError, match=f"got {field}=.*{allowed}"):
        create_config("article", **{field: value})


def test_config_says_what_to_change_where_the_warm_up_is_too_long() -> None:
    with pytest.raises(
        TrainingError, match=r"here 1\. Train more epochs, or give a shorter warm-up"
    ):
        create_config("look", epochs=1)
    assert create_config("look", epochs=1, warmup=0).epochs == 1


def test_config_rejects_layers_of_random_weights_that_are_held() -> None:
    with pytest.raises(TrainingError, match=r"got freeze=5.*Say whose weights to begin with"):
        create_config(freeze=5)
    assert create_config("finetune").freeze == create_config(init="some", freeze=5).freeze == 5
    assert create_config("finetune", init="").freeze == 0


def test_config_rejects_unknown_names() -> None:
    with pytest.raises(ModelError, match="no model 'vgg'"):
        TrainConfig(model="vgg")
    with pytest.raises(TrainingError, match="no recipe 'secret'"):
        create_config("secret")
    with pytest.raises(TrainingError, match="a run has no warmth"):
        create_config(warmth=3)


def test_a_configuration_is_restored_from_its_record() -> None:
    config = create_config("paper2012", seed=3)
    assert restore_config(config.to_dict()) == config


def test_restore_takes_records_of_earlier_and_later_versions() -> None:
    record = create_config("quick", batch_size=4).to_dict() | {"warmth": 3}
    del record["compile"]
    assert restore_config(record) == create_config("quick", batch_size=4)


def test_restore_keeps_the_split_of_runs_older_than_near_copies() -> None:
    record = create_config("quick").to_dict()
    assert not restore_config(record).split_rule.keep_near_copies
    del record["keep_near_copies"]
    assert restore_config(record).split_rule == SplitRule(0.2, keep_near_copies=True)


def test_restore_takes_runs_whose_rate_fell_once() -> None:
    record = create_config("quick").to_dict() | {"lr_after": 0.0012, "lr_drop_epoch": 9}
    del record["lr_drops"]
    config = restore_config(record)
    assert config == create_config("quick", lr_drops="9:0.0012")
    rates = [compute_lr(config, step, 10) for step in (89, 90)]
    assert rates == [0.01, 0.0012]


def test_restore_rejects_what_no_run_can_have() -> None:
    with pytest.raises(TrainingError, match="got batch_size=0"):
        restore_config({"batch_size": 0})
    with pytest.raises(TypeError):
        restore_config({"batch_size": "16"})
