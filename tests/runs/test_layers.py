import math
from pathlib import Path

import pandas as pd
import pytest

from alexcore.errors import CheckpointError
from alexcore.runs.layers import LAYERS_FILE, LayerEpoch, load_layers, save_layers

ROWS = [
    LayerEpoch(1, "conv1", 0.5, 0.001, 0.25, 0.03),
    LayerEpoch(1, "fc8", 1.5, 0.002, math.nan, 0.05),
]


def test_layers_read_back_and_any_tool_reads_them(tmp_path: Path) -> None:
    save_layers(tmp_path, ROWS)
    conv1, fc8 = load_layers(tmp_path)
    assert conv1 == ROWS[0]
    assert (fc8.gradient_norm, fc8.layer) == (1.5, "fc8") and math.isnan(fc8.silent_share)
    table = pd.read_csv(tmp_path / LAYERS_FILE)
    assert list(table.columns) == [
        "epoch", "layer", "gradient_norm", "update_ratio", "silent_share", "weight_std",
    ]  # fmt: skip
    assert table["silent_share"].isna().tolist() == [False, True]


def test_a_run_without_layers_has_no_rows(tmp_path: Path) -> None:
    assert load_layers(tmp_path) == []


@pytest.mark.parametrize("text", ["epoch,layer\n1,conv1\n", "a,b\n1,2\n"])
def test_layers_rejects_a_damaged_file(tmp_path: Path, text: str) -> None:
    (tmp_path / LAYERS_FILE).write_text(text)
    with pytest.raises(CheckpointError, match="damaged or not of ours"):
        load_layers(tmp_path)
