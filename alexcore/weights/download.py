"""One file from the network: with progress, resumed where it broke off, checked by its hash."""

import hashlib
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

from filelock import FileLock

from alexcore.errors import CheckpointError

_CHUNK = 1 << 18
_TIMEOUT = 30
_DIGEST = re.compile(r"-([0-9a-f]{8,})\.")

OnBytes = Callable[[int, int], object]


def download(
    url: str, target: Path, on_bytes: OnBytes = lambda done, total: None, sha256: str = ""
) -> Path:
    """Fetch a file once for all processes; a part that is there is gone on with.

    Args:
        url: Its name may carry the first digits of its sha256, as torch's files do.
        target: Where it goes.
        on_bytes: Called with (bytes there, bytes in all).
        sha256: All its digits, or as many as are known, where the name carries none.

    Raises:
        CheckpointError: There is no network, or what came is not the file.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(target.name + ".lock")):
            if not target.is_file():
                partial = target.with_name(target.name + ".partial")
                _fetch(url, partial, on_bytes)
                _check(url, partial, sha256)
                partial.replace(target)
    except (URLError, OSError) as error:
        raise CheckpointError(f"cannot download {url}: {error}.") from error
    return target


def _fetch(url: str, partial: Path, on_bytes: OnBytes) -> None:
    there = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={there}-"} if there else {})
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
        goes_on = getattr(answer, "status", None) == 206
        done = there if goes_on else 0
        total = done + int(answer.headers.get("Content-Length", 0))
        with partial.open("ab" if goes_on else "wb") as file:
            while part := answer.read(_CHUNK):
                file.write(part)
                done += len(part)
                on_bytes(done, max(total, done))
    if done < total:
        raise ConnectionError(f"the connection broke off after {done:,} of {total:,} bytes")


def _check(url: str, partial: Path, sha256: str) -> None:
    """Compare the digest; what is not the file is dropped, so that it starts anew."""
    named = _DIGEST.search(url.rsplit("/", 1)[-1])
    wanted = sha256 or (named[1] if named else "")
    with partial.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(wanted):
        partial.unlink()
        raise CheckpointError(
            f"what came from {url} is not the file: its sha256 begins with {digest[:8]}, not "
            f"{wanted[:8]}. Try again, or from another network."
        )
