"""A photo of a person as features and views look at it: decoded once, its figure found once."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from fashiontools.cluster_pairs.background import Background, stands_out
from fashiontools.core.files import read_bytes
from fashiontools.core.headers import Pixels
from fashiontools.core.images import decode, fit_square

SQUARE = 256
"""Side of the square that the seed's features see, pixels; photos are decoded at a scale that suffices for it."""

MAP_SIDE = 64
"""Side of a feature's last picture, pixels."""


class Step(NamedTuple):
    """One step of a feature, as steps.png shows it.

    Attributes:
        name: A word or two.
        pixels: (H, W) or (H, W, 3) uint8; that of the last step is (64, 64), the feature itself.
    """

    name: str
    pixels: Pixels


class Photo:
    """One photo.

    Args:
        pixels: (H, W, 3) or (H, W) uint8.
    """

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels

    @cached_property
    def background(self) -> Background:
        """What stands out from the photo's borders."""
        return stands_out(self.pixels)

    @cached_property
    def square(self) -> np.ndarray:
        """The photo on a square of 256 pixels, the shorter side extended with white, uint8."""
        return fit_square(self.pixels, SQUARE, "pad")


def read_photo(path: str) -> Photo:
    """Read a photo at the scale that features need.

    Raises:
        BadRow: It cannot be read.
    """
    return Photo(decode(read_bytes(path), min_side=SQUARE))
