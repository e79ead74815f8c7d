"""Files a session uploads: how large they may be, refused in words, and kept once.

browser -> the server's ``maxUploadSize`` -> Streamlit's file manager -> ``take_bytes`` -> a picture
or a model of the session. Nothing that was taken stays behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

PICTURE_MB = 50
"""Largest picture, in megabytes of 10**6 bytes as the uploader counts them."""

HISTORY_MB = 20
"""Largest CSV file of another tool's run."""

WEIGHTS_MB = 280
"""Largest weights file: the largest variant, at 1,000 classes and 4,096 hidden units in float32,
takes 250. ``maxUploadSize`` in ``.streamlit/config.toml`` is the same number; the server counts in
2**20 bytes, so that there is room for what HTTP puts around a file.
"""

_ROW = '[data-testid="stFileChip"][aria-invalid="true"]'
_STYLE = f"""
{_ROW} {{ flex-wrap: wrap; width: 100%; }}
{_ROW} [role="alert"] {{
  position: static; width: 100%; height: auto; margin: 0; overflow: visible; clip: auto;
  white-space: normal; font-size: 0.82rem; line-height: 1.35;
}}
"""
_ADVICE = {
    "own-pictures": (PICTURE_MB, "Pictures", "scale it down, or save it as JPEG"),
    "own-histories": (HISTORY_MB, "Histories", "keep one row an epoch"),
    "own-weights": (
        WEIGHTS_MB,
        "Weights",
        "save model.state_dict() alone, without the optimizer, or in half precision",
    ),
}


def get_limit(megabytes: int) -> int:
    """Return a limit for an uploader, or what the server lets through where that is less.

    Beyond the server's limit the browser would be told no more than "413".
    """
    return min(megabytes, int(st.get_option("server.maxUploadSize")))


def show_refusals() -> None:
    """Let what the browser refuses be read, and say what to do about it.

    Streamlit has a sentence, but for screen readers and while the mouse rests on the file; others
    see a red icon. It is laid out here, with more behind it in containers of these keys.
    """
    advice = "".join(
        f'.st-key-{key} {_ROW} [role="alert"]::after '
        f'{{ content: " {what} of up to {get_limit(most)} MB are read: {todo}."; }}\n'
        for key, (most, what, todo) in _ADVICE.items()
    )
    st.html(f"<style>{_STYLE}{advice}</style>")


def take_bytes(file: UploadedFile) -> bytes:
    """Return a file's bytes, uncopied, and make Streamlit forget them.

    Otherwise it keeps them until the session ends, whatever becomes of the uploader.
    ``st.chat_input`` lets its files go in the same way.
    """
    data = file.getvalue()
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
    file.truncate(0)  # not closed: Streamlit still copies what the uploader returned
    return data
