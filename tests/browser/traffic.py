"""What the network brings to a page: frames of its websocket, and files."""

from collections.abc import Iterable

from playwright.sync_api import Page, Request


class Traffic:
    """Counts from when it is made, so before the page is opened, or from when it was last cleared.

    Attributes:
        frames: Bytes that came over the websocket.
        files: Requests that were answered, be it from the browser's cache.
    """

    def __init__(self, page: Page) -> None:
        """Begin to count."""
        self.clear()
        page.on("websocket", lambda channel: channel.on("framereceived", self._take_frame))
        page.on("requestfinished", lambda request: self.files.append(request))

    def clear(self) -> None:
        """Begin anew."""
        self.frames = 0
        self.files: list[Request] = []

    def find_published(self, *suffixes: str) -> list[Request]:
        """Return the requests of files with these suffixes that a page published."""
        return [f for f in self.files if "/media/" in f.url and f.url.endswith(suffixes)]

    def _take_frame(self, frame: bytes | str) -> None:
        self.frames += len(frame)


def count_bytes(files: Iterable[Request]) -> int:
    """Return what files took on the network; one from the browser's cache took nothing."""
    return sum(file.sizes()["responseBodySize"] for file in files)
