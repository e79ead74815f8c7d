import numpy as np
import pytest
from sklearn.decomposition import PCA

from alexcore.errors import GalleryError
from alexcore.retrieval.projection import Plane, list_projections


def test_plane_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    matrix = (rng.normal(size=(300, 40)) * np.geomspace(9, 0.1, 40) + 5).astype(np.float32)
    plane = Plane(matrix, "PCA")
    model = PCA(2).fit(matrix)
    expected = model.transform(matrix)
    for axis in (0, 1):  # the sign of a component is free
        sign = np.sign(expected[0, axis] * plane.points[0, axis])
        np.testing.assert_allclose(plane.points[:, axis], sign * expected[:, axis], atol=0.05)
    assert plane.explained == pytest.approx(model.explained_variance_ratio_.sum(), abs=0.01)
    np.testing.assert_allclose(plane.place(matrix[7]), plane.points[7], atol=1e-3)


@pytest.mark.skipif("UMAP" not in list_projections(), reason="umap-learn is not installed")
@pytest.mark.filterwarnings("ignore")
def test_umap_keeps_clusters_apart() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(90, 20)).astype(np.float32)
    matrix[45:] += 20
    points = Plane(matrix, "UMAP").points
    gap = np.linalg.norm(points[:45].mean(0) - points[45:].mean(0))
    assert gap > 2 * points[:45].std()


def test_plane_rejects_too_few_rows() -> None:
    with pytest.raises(GalleryError, match="at least three"):
        Plane(np.zeros((2, 4), np.float32), "PCA")
