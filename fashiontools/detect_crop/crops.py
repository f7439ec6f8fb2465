"""Cutting a box out of a photo, and out of what belongs to it, pixel for pixel alike."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fashiontools.core.boxes import Box
from fashiontools.core.images import resize

Square = Literal["pad", "extend"]


def in_whole_pixels(box: Box, width: int, height: int) -> Box:
    """The box with its corners rounded to whole pixels, at least one pixel in size and on the photo.

    Args:
        box: Pixels of the photo.
        width: Of the photo, pixels.
        height: Of the photo, pixels.
    """
    left, right = _whole(box.x, box.x + box.width, width)
    top, bottom = _whole(box.y, box.y + box.height, height)
    return Box(left, top, right - left, bottom - top)


def _whole(low: float, high: float, length: int) -> tuple[int, int]:
    start = min(max(round(low), 0), length - 1)
    return start, min(max(round(high), start + 1), length)


@dataclass(frozen=True)
class Cut:
    """A crop of photos of one size.

    Attributes:
        rows: Of the photo.
        columns: Of the photo.
        side: The crop is white around them up to a square of this side, pixels; 0: it is not.
        height: Of the crop in the end, pixels.
        width: Of the crop in the end, pixels.
    """

    rows: slice
    columns: slice
    side: int
    height: int
    width: int

    def of(self, pixels: np.ndarray, outside: int = 255) -> np.ndarray:
        """The crop of a photo.

        Args:
            pixels: (H, W) or (H, W, 3) uint8.
            outside: What is around it where the crop is larger.

        Returns:
            (height, width) or (height, width, 3) uint8.
        """
        part = pixels[self.rows, self.columns]
        if self.side:
            square = np.full((self.side, self.side, *part.shape[2:]), outside, np.uint8)
            top, left = (self.side - part.shape[0]) // 2, (self.side - part.shape[1]) // 2
            square[top : top + part.shape[0], left : left + part.shape[1]] = part
            part = square
        return np.ascontiguousarray(resize(part, self.height, self.width))

    def of_mask(self, mask: np.ndarray) -> np.ndarray:
        """The crop of a mask, (H, W) uint8 of 0 and 255: still 0 or 255, and 0 around it."""
        return np.where(self.of(mask, outside=0) >= 128, np.uint8(255), np.uint8(0))


def cut_of(box: Box, width: int, height: int, margin: float, square: Square | None, size: int | None) -> Cut:
    """How to cut a box out of a photo.

    Args:
        box: In whole pixels of the photo.
        width: Of the photo, pixels.
        height: Of the photo, pixels.
        margin: Added on each side, as a share of the box's width to the left and the right and of its height above
            and below; as far as the photo reaches.
        square: `pad`: white around the shorter sides; `extend`: more of the photo there, as far as it reaches, then
            white. None: as it is.
        size: The longer side of the crop is scaled to this, pixels; None: it is not scaled.
    """
    around = Box(
        box.x - margin * box.width,
        box.y - margin * box.height,
        (1 + 2 * margin) * box.width,
        (1 + 2 * margin) * box.height,
    )
    left, top, right, bottom = (int(edge) for edge in in_whole_pixels(around, width, height).corners)
    side = max(right - left, bottom - top)
    if square == "extend":
        left, right = _extended(left, right, side, width)
        top, bottom = _extended(top, bottom, side, height)
    final = (side, side) if square else (bottom - top, right - left)
    ratio = size / side if size is not None else 1.0
    final_height, final_width = (max(1, round(length * ratio)) for length in final)
    return Cut(slice(top, bottom), slice(left, right), side if square else 0, final_height, final_width)


def _extended(low: int, high: int, side: int, length: int) -> tuple[int, int]:
    """The span, widened to a side around its middle; where the photo ends, further on the other side."""
    side = min(side, length)
    start = min(max(low - (side - (high - low)) // 2, 0), length - side)
    return start, start + side
