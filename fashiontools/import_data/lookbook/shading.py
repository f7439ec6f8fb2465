"""Light on round, creased surfaces, and where the creases carry the cloth's pattern."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from fashiontools.import_data.lookbook.canvas import Canvas, Cover
from fashiontools.import_data.lookbook.geometry import spine_coordinates

_AMBIENT = 0.42
_FOLD_DEPTH = 0.13
"""Depth of folds of strength 1, head units."""
_NOISE_CELLS = 32
_NOISE_PIXELS_PER_CELL = 8
_COARSE_PER_HEAD = 44.0
"""Resolution at which light and folds are worked out; both are soft, so the picture's own would be wasted."""


@dataclass(frozen=True)
class Folds:
    """How cloth creases.

    Attributes:
        across: Folds per head unit across (or per half width, when `radiating`).
        along: Folds per head unit along the spine.
        strength: Steepness; 0 is taut, 1 strongly draped.
        slant: How much the folds run outward, in head units down per head unit across, mirrored left to right.
        start: Distance along the spine at which they begin to show, head units.
        stop: Distance at which they have their full strength.
        radiating: Whether the folds widen with the cloth, as in a flared skirt.
        crisp: Whether they are pressed pleats instead of soft waves.
        phase: Shifts the folds; different garments crease differently.
    """

    across: float
    along: float
    strength: float
    slant: float = 0.0
    start: float = -1.0
    stop: float = 0.0
    radiating: bool = False
    crisp: bool = False
    phase: float = 0.0


@dataclass(frozen=True, eq=False)
class Relief:
    """Light and cloth coordinates of a rectangle of pixels.

    Attributes:
        shade: (h, w) float32 factor on the colour, about 0.4 (turned away) to 1.25 (toward the light), 1 = facing us.
        across: (h, w) float32 position on the cloth, head units.
        along: (h, w) float32 position on the cloth, head units.
    """

    shade: np.ndarray
    across: np.ndarray
    along: np.ndarray


def relief_of(
    canvas: Canvas, cover: Cover, spine: np.ndarray, half_widths: np.ndarray, roundness: float, folds: Folds | None
) -> Relief:
    """Work out the light on a piece of surface wrapped around a spine.

    Args:
        canvas: Gives the view and the light.
        cover: Gives the rectangle of pixels.
        spine: (K, 2) middle line in head units.
        half_widths: (K,) half width of the surface at each spine point.
        roundness: 0 for flat, 1 for a full round tube.
        folds: The creases, if any.

    Returns:
        The relief at the picture's resolution.
    """
    height, width = cover.alpha.shape
    # Pleats and ribs run at a slant to the grid, and a coarse one would cut them into steps.
    fineness = 2.2 if folds is not None and folds.crisp else 1.0
    step = max(1, round(canvas.view.scale / (fineness * _COARSE_PER_HEAD)))
    x, y = _coarse_grid(canvas, cover, step)
    place = spine_coordinates(x, y, spine)
    stations = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(spine, axis=0), axis=1))])
    half = np.interp(place.along, stations, half_widths).astype(np.float32)
    side = np.clip(place.across / np.maximum(half, 0.02), -1, 1)
    # The surface turns away toward its sides, so equal steps on the picture are ever longer steps on the cloth.
    across = place.across + (half * np.float32(0.55 * roundness)) * side * np.square(side)
    tilt = np.float32(roundness) * side * (0.35 + 0.65 * np.square(side))
    normal_x, normal_y, along = tilt * place.axis_x, tilt * place.axis_y, place.along
    if folds is None:
        shade = _lit(normal_x, normal_y, canvas.light)
    else:
        heights = _fold_heights(folds, across, along, side)
        lean_x, lean_y = _fold_slopes(heights, canvas.view.scale / step)
        shade = _lit(normal_x - lean_x, normal_y - lean_y, canvas.light)
        shade *= 1 + np.float32(0.07) * np.clip(heights, -2, 1)
        across = across + np.float32(0.035) * heights
        along = along + np.float32(0.05) * heights
    grown = (_enlarged(field, step) for field in (shade, across, along))
    return Relief(*(field[step : step + height, step : step + width] for field in grown))


def _enlarged(field: np.ndarray, step: int) -> np.ndarray:
    if step == 1:
        return field.astype(np.float32, copy=False)
    return cv2.resize(field.astype(np.float32, copy=False), None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)


def _fold_slopes(heights: np.ndarray, cells_per_head: float) -> tuple[np.ndarray, np.ndarray]:
    """Return how far the creases turn the surface to the right and downward."""
    slope = np.float32(_FOLD_DEPTH * cells_per_head)
    lean_x = slope * cv2.Sobel(heights, cv2.CV_32F, 1, 0, scale=0.125)
    lean_y = slope * cv2.Sobel(heights, cv2.CV_32F, 0, 1, scale=0.125)
    # Steep creases are flattened out: as hard edges they would show the coarse grid.
    soft = 1 / np.sqrt(1 + np.float32(1.8) * (np.square(lean_x) + np.square(lean_y)))
    return lean_x * soft, lean_y * soft


def _coarse_grid(canvas: Canvas, cover: Cover, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return positions of cells of step x step pixels over the rectangle, with one more cell on every side."""
    height, width = cover.alpha.shape
    view = canvas.view
    rows = cover.top + (np.arange(-(-height // step) + 2) - 0.5) * step
    columns = cover.left + (np.arange(-(-width // step) + 2) - 0.5) * step
    x, y = np.meshgrid(columns / view.scale + view.left, rows / view.scale + view.top)
    return x.astype(np.float32), y.astype(np.float32)


def _lit(normal_x: np.ndarray, normal_y: np.ndarray, light: tuple[float, float, float]) -> np.ndarray:
    length = np.square(normal_x) + np.square(normal_y)
    squeeze = 1 / np.sqrt(np.maximum(length, 1) * np.float32(1.0001))
    normal_z = np.sqrt(np.maximum(1 - length * np.square(squeeze), 0))
    facing = (normal_x * light[0] + normal_y * light[1]) * squeeze + normal_z * light[2]
    shade = _AMBIENT + (1 - _AMBIENT) * np.maximum(facing, 0) / light[2]
    return np.minimum(shade, 1.25).astype(np.float32)


def _fold_heights(folds: Folds, across: np.ndarray, along: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Return the height of the creases on the coarse grid, float32 around 0."""
    lateral = side if folds.radiating else across
    downward = along - np.float32(folds.slant) * np.abs(across)
    if folds.crisp:
        pleat = (lateral * np.float32(folds.across) + np.float32(folds.phase)) % 1
        heights = np.minimum(pleat * 1.3, (1 - pleat) * 4.3) - np.float32(0.5)
    else:
        heights = _noise(lateral * folds.across + folds.phase, downward * folds.along + 2 * folds.phase)
        # Troughs are narrower than ridges: cloth hangs in round waves between sharp creases.
        heights = 1.5 * heights - 0.9 * np.abs(
            _noise(lateral * (1.7 * folds.across) + 3 * folds.phase, downward * (1.4 * folds.along) + folds.phase)
        )
    reach = np.clip((along - folds.start) / max(folds.stop - folds.start, 1e-6), 0, 1)
    return (folds.strength * reach * heights).astype(np.float32)


def _noise(columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Look up smooth repeating noise; one unit is about one wave."""
    tile = _noise_tile()
    spots = []
    for values in (columns, rows):
        wrapped = values.astype(np.float32) / np.float32(_NOISE_CELLS)
        wrapped -= np.floor(wrapped)
        spots.append(wrapped * np.float32(len(tile)))
    return cv2.remap(tile, spots[0], spots[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


@lru_cache(maxsize=1)
def _noise_tile() -> np.ndarray:
    cells = np.random.default_rng(5).standard_normal((_NOISE_CELLS, _NOISE_CELLS)).astype(np.float32)
    padded = np.pad(cells, 4, mode="wrap")
    grown = cv2.resize(
        padded, None, fx=_NOISE_PIXELS_PER_CELL, fy=_NOISE_PIXELS_PER_CELL, interpolation=cv2.INTER_CUBIC
    )
    rim = 4 * _NOISE_PIXELS_PER_CELL
    return np.ascontiguousarray(grown[rim:-rim, rim:-rim])
