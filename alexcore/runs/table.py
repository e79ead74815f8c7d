"""Records of one dataclass as a CSV that any tool reads, and back."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, get_type_hints

from alexcore.errors import CheckpointError
from alexcore.files import write_text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Record = TypeVar("Record", bound=DataclassInstance)
else:
    Record = TypeVar("Record")


def save_table(path: Path, kind: type[Record], records: Iterable[Record]) -> None:
    """Write all records, replacing the file in one step; floats have six digits.

    Args:
        path: The file.
        kind: A dataclass of ``int``, ``float`` and ``str`` fields, which name the columns.
        records: In the order of the lines.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(get_type_hints(kind)), lineterminator="\n")
    writer.writeheader()
    for record in records:
        values = asdict(record)
        writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in values.items()})
    write_text(path, text.getvalue())


def load_table(path: Path, kind: type[Record]) -> list[Record]:
    """Read what ``save_table`` wrote; columns that ``kind`` does not know are left out.

    Raises:
        CheckpointError: The file is missing, or a column or number is.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                kind(**{name: parse(line[name]) for name, parse in get_type_hints(kind).items()})
                for line in csv.DictReader(file)
            ]
    except FileNotFoundError as error:
        raise CheckpointError(f"{path.parent.name} has no {path.name}.") from error
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise CheckpointError(
            f"{path} is damaged or not of ours ({error!r}); restore it or remove the run."
        ) from error
