"""Boxes: the `box` column of the manifest, in pixels, and what is asked of every one."""

import math
from typing import Literal, NamedTuple

from fashiontools.core.errors import BadRow

LABELS = ("upper", "lower", "full")
"""What a detector of garments tells apart: what covers the upper body, the lower one, or both."""

Size = Literal["small", "medium", "large"]
SIZES: tuple[Size, ...] = ("small", "medium", "large")
_SMALL, _LARGE = 32**2, 96**2
_ROUNDING = 1.0
"""Pixels that a box may reach over the edge: corners that count as inside, and rounded ones."""
_LEAST_SIDE = 1.0


class Box(NamedTuple):
    """A rectangle.

    Attributes:
        x: Left edge, pixels from the photo's left.
        y: Upper edge, pixels from the photo's top.
        width: Pixels.
        height: Pixels.
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom, as detectors want it."""
        return self.x, self.y, self.x + self.width, self.y + self.height

    def clipped(self, width: float, height: float) -> "Box":
        """The part of the box on a photo of this size; a side of it is 0 where there is none."""
        left, top, right, bottom = self.corners
        left, right = min(max(left, 0), width), min(max(right, 0), width)
        top, bottom = min(max(top, 0), height), min(max(bottom, 0), height)
        return Box(left, top, max(right - left, 0), max(bottom - top, 0))


def parse_box(text: str) -> Box:
    """Read the `box` column.

    Args:
        text: `x y w h`, finite numbers with spaces between.

    Raises:
        BadRow: It is something else.
    """
    try:
        box = Box(*map(float, text.split()))
    except (TypeError, ValueError):
        box = None
    if box is None or not all(map(math.isfinite, box)):
        raise BadRow(f"damaged box: {text[:80]!r}; expected x y w h in pixels")
    return box


def format_box(box: Box) -> str:
    """The box as the manifest has it: `x y w h`, to a hundredth of a pixel."""
    return " ".join(f"{round(value, 2) + 0:.2f}".rstrip("0").rstrip(".") for value in box)  # + 0: no minus zero


def fitted(box: Box, width: int, height: int, *, clip: bool = False) -> Box:
    """Check a box against its photo.

    Args:
        box: The box.
        width: Of the photo, pixels.
        height: Of the photo, pixels.
        clip: Cut off what is outside, however much it is.

    Returns:
        The box, cut at the edges where it reaches over them by a rounding (one pixel).

    Raises:
        BadRow: It has no area to speak of (a side below one pixel), or is outside the photo.
    """
    if box.width < _LEAST_SIDE or box.height < _LEAST_SIDE:
        raise BadRow(f"empty box: {format_box(box)}")
    left, top, right, bottom = box.corners
    over = max(-left, -top, right - width, bottom - height)
    inside = box.clipped(width, height)
    if (over > _ROUNDING and not clip) or min(inside.width, inside.height) < _LEAST_SIDE:
        raise BadRow(f"box outside the photo: {format_box(box)} on {width} x {height} pixels")
    return inside


def size_of(area: float) -> Size:
    """COCO's size of an area in square pixels: small below 32 x 32, large from 96 x 96.

    COCO's own evaluation counts an area of exactly 32 x 32 as small and as medium; here it is medium.
    """
    return "small" if area < _SMALL else "medium" if area < _LARGE else "large"
