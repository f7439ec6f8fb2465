"""`figure`: a soft silhouette of what differs from the borders beside it."""

import cv2
import numpy as np

from fashiontools.cluster_pairs.photo import MAP_SIDE, Photo, Step


def figure_steps(photo: Photo) -> list[Step]:
    """The silhouette, with what is enclosed by it filled, on a square that keeps the photo's frame.

    Where the photo ends there is nothing, so that no edge of the padding is seen (the thesis cut its photos to the
    middle 116 of 256 columns for that).

    Args:
        photo: Of any size.

    Returns:
        Steps; the last is (64, 64) uint8, 255 = surely the figure.
    """
    found = photo.background
    filled = enclosed(found.figure)
    height, width = filled.shape
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = np.zeros((side, side), np.float32)
    square[top : top + height, left : left + width] = filled
    return [
        Step("photo", found.pixels),
        Step("distance", np.clip(found.distance * 4, 0, 255).astype(np.uint8)),
        Step("stands out", _shown(found.figure)),
        Step("filled", _shown(filled)),
        Step("figure", _shown(cv2.resize(square, (MAP_SIDE, MAP_SIDE), interpolation=cv2.INTER_AREA))),
    ]


def enclosed(figure: np.ndarray) -> np.ndarray:
    """Raise each pixel to what it is enclosed by on its left and right, above and below, on all four sides.

    A white shirt before a white wall is found by its arms, collar and hem.

    Args:
        figure: (H, W) float32 in [0, 1].

    Returns:
        The same shape, nowhere less.
    """
    most = np.maximum.accumulate
    across = np.minimum(most(figure, 1), most(figure[:, ::-1], 1)[:, ::-1])
    down = np.minimum(most(figure, 0), most(figure[::-1], 0)[::-1])
    return np.minimum(across, down)


def _shown(share: np.ndarray) -> np.ndarray:
    return np.round(share * 255).astype(np.uint8)
