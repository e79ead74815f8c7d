"""Against a server on this machine that counts what it sends and can break off."""

import hashlib
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from alexcore.errors import CheckpointError
from alexcore.weights.download import download

CONTENT = bytes(range(256)) * 8192  # two megabytes
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    break_after: int | None = None
    sent: list[int] = []  # noqa: RUF012

    def do_GET(self) -> None:
        found = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(found[1]) if found else 0
        body = CONTENT[start:]
        self.send_response(206 if found else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if Handler.break_after is not None:
            body, Handler.break_after = body[: Handler.break_after], None
        Handler.sent.append(len(body))
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Handler.sent, Handler.break_after = [], None
    server = ThreadingHTTPServer(("localhost", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}/net-{DIGEST[:8]}.pth"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_comes_once_with_progress(url: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    target = tmp_path / "net.pth"
    download(url, target, lambda done, total: seen.append((done, total)))
    assert target.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT)) and len(seen) > 3
    download(url, target)
    assert Handler.sent == [len(CONTENT)]


def test_a_broken_download_goes_on_where_it_stopped(url: str, tmp_path: Path) -> None:
    Handler.break_after = 500_000
    target = tmp_path / "net.pth"
    with pytest.raises(CheckpointError):
        download(url, target)
    assert not target.exists()
    download(url, target)
    assert target.read_bytes() == CONTENT
    assert sum(Handler.sent) < len(CONTENT) + 300_000


def test_what_is_not_the_file_is_refused_and_dropped(url: str, tmp_path: Path) -> None:
    target = tmp_path / "net.pth"
    with pytest.raises(CheckpointError, match=r"is not the file: its sha256 begins with"):
        download(url.replace(DIGEST[:8], "deadbeef"), target)
    assert not target.exists() and not list(tmp_path.glob("*.partial"))


def test_a_digest_that_is_known_otherwise_is_compared_too(url: str, tmp_path: Path) -> None:
    plain, target = url.replace(f"-{DIGEST[:8]}", ""), tmp_path / "net.pth"
    with pytest.raises(CheckpointError, match=f"begins with {DIGEST[:8]}, not deadbeef"):
        download(plain, target, sha256="deadbeef" * 8)
    assert not target.exists()
    assert download(plain, target, sha256=DIGEST).read_bytes() == CONTENT


def test_several_at_once_fetch_it_once(url: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: download(url, tmp_path / "net.pth"), range(6)))
    assert Handler.sent == [len(CONTENT)]


def test_no_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot download http://localhost:9"):
        download("http://localhost:9/net.pth", tmp_path / "net.pth")
