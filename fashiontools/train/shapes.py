"""How photos come to a training: as squares, or scaled with the shape that they have."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fashiontools.core.files import read_bytes
from fashiontools.core.images import Fit, as_rgb, decode, fit_square, resize
from fashiontools.models.detection.canvas import canvas_of, scaled_size


class Shape(Protocol):
    """How a photo is made ready. What it says of itself is part of the name of a cache."""

    @property
    def most_bytes(self) -> int:
        """Most that a photo can need."""

    def read(self, path: str) -> np.ndarray:
        """Decode a photo: (H, W, 3) uint8 RGB.

        Raises:
            BadRow: It cannot be read.
        """

    def canvas(self, height: int, width: int) -> tuple[int, int]:
        """Height and width of a batch whose largest photos are so high and so wide."""


@dataclass(frozen=True)
class Square:
    """Squares of one size.

    Attributes:
        size: Side, pixels.
        fit: How a photo becomes square.
    """

    size: int
    fit: Fit

    @property
    def most_bytes(self) -> int:
        """As `Shape.most_bytes`."""
        return self.size * self.size * 3

    def read(self, path: str) -> np.ndarray:
        """As `Shape.read`."""
        return self.of(read_bytes(path))

    def of(self, data: bytes) -> np.ndarray:
        """Decode a photo, at the reduced scale that suffices: (size, size, 3) uint8 RGB.

        Raises:
            BadRow: It is none.
        """
        # Twice the size is decoded, so that the last reduction averages pixels instead of picking DCT scales.
        return as_rgb(fit_square(decode(data, min_side=2 * self.size), self.size, self.fit))

    def canvas(self, height: int, width: int) -> tuple[int, int]:
        """As `Shape.canvas`: all are alike."""
        return height, width


@dataclass(frozen=True)
class Scaled:
    """Photos of any shape, the shorter side scaled to a length; what detectors look at.

    Attributes:
        shorter: Length of the shorter side, pixels.
        longer: Most that the longer side may have.
    """

    shorter: int
    longer: int

    @property
    def most_bytes(self) -> int:
        """As `Shape.most_bytes`."""
        return self.shorter * self.longer * 3

    def read(self, path: str) -> np.ndarray:
        """As `Shape.read`, at the reduced scale that suffices."""
        pixels = as_rgb(decode(read_bytes(path), min_side=self.shorter))
        return resize(pixels, *scaled_size(*pixels.shape[:2], self.shorter, self.longer))

    def canvas(self, height: int, width: int) -> tuple[int, int]:
        """As `Shape.canvas`: the strides of a detector's features divide it."""
        return canvas_of(height, width)
