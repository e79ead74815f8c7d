"""A gallery on a plane: principal components, or UMAP where it is installed."""

from typing import Literal, cast

import numpy as np
import numpy.typing as npt
import torch

from alexcore.errors import GalleryError
from alexcore.extras import describe_install, has_extra
from alexcore.seeding import seeded

Projection = Literal["PCA", "UMAP"]
Points = npt.NDArray[np.float32]


def list_projections() -> list[Projection]:
    """Return what can be used here."""
    return ["PCA", "UMAP"] if has_extra("umap") else ["PCA"]


class Plane:
    """A projection fitted to a gallery; a query is dropped in without moving anything."""

    def __init__(self, matrix: npt.NDArray[np.float32], kind: Projection) -> None:
        """Fit to (N, D) float32.

        Raises:
            GalleryError: There are fewer than three rows, or UMAP is not installed.
        """
        if len(matrix) < 3:
            raise GalleryError(f"got {len(matrix)} rows; a map needs at least three.")
        if kind not in list_projections():
            raise GalleryError(
                f"UMAP needs a package that is not here: {describe_install('umap')}."
            )
        self._mean = matrix.mean(0)
        centred = torch.from_numpy(matrix - self._mean)
        with seeded(0):
            width = min(50 if kind == "UMAP" else 6, *centred.shape)
            _, spread, basis = torch.svd_lowrank(centred, q=width, niter=4)
        low = (centred @ basis).numpy()
        self._basis = basis.numpy()
        total = float(centred.square().sum())
        self.explained = float(spread[:2].square().sum()) / total if total else 0.0
        self._umap = None
        if kind == "UMAP":
            from umap import UMAP

            neighbours = min(15, len(matrix) - 1)
            self._umap = UMAP(n_neighbors=neighbours, random_state=0, n_jobs=1)
            self.points = cast(Points, self._umap.fit_transform(low).astype(np.float32))
        else:
            self.points = low[:, :2].astype(np.float32)

    def place(self, vector: npt.NDArray[np.float32]) -> Points:
        """Return where a query (D,) lies, (2,)."""
        low = (vector - self._mean) @ self._basis
        if self._umap is None:
            return cast(Points, low[:2].astype(np.float32))
        return cast(Points, self._umap.transform(low[None])[0].astype(np.float32))
