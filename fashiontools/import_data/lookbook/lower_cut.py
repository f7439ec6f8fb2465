"""The cut of skirts and pants."""

from dataclasses import replace

import numpy as np

from fashiontools.import_data.lookbook.attributes import Garment
from fashiontools.import_data.lookbook.body import CROTCH_Y, WAIST_Y, Figure, limb
from fashiontools.import_data.lookbook.cloth import EASE, Cloth, Dressing
from fashiontools.import_data.lookbook.geometry import smooth_curve
from fashiontools.import_data.lookbook.painting import Line, Piece, Surface
from fashiontools.import_data.lookbook.shading import Folds

_SKIRT_HEMS = {"short": 4.55, "knee": 5.5, "long": 6.9}
_PANTS_STOPS = {"short": 0.46, "3-4": 1.5, "long": 1.97}
_LEG_WIDTHS = {
    "tight": np.array([0.37, 0.35, 0.31, 0.265, 0.22, 0.195, 0.2, 0.205, 0.18, 0.145, 0.13]),
    "normal": np.array([0.385, 0.37, 0.34, 0.305, 0.275, 0.26, 0.25, 0.245, 0.24, 0.235, 0.23]),
    "loose": np.array([0.40, 0.40, 0.39, 0.38, 0.375, 0.375, 0.375, 0.38, 0.385, 0.39, 0.395]),
}
_RISE = 2.72
_BAND = 0.15


def lower_dressing(cloth: Cloth, figure: Figure) -> Dressing:
    """Cut a skirt or a pair of pants for a figure.

    Args:
        cloth: The cloth.
        figure: The posed body.

    Returns:
        The pieces; there are no sleeves.
    """
    body = _pants(cloth, figure) if cloth.garment.category == "pants" else _skirt(cloth, figure)
    body += _waistband(cloth, figure)
    return Dressing(_waist_inside(cloth, figure), body, ([], []))


def skirt_hem(garment: Garment) -> float:
    """Return the height of the hem of a skirt or a dress, head units."""
    return _SKIRT_HEMS.get(garment.length, _SKIRT_HEMS["knee"])


def skirt_half(garment: Garment, figure: Figure, y: np.ndarray) -> np.ndarray:
    """Return the half width of a skirt at heights y."""
    hips = figure.torso_half(np.clip(y, WAIST_Y - 0.1, 3.62)) + EASE[garment.fit] * 0.6
    if garment.fit == "tight":
        return hips - 0.035 * np.clip(y - 3.6, 0, 2.2)
    slope = 0.17 if garment.fit == "normal" else 0.27
    if garment.silhouette != "straight":
        slope *= 1.3
    # A long skirt is cut from a narrower cone, or its hem would be as wide as a ball gown's.
    slope /= 1 + 0.12 * (skirt_hem(garment) - 4.5)
    waist = float(figure.torso_half(np.array([WAIST_Y]))[0]) + 0.045
    cone = waist + slope * np.maximum(y - WAIST_Y, 0) ** 0.85
    # The smooth maximum of hips and cone: cloth spans hollows, it has no kink where it leaves the hips.
    return (hips**8 + cone**8) ** 0.125


def skirt_surface(cloth: Cloth, figure: Figure, top: float, hem: float, spine: np.ndarray) -> Surface:
    """Return a skirt from one height to another, its cloth measured along `spine`."""
    garment = cloth.garment
    y = np.linspace(top, hem, 16)
    half = skirt_half(garment, figure, y)
    x = np.linspace(1, -1, 25)
    deep = 0.05 + 0.04 * (hem - 4) / 3
    wave = np.zeros_like(x)
    if garment.silhouette != "straight" and garment.fit != "tight":
        wave = 0.028 * np.sin(x * (9.0 + cloth.phase % 3) + cloth.phase)
    hem_row = np.stack([x * half[-1], hem + deep * (1 - x**2) + wave * (1 - x**4)], axis=1)
    right, left = np.stack([half, y], axis=1), np.stack([-half, y], axis=1)
    outline = figure.posed(np.concatenate([right, hem_row, left[::-1]]))
    depths = spine[:, 1]
    widths = np.maximum(skirt_half(garment, figure, depths), 0.5)
    return cloth.surface((outline,), spine, widths, _skirt_folds(cloth, top - spine[0, 1]))


def _skirt_folds(cloth: Cloth, start: float) -> Folds:
    garment = cloth.garment
    if garment.silhouette == "pleated" and garment.fit != "tight":
        return Folds(5.5, 0.0, 0.75, start=start - 0.3, stop=start + 0.5, radiating=True, crisp=True)
    if garment.fit == "tight":
        return Folds(1.4, 1.3, 0.4, slant=0.4, start=start, stop=start + 0.6, phase=cloth.phase)
    waves = 3.4 if garment.silhouette == "flared" else 2.3
    return Folds(
        waves, 0.12, 1.15 * cloth.drape, start=start + 0.1, stop=start + 1.6, radiating=True, phase=cloth.phase
    )


def _skirt(cloth: Cloth, figure: Figure) -> list[Piece]:
    hem = skirt_hem(cloth.garment)
    surface = skirt_surface(cloth, figure, _RISE, hem, figure.spine(_RISE, hem))
    half = float(skirt_half(cloth.garment, figure, np.array([hem]))[0])
    x = np.linspace(-1, 1, 13)
    row = figure.posed(np.stack([x * half, hem - 0.07 + 0.06 * (1 - x**2)], axis=1))
    pieces: list[Piece] = [surface, cloth.seam(row, 0.012, 0.5)]
    if cloth.garment.closure == "buttons" and not cloth.from_behind:
        pieces += _button_front(cloth, figure, hem)
    return pieces


def _button_front(cloth: Cloth, figure: Figure, hem: float) -> list[Piece]:
    y = np.linspace(_RISE + 0.3, hem - 0.25, 6)
    spots = figure.posed(np.stack([np.zeros_like(y), y], axis=1))
    return [Line(np.stack([spot, spot + (0.004, 0.0)]), 0.055, cloth.garment.accent, 1.0, True) for spot in spots]


def _pants(cloth: Cloth, figure: Figure) -> list[Piece]:
    order = (0, 1) if figure.legs[0][2, 1] <= figure.legs[1][2, 1] else (1, 0)
    pieces: list[Piece] = []
    for index in order:
        pieces += _pants_leg(cloth, figure, index)
    centre = figure.posed(np.array([(0.0, _RISE), (0.0, 3.2), (0.0, 3.6), (0.0, CROTCH_Y + 0.05)]))
    pieces.append(cloth.seam(centre, 0.018, 0.75))
    if cloth.from_behind:
        pockets = [[(0.16, 3.2), (0.48, 3.17), (0.48, 3.5), (0.32, 3.58), (0.16, 3.52), (0.16, 3.2)]]
    else:
        pockets = [[(0.34, 2.9), (0.42, 3.08), (0.58, 3.22), (0.7, 3.27)]]
        fly = figure.posed(smooth_curve([(0.1, _RISE + 0.1), (0.1, 3.25), (0.07, 3.45), (0.0, 3.58)]))
        pieces.append(cloth.seam(fly, 0.013, 0.7))
    for pocket in pockets:
        for side in (-1.0, 1.0):
            pieces.append(cloth.seam(figure.posed(np.array(pocket) * (side, 1.0)), 0.02, 0.75))
    return pieces


def _pants_leg(cloth: Cloth, figure: Figure, index: int) -> list[Piece]:
    garment = cloth.garment
    side = -1.0 if index == 0 else 1.0
    stop = _PANTS_STOPS.get(garment.length, _PANTS_STOPS["long"])
    joints = figure.legs[index][:3]
    spine, half = limb(joints, _LEG_WIDTHS[garment.fit] * figure.build, 0.2, stop)
    heading = np.gradient(spine, axis=0)
    heading /= np.linalg.norm(heading, axis=1, keepdims=True)
    outward = np.stack([heading[:, 1], -heading[:, 0]], axis=1) * (side * half)[:, None]
    y = np.linspace(_RISE, 3.78, 8)
    hips = figure.posed(np.stack([side * (figure.torso_half(y) + 0.6 * EASE[garment.fit]), y], axis=1))
    # A hair past the middle, so that no gap opens between the two legs.
    middle = figure.posed(np.array([(-side * 0.02, CROTCH_Y + 0.1), (-side * 0.02, 3.4), (-side * 0.02, _RISE)]))
    hem_dip = spine[-1] + 0.035 * heading[-1]
    outer, inner = spine + outward, spine - outward
    outline = np.concatenate(
        [smooth_curve(np.concatenate([hips, outer[1:]]), samples=3), [hem_dip], inner[::-1], middle]
    )
    crease_top = figure.posed(np.array([(side * 0.3, _RISE)]))
    axis = np.concatenate([crease_top, spine[[0, len(spine) // 2, -1]]])
    widths = np.concatenate([[0.4], half[[0, len(half) // 2, -1]]])
    folds = Folds(0.9, 1.5, 0.55 * cloth.drape, slant=0.7, start=0.3, stop=1.3, phase=cloth.phase + 0.7 * index)
    pieces: list[Piece] = [replace(cloth.surface((outline,), axis, widths, folds), shadow=0.3)]
    rows = (spine[-1] - outward[-1], hem_dip, spine[-1] + outward[-1])
    pieces.append(cloth.seam(np.stack(rows) - 0.06 * heading[-1], 0.012, 0.6))
    if garment.fit != "tight" and garment.length != "short":
        pieces.append(cloth.seam(spine[2:], 0.02, 0.3))
    return pieces


def _waistband(cloth: Cloth, figure: Figure) -> list[Piece]:
    x = np.linspace(-1, 1, 9)
    heights = np.array([_RISE - 0.03, _RISE + _BAND])
    if cloth.garment.category == "pants":
        half, low = (figure.torso_half(heights) + 0.6 * EASE[cloth.garment.fit] + 0.008).tolist()
    else:
        half, low = (skirt_half(cloth.garment, figure, heights) + 0.008).tolist()

    def row(y: float, wide: float) -> np.ndarray:
        return np.stack([x * wide, y + 0.05 * (1 - x**2)], axis=1)

    outline = figure.posed(np.concatenate([row(_RISE - 0.03, half), row(_RISE + _BAND, low)[::-1]]))
    band = cloth.edge(outline, figure.spine(_RISE - 0.03, _RISE + 1), np.full(4, half))
    pieces: list[Piece] = [band, cloth.seam(figure.posed(row(_RISE + _BAND, low)), 0.016, 0.8)]
    if cloth.garment.category == "pants":
        loops = [-0.34, 0.34] if not cloth.from_behind else [-0.34, 0.0, 0.34]
        for x_loop in loops:
            loop = figure.posed(np.array([(x_loop, _RISE), (x_loop, _RISE + _BAND + 0.05)]))
            pieces.append(cloth.seam(loop, 0.045, 0.75))
        if not cloth.from_behind:
            spot = figure.posed(np.array([(0.03, _RISE + 0.11), (0.034, _RISE + 0.11)]))
            pieces.append(Line(spot, 0.075, (196, 190, 178), 1.0, True))
    return pieces


def _waist_inside(cloth: Cloth, figure: Figure) -> list[Piece]:
    x = np.linspace(-1, 1, 9)
    half = float(figure.torso_half(np.array([_RISE]))[0]) + 0.6 * EASE[cloth.garment.fit]
    top = np.stack([x * half, _RISE - 0.03 - 0.045 * (1 - x**2)], axis=1)
    low = np.stack([x[::-1] * half, np.full(9, _RISE + 0.1)], axis=1)
    outline = figure.posed(np.concatenate([top, low]))
    inside = cloth.surface((outline,), figure.spine(_RISE - 0.1, _RISE + 1), np.full(4, half))
    return [replace(inside, dim=0.7, shadow=0.0)]
