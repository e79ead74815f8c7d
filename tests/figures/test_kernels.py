import numpy as np

from alexcore.figures.kernels import create_kernel_wall


def test_wall_shows_each_kernel_over_its_own_range() -> None:
    weights = np.zeros((5, 3, 2, 2), np.float32)
    weights[1, 0, 0, 0] = 10  # red, bright, in the top left corner
    weights[3, 2, 1, 1] = 0.001  # faint, but its own range brings it out in blue
    wall = np.asarray(create_kernel_wall(weights, columns=3, zoom=4))
    assert wall.shape == (8 + 4 + 8, 3 * 12 - 4, 4)
    assert wall[0, 12].tolist() == [255, 0, 0, 255]
    assert wall[19, 7].tolist() == [0, 0, 255, 255]
    assert wall[0, 0].tolist() == [128, 128, 128, 255]  # a constant kernel is grey
    assert wall[19, 31, 3] == 0  # nothing in the sixth place
