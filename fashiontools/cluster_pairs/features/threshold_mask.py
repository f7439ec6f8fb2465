"""`threshold-mask`: what is darker than the background, filled; and the same with a threshold for each photo."""

import cv2
import numpy as np

from fashiontools.cluster_pairs.features.gray import as_gray
from fashiontools.cluster_pairs.photo import MAP_SIDE, Photo, Step
from fashiontools.core.images import resize

COLUMNS = 116
"""Of 256 columns, the middle ones that are looked at: beyond them is the white that the photo was extended with."""

LEVEL = 200
"""Gray level above which a pixel is background."""

_BLUR = (5, 5)


def middle(square: np.ndarray) -> np.ndarray:
    """The middle 116 columns of a photo that is 256 wide."""
    left = (square.shape[1] - COLUMNS) // 2
    return square[:, left : left + COLUMNS]


def threshold_mask_steps(photo: Photo) -> list[Step]:
    """The thesis's mask (Farnsworth 2018, "Threshold Mask", figure 17).

    The middle 116 of 256 columns in gray, blurred by a Gaussian of 5 pixels, person (200 and darker) white and
    background black, what the person encloses filled, 64 x 64.

    Args:
        photo: Of any size.

    Returns:
        Steps; the last is (64, 64) uint8, 255 = person.
    """
    return _steps(photo, chooses=False)


def adaptive_mask_steps(photo: Photo) -> list[Step]:
    """The thesis's mask with level and polarity chosen for each photo.

    The level is Otsu's (1979), on the blurred photo; background is the side that most of the left and right border of
    the cut photo is on. So a person before a dark or gray wall is white too; a floor that is as dark as the person
    stays.

    Args:
        photo: Of any size.

    Returns:
        Steps; the last is (64, 64) uint8, 255 = person.
    """
    return _steps(photo, chooses=True)


def _steps(photo: Photo, *, chooses: bool) -> list[Step]:
    cut = middle(photo.square)
    gray = as_gray(cut)
    blurred = cv2.GaussianBlur(gray, _BLUR, 0)
    level = cv2.threshold(blurred, 0, 255, cv2.THRESH_OTSU)[0] if chooses else LEVEL
    mask = np.where(blurred > level, np.uint8(0), np.uint8(255))
    if chooses and np.concatenate([mask[:, :4], mask[:, -4:]], axis=1).mean() > 127.5:
        mask = 255 - mask
    filled = fill_holes(mask)
    return [
        Step("photo", cut),
        Step("gray", gray),
        Step("blurred", blurred),
        Step("threshold", mask),
        Step("filled", filled),
        Step("masked", cv2.bitwise_and(cut, cut, mask=filled)),
        Step("64 x 64", resize(filled, MAP_SIDE, MAP_SIDE)),
    ]


def fill_holes(mask: np.ndarray) -> np.ndarray:
    """Fill what a mask encloses: (H, W) uint8, 0 and 255."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(np.zeros_like(mask), outlines, -1, 255, cv2.FILLED)
