"""A gallery as a Lance table in a folder or on an object store: atomic commits, many readers."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from alexcore.errors import GalleryError, GalleryMissingError
from alexcore.retrieval.metrics import Metric
from alexcore.retrieval.store import COMMIT_ROWS, Entries, Entry, GalleryKey, Matrix

_KEPT_VERSIONS = timedelta(hours=1)
_KEY = {"lance-schema:unenforced-primary-key": "true"}
_COLUMNS = ["path", "label", "sha256", "embedding"]


class LanceStore:
    """See ``Store``. An S3 endpoint and its keys are read from the usual AWS variables."""

    def __init__(self, base: str, key: GalleryKey) -> None:
        """Name the table; it is opened when it is needed."""
        self.key, self.commit_rows = key, COMMIT_ROWS
        self._uri = f"{base.rstrip('/')}/{key.name}"
        self._folder = None if "://" in base else Path(self._uri)

    def find_version(self) -> str:  # noqa: D102
        dataset = self._open()
        made = (dataset.schema.metadata or {}).get(b"made", b"")  # Lance counts anew in a new table
        return f"{made.decode()}-{dataset.version}"

    def list_digests(self) -> dict[str, str]:  # noqa: D102
        try:
            with self._reading():
                table = self._open().to_table(columns=["path", "sha256"])
        except GalleryMissingError:
            return {}
        return dict(zip(table["path"].to_pylist(), table["sha256"].to_pylist(), strict=True))

    def add(self, rows: Sequence[Entry], root: Path) -> None:  # noqa: D102
        import lance

        began = time.time()
        table = _create_table(rows, self.key, root)
        try:
            dataset = self._open()
        except GalleryMissingError:
            try:
                if self._folder is not None:
                    self._folder.parent.mkdir(parents=True, exist_ok=True)
                    _check_links(self._folder.parent)
                lance.write_dataset(table, self._uri, mode="create")
                self._sync(began)
                return
            except OSError as error:
                if "already exists" not in str(error):
                    raise self._explain_write(error) from error
                dataset = self._open()  # another process was first
        try:
            with self._reading():
                merge = dataset.merge_insert("path").conflict_retries(50)
                merge.when_matched_update_all().when_not_matched_insert_all().execute(table)
        except OSError as error:
            raise self._explain_write(error) from error
        self._sync(began)

    def delete(self, paths: Sequence[str]) -> None:  # noqa: D102
        began, dataset = time.time(), self._open()
        try:
            for start in range(0, len(paths), 500):
                dataset.delete(_path_in(paths[start : start + 500]))
        except OSError as error:
            raise self._explain_write(error) from error
        self._sync(began)

    def iterate(self, size: int = 4096) -> Iterator[Entries]:  # noqa: D102
        dataset = self._open()
        root = Path(dataset.schema.metadata[b"root"].decode())
        width = dataset.schema.field("embedding").type.list_size
        if dataset.count_rows() == 0:
            raise GalleryError(f"the gallery {self.key.name} is empty; build it again.")
        with self._reading():
            for batch in dataset.to_batches(columns=_COLUMNS, batch_size=size):
                vectors = batch.column("embedding").flatten().to_numpy(zero_copy_only=False)
                yield Entries(
                    tuple(batch.column("path").to_pylist()),
                    tuple(batch.column("label").to_pylist()),
                    tuple(batch.column("sha256").to_pylist()),
                    vectors.reshape(-1, width).astype(np.float32, copy=False),
                    root,
                )

    def load_thumbnails(self, paths: Sequence[str]) -> dict[str, bytes]:  # noqa: D102
        if not paths:
            return {}
        with self._reading():
            dataset = self._open()
            table = dataset.to_table(columns=["path", "thumbnail"], filter=_path_in(paths))
        return dict(zip(table["path"].to_pylist(), table["thumbnail"].to_pylist(), strict=True))

    def search(self, query: Matrix, k: int, metric: Metric) -> list[tuple[str, float]]:  # noqa: D102
        nearest = {"column": "embedding", "q": query, "k": k, "use_index": False}
        nearest["metric"] = "L2" if metric == "euclidean" else "cosine"
        with self._reading():
            table = self._open().to_table(columns=["path", "_distance"], nearest=nearest)
        found = np.asarray(table["_distance"].to_pylist())
        distances = np.sqrt(found) if metric == "euclidean" else found  # Lance squares it
        return list(zip(table["path"].to_pylist(), distances.tolist(), strict=True))

    def tidy(self) -> None:
        """Join small files and drop versions older than an hour, so that readers keep theirs."""
        dataset = self._open()
        try:
            if len(dataset.get_fragments()) > 8:
                dataset.optimize.compact_files()
            dataset.cleanup_old_versions(older_than=_KEPT_VERSIONS)
        except OSError as error:
            if "conflict" not in str(error):  # another builder is at it, and tidies at its end
                raise self._explain_write(error) from error

    def set_aside(self) -> None:  # noqa: D102
        if self._folder is None:
            raise GalleryError(f"move {self._uri} away by hand, then build the gallery again.")
        self._folder.rename(self._folder.with_name(f"{self._folder.name}.{time.time_ns()}.old"))

    def _open(self) -> Any:
        import lance

        if self._folder is not None and not self._find_manifest(self._folder):
            raise self._missing()  # or its first commit is on the way
        try:
            dataset = lance.dataset(self._uri)
        except (ValueError, OSError) as error:
            if self._folder is None and "not found" in str(error).lower():
                raise self._missing() from error
            raise self._damaged() from error
        metadata = {k.decode(): v.decode() for k, v in (dataset.schema.metadata or {}).items()}
        if metadata.get("weights_digest") != self.key.weights_digest:
            raise self.key.stale()
        return dataset

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Say of bytes that are not what Lance wrote that they are damaged."""
        try:
            yield
        except ValueError as error:  # Arrow's, whatever Lance met
            raise self._damaged() from error

    def _damaged(self) -> GalleryError:
        return GalleryError(
            f"the gallery {self.key.name} cannot be read: it is damaged or half copied. Archive "
            "it and build it again."
        )

    def _missing(self) -> GalleryMissingError:
        return GalleryMissingError(
            f"there is no gallery {self.key.name} yet; build it with python -m alexcore embed."
        )

    def _explain_write(self, error: OSError) -> GalleryError:
        return GalleryError(f"cannot write the gallery {self._uri}: {error}")

    def _find_manifest(self, folder: Path) -> Path | None:
        """Return the newest manifest; one of nothing but zeros is set aside.

        A power cut leaves it so, and Lance would take it for an empty table.
        """
        manifests = folder.glob("_versions/*.manifest")
        newest = max(manifests, key=lambda path: path.stat().st_mtime_ns, default=None)
        if newest is None or any(newest.read_bytes()):
            return newest
        newest.rename(newest.with_suffix(".empty"))
        return self._find_manifest(folder)

    def _sync(self, since: float) -> None:
        """Bring what was written since to the disk: Lance itself does not."""
        if self._folder is None or os.name == "nt":
            return
        folders = {self._folder, self._folder.parent}
        for path in self._folder.rglob("*"):
            if path.is_file() and path.stat().st_mtime >= since - 1:
                folders.add(path.parent)
                _fsync(path)
        for folder in folders:
            _fsync(folder)


def _check_links(folder: Path) -> None:
    """Refuse a file system without hard links, such as exFAT: commits are made with them."""
    first, second = (folder / f".link-{os.getpid()}-{name}" for name in "ab")
    try:
        first.touch()
        os.link(first, second)
    except OSError as error:
        raise GalleryError(
            f"galleries cannot be kept in {folder}: {error.strerror}. Commits need hard links, "
            "which exFAT and some network drives lack; name another place by ALEXCORE_GALLERIES."
        ) from error
    finally:
        first.unlink(missing_ok=True)
        second.unlink(missing_ok=True)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _create_table(rows: Sequence[Entry], key: GalleryKey, root: Path) -> Any:
    import pyarrow as pa

    width = len(rows[0].embedding)
    names = ("path", "label", "sha256", "thumbnail")
    fields = [
        # By its key Lance sees that two writers insert the same path at once.
        pa.field("path", pa.string(), nullable=False, metadata=_KEY),
        pa.field("label", pa.string()),
        pa.field("sha256", pa.string()),
        pa.field("thumbnail", pa.binary()),
        pa.field("embedding", pa.list_(pa.float32(), width)),
    ]
    metadata = {
        "weights_digest": key.weights_digest,
        "root": str(root.resolve()),
        "made": str(time.time_ns()),
    }
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    flat = np.stack([row.embedding for row in rows]).astype(np.float32).reshape(-1)
    columns["embedding"] = pa.FixedSizeListArray.from_arrays(pa.array(flat), width)
    return pa.table(columns, schema=pa.schema(fields, metadata=metadata))


def _path_in(paths: Sequence[str]) -> str:
    """Return the SQL condition that a row's path is one of these."""
    return "path IN (" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + ")"
