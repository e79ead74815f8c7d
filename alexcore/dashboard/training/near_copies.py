"""Near copies among some pictures, side by side: what a split holds together."""

from pathlib import Path
from typing import NamedTuple

import streamlit as st
from PIL import Image

from alexcore.dashboard.tasks import work_shown
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.datasets.folder import FolderListing, scan_folder
from alexcore.datasets.near_copies import BITS, NEAR, NearPair, find_near_copies
from alexcore.figures.sprites import encode_png
from alexcore.images.decode import decode_image

_SHOWN = 24
_SIDE, _GAP = 160, 8  # pixels
_ORDERS = ("closest first", "farthest first")
_FOUND = "near-copies"


class _Found(NamedTuple):
    listing: FolderListing
    pairs: tuple[NearPair, ...]


@errors_shown()
def show_near_copies(root: Path, held: bool = True) -> None:
    """Offer to look for near copies below a folder, then show what was found.

    Args:
        root: A folder of pictures a class.
        held: Whether the split holds them together.
    """
    found: dict[Path, _Found] = st.session_state.setdefault(_FOUND, {})
    if root in found and found[root].listing != _list(root):  # the folder is another meanwhile
        del found[root]
    if root not in found:
        if st.button("Look for near copies", icon=":material/content_copy:", type="tertiary",
                     help="Pictures of one photograph or drawing, scaled, compressed or coloured "
                          "otherwise. Training does so by itself."):  # fmt: skip
            with work_shown("Looking for near copies", writes=False) as on_progress:
                listing = scan_folder(root, on_progress)
                found[root] = _Found(listing, find_near_copies(listing, on_progress))
            _list.clear()
            st.rerun()
        return
    pairs = found[root].pairs
    expander = st.expander(_say(len(pairs), held), icon=":material/content_copy:",
                           key="near-copies-shown", on_change="rerun")  # fmt: skip
    if expander.open:
        with expander:
            _show_pairs(root, pairs)


@st.cache_resource(ttl=30, max_entries=4, show_spinner=False)
def _list(root: Path) -> FolderListing:
    return scan_folder(root)


def _say(count: int, held: bool) -> str:
    if not count:
        return "No near copies"
    noun = "near copy is" if count == 1 else "near copies are"
    return f"{count:,} {noun} {'' if held else 'not '}held together"


def _show_pairs(root: Path, pairs: tuple[NearPair, ...]) -> None:
    if not pairs:
        st.caption(f"No two of these pictures are within {NEAR} of {BITS} bits of a perceptual "
                   "hash.")  # fmt: skip
        return
    order = st.segmented_control("Order", _ORDERS, default=_ORDERS[0], required=True,
                                 key="near-order", label_visibility="collapsed")  # fmt: skip
    shown = (pairs if order == _ORDERS[0] else pairs[::-1])[:_SHOWN]
    st.caption(f"{len(shown)} of {len(pairs):,} pairs, {order}; a distance is the bits in which "
               f"perceptual hashes of {BITS} differ, at most {NEAR}.")  # fmt: skip
    grid = st.grid(columns="auto", min_column_width=240)
    for pair in shown:
        with grid.container(border=True):
            paths = (pair.first.path, pair.second.path)
            with errors_shown():  # one may be gone meanwhile
                st.image(_draw(str(root), *paths), width="stretch", alt=" beside ".join(paths))
            st.caption(f"distance {pair.distance}: {', '.join(paths)}")


@st.cache_data(max_entries=128, show_spinner=False)
def _draw(root: str, *paths: str) -> bytes:
    """Return the pictures side by side as one PNG, each fitted into a square."""
    drawn = Image.new("RGBA", (len(paths) * (_SIDE + _GAP) - _GAP, _SIDE))
    for place, path in enumerate(paths):
        picture = decode_image(Path(root, path), enough=(_SIDE, _SIDE)).image
        picture.thumbnail((_SIDE, _SIDE))
        left = place * (_SIDE + _GAP) + (_SIDE - picture.width) // 2
        drawn.paste(picture, (left, (_SIDE - picture.height) // 2))
    return encode_png(drawn)
