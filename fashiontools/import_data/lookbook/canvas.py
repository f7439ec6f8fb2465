"""The canvas a figure is painted on, and how outlines in head units become soft-edged pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

_SUPERSAMPLING = 2
_SHIFT = 4
_FAR = 20_000.0
"""Pixels beyond which corners are pulled in, so that fixed-point coordinates cannot overflow."""


@dataclass(frozen=True)
class View:
    """How head units map to pixels: pixel = (point - origin) * scale.

    Attributes:
        scale: Pixels per head unit.
        left: Head units at the left picture edge.
        top: Head units at the top picture edge.
    """

    scale: float
    left: float
    top: float


@dataclass(frozen=True, eq=False)
class Canvas:
    """A picture while it is painted; the arrays are painted in place.

    Attributes:
        rgb: (H, W, 3) float32, 0..255.
        garment: (H, W) float32, 1 where the topmost thing is the garment the shot shows, 0 elsewhere.
        clothing: (H, W) float32, 1 where the topmost thing is any clothing, shown or worn along with it.
        figure: (H, W) float32, 1 where anything has been painted over the backdrop.
        view: The mapping from head units to pixels.
        light: Unit vector toward the light, x right, y down, z toward the viewer.
    """

    rgb: np.ndarray
    garment: np.ndarray
    clothing: np.ndarray
    figure: np.ndarray
    view: View
    light: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Cover:
    """How much of each pixel of a rectangle a shape covers.

    Attributes:
        alpha: (h, w) float32, 0..1.
        top: Row of the rectangle's first pixel on the canvas.
        left: Column of that pixel.
    """

    alpha: np.ndarray
    top: int
    left: int

    @property
    def region(self) -> tuple[slice, slice]:
        """The rectangle as an index into the canvas's arrays."""
        height, width = self.alpha.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


def blank_canvas(backdrop: np.ndarray, view: View, light: tuple[float, float, float]) -> Canvas:
    """Return a canvas with nothing on it but a backdrop (H, W, 3) float32, which it takes over."""
    height, width = backdrop.shape[:2]
    empty = np.zeros((height, width), dtype=np.float32)
    return Canvas(backdrop, empty, empty.copy(), empty.copy(), view, light)


def cover_of(
    canvas: Canvas, outlines: Sequence[np.ndarray], cutouts: Sequence[np.ndarray] = (), margin: float = 0.0
) -> Cover | None:
    """Rasterise the union of outlines less the cutouts.

    Args:
        canvas: Gives the size and the view.
        outlines: Closed polygons (N, 2) in head units.
        cutouts: Polygons taken away again.
        margin: Pixels by which the rectangle is wider than the outlines.

    Returns:
        The cover, or None when it lies outside of the picture.
    """
    pixels = [_to_pixels(canvas.view, outline) for outline in outlines]
    box = _clipped_box(pixels, canvas.garment.shape, margin)
    if box is None:
        return None
    top, left, height, width = box
    fine = np.zeros((height * _SUPERSAMPLING, width * _SUPERSAMPLING), dtype=np.uint8)
    for points in pixels:
        cv2.fillPoly(fine, [_fixed_point(points, top, left)], 255, cv2.LINE_AA, _SHIFT)
    for outline in cutouts:
        cv2.fillPoly(fine, [_fixed_point(_to_pixels(canvas.view, outline), top, left)], 0, cv2.LINE_AA, _SHIFT)
    return Cover(_averaged(fine, width, height), top, left)


def line_cover(canvas: Canvas, points: np.ndarray, width: float) -> Cover | None:
    """Rasterise an open line.

    Args:
        canvas: Gives the size and the view.
        points: (N, 2) in head units.
        width: Line width in head units; lines thinner than a fine pixel fade instead of vanishing.

    Returns:
        The cover, or None when it lies outside of the picture.
    """
    pixels = _to_pixels(canvas.view, points)
    fine_width = width * canvas.view.scale * _SUPERSAMPLING
    box = _clipped_box([pixels], canvas.garment.shape, fine_width + 2)
    if box is None:
        return None
    top, left, rows, columns = box
    fine = np.zeros((rows * _SUPERSAMPLING, columns * _SUPERSAMPLING), dtype=np.uint8)
    thickness = max(1, round(fine_width))
    cv2.polylines(fine, [_fixed_point(pixels, top, left)], False, 255, thickness, cv2.LINE_AA, _SHIFT)
    alpha = _averaged(fine, columns, rows)
    alpha *= np.float32(min(1.0, fine_width))
    return Cover(alpha, top, left)


def _averaged(fine: np.ndarray, width: int, height: int) -> np.ndarray:
    small = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) * np.float32(1 / 255)


def _to_pixels(view: View, points: np.ndarray) -> np.ndarray:
    return np.clip((points - (view.left, view.top)) * view.scale, -_FAR, _FAR)


def _fixed_point(pixels: np.ndarray, top: int, left: int) -> np.ndarray:
    fine = (pixels - (left, top)) * _SUPERSAMPLING - 0.5
    return np.rint(fine * (1 << _SHIFT)).astype(np.int32)


def _clipped_box(
    pixels: Sequence[np.ndarray], shape: tuple[int, ...], margin: float
) -> tuple[int, int, int, int] | None:
    """Return (top, left, height, width) of the polygons' rectangle within the picture, or None."""
    low = np.min([points.min(axis=0) for points in pixels], axis=0) - margin
    high = np.max([points.max(axis=0) for points in pixels], axis=0) + margin
    left, top = (max(0, int(np.floor(value)) - 1) for value in low)
    right, bottom = (min(size, int(np.ceil(value)) + 1) for value, size in zip(high, shape[1::-1], strict=True))
    if right <= left or bottom <= top:
        return None
    return top, left, bottom - top, right - left
