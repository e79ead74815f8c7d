"""The server: what ``streamlit run dashboard.py`` serves, and the same started by a command.

``dashboard.py`` or ``alexcore dashboard`` -> ``st.App`` -> for every run of a page ``main.py``.
"""

import importlib
import socket
import sys
import threading
import tomllib
import webbrowser
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import config

from alexcore.dashboard.components.chart import LIBRARY_ROUTE
from alexcore.errors import AlexcoreError
from alexcore.settings import STREAMLIT_FILE

MAIN = Path(__file__).parent / "main.py"
"""The script of every page. It does not lie beside ``pages/``: Streamlit takes a folder of that
name there for its older multipage form until ``st.navigation`` has run once, and then shows the
first link opened after a start without its frame."""
ROUTES = (LIBRARY_ROUTE,)
"""What the server sends beside Streamlit's own."""
_EVERYWHERE = ("0.0.0.0", "::")


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Load what every page needs before somebody waits for it; its caches want a runtime."""
    importlib.import_module("alexcore.dashboard.app")
    yield


def serve(
    port: int | None = None,
    address: str | None = None,
    open_browser: bool | None = None,
    on_start: Callable[[str], object] = print,
    page: str = "",
) -> None:
    """Run the dashboard until it is stopped.

    Args:
        port: Where it listens; the first free one from 8501 on when None.
        address: Whom it listens to; this machine alone when None.
        open_browser: Whether to open it; where there is a screen when None.
        on_start: Called with its URL once it listens.
        page: Which of its pages to open, by its path; the Overview by default.

    Raises:
        AlexcoreError: The port is taken, the address is not this machine's, or a ``config.toml``
            cannot be read.
    """
    theirs = read_own_options()
    options = {k: v for k, v in read_options(STREAMLIT_FILE).items() if k not in theirs}
    options["logger.hideWelcomeMessage"] = True  # it asks another host for this one's address
    if address is not None:
        options["server.address"] = address
    if port is not None:
        options["server.port"] = port
    if address is not None or port is not None:
        _check_free((theirs | options)["server.address"], port or 0)

    @asynccontextmanager
    async def announced(app: st.App) -> AsyncIterator[None]:
        async with lifespan(app):
            url = _describe_url() + (f"/{page}" if page else "")
            on_start(url)
            if open_browser or (open_browser is None and not st.get_option("server.headless")):
                # In a thread, as some browsers return only when they are closed.
                threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
            yield

    # Streamlit puts the launcher's folder on the path. Of `python -m alexcore` that would be the
    # package itself, whose modules would then stand in for libraries of the same names.
    sys.argv = [str(Path(sys.executable).with_name("alexcore"))]
    st.App(MAIN, routes=ROUTES, lifespan=announced).run(config=options)


def read_own_options() -> dict[str, Any]:
    """Return the user's own options, from ``.streamlit/config.toml`` at home or where one stands.

    Streamlit reads them too; options handed over by us would go before them.
    """
    files = [Path(file) for file in config.get_config_files("config.toml")]
    return {k: v for file in files if file.is_file() for k, v in read_options(file).items()}


def read_options(file: Path) -> dict[str, Any]:
    """Return the options of one ``config.toml`` as {"section.name": value}.

    Raises:
        AlexcoreError: It is no TOML.
    """
    try:
        return _flatten(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AlexcoreError(f"{file} is not valid TOML: {error}. Mend it or remove it.") from error


def _flatten(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            options |= _flatten(value, f"{before}{name}.")
        else:
            options[before + name] = value
    return options


def _check_free(address: str, port: int) -> None:
    """Say what to do about a place that cannot be had, before Streamlit ends the process."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise AlexcoreError(
            f"cannot listen at {address}{f', port {port}' if port else ''}: {error.strerror}. "
            "Choose another --port or --address; without them a free port of this machine is found."
        ) from error


def _describe_url() -> str:
    """Return where a browser on this machine finds the server that listens now."""
    address = st.get_option("server.address") or _EVERYWHERE[0]
    host = "localhost" if address in _EVERYWHERE else address
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    return f"{scheme}://{host}:{st.get_option('server.port')}"
