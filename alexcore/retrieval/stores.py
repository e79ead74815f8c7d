"""Which store a URI names: Lance in a folder or on an object store, or Milvus."""

from alexcore.retrieval.lance import LanceStore
from alexcore.retrieval.store import GalleryKey, Store

_MILVUS = "milvus:"


def open_store(base: str, key: GalleryKey) -> Store:
    """Return the store of a gallery; nothing is read or written yet.

    Args:
        base: A folder, an object-store URI such as ``s3://bucket/galleries``, or
            ``milvus:FILE.db`` and ``milvus:http://host:19530``.
        key: Names the gallery.

    Raises:
        GalleryError: The URI needs a package that is not installed.
    """
    if base.startswith(_MILVUS):
        from alexcore.retrieval.milvus import MilvusStore

        return MilvusStore(base.removeprefix(_MILVUS), key)
    return LanceStore(base, key)
