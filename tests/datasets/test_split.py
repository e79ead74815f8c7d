import shutil
from pathlib import Path

import pytest
from PIL import Image

from alexcore.datasets.folder import FolderListing, scan_folder
from alexcore.datasets.near_copies import find_near_copies
from alexcore.datasets.split import Split, _hold_out, list_training, list_validation, split_listing
from alexcore.errors import DatasetError
from alexcore.runs.config import SplitRule


def test_split_is_a_function_of_content(creatures: Path, tmp_path: Path) -> None:
    for i, path in enumerate(sorted(creatures.glob("*/*.png"), reverse=True)):
        target = tmp_path / path.parent.name / f"renamed-{i}.png"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    ours, theirs = (split_listing(scan_folder(root), SplitRule()) for root in (creatures, tmp_path))
    assert {i.sha256 for i in ours.validation} == {i.sha256 for i in theirs.validation}
    assert scan_folder(creatures).fingerprint == scan_folder(tmp_path).fingerprint


def test_split_keeps_copies_together_and_counts_them(creatures: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(creatures, tmp_path / "copy"))
    for path in list(root.glob("brook/*.png")):
        shutil.copy(path, path.with_name("again-" + path.name))
    listing = scan_folder(root)
    assert listing.duplicates == 6
    split = split_listing(listing, SplitRule())
    assert not {i.sha256 for i in split.train} & {i.sha256 for i in split.validation}
    digests = [i.sha256 for i in split.validation]
    assert len(digests) == len(set(digests))


def test_split_trains_on_what_stands_in_two_classes(creatures: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(creatures, tmp_path / "copy"))
    torn = root / "brook" / "brook-000.png"
    shutil.copy(torn, root / "volt" / "odd.png")
    listing = scan_folder(root)
    assert len(listing.conflicts) == 1
    split = split_listing(listing, SplitRule(0.5))
    assert listing.conflicts[0] not in {i.sha256 for i in split.validation}


def test_split_holds_out_the_share_asked_for(creatures: Path) -> None:
    split = split_listing(scan_folder(creatures), SplitRule(0.34))
    assert len(split.validation) == 5 * 2
    assert len(split.train) == 5 * 4


def test_split_rejects_one_class_and_one_picture(creatures: Path, tmp_path: Path) -> None:
    shutil.copytree(creatures / "brook", tmp_path / "brook")
    with pytest.raises(DatasetError, match="one class only"):
        split_listing(scan_folder(tmp_path), SplitRule())
    (tmp_path / "volt").mkdir()
    shutil.copy(creatures / "volt" / "volt-000.png", tmp_path / "volt")
    with pytest.raises(DatasetError, match="'volt' has 1 distinct"):
        split_listing(scan_folder(tmp_path), SplitRule())


POKEMON = Path(__file__).parents[3] / "shared" / "data" / "pokemon"


def save_again(root: Path, pattern: str, qualities: tuple[int, ...] = (70,)) -> FolderListing:
    """Save some pictures once more as JPEG of each quality, and list them all."""
    for path in sorted(root.glob(pattern)):
        for quality in qualities:
            with Image.open(path) as image:
                image.convert("RGB").save(path.with_suffix(f".{quality}.jpg"), quality=quality)
    return scan_folder(root)


def count_torn(listing: FolderListing, split: Split) -> int:
    """Return how many pairs of near copies stand on both sides."""
    held = {item.sha256 for item in split.validation}
    pairs = find_near_copies(listing)
    return sum((p.first.sha256 in held) != (p.second.sha256 in held) for p in pairs)


def test_split_keeps_near_copies_together(creatures: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(creatures, tmp_path / "near"))
    listing = save_again(root, "*/*.png")
    split, apart = (split_listing(listing, SplitRule(0.5, keep)) for keep in (False, True))
    assert split.near_copies == find_near_copies(listing) and len(split.near_copies) == 30
    assert apart.near_copies is None
    assert count_torn(listing, apart) > 0
    assert count_torn(listing, split) == 0
    assert len(split.validation) == len(apart.validation) == 30
    assert list_training(listing, SplitRule(0.5)).items == split.train
    assert list_validation(listing, SplitRule(0.5)) == split.validation


def test_split_without_near_copies_is_that_of_exact_copies(creatures: Path) -> None:
    listing = scan_folder(creatures)
    split, exact = (split_listing(listing, SplitRule(0.34, keep)) for keep in (False, True))
    assert (split.train, split.validation) == (exact.train, exact.validation)
    assert split.near_copies == ()


def test_split_trains_on_near_copies_in_two_classes(creatures: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(creatures, tmp_path / "torn"))
    for path in sorted(root.glob("brook/*.png"))[:4]:
        with Image.open(path) as image:
            image.convert("RGB").save(root / "volt" / f"{path.stem}.jpg")
    listing = scan_folder(root)
    split = split_listing(listing, SplitRule(0.9))
    torn = {pair.first.path for pair in find_near_copies(listing)}
    torn |= {pair.second.path for pair in find_near_copies(listing)}
    assert len(torn) == 8
    assert torn <= {item.path for item in split.train}
    assert sum(item.label == "brook" for item in split.validation) == 1  # of the two left


@pytest.mark.parametrize(
    ("groups", "share", "held"),
    [
        ("a bz c d e", 0.5, "acd"),  # three of six, near copies by the highest of their digests
        ("a bc d e", 0.6, "abc"),
        ("ab c d e", 0.2, "c"),  # one of five, and two do not fit
        ("abcdef wxyz", 0.2, "wxyz"),  # two of ten, where neither group is small enough
        ("ab yz", 0.9, "ab"),  # never all
    ],
)
def test_groups_are_held_out_whole(groups: str, share: float, held: str) -> None:
    assert _hold_out([set(group) for group in groups.split()], share) == set(held)


def test_split_rejects_a_class_of_one_picture_and_its_near_copies(
    creatures: Path, tmp_path: Path
) -> None:
    shutil.copytree(creatures / "volt", tmp_path / "volt")
    (tmp_path / "muse").mkdir()
    shutil.copy(creatures / "muse" / "muse-000.png", tmp_path / "muse")
    listing = save_again(tmp_path, "muse/*.png", (60, 80))
    with pytest.raises(DatasetError, match=r"'muse' has 1 distinct pictures \(near copies count"):
        split_listing(listing, SplitRule())
    assert len(split_listing(listing, SplitRule(keep_near_copies=True)).validation) == 2


@pytest.mark.skipif(not POKEMON.is_dir(), reason="the article's pictures are not here")
def test_split_of_the_articles_pictures_leaks_no_near_copy() -> None:
    """Counted on contact sheets: 82 pairs, joined by 54; 14 of 189 had a copy in training."""
    listing = scan_folder(POKEMON)
    split, apart = (split_listing(listing, SplitRule(0.2, keep)) for keep in (False, True))
    assert len(split.validation) == len(apart.validation) == 189
    assert split.near_copies is not None and len(split.near_copies) == 54
    assert count_torn(listing, apart) > 0
    assert count_torn(listing, split) == 0
