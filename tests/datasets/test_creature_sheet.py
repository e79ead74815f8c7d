from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from alexcore.cli import app
from alexcore.datasets.creatures import SETS, create_sheet
from alexcore.datasets.creatures.sheet import outline_masks


def test_outlines_by_hand() -> None:
    """A creature of 5 x 5 with an eye of one pixel in its middle."""
    masks = {name: np.zeros((9, 9), bool) for name in ("creature", "body", "eye")}
    masks["creature"][2:7, 2:7] = masks["body"][2:7, 2:7] = True
    masks["eye"][4, 4], masks["body"][4, 4] = True, False
    pixels = np.asarray(outline_masks(Image.new("RGB", (9, 9)), masks))
    yellow, white = (pixels == (255, 214, 0)).all(2), (pixels == 255).all(2)
    assert yellow.sum() == 16 and not yellow[3:6, 3:6].any()
    assert white.sum() == 5 and white[4, 3:6].all() and white[3:6, 4].all()


def test_a_sheet_shows_each_set_plain_and_outlined() -> None:
    calls: list[tuple[int, int]] = []
    sheet = create_sheet(1, lambda *at: calls.append(at))
    assert calls[-1] == (3, 3)
    pixels = np.asarray(sheet).reshape(3, -1, sheet.width, 3)  # (sets, rows, columns, RGB)
    yellow = (pixels == (255, 214, 0)).all(3)
    assert (yellow.sum((1, 2)) > 100).all() and not yellow[:, :240].any()
    assert len(SETS) == 3


def test_demo_data_draws_a_sheet_or_one_set(tmp_path: Path) -> None:
    runner = CliRunner()
    said = runner.invoke(app, ["demo-data", "--sheet", str(tmp_path / "a.png")])
    assert said.exit_code == 0
    with Image.open(tmp_path / "a.png") as sheet:
        assert sheet.format == "PNG" and sheet.width == 2300
    said = runner.invoke(app, ["demo-data", "--set", "beasts", "--out", str(tmp_path / "b")])
    assert said.exit_code != 0 and "no drawn set 'beasts'" in str(said.exception)
