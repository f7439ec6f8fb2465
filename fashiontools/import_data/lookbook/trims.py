"""What is sewn onto the front of upper garments: collars, lapels, button rows, zips and pockets."""

import numpy as np

from fashiontools.import_data.lookbook.body import Figure
from fashiontools.import_data.lookbook.cloth import Cloth
from fashiontools.import_data.lookbook.geometry import smooth_curve
from fashiontools.import_data.lookbook.necklines import neck_curve
from fashiontools.import_data.lookbook.painting import Line, Piece, Surface

_METAL = (190, 190, 194)


def front_trims(cloth: Cloth, figure: Figure, hem: float) -> list[Piece]:
    """Return everything sewn onto the front of a garment whose hem lies at `hem` (head units)."""
    garment = cloth.garment
    depth = float(neck_curve(cloth, False)[-1, 1])
    pieces: list[Piece] = []
    if garment.category == "jackets":
        pieces += _pockets(cloth, figure, hem)
    if garment.closure == "zip":
        pieces += _zip(cloth, figure, depth, hem)
    elif garment.closure == "buttons":
        bottom = hem if garment.category != "dresses" else min(hem, 2.7)
        pieces += _button_row(cloth, figure, depth, bottom)
    if garment.category == "jackets" and garment.neckline == "v":
        pieces += _lapels(cloth, figure)
    elif garment.collar and garment.neckline in ("v", "round") and garment.category == "blouses":
        pieces += _shirt_collar(cloth, figure)
    return pieces


def _button_row(cloth: Cloth, figure: Figure, depth: float, bottom: float) -> list[Piece]:
    garment = cloth.garment
    big = garment.category == "jackets"
    x = 0.05 if garment.category == "knitwear" else 0.075
    pieces: list[Piece] = []
    for side, opacity in ((x, 0.75), (-x, 0.4)):
        edge = figure.posed(smooth_curve([(side, depth - 0.02), (side, (depth + bottom) / 2), (side, bottom + 0.05)]))
        pieces.append(cloth.seam(edge, 0.018, opacity))
    count = max(3, round((bottom - depth) / (0.45 if big else 0.3)))
    y = np.linspace(depth + 0.1, bottom - (0.45 if big else 0.18), count)
    size = 0.085 if big else 0.055
    colour = cloth.seam_colour if big else garment.accent if garment.pattern == "unicolors" else (240, 238, 232)
    for spot in figure.posed(np.stack([np.zeros_like(y), y], axis=1)):
        pieces.append(Line(np.stack([spot + (0.008, 0.014), spot + (0.012, 0.014)]), size, (20, 18, 20), 0.35, True))
        pieces.append(Line(np.stack([spot, spot + (0.004, 0.0)]), size, colour, 1.0, True))
        pieces.append(Line(np.stack([spot - (0.01, 0.0), spot + (0.01, 0.0)]), 0.012, (40, 36, 36), 0.6, True))
    return pieces


def _zip(cloth: Cloth, figure: Figure, depth: float, hem: float) -> list[Piece]:
    y = np.linspace(depth - 0.02, hem + 0.05, 9)
    middle = figure.posed(np.stack([np.zeros_like(y), y], axis=1))
    pull = np.stack([middle[0] + (0.0, 0.05), middle[0] + (0.0, 0.17)])
    return [
        cloth.seam(middle, 0.13, 0.35),
        Line(middle, 0.04, _METAL, 0.95, True),
        Line(middle, 0.01, (70, 70, 74), 0.9, True),
        Line(pull, 0.045, (226, 226, 230), 1.0, True),
    ]


def _pockets(cloth: Cloth, figure: Figure, hem: float) -> list[Piece]:
    y = min(3.2, hem - 0.42)
    pieces: list[Piece] = []
    for side in (-1.0, 1.0):
        flap = np.array([(0.24, y), (0.56, y - 0.03), (0.565, y + 0.13), (0.24, y + 0.16)]) * (side, 1.0)
        outline = figure.posed(flap)
        pieces.append(cloth.edge(outline, figure.spine(1.4, hem), np.full(4, 0.75)))
        pieces.append(cloth.seam(np.concatenate([outline, outline[:1]]), 0.014, 0.7))
    return pieces


def _lapels(cloth: Cloth, figure: Figure) -> list[Piece]:
    pieces: list[Piece] = []
    notch = cloth.garment.collar
    for side in (-1.0, 1.0):
        outer = [(0.25, 1.29), (0.35, 1.38), (0.41, 1.55), (0.36, 1.66), (0.47, 1.69), (0.40, 1.98), (0.0, 2.46)]
        if not notch:
            outer = [(0.25, 1.29), (0.35, 1.38), (0.40, 1.6), (0.38, 1.9), (0.24, 2.2), (0.0, 2.46)]
        inner = neck_curve(cloth, False)[::-1][:-1]
        shape = np.concatenate([outer if notch else smooth_curve(outer), inner + (0.0, -0.01)]) * (side, 1.0)
        outline = figure.posed(shape)
        spine = figure.posed(np.array([(side * 0.3, 1.35), (side * 0.15, 2.4)]))
        pieces.append(cloth.edge(outline, spine, np.array([0.35, 0.3])))
        pieces.append(cloth.seam(outline[: len(outline) - len(inner)], 0.016, 0.8))
        if notch:
            pieces.append(cloth.seam(figure.posed(np.array([(0.36, 1.66), (0.22, 1.57)]) * (side, 1.0)), 0.016, 0.8))
    return pieces


def _shirt_collar(cloth: Cloth, figure: Figure) -> list[Piece]:
    """Return two collar wings that follow the neckline's upper part."""
    pieces: list[Piece] = []
    curve = neck_curve(cloth, False)
    inner = np.array([(np.interp(y, curve[:, 1], curve[:, 0]), y) for y in (1.30, 1.42, 1.54, 1.63)])
    outer = np.array([(0.29, 1.88), (0.41, 1.7), (0.38, 1.5), (0.30, 1.29)])
    for side in (-1.0, 1.0):
        outline = figure.posed(np.concatenate([inner, outer]) * (side, 1.0))
        spine = figure.posed(np.array([(side * 0.3, 1.3), (side * 0.14, 1.8)]))
        wing: Surface = cloth.edge(outline, spine, np.array([0.2, 0.2]))
        pieces += [wing, cloth.seam(np.concatenate([outline[3:], outline[:1]]), 0.014, 0.8)]
    return pieces
