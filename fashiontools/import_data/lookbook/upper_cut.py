"""The cut of tops, blouses, knitwear and jackets, and of the bodice of dresses."""

from dataclasses import replace

import numpy as np

from fashiontools.import_data.lookbook.body import WAIST_Y, Figure, limb
from fashiontools.import_data.lookbook.cloth import EASE, Cloth, Dressing
from fashiontools.import_data.lookbook.geometry import mirrored, smooth_curve, tube
from fashiontools.import_data.lookbook.lower_cut import skirt_half, skirt_hem, skirt_surface
from fashiontools.import_data.lookbook.necklines import back_inside, neck_edge, neck_finish, neck_opening
from fashiontools.import_data.lookbook.painting import Line, Piece
from fashiontools.import_data.lookbook.shading import Folds
from fashiontools.import_data.lookbook.trims import front_trims

_HEMS = {"short": 3.05, "normal": 3.62, "long": 4.2}
_JACKET_HEMS = {"short": 3.15, "normal": 3.75, "long": 4.95}
_SLEEVE_STOPS = {"short": 0.52, "half": 1.28, "long": 1.97}
_SLEEVE_WIDTHS = np.array([0.135, 0.165, 0.165, 0.15, 0.135, 0.14, 0.125, 0.105, 0.095])
_SLEEVE_EASE = {"tight": 0.02, "normal": 0.05, "loose": 0.10}
_ARMPIT_Y = 1.98


def upper_dressing(cloth: Cloth, figure: Figure) -> Dressing:
    """Cut an upper garment or a dress for a figure.

    Args:
        cloth: The cloth; its garment has a neckline.
        figure: The posed body.

    Returns:
        The pieces, in the order they are painted within each group.
    """
    garment = cloth.garment
    is_dress = garment.category == "dresses"
    has_waist = is_dress and garment.fit != "loose"
    hem = upper_hem(cloth)
    bottom = WAIST_Y + 0.02 if has_waist else hem
    spine = figure.spine(1.4, hem)
    half = np.full(4, float(trunk_half(cloth, figure, np.array([2.1]))[0]) + 0.04)
    outline = figure.posed(_trunk_outline(cloth, figure, bottom))
    edge = neck_edge(cloth, figure, cloth.from_behind)
    bodice = cloth.surface((outline,), spine, half, _trunk_folds(cloth, has_waist))
    bodice = replace(bodice, cutouts=(neck_opening(edge),))
    body: list[Piece] = []
    if has_waist:
        body.append(skirt_surface(cloth, figure, WAIST_Y - 0.03, hem, spine))
    body.append(bodice)
    if has_waist:
        body += _waist(cloth, figure)
    body += neck_finish(cloth, edge)
    body += _hem_finish(cloth, figure, hem)
    if not cloth.from_behind:
        body += front_trims(cloth, figure, hem)
    sleeves = (_sleeve(cloth, figure, 0), _sleeve(cloth, figure, 1))
    return Dressing(back_inside(cloth, figure, outline, spine, half), body, sleeves)


def upper_hem(cloth: Cloth) -> float:
    """Return the height of the hem of an upper garment or a dress, head units."""
    garment = cloth.garment
    if cloth.tucked:
        return WAIST_Y
    if garment.category == "dresses":
        return skirt_hem(garment)
    hems = _JACKET_HEMS if garment.category == "jackets" else _HEMS
    return hems.get(garment.length, hems["normal"])


def trunk_half(cloth: Cloth, figure: Figure, y: np.ndarray) -> np.ndarray:
    """Return the garment's half width at heights y below the armpit."""
    garment = cloth.garment
    ease = EASE[garment.fit]
    body = figure.torso_half(y)
    straight = np.interp(y, [1.9, 2.2, 3.5, 5.0], [0.63, 0.64, 0.70, 0.80]) * figure.build
    share = {"tight": 0.12, "normal": 0.55, "loose": 1.0}[garment.fit]
    half = np.maximum(body * (1 - share) + straight * share, body) + ease
    if garment.category == "dresses":
        below = skirt_half(garment, figure, y)
        blend = np.clip((y - 2.15) / 0.6, 0, 1)
        half = half * (1 - blend) + np.maximum(half if garment.fit == "loose" else body, below) * blend
    return half


def _trunk_outline(cloth: Cloth, figure: Figure, bottom: float) -> np.ndarray:
    build = figure.build
    if cloth.garment.sleeve_length in ("", "sleeveless"):
        strap = 0.58 if cloth.garment.neckline != "wide" else 0.68
        shoulder = [(0.4, 1.39), (strap, 1.445), (strap, 1.45), (strap - 0.05, 1.6), (0.52, 1.76), (0.555, 1.89)]
        shoulder.append((float(trunk_half(cloth, figure, np.array([_ARMPIT_Y]))[0]) / build - 0.03, 1.965))
    else:
        shoulder = [(0.4, 1.385), (0.66, 1.455), (0.74, 1.56), (0.71, 1.78), (0.66, 1.9)]
    top = smooth_curve([(0.0, 1.30), (0.2, 1.325)] + [(x * build, y) for x, y in shoulder])
    y = np.linspace(_ARMPIT_Y, bottom, 14)
    sides = np.stack([trunk_half(cloth, figure, y), y], axis=1)
    x = np.linspace(1, 0, 6)
    hem = np.stack([sides[-1, 0] * x, bottom + 0.06 * (1 - x**2)], axis=1)
    return mirrored(np.concatenate([top, sides, hem[1:]]))


def _trunk_folds(cloth: Cloth, has_waist: bool) -> Folds:
    """Return creases that drag outward and down from the bust, weaker on a bodice that is taken in."""
    strength = cloth.drape * (0.55 if has_waist else 0.75)
    return Folds(1.9, 0.75, strength, slant=0.8, start=0.2, stop=1.2, phase=cloth.phase)


def _waist(cloth: Cloth, figure: Figure) -> list[Piece]:
    half = float(trunk_half(cloth, figure, np.array([WAIST_Y]))[0])
    x = np.linspace(-1, 1, 9)
    line = figure.posed(np.stack([x * half, WAIST_Y + 0.055 * (1 - x**2)], axis=1))
    if cloth.garment.motif_seed % 3:
        return [cloth.seam(line, 0.03, 0.6)]
    outline = figure.posed(
        np.concatenate(
            [
                np.stack([x * half * 1.01, WAIST_Y - 0.06 + 0.055 * (1 - x**2)], axis=1),
                np.stack([x[::-1] * half * 1.02, WAIST_Y + 0.07 + 0.06 * (1 - x**2)], axis=1),
            ]
        )
    )
    belt = cloth.edge(outline, figure.spine(2.5, 3.0), np.full(4, half), contrast=True)
    return [belt]


def _hem_finish(cloth: Cloth, figure: Figure, hem: float) -> list[Piece]:
    half = float(trunk_half(cloth, figure, np.array([hem]))[0])
    x = np.linspace(-1, 1, 9)

    def row(lift: float) -> np.ndarray:
        return figure.posed(np.stack([x * half, hem - lift + 0.06 * (1 - x**2)], axis=1))

    garment = cloth.garment
    bomber = garment.category == "jackets" and garment.neckline == "lined"
    if garment.category == "knitwear" or bomber:
        outline = np.concatenate(
            [row(0.19), (row(-0.012) - row(0).mean(axis=0))[::-1] * (0.985, 1.0) + row(0).mean(axis=0)]
        )
        return [cloth.edge(outline, figure.spine(1.4, hem), np.full(4, half), ribs=9.0, contrast=bomber)]
    return [cloth.seam(row(0.07), 0.012, 0.6), cloth.seam(row(0.0), 0.025, 0.35)]


def _sleeve(cloth: Cloth, figure: Figure, index: int) -> list[Piece]:
    garment = cloth.garment
    stop = _SLEEVE_STOPS.get(garment.sleeve_length)
    if stop is None:
        return []
    joints = figure.arms[index][:3]
    extra = _SLEEVE_EASE[garment.fit] + (0.02 if garment.category in ("jackets", "knitwear") else 0.0)
    spine, half = limb(joints, _SLEEVE_WIDTHS * figure.build, 0.0, stop)
    # The ease comes in below the shoulder: a wide start would stand up above it as a puff.
    half = half + extra * np.clip(np.linspace(0.0, stop, len(half)) / 0.6 + 0.08, 0, 1)
    if garment.fit == "loose" and garment.category in ("blouses", "dresses", "tops"):
        half = half + np.linspace(0.0, 0.07, len(half))
    few = np.linspace(0, len(spine) - 1, 5).astype(int)
    folds = Folds(0.7, 2.6, 0.8 * cloth.drape, slant=0.5, start=0.1, stop=0.9, phase=cloth.phase + index)
    body = cloth.surface((tube(spine, half, round_start=True),), spine[few], half[few], folds)
    inner = 1 if index == 0 else -1
    pieces: list[Piece] = [replace(body, shadow=0.3), _armhole(cloth, spine, half, inner)]
    return pieces + _cuff(cloth, spine, half, few)


def _armhole(cloth: Cloth, spine: np.ndarray, half: np.ndarray, inner: int) -> Line:
    """Return the seam where the sleeve meets the trunk."""
    x, y = spine[0]
    w = half[0]
    points = np.array(
        [
            (x - inner * 0.02, y - w),
            (x + inner * 0.72 * w, y - 0.68 * w),
            (x + inner * w, y),
            (x + inner * 0.9 * w, y + 1.2 * w),
        ]
    )
    return cloth.seam(smooth_curve(points), 0.02, 0.5)


def _cuff(cloth: Cloth, spine: np.ndarray, half: np.ndarray, few: np.ndarray) -> list[Piece]:
    garment = cloth.garment
    ribbed = garment.category == "knitwear" or (garment.category == "jackets" and garment.neckline == "lined")
    heading = spine[-1] - spine[-2]
    heading = heading / np.hypot(*heading)
    normal = np.array([-heading[1], heading[0]])
    if ribbed or (garment.category == "blouses" and garment.sleeve_length != "short"):
        ends = np.stack([spine[-1] - 0.17 * heading, spine[-1] + 0.01 * heading])
        width = half[-1] * np.array([0.97, 0.86])
        contrast = garment.category == "jackets"
        return [cloth.edge(tube(ends, width), ends, width * 1.05, ribs=11.0 if ribbed else 0.0, contrast=contrast)]
    row = np.array([-1.0, 1.0])[:, None] * normal * half[-1] + spine[-1] - 0.055 * heading
    return [cloth.seam(row, 0.012, 0.6)]
