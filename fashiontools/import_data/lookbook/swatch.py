"""Fabric swatches: seamlessly repeating colour textures of a garment's cloth, with smaller copies of themselves."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from fashiontools.import_data.lookbook.attributes import Garment, Rgb
from fashiontools.import_data.lookbook.motifs import draw_pattern

TILE_PIXELS = 512
TILE_HEADS = 2.0
_SMALLEST_TILE = 64


@dataclass(frozen=True, eq=False)
class Swatch:
    """A repeating piece of cloth.

    Attributes:
        levels: Textures (n, n, 4) uint8, RGB and opacity (255 = opaque), finest first, each half the one before.
            Each covers `TILE_HEADS` x `TILE_HEADS` head units.
        opaque: Whether nothing shows through anywhere.
    """

    levels: tuple[np.ndarray, ...]
    opaque: bool


@lru_cache(maxsize=24)
def garment_swatch(garment: Garment) -> Swatch:
    """Return the cloth of a garment; the same garment always gives the same swatch."""
    return _with_levels(_woven(draw_pattern(garment, TILE_PIXELS), garment.category))


@lru_cache(maxsize=8)
def plain_swatch(colour: Rgb, category: str) -> Swatch:
    """Return unpatterned cloth of one RGB colour, woven like the garments of a category."""
    tile = np.empty((TILE_PIXELS, TILE_PIXELS, 4), dtype=np.uint8)
    tile[:] = (*colour, 255)
    return _with_levels(_woven(tile, category))


def _woven(tile: np.ndarray, category: str) -> np.ndarray:
    """Give a flat pattern (n, n, 4) uint8 the relief of its threads."""
    relief, none = _weave(category), np.zeros((TILE_PIXELS, TILE_PIXELS), dtype=np.float32)
    texture = cv2.merge([relief, relief, relief, none])
    # The weave lightens and darkens by absolute steps too, or black cloth would have none.
    woven = cv2.multiply(tile, 1 + 0.5 * texture, dtype=cv2.CV_32F)
    return cv2.addWeighted(texture, 30.0, woven, 1.0, 0.0, dtype=cv2.CV_8U)


def sample(swatch: Swatch, across: np.ndarray, along: np.ndarray, pixels_per_head: float) -> np.ndarray:
    """Look cloth colours up.

    Args:
        swatch: The cloth.
        across: (h, w) float32 positions on the cloth, head units; any value, the cloth repeats.
        along: (h, w) float32, the same downward.
        pixels_per_head: Resolution of the picture, which picks the level.

    Returns:
        (h, w, 4) uint8 RGB and opacity.
    """
    level = 0
    while level + 1 < len(swatch.levels) and len(swatch.levels[level]) / TILE_HEADS > 1.5 * pixels_per_head:
        level += 1
    texture = swatch.levels[level]
    size = len(texture)
    columns = across * np.float32(1 / TILE_HEADS)
    rows = along * np.float32(1 / TILE_HEADS)
    # Wrapped here because remap's own wrapping is far slower for coordinates outside of the texture.
    columns -= np.floor(columns)
    rows -= np.floor(rows)
    columns *= np.float32(size)
    rows *= np.float32(size)
    return cv2.remap(texture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


def _with_levels(tile: np.ndarray) -> Swatch:
    levels = [tile]
    while len(levels[-1]) > _SMALLEST_TILE:
        half = len(levels[-1]) // 2
        levels.append(cv2.resize(levels[-1], (half, half), interpolation=cv2.INTER_AREA))
    return Swatch(tuple(levels), opaque=bool(tile[..., 3].min() == 255))


@lru_cache(maxsize=8)
def _weave(category: str) -> np.ndarray:
    """Return the brightness relief of the threads, (TILE_PIXELS, TILE_PIXELS) float32 around 0."""
    rows, columns = np.mgrid[0:TILE_PIXELS, 0:TILE_PIXELS].astype(np.float32) / TILE_PIXELS
    turn = 2 * np.pi
    if category == "knitwear":
        wales = np.abs((columns * 28) % 1 - 0.5) * 2
        stitches = np.cos(turn * (rows * 44 + 0.45 * wales))
        relief = 0.09 * stitches + 0.16 * (0.5 - wales)
    elif category in ("pants", "jackets"):
        relief = 0.05 * np.cos(turn * (columns * 64 + rows * 64)) + 0.02 * np.cos(turn * rows * 96)
    else:
        relief = 0.03 * np.cos(turn * columns * 100) * np.cos(turn * rows * 100)
    grain = np.random.default_rng(11).standard_normal(rows.shape, dtype=np.float32)
    return (relief + 0.025 * grain).astype(np.float32)
