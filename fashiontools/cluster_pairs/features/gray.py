"""`gray`: the photo itself, in gray."""

import cv2
import numpy as np

from fashiontools.cluster_pairs.photo import MAP_SIDE, Photo, Step
from fashiontools.core.images import resize


def gray_steps(photo: Photo) -> list[Step]:
    """The whole square photo in gray, at 64 x 64 (Farnsworth 2018, "Grayscale Clustering").

    Args:
        photo: Of any size.

    Returns:
        Steps; the last is (64, 64) uint8.
    """
    gray = as_gray(photo.square)
    return [Step("photo", photo.square), Step("gray", gray), Step("64 x 64", resize(gray, MAP_SIDE, MAP_SIDE))]


def as_gray(pixels: np.ndarray) -> np.ndarray:
    """(H, W) uint8 luma."""
    return pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
