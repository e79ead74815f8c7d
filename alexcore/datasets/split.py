"""The two sides of a folder of pictures: FolderListing -> ``split_listing`` -> Split."""

from collections.abc import Iterable
from dataclasses import dataclass

from alexcore.datasets.folder import FolderListing, Item, OnProgress, keep_first_copies
from alexcore.datasets.near_copies import NearPair, find_near_copies
from alexcore.errors import DatasetError
from alexcore.runs.config import SplitRule

_Group = set[str]  # digests of pictures that stay on one side


@dataclass(frozen=True, slots=True)
class Split:
    """Training and validation files of one listing; no content stands on both sides.

    Attributes:
        train: Files to learn from, copies among them.
        validation: Files to judge by, each content once.
        near_copies: What was held together; None where the rule keeps near copies apart.
    """

    train: tuple[Item, ...]
    validation: tuple[Item, ...]
    near_copies: tuple[NearPair, ...] | None


def split_listing(
    listing: FolderListing, rule: SplitRule, on_progress: OnProgress | None = None
) -> Split:
    """Split by content: in each class the pictures of the lowest digests are for validation.

    The result depends on the files' bytes alone, so it is the same on every machine and under
    every file name. Copies and near copies of one picture go to the same side, for validation
    when the highest of their digests is low enough: many of one picture tell validation nothing
    new. What stands in two classes is for training only, since neither answer would be right.

    Args:
        listing: From ``scan_folder``.
        rule: The share of each class's distinct pictures, and whether near copies are looked for.
        on_progress: Called with (pictures hashed, pictures to hash) for those that are new.

    Raises:
        DatasetError: There is only one class, or one with fewer than two distinct pictures.
    """
    if len(listing.classes) < 2:
        raise DatasetError(
            f"{listing.root} holds one class only ({listing.classes[0] or 'no folders'}); training "
            "needs at least two folders of pictures."
        )
    pairs = None if rule.keep_near_copies else find_near_copies(listing, on_progress)
    held_out: set[str] = set()
    for label, groups in _group_by_class(listing, pairs or ()).items():
        if len(groups) < 2:
            counted = " (near copies count as one)" if pairs else ""
            raise DatasetError(
                f"class {label!r} has {len(groups)} distinct pictures{counted}; each class needs "
                "at least 2."
            )
        held_out |= _hold_out(groups, rule.validation_share)
    train = tuple(i for i in listing.items if i.sha256 not in held_out)
    validation = keep_first_copies(i for i in listing.items if i.sha256 in held_out)
    return Split(train, validation, pairs)


def _group_by_class(listing: FolderListing, pairs: Iterable[NearPair]) -> dict[str, list[_Group]]:
    """Return the groups of each class; those of more than one class are left out."""
    labels: dict[str, set[str]] = {}
    for item in listing.items:
        labels.setdefault(item.sha256, set()).add(item.label)
    groups = {digest: {digest} for digest in labels}
    for pair in pairs:
        small, large = sorted((groups[pair.first.sha256], groups[pair.second.sha256]), key=len)
        large |= small
        groups.update(dict.fromkeys(small, large))
    by_class: dict[str, list[_Group]] = {label: [] for label in listing.classes}
    for group in {id(group): group for group in groups.values()}.values():
        found = set().union(*(labels[digest] for digest in group))
        if len(found) == 1:
            by_class[found.pop()].append(group)
    return by_class


def _hold_out(groups: list[_Group], share: float) -> _Group:
    """Return the digests held out of one class: whole groups, at least one, and never all."""
    pictures = sum(len(group) for group in groups)
    count = min(max(1, round(pictures * share)), pictures - 1)
    held: _Group = set()
    for group in sorted(groups, key=lambda g: (max(len(g) - count, 0), max(g))):
        if not held or len(held) + len(group) <= count:
            held |= group
    return held


def list_training(
    listing: FolderListing, rule: SplitRule, on_progress: OnProgress | None = None
) -> FolderListing:
    """Return the training side of a listing as a listing of its own.

    Raises:
        DatasetError: As ``split_listing``.
    """
    return FolderListing(listing.root, split_listing(listing, rule, on_progress).train)


def list_validation(
    listing: FolderListing, rule: SplitRule, on_progress: OnProgress | None = None
) -> tuple[Item, ...]:
    """Return the validation side of a listing, each content once.

    Raises:
        DatasetError: As ``split_listing``.
    """
    return split_listing(listing, rule, on_progress).validation
