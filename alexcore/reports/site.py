"""Reports of several nets and pictures as a small site of static files, for any web host.

sources x pictures -> ``write_site`` -> ``index.html``, a page each, and Plotly once beside them.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path

from alexcore.files import write_text
from alexcore.reports.document import read_library, to_address, write_document
from alexcore.reports.html import Subject, write_report
from alexcore.sources import ModelSource

_LIBRARY = "plotly.min.js"
_BACK = '<p class=quiet><a href="index.html">All nets and pictures</a></p>'


def write_site(
    folder: Path,
    sources: Sequence[ModelSource],
    pictures: Mapping[str, bytes],
    look: Callable[[ModelSource], Callable[[str], Subject]],
) -> Path:
    """Write a page for each net and picture, and one that leads to them.

    Args:
        folder: Made where it is missing; pages of these names in it are replaced.
        sources: The nets.
        pictures: {name: a PNG file}.
        look: Loads a net and returns what looks at a picture by its name.

    Returns:
        The first page.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / _LIBRARY, read_library())
    for source in sources:
        subject = look(source)
        for name in pictures:
            page = write_report(subject(name), _LIBRARY, _BACK)
            write_text(folder / _name(source, name), page)
    first = folder / "index.html"
    write_text(first, write_document("Inside AlexNet", _list_pages(sources, pictures), _LIBRARY))
    return first


def _name(source: ModelSource, picture: str) -> str:
    return f"{source.name.replace('/', '-')}-{picture}.html"


def _list_pages(sources: Sequence[ModelSource], pictures: Mapping[str, bytes]) -> str:
    parts = ["<h1>Inside AlexNet</h1><p class=quiet>What each net sees in a picture, and which "
             "training pictures its last hidden layer finds most alike.</p>"]  # fmt: skip
    for source in sources:
        links = "".join(
            f'<a href="{escape(_name(source, name))}"><figure><img src="{to_address(data)}" '
            f'width=130 alt=""><figcaption>{escape(name)}</figcaption></figure></a>'
            for name, data in pictures.items()
        )
        about = f"{escape(source.spec.title)}, {escape(source.origin)}"
        parts.append(f"<h2>{escape(source.name)}</h2><p>{about}.</p><div class=row>{links}</div>")
    return "".join(parts)
