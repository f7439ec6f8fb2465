"""Photos with one thing each, and without any."""

import numpy as np

THINGS = {
    "a.png": (40, 60, 50, 90),
    "b/c.jpg": (100, 30, 80, 40),
    "b/d.png": (0, 100, 70, 100),  # at the left and the lower border
    "e.png": (70, 10, 33, 120),
}
"""Photos of 200 x 200 pixels with one thing each: its left, top, width and height."""
SIDE = 200


def product_photo(box: tuple[int, int, int, int], seed: int = 0) -> np.ndarray:
    """A thing of many dark colours on white."""
    x, y, width, height = box
    photo = np.full((SIDE, SIDE, 3), 250, np.uint8)
    photo[y : y + height, x : x + width] = np.random.default_rng(seed).integers(0, 120, (height, width, 3), np.uint8)
    return photo


def busy_photo(seed: int = 0) -> np.ndarray:
    """One without a plain background."""
    blocks = np.random.default_rng(seed).integers(0, 256, (10, 10, 3), np.uint8)
    return np.kron(blocks, np.ones((20, 20, 1), np.uint8))
