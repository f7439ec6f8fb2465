"""Necklines: the openings cut at the neck and how their edges are finished."""

import numpy as np

from fashiontools.import_data.lookbook.body import Figure
from fashiontools.import_data.lookbook.cloth import Cloth
from fashiontools.import_data.lookbook.geometry import smooth_curve
from fashiontools.import_data.lookbook.painting import Line, Piece, Surface

_ABOVE = 1.0

_FRONT: dict[str, list[tuple[float, float]]] = {
    "round": [(0.29, 1.30), (0.285, 1.42), (0.23, 1.56), (0.12, 1.64), (0.0, 1.665)],
    "v": [(0.27, 1.30), (0.25, 1.42), (0.17, 1.66), (0.085, 1.88), (0.0, 2.10)],
    "wide": [(0.60, 1.30), (0.575, 1.47), (0.45, 1.56), (0.24, 1.615), (0.0, 1.63)],
    "deep": [(0.40, 1.30), (0.38, 1.5), (0.345, 1.78), (0.24, 2.04), (0.0, 2.16)],
    "back": [(0.22, 1.30), (0.21, 1.36), (0.17, 1.43), (0.09, 1.47), (0.0, 1.48)],
    "lined": [(0.31, 1.30), (0.305, 1.44), (0.25, 1.62), (0.13, 1.72), (0.0, 1.75)],
}
_BACK_DEFAULT_DEPTH = 1.50
_OPEN_BACK = [(0.42, 1.30), (0.41, 1.6), (0.39, 2.0), (0.3, 2.4), (0.15, 2.58), (0.0, 2.62)]
_LAPEL_V = [(0.27, 1.30), (0.25, 1.42), (0.17, 1.72), (0.085, 2.08), (0.0, 2.42)]


def neck_curve(cloth: Cloth, seen_from_behind: bool) -> np.ndarray:
    """Return the right half of the neckline for an upright trunk, from the shoulder to the middle, (N, 2)."""
    garment = cloth.garment
    if seen_from_behind:
        if garment.neckline == "back":
            return np.array(_OPEN_BACK)
        # Front and back meet on the shoulder, so the back opens as wide as the front does.
        wide = _FRONT.get(garment.neckline, _FRONT["round"])[1][0]
        return np.array(
            [(wide, 1.30), (wide * 0.97, 1.40), (wide * 0.7, _BACK_DEFAULT_DEPTH - 0.05), (0.0, _BACK_DEFAULT_DEPTH)]
        )
    if garment.category == "jackets" and garment.neckline == "v":
        return np.array(_LAPEL_V)
    return np.array(_FRONT.get(garment.neckline, _FRONT["round"]))


def neck_edge(cloth: Cloth, figure: Figure, seen_from_behind: bool) -> np.ndarray:
    """Return the whole neckline on the posed figure, from the left shoulder to the right, (N, 2)."""
    half = neck_curve(cloth, seen_from_behind)
    name = cloth.garment.neckline
    pointed = name == "v" and not seen_from_behind
    left = half * (-1.0, 1.0)
    if pointed:
        # Each side is a curve of its own, so that the point stays sharp.
        curve = np.concatenate([smooth_curve(left), smooth_curve(half[::-1])[1:]])
    else:
        curve = smooth_curve(np.concatenate([left, half[::-1][1:]]))
    return figure.posed(curve)


def neck_opening(edge: np.ndarray) -> np.ndarray:
    """Return the polygon to cut away above a neckline."""
    return np.concatenate([edge, [(edge[-1, 0], _ABOVE), (edge[0, 0], _ABOVE)]])


def neck_finish(cloth: Cloth, edge: np.ndarray) -> list[Piece]:
    """Return the binding, rib or seam along a neckline.

    Args:
        cloth: The garment's cloth; a "lined" neckline is bound in its contrast colour.
        edge: (N, 2) from `neck_edge`.
    """
    garment = cloth.garment
    if garment.neckline == "lined":
        return [
            Line(edge, 0.20, garment.accent, 1.0, True),
            Line(edge + (0.0, 0.012), 0.03, _dimmed(garment.accent), 0.35, True),
        ]
    if garment.category == "knitwear":
        return [cloth.seam(edge, 0.15, 0.22), *_parallel_seams(cloth, edge, (0.075, 0.04))]
    return [cloth.seam(edge, 0.035, 0.45), *_parallel_seams(cloth, edge, (0.05,))]


def back_inside(cloth: Cloth, figure: Figure, outline: np.ndarray, spine: np.ndarray, half: np.ndarray) -> list[Piece]:
    """Return the inside of the back that shows through the neck of a garment laid out, with the brand's label."""
    edge = neck_edge(cloth, figure, True)
    inside = Surface(
        (outline,), spine, half, swatch=cloth.main, cutouts=(neck_opening(edge),), garment=cloth.shown, clothing=True,
        roundness=0.3, dim=0.72, shadow=0.0,
    )  # fmt: skip
    pieces: list[Piece] = [inside, cloth.seam(edge, 0.03, 0.6)]
    if cloth.garment.neckline in ("round", "v", "deep", "lined"):
        label = np.array([(-0.085, 1.52), (0.085, 1.52), (0.085, 1.6), (-0.085, 1.6)])
        pieces.append(
            Surface((label,), spine, half, colour=(244, 242, 236), garment=cloth.shown, clothing=True, roundness=0.0)
        )
        pieces.append(Line(np.array([(-0.055, 1.56), (0.055, 1.56)]), 0.018, (60, 60, 64)))
    return pieces


def _parallel_seams(cloth: Cloth, edge: np.ndarray, distances: tuple[float, ...]) -> list[Piece]:
    heading = np.gradient(edge, axis=0)
    heading /= np.maximum(np.linalg.norm(heading, axis=1, keepdims=True), 1e-9)
    outward = np.stack([-heading[:, 1], heading[:, 0]], axis=1)
    return [cloth.seam(edge + outward * distance, 0.012, 0.6) for distance in distances]


def _dimmed(colour: tuple[int, int, int]) -> tuple[float, float, float]:
    red, green, blue = (0.7 * c for c in colour)
    return red, green, blue
