"""Pieces of a figure - surfaces and lines - and how they are painted, one over the other."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from fashiontools.import_data.lookbook.canvas import Canvas, Cover, cover_of, line_cover
from fashiontools.import_data.lookbook.shading import Folds, Relief, relief_of
from fashiontools.import_data.lookbook.swatch import Swatch, sample

Tone = tuple[float, float, float]
_SHADOW_DROP = 0.045
_SHADOW_BLUR = 0.07


@dataclass(frozen=True, eq=False)
class Surface:
    """A piece of skin, hair or cloth.

    Attributes:
        outlines: Closed polygons in head units; their union is the piece.
        spine: (K, 2) line the piece is wrapped around.
        half_widths: (K,) half width at each spine point.
        colour: RGB 0..255; unused where there is a `swatch`.
        swatch: The cloth.
        cutouts: Polygons left out.
        garment: Whether this is part of the garment that the shot shows.
        clothing: Whether this is part of any clothing.
        roundness: 0 for flat, 1 for a full round tube.
        folds: Creases of cloth, strands of hair.
        shadow: Darkness of the shadow it casts on the figure below, 0..1.
        tint: How strongly shade darkens red, green and blue.
        sheen: Brightness added on lit and taken from shaded parts, 0..255; shows the folds of black cloth.
        dim: Factor on the colour of all of it, for insides.
        opacity: 0..1 for the piece as a whole.
    """

    outlines: tuple[np.ndarray, ...]
    spine: np.ndarray
    half_widths: np.ndarray
    colour: Tone = (0.0, 0.0, 0.0)
    swatch: Swatch | None = None
    cutouts: tuple[np.ndarray, ...] = ()
    garment: bool = False
    clothing: bool = False
    roundness: float = 0.8
    folds: Folds | None = None
    shadow: float = 0.35
    tint: Tone = (1.0, 1.0, 0.95)
    sheen: float = 0.0
    dim: float = 1.0
    opacity: float = 1.0


@dataclass(frozen=True, eq=False)
class Line:
    """A seam, a lash, a strap: a line over what is already painted.

    Attributes:
        points: (N, 2) in head units.
        width: In head units.
        colour: RGB 0..255.
        opacity: 0..1.
        on_clothing: Whether it shows only where clothing is.
    """

    points: np.ndarray
    width: float
    colour: Tone
    opacity: float = 1.0
    on_clothing: bool = False


Piece = Surface | Line


def paint(canvas: Canvas, pieces: Iterable[Piece]) -> None:
    """Paint pieces onto the canvas in the order given."""
    for piece in pieces:
        if isinstance(piece, Line):
            _paint_line(canvas, piece)
        else:
            _paint_surface(canvas, piece)


def _paint_surface(canvas: Canvas, piece: Surface) -> None:
    cover = cover_of(canvas, piece.outlines, piece.cutouts)
    if cover is None:
        return
    if piece.shadow > 0:
        _cast_shadow(canvas, piece)
    relief = relief_of(canvas, cover, piece.spine, piece.half_widths, piece.roundness, piece.folds)
    colour, alpha = _coloured(canvas, piece, relief, cover)
    region = cover.region
    under = canvas.rgb[region]
    colour -= under
    colour *= alpha[..., None]
    under += colour
    _claim(canvas, cover, piece)


def _coloured(canvas: Canvas, piece: Surface, relief: Relief, cover: Cover) -> tuple[np.ndarray, np.ndarray]:
    """Return the lit colour (h, w, 3) float32 and the opacity (h, w) float32 of a surface."""
    darkness = (1 - relief.shade)[..., None] * np.float32(piece.dim)
    factor = np.float32(piece.dim) - darkness * np.array(piece.tint, dtype=np.float32)
    alpha = cover.alpha
    if piece.opacity < 1:
        alpha = alpha * np.float32(piece.opacity)
    if piece.swatch is None:
        factor *= np.array(piece.colour, dtype=np.float32)
    else:
        cloth = sample(piece.swatch, relief.across, relief.along, canvas.view.scale)
        factor *= cloth[..., :3]
        if not piece.swatch.opaque:
            alpha = alpha * (cloth[..., 3] * np.float32(1 / 255))
    if piece.sheen:
        factor += np.float32(piece.sheen) * (relief.shade - np.float32(0.85))[..., None]
    np.clip(factor, 0, 255, out=factor)
    return factor, alpha


def _claim(canvas: Canvas, cover: Cover, piece: Surface) -> None:
    region = cover.region
    figure = canvas.figure[region]
    np.maximum(figure, cover.alpha, out=figure)
    for mask, belongs in ((canvas.garment[region], piece.garment), (canvas.clothing[region], piece.clothing)):
        if belongs:
            np.maximum(mask, cover.alpha, out=mask)
        else:
            mask *= 1 - cover.alpha


def _cast_shadow(canvas: Canvas, piece: Surface) -> None:
    """Darken what already belongs to the figure around and below the piece."""
    scale = canvas.view.scale
    drop = np.array([-canvas.light[0], 0.8 - canvas.light[1]]) * _SHADOW_DROP
    spread = max(1, round(_SHADOW_BLUR * scale))
    cover = cover_of(
        canvas, tuple(o + drop for o in piece.outlines), tuple(c + drop for c in piece.cutouts), 2 * spread
    )
    if cover is None:
        return
    region = cover.region
    dark = cv2.blur(cv2.blur(cover.alpha, (spread, spread)), (spread, spread))
    dark *= canvas.figure[region]
    dark *= np.float32(-piece.shadow)
    dark += 1
    canvas.rgb[region] *= dark[..., None]


def _paint_line(canvas: Canvas, line: Line) -> None:
    cover = line_cover(canvas, line.points, line.width)
    if cover is None:
        return
    region = cover.region
    alpha = cover.alpha * np.float32(line.opacity)
    if line.on_clothing:
        alpha *= canvas.clothing[region]
    under = canvas.rgb[region]
    under += (np.array(line.colour, dtype=np.float32) - under) * alpha[..., None]
