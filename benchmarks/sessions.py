"""Twenty people at once: websocket clients that change model, layer and picture for minutes.

Each client speaks Streamlit's own protocol as a browser does, and checks that every answer is the
one to its own question.
"""

import asyncio
import os
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from alexcore.settings import get_data_folder
from benchmarks.table import Row
from tests.browser.server import serve

_CLIENTS = 20
_SECONDS = float(os.environ.get("ALEXCORE_BENCHMARK_SECONDS", "180"))
_PAUSE = (0.5, 2.5)
_DONE = ForwardMsg.FINISHED_SUCCESSFULLY
_MODELS = ("half-b16-s1", "full-b16-s1", "untrained-half", "untrained-zfnet")
_IMAGES = ("brook", "cinder", "muse", "sprig", "volt", "hard-night")
_LAYERS = ("conv1", "relu1", "pool1", "conv2", "relu3", "conv5", "pool5")
_CHOICES = {"model": _MODELS, "image": _IMAGES, "layer": _LAYERS}


@dataclass(slots=True)
class Log:
    """What the clients saw: seconds of each rerun, and what was wrong."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def measure_sessions() -> list[Row]:
    """Return rerun times and memory for one, five and twenty sessions."""
    rows, alone = [], (1.0, 1.0)
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(Path(scratch), get_data_folder().resolve()) as server,
    ):
        process = find_server(server.url)
        for clients, seconds in ((1, 20.0), (5, 30.0), (_CLIENTS, _SECONDS)):
            log, memory = asyncio.run(_watch(server.url, clients, seconds, process))
            if log.wrong:
                raise SystemExit(f"{len(log.wrong)} wrong answers, the first: {log.wrong[0]}")
            times = median(log.seconds), quantiles(log.seconds, n=20)[-1]
            alone = times if clients == 1 else alone
            name = f"{clients} sessions, {len(log.seconds):,} reruns"
            rows += [
                Row(f"{name}, median", times[0] * 1e3, "ms", "one session", alone[0] * 1e3),
                Row(f"{name}, p95", times[1] * 1e3, "ms", "one session", alone[1] * 1e3),
                Row(f"{clients} sessions, memory at the end", memory[-1], "MB",
                    "after a third of the time", memory[len(memory) // 3], "about 1"),
            ]  # fmt: skip
        if "Traceback" in server.log.read_text():
            raise SystemExit(f"the server's log has a traceback: {server.log.read_text()}")
    return rows


def find_server(url: str) -> psutil.Process:
    """Return the process that listens at ``url``."""
    port = int(url.rsplit(":", 1)[1])
    for connection in psutil.net_connections("tcp"):
        local = connection.laddr
        if connection.pid and local and local[1] == port and connection.status == "LISTEN":
            return psutil.Process(connection.pid)
    raise SystemExit("cannot find the server's process")


async def _watch(
    url: str, clients: int, seconds: float, process: psutil.Process
) -> tuple[Log, list[float]]:
    """Run the clients and look at the server's memory every second, in MB."""
    log, memory = Log(), []
    end = time.monotonic() + seconds
    tasks = [asyncio.create_task(visit(url, number, end, log)) for number in range(clients)]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(1)
        memory.append(process.memory_info().rss / 2**20)
    await asyncio.gather(*tasks)
    return log, memory


async def visit(url: str, number: int, end: float, log: Log) -> None:
    """One person on Feature maps: a change of model, picture or layer, a pause, another."""
    rng = random.Random(number)
    stream = url.replace("http", "ws") + "/_stcore/stream"
    state = {"model": _MODELS[0], "image": _IMAGES[0], "layer": "relu1"}
    async with connect(stream, subprotocols=["streamlit"], max_size=None, origin=url) as socket:  # type: ignore[list-item,arg-type]
        person = _Person(socket)
        await person.ask({})
        while time.monotonic() < end:
            await asyncio.sleep(rng.uniform(*_PAUSE))
            what, choices = rng.choice(list(_CHOICES.items()))
            state[what] = rng.choice(choices)
            began = time.monotonic()
            answer = await person.ask(state)
            log.seconds.append(time.monotonic() - began)
            if f"channels of {state['layer']} for {state['image']}." not in answer:
                log.wrong.append(f"asked {state}, got {answer[:2000]}")


class _Person:
    """One websocket, with what a browser would remember."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._known: dict[str, ForwardMsg] = {}
        self._page = ""
        self._widgets: dict[str, str] = {}

    async def ask(self, state: dict[str, str]) -> str:
        """Choose in the selectboxes and return all texts of the answer.

        The server sends a large message once and then its hash, so what is known is kept.
        """
        message = BackMsg()
        rerun = message.rerun_script
        rerun.page_script_hash = self._page
        rerun.page_name = "" if self._page else "feature_maps"
        rerun.cached_message_hashes.extend(self._known)
        for key, value in state.items():
            if key in self._widgets:
                widget = rerun.widget_states.widgets.add()
                widget.id, widget.string_value = self._widgets[key], value
        await self._socket.send(message.SerializeToString())
        texts = []
        while True:
            answer = ForwardMsg.FromString(bytes(await self._socket.recv(decode=False)))
            if answer.WhichOneof("type") == "ref_hash":
                answer = self._known[answer.ref_hash]
            elif answer.metadata.cacheable:
                self._known[answer.hash] = answer
            kind = answer.WhichOneof("type")
            if kind == "navigation":
                self._page = answer.navigation.page_script_hash
            elif kind == "delta":
                texts.append(str(answer.delta))
                element = answer.delta.new_element
                if element.WhichOneof("type") == "selectbox":
                    found = element.selectbox.id
                    self._widgets[found.rsplit("-", 1)[-1]] = found
            elif kind == "script_finished" and answer.script_finished == _DONE:
                return "\n".join(texts)
