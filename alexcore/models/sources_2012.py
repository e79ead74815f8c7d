"""What the paper of 2012, its authors' program and the libraries say of the net, with places.

``sources_2012.toml`` holds every number once; pages, texts and commands read them here.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Basis = Literal["read", "counted", "arithmetic", "inferred"]
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing the sources say, side by side.

    Attributes:
        topic: What it belongs to.
        claim: What it is about.
        paper: What the paper says.
        code: What the authors' program does.
        libraries: What libraries do, as far as their own source was read.
        here: What this project does.
        basis: How the program's part is known.
        places: ``FILE:LINES`` in the authors' repository.
    """

    topic: str
    claim: str
    paper: str
    code: str
    libraries: str
    here: str
    basis: Basis
    places: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a basis without a name."""
        if self.basis not in get_args(Basis):
            raise ValueError(f"{self.claim}: the basis is {self.basis!r}, not one of {Basis}.")

    @property
    def text(self) -> str:
        """All of it in lower case, to search in."""
        cells = (self.topic, self.claim, self.paper, self.code, self.libraries, self.here)
        return " ".join((*cells, self.basis, *self.places)).lower()


@dataclass(frozen=True, slots=True)
class SourceLayer:
    """A layer of the published net; what it has none of is None.

    Attributes:
        name: The paper's.
        neurons: Outputs for a picture.
        places: ``FILE:LINES`` in the authors' repository.
        side: Of its maps in cells.
        parameters: Learnable numbers.
        printed: Neurons by the paper's figure 2.
        field: Side of the receptive field in pixels.
        field_with_norm: The same, with what the spatial norm of stage 2 adds.
        jump: Pixels between neighbouring fields.
        start: Centre of the first field, in pixels from the centre of pixel 0.
        start_padding_2: The same for a first convolution with padding 2.
        weight_std: Standard deviation of the first weights.
        bias: First biases.
    """

    name: str
    neurons: int
    places: tuple[str, ...]
    side: int | None = None
    parameters: int | None = None
    printed: int | None = None
    field: int | None = None
    field_with_norm: int | None = None
    jump: int | None = None
    start: int | None = None
    start_padding_2: int | None = None
    weight_std: float | None = None
    bias: int | None = None


@dataclass(frozen=True, slots=True)
class SourceNet:
    """A net of the authors' in totals.

    Attributes:
        parameters: Learnable numbers.
        mult_adds: For a picture; a bias counts as one.
        places: ``FILE:LINES`` in the authors' repository.
    """

    parameters: int
    mult_adds: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A logged result, as counts.

    Attributes:
        net: The number of the configuration.
        pictures: How many were judged.
        wrong: Of these, wrong in the first place and in the first five.
        places: ``FILE:LINES`` in the authors' repository.
        title: What was judged, where the paper prints it.
        printed: The paper's errors in per cent, top-1 and top-5.
        logprob: Mean cross-entropy in nats.
    """

    net: str
    pictures: int
    wrong: tuple[int, int]
    places: tuple[str, ...]
    title: str = ""
    printed: Pair | None = None
    logprob: float | None = None

    @property
    def errors(self) -> Pair:
        """Top-1 and top-5 error in per cent."""
        first, five = self.wrong
        return 100 * first / self.pictures, 100 * five / self.pictures


@dataclass(frozen=True, slots=True)
class Ablation:
    """One change of a net, and what came of it.

    Attributes:
        change: What was changed.
        result: With the change.
        against: Without it, on the same pictures.
        note: What else differs.
        printed: The paper's difference in points, top-1 and top-5.
        section: Of the paper.
    """

    change: str
    result: Result
    against: Result
    note: str
    printed: Pair | None = None
    section: str = ""

    @property
    def points(self) -> Pair:
        """How much the error rises, in points, top-1 and top-5."""
        (first, five), (before, before_five) = self.result.errors, self.against.errors
        return first - before, five - before_five


@dataclass(frozen=True, slots=True)
class Remark:
    """What the logs say without a figure."""

    text: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A net of the line that led to the published one, and what it changed."""

    result: Result
    change: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the sources leave open."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything the file holds.

    Attributes:
        repository: Address of the authors' repository.
        commit: Its state that all places mean.
        net: The published net, configuration 145.
        layers: Its layers.
        neurons: Their outputs without the pools'.
        printed_factors: Three numbers whose product is figure 2's count of conv1.
        one_gpu: The net of half the width.
        results: Those the paper prints.
        ablations: Changes of the net.
        remarks: Changes without figures.
        lineage: From net 120 to 145.
        statements: The table.
        doubts: What is open.
    """

    repository: str
    commit: str
    net: SourceNet
    layers: tuple[SourceLayer, ...]
    neurons: int
    printed_factors: tuple[int, ...]
    one_gpu: SourceNet
    results: tuple[Result, ...]
    ablations: tuple[Ablation, ...]
    remarks: tuple[Remark, ...]
    lineage: tuple[Step, ...]
    statements: tuple[Statement, ...]
    doubts: tuple[Doubt, ...]

    @property
    def half_width(self) -> Ablation:
        """The paper's own comparison of widths, its section 3.2."""
        return next(ablation for ablation in self.ablations if ablation.section == "3.2")

    def find_layer(self, name: str) -> SourceLayer:
        """Return a layer by the paper's name."""
        return next(layer for layer in self.layers if layer.name == name)

    def link(self, place: str) -> str:
        """Return the address of a place ``FILE:FIRST-LAST``, ``FILE:LINE`` or ``FILE``."""
        file, _, lines = place.partition(":")
        anchor = "#L" + lines.replace("-", "-L") if lines else ""
        return f"{self.repository}/blob/{self.commit}/{file}{anchor}"


def find_statements(statements: Iterable[Statement], words: str) -> list[Statement]:
    """Return the statements that hold every word, in any case."""
    wanted = words.lower().split()
    return [s for s in statements if all(word in s.text for word in wanted)]


@cache
def load_sources() -> Sources:
    """Read the file that comes with the package."""
    file = Path(__file__).with_suffix(".toml")
    held = _freeze(tomllib.loads(file.read_text(encoding="utf-8")))
    net, results = held["net"], {key: Result(**row) for key, row in held["results"].items()}

    def resolve(row: dict[str, Any]) -> dict[str, Any]:
        return row | {key: results[row[key]] for key in ("result", "against") if key in row}

    return Sources(
        held["repository"],
        held["commit"],
        SourceNet(net["parameters"], net["mult_adds"], net["places"]),
        tuple(SourceLayer(**row) for row in net["layers"]),
        net["neurons"],
        net["printed_factors"],
        SourceNet(**held["one_gpu"]),
        tuple(result for result in results.values() if result.printed),
        tuple(Ablation(**resolve(row)) for row in held["ablations"]),
        tuple(Remark(**row) for row in held["remarks"]),
        tuple(Step(**resolve(row)) for row in held["lineage"]),
        tuple(Statement(**row) for row in held["statements"]),
        tuple(Doubt(**row) for row in held["doubts"]),
    )


def _freeze(value: Any) -> Any:
    """Return tables as dicts and arrays as tuples."""
    if isinstance(value, dict):
        return {key: _freeze(inner) for key, inner in value.items()}
    return tuple(map(_freeze, value)) if isinstance(value, list) else value
