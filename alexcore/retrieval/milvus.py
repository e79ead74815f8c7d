"""A gallery as a Milvus collection: on a cluster, or in a Milvus Lite file with the same calls."""

import base64
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from alexcore.errors import GalleryError, GalleryMissingError
from alexcore.extras import describe_install, has_extra
from alexcore.retrieval.metrics import Metric
from alexcore.retrieval.store import COMMIT_ROWS, Entries, Entry, GalleryKey, Matrix

_FIELDS = ["path", "label", "sha256", "embedding"]


class MilvusStore:
    """See ``Store``. Its index measures Euclidean distance only.

    What the rows have in common, and a version, stand in the one row of a collection beside
    theirs: Milvus counts rows, which an update leaves as they are.
    """

    def __init__(self, uri: str, key: GalleryKey) -> None:
        """Connect.

        Raises:
            GalleryError: The extra "milvus" is not installed, or the server does not answer.
        """
        if not has_extra("milvus"):
            raise GalleryError(
                f"a milvus: gallery needs packages that are not here: {describe_install('milvus')}."
            )
        from pymilvus import MilvusClient
        from pymilvus.exceptions import MilvusException

        self.key, self.commit_rows = key, COMMIT_ROWS
        self._name = "".join(c if c.isalnum() else "_" for c in key.name)
        self._facts = f"{self._name}_facts"
        try:
            self._client: Any = MilvusClient(uri)
        except MilvusException as error:
            raise GalleryError(f"Milvus at {uri} does not answer: {error}.") from error

    def find_version(self) -> int:  # noqa: D102
        return int(self._check()["version"])

    def list_digests(self) -> dict[str, str]:  # noqa: D102
        if not self._client.has_collection(self._name):
            return {}
        self._check()
        rows = self._query(["path", "sha256"], 4096)
        return {row["path"]: row["sha256"] for batch in rows for row in batch}

    def add(self, rows: Sequence[Entry], root: Path) -> None:  # noqa: D102
        if not self._client.has_collection(self._name):
            self._create(len(rows[0].embedding))
            self._note(root)
        self._check()
        data = [
            {
                "path": row.path,
                "label": row.label,
                "sha256": row.sha256,
                "thumbnail": base64.b64encode(row.thumbnail).decode(),
                "embedding": row.embedding.tolist(),
            }
            for row in rows
        ]
        self._client.upsert(self._name, data)
        self._note(root)

    def delete(self, paths: Sequence[str]) -> None:  # noqa: D102
        root = Path(self._check()["root"])
        self._client.delete(self._name, filter=_path_in(paths))
        self._note(root)

    def iterate(self, size: int = 4096) -> Iterator[Entries]:  # noqa: D102
        root = Path(self._check()["root"])
        found = False
        for batch in self._query(_FIELDS, size):
            found = True
            yield Entries(
                tuple(row["path"] for row in batch),
                tuple(row["label"] for row in batch),
                tuple(row["sha256"] for row in batch),
                np.array([row["embedding"] for row in batch], np.float32),
                root,
            )
        if not found:
            raise GalleryError(f"the gallery {self.key.name} is empty; build it again.")

    def load_thumbnails(self, paths: Sequence[str]) -> dict[str, bytes]:  # noqa: D102
        self._check()
        rows = self._client.query(
            self._name, filter=_path_in(paths), output_fields=["path", "thumbnail"]
        )
        return {row["path"]: base64.b64decode(row["thumbnail"]) for row in rows}

    def search(self, query: Matrix, k: int, metric: Metric) -> list[tuple[str, float]]:  # noqa: D102
        if metric != "euclidean":
            raise GalleryError("a Milvus gallery is searched by euclidean distance.")
        self._check()
        (found,) = self._client.search(self._name, data=[query.tolist()], limit=k)
        return [(hit["path"], float(np.sqrt(max(hit["distance"], 0.0)))) for hit in found]

    def tidy(self) -> None:
        """Leave it to the server."""

    def set_aside(self) -> None:  # noqa: D102
        now = time.time_ns()
        for name in (self._facts, self._name):
            self._client.rename_collection(name, f"{name}_{now}")

    def _create(self, width: int) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema()
        schema.add_field("path", DataType.VARCHAR, is_primary=True, max_length=2048)
        schema.add_field("label", DataType.VARCHAR, max_length=512)
        schema.add_field("sha256", DataType.VARCHAR, max_length=64)
        schema.add_field("thumbnail", DataType.VARCHAR, max_length=65535)
        schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=width)
        index = self._client.prepare_index_params()
        index.add_index("embedding", index_type="AUTOINDEX", metric_type="L2")
        self._client.create_collection(
            self._name, schema=schema, index_params=index, consistency_level="Strong"
        )

    def _note(self, root: Path) -> None:
        """Write what the rows have in common, under a new version."""
        from pymilvus import DataType

        if not self._client.has_collection(self._facts):
            schema = self._client.create_schema()
            schema.add_field("id", DataType.INT64, is_primary=True)
            schema.add_field("weights_digest", DataType.VARCHAR, max_length=64)
            schema.add_field("root", DataType.VARCHAR, max_length=4096)
            schema.add_field("version", DataType.INT64)
            schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)  # there must be one
            index = self._client.prepare_index_params()
            index.add_index("vector", index_type="AUTOINDEX", metric_type="L2")
            self._client.create_collection(
                self._facts, schema=schema, index_params=index, consistency_level="Strong"
            )
        facts = {"weights_digest": self.key.weights_digest, "root": str(root.resolve())}
        row = {"id": 0, "version": time.time_ns(), "vector": [0.0, 0.0]} | facts
        self._client.upsert(self._facts, [row])

    def _check(self) -> dict[str, Any]:
        """Return what the rows have in common; a description is lost in Milvus Lite."""
        if not self._client.has_collection(self._facts):
            raise GalleryMissingError(
                f"there is no gallery {self.key.name} yet; build it with python -m alexcore embed."
            )
        fields = ["weights_digest", "root", "version"]
        found = self._client.query(self._facts, filter="id == 0", output_fields=fields)
        facts: dict[str, Any] = dict(found[0])
        if facts["weights_digest"] != self.key.weights_digest:
            raise self.key.stale()
        return facts

    def _query(self, fields: list[str], size: int) -> Iterator[list[dict[str, Any]]]:
        """Yield rows in batches; a plain query is capped at 16,384."""
        found = self._client.query_iterator(self._name, batch_size=size, output_fields=fields)
        try:
            while batch := found.next():
                yield batch
        finally:
            found.close()


def _path_in(paths: Sequence[str]) -> str:
    """Return the condition that a row's path is one of these; quotes in names are kept."""
    return f"path in {json.dumps(list(paths), ensure_ascii=False)}"
