"""`canny`: edges of the middle of the photo."""

import cv2

from fashiontools.cluster_pairs.features.gray import as_gray
from fashiontools.cluster_pairs.features.threshold_mask import middle
from fashiontools.cluster_pairs.photo import MAP_SIDE, Photo, Step
from fashiontools.core.images import resize

LOW, HIGH = 100, 200
"""Canny's two thresholds: the thesis does not say its own; these are those of OpenCV's tutorial."""


def canny_steps(photo: Photo) -> list[Step]:
    """Canny's edges on the middle 116 of 256 columns, shrunk to 64 x 64 (Farnsworth 2018, "Edges").

    Args:
        photo: Of any size.

    Returns:
        Steps; the last is (64, 64) uint8, the share of each cell that is edge times 255.
    """
    cut = middle(photo.square)
    gray = as_gray(cut)
    edges = cv2.Canny(gray, LOW, HIGH)
    return [
        Step("photo", cut),
        Step("gray", gray),
        Step("edges", edges),
        Step("64 x 64", resize(edges, MAP_SIDE, MAP_SIDE)),
    ]
