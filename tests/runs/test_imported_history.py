import pytest

from alexcore.errors import TrainingError
from alexcore.runs.imported_history import parse_history

LIGHTNING = """epoch,step,train_loss_epoch,train_loss_step,val_acc,val_loss
0,9,,1.61,,
0,19,,1.52,,
0,19,,,0.25,1.50
0,19,1.55,,,
1,39,,,0.40,1.30
1,39,1.35,,,
"""


def test_lightning_rows_become_epochs() -> None:
    frame = parse_history(LIGHTNING, batch_size=16)
    assert frame["epoch"].tolist() == [1, 2]
    assert frame["train_loss"].tolist() == [1.55, 1.35]
    assert frame["val_accuracy"].tolist() == [0.25, 0.40]
    assert frame["images_seen"].tolist() == [320, 640]  # 20 and 40 steps of 16
    assert frame["train_accuracy"].isna().all()


def test_keras_counts_from_zero_and_names_training_plainly() -> None:
    text = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,1.2,0.4,1.3\n1,0.6,1.1,0.5,1.2\n"
    frame = parse_history(text, 16)
    assert frame["epoch"].tolist() == [1, 2]
    assert frame["train_accuracy"].tolist() == [0.5, 0.6]
    assert frame["val_accuracy"].tolist() == [0.4, 0.5]


def test_fastai_means_validation_by_accuracy() -> None:
    text = "epoch,train_loss,valid_loss,accuracy,time\n0,1.2,1.3,0.4,00:05\n1,1.1,1.2,0.5,00:05\n"
    frame = parse_history(text, 16)
    assert frame["val_accuracy"].tolist() == [0.4, 0.5]
    assert frame["train_accuracy"].isna().all()


def test_percent_becomes_shares() -> None:
    frame = parse_history("epoch,val_acc\n1,25\n2,50\n", 16)
    assert frame["val_accuracy"].tolist() == [0.25, 0.5]


def test_our_own_history_comes_back() -> None:
    text = "epoch,step,images_seen,seconds,lr,train_loss,train_accuracy,val_loss,val_accuracy\n"
    frame = parse_history(text + "1,4,25,1.5,0.01,1.6,0.2,1.5,0.25\n", 8)
    assert frame.to_numpy().tolist()[0] == [1, 4, 25, 1.5, 0.01, 1.6, 0.2, 1.5, 0.25]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00\x01\x02"])
def test_history_rejects_what_has_no_figures(text: str) -> None:
    with pytest.raises(TrainingError, match=r"no CSV|none of them a loss"):
        parse_history(text, 16)
