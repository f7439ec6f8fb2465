"""Photos that the tests of cluster-pairs share."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest


@pytest.fixture(scope="session")
def house(run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lookbook of twelve products whose faces are large enough to be seen. Tests read it and never write to it."""
    folder = tmp_path_factory.mktemp("cluster_pairs") / "house"
    done = run("import", "lookbook", "--products", "12", "--height", "288", "--seed", "3", "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


def _person(size: tuple[int, int]) -> np.ndarray:
    """A standing person as a mask: head, trunk, two legs, two arms; (H, W) bool."""
    height, width = size
    mask = np.zeros(size, np.uint8)

    def ellipse(x: float, y: float, rx: float, ry: float) -> None:
        centre, axes = (round(x * width), round(y * height)), (round(rx * height), round(ry * height))
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 1, -1)

    ellipse(0.5, 0.11, 0.045, 0.065)
    ellipse(0.5, 0.34, 0.085, 0.19)
    for side in (-1, 1):
        ellipse(0.5 + side * 0.06, 0.72, 0.036, 0.24)
        ellipse(0.5 + side * 0.16, 0.36, 0.022, 0.17)
    return mask > 0


@pytest.fixture(scope="session")
def person() -> Callable[[tuple[int, int]], np.ndarray]:
    """Draws a standing person as a mask of a size (H, W)."""
    return _person
