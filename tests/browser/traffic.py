"""What the network brings to a page: frames of its websocket, and files."""

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

    def count_file_bytes(self, *suffixes: str) -> int:
        """Return the bytes of files with these suffixes, all by default, past the cache."""
        return sum(
            file.sizes()["responseBodySize"] for file in self.files if file.url.endswith(suffixes)
        )

    def _take_frame(self, frame: bytes | str) -> None:
        self.frames += len(frame)
