"""Faces and hair."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fashiontools.import_data.lookbook.anatomy import darker_skin, skin_surface
from fashiontools.import_data.lookbook.body import Figure, Person
from fashiontools.import_data.lookbook.geometry import ellipse, mirrored, rotated, smooth_curve
from fashiontools.import_data.lookbook.painting import Line, Piece, Surface, Tone
from fashiontools.import_data.lookbook.shading import Folds

Placer = Callable[[list[tuple[float, float]]], np.ndarray]

_PIVOT = (0.0, 1.1)
_SKULL = [
    (0.0, 0.03),
    (0.2, 0.07),
    (0.33, 0.25),
    (0.352, 0.45),
    (0.33, 0.64),
    (0.265, 0.82),
    (0.14, 0.965),
    (0.05, 1.0),
]
_TURN = np.linspace(0, 2 * np.pi, 14, endpoint=False)
_HAIR_SPINE = np.array([[0.0, -0.1], [0.0, 0.8], [0.0, 2.4]])


def head_pieces(figure: Figure, person: Person) -> list[Piece]:
    """Return ears, face and the hair around it, seen from the front."""
    tilt = figure.head_tilt
    outline = rotated(smooth_curve(mirrored(_SKULL), closed=True), tilt, _PIVOT)
    spine = rotated(np.array([[0.0, 0.0], [0.0, 1.0]]), tilt, _PIVOT)
    ears = [rotated(ellipse((side * 0.35, 0.57), (0.05, 0.1)), tilt, _PIVOT) for side in (-1, 1)]
    pieces: list[Piece] = [skin_surface(person, (ear,), spine, np.array([0.45, 0.45])) for ear in ears]
    pieces.append(skin_surface(person, (outline,), spine, np.array([0.38, 0.36])))
    pieces += _face_pieces(figure, person)
    pieces += _front_hair(figure, person)
    return pieces


def hair_behind(figure: Figure, person: Person) -> list[Piece]:
    """Return the hair that hangs behind the neck and the shoulders, seen from the front."""
    lengths = {"long": 2.0, "wavy": 1.85, "bob": 1.12, "ponytail": 1.0}
    if person.hair_style not in lengths:
        return []
    bottom = lengths[person.hair_style]
    wide = 0.5 if person.hair_style == "wavy" else 0.42
    half = [
        (0.0, -0.06),
        (0.3, 0.05),
        (wide, 0.4),
        (wide + 0.02, 0.8),
        (wide, bottom - 0.15),
        (wide - 0.15, bottom),
        (0.0, bottom),
    ]
    mass = _hair(person, (smooth_curve(mirrored(half), closed=True),), figure)
    return [replace(mass, dim=0.72)]


def back_of_head(figure: Figure, person: Person) -> list[Piece]:
    """Return the head seen from behind: all hair, down to where the style ends."""
    tilt = figure.head_tilt
    ears = [rotated(ellipse((side * 0.36, 0.57), (0.045, 0.09)), tilt, _PIVOT) for side in (-1, 1)]
    spine = np.array([[0.0, 0.0], [0.0, 1.0]])
    pieces: list[Piece] = [skin_surface(person, tuple(ears), spine, np.array([0.45, 0.45]))]
    bottom, wide = {"long": (1.95, 0.42), "wavy": (1.8, 0.5), "bob": (1.14, 0.44)}.get(person.hair_style, (0.93, 0.3))
    half = [
        (0.0, -0.07),
        (0.24, -0.01),
        (0.39, 0.24),
        (0.41, 0.5),
        (0.38 + 0.4 * (wide - 0.3), 0.75),
        (wide, bottom - 0.12),
        (wide - 0.12, bottom),
        (0.0, bottom + 0.03),
    ]
    mass = rotated(smooth_curve(mirrored(half), closed=True), tilt * 0.6, _PIVOT)
    pieces.append(_hair(person, (mass,), figure))
    if person.hair_style == "bun":
        pieces.append(_hair(person, (rotated(ellipse((0.0, 0.22), (0.24, 0.2)), tilt, _PIVOT),), figure, strands=5.0))
    elif person.hair_style == "ponytail":
        tail = [(0.0, 0.3), (0.11, 0.36), (0.17, 0.8), (0.16, 1.3), (0.07, 1.75), (0.0, 1.85)]
        pieces.append(_hair(person, (rotated(smooth_curve(mirrored(tail), closed=True), tilt * 0.6, _PIVOT),), figure))
        band = rotated(np.array([(-0.1, 0.36), (0.0, 0.38), (0.1, 0.36)]), tilt * 0.6, _PIVOT)
        pieces.append(Line(band, 0.06, (40, 36, 40)))
    return pieces


def _hair(person: Person, outlines: tuple[np.ndarray, ...], figure: Figure, strands: float = 9.0) -> Surface:
    """Return a mass of hair; strands are steep, narrow folds."""
    slant, along = (0.5, 1.6) if person.hair_style == "wavy" else (0.0, 0.45)
    folds = Folds(strands, along, 0.42, slant, start=-1.0, stop=-0.9, phase=3.3 * person.parting + 4)
    return Surface(
        outlines,
        spine=rotated(_HAIR_SPINE, figure.head_tilt * 0.6, _PIVOT),
        half_widths=np.array([0.36, 0.46, 0.5]),
        colour=person.hair,
        folds=folds,
        sheen=26.0,
        roundness=0.7,
        shadow=0.4,
        tint=(0.9, 1.0, 1.0),
    )


def _front_hair(figure: Figure, person: Person) -> list[Piece]:
    tilt, style = figure.head_tilt, person.hair_style
    bottom, wide = {"long": (1.6, 0.47), "wavy": (1.55, 0.54), "bob": (1.08, 0.46), "short": (0.56, 0.41)}.get(
        style, (0.5, 0.385)
    )
    outer = [(0.0, -0.07), (0.23, -0.015), (0.37, 0.18), (0.4, 0.4)]
    if bottom > 1:
        outer += [(wide - 0.02, 0.75), (wide, bottom - 0.2), (wide - 0.07, bottom), (wide - 0.16, bottom - 0.12)]
    outer += [(0.36, bottom - 0.02)] if bottom < 1 else []
    part = 0.16 * person.parting
    high = 0.17 if style != "short" else 0.2
    left = [(-0.31, 0.52), (-0.3, 0.36), (-0.2 + 0.4 * part, 0.24)]
    right = [(0.2 + 0.4 * part, 0.24), (0.3, 0.36), (0.31, 0.52)]
    low = max(bottom, 0.6) + 0.3
    opening = [(-0.25, low), (-0.285, 0.8), *left, (part, high), *right, (0.285, 0.8), (0.25, low)]
    cap = rotated(smooth_curve(mirrored(outer), closed=True), tilt, _PIVOT)
    face = rotated(smooth_curve(np.array(opening)), tilt, _PIVOT)
    pieces: list[Piece] = []
    if style == "bun":
        pieces.append(_hair(person, (rotated(ellipse((0.0, -0.12), (0.2, 0.16)), tilt, _PIVOT),), figure, strands=6.0))
    pieces.append(replace(_hair(person, (cap,), figure), cutouts=(face,)))
    parting = rotated(smooth_curve(np.array([(part, high), (part * 0.95, 0.1), (part * 0.9, 0.04)])), tilt, _PIVOT)
    pieces.append(Line(parting, 0.014, darker_skin(person, 0.7), 0.35))
    return pieces


def _face_pieces(figure: Figure, person: Person) -> list[Piece]:
    turn = 0.05 * figure.head_turn
    lash: Tone = (44, 30, 28)
    brow: Tone = (0.75 * person.hair[0], 0.75 * person.hair[1], 0.75 * person.hair[2])
    shade = darker_skin(person, 0.62)
    red, green, blue = person.skin
    blush: Tone = (min(red + 12, 255), green * 0.86, blue * 0.86)

    def placed(points: list[tuple[float, float]]) -> np.ndarray:
        return rotated(np.array(points) + (turn, 0.0), figure.head_tilt, _PIVOT)

    pieces: list[Piece] = []
    for side in (-1.0, 1.0):
        x = side * 0.15
        pieces.append(_spot(placed([(x + 0.085 * np.cos(a), 0.685 + 0.06 * np.sin(a)) for a in _TURN]), blush, 0.3))
        pieces += _eye(x, side, placed, person, lash)
        arch = smooth_curve(placed([(x - side * 0.085, 0.415), (x, 0.385), (x + side * 0.1, 0.41)]))
        pieces.append(Line(arch, 0.026, brow, 0.85))
    bridge = smooth_curve(placed([(0.045, 0.5), (0.038, 0.6), (0.055, 0.68)]) + (turn * 0.5, 0.0))
    tip = smooth_curve(
        placed([(-0.06, 0.695), (-0.03, 0.718), (0.0, 0.725), (0.03, 0.718), (0.06, 0.695)]) + (turn * 0.6, 0.0)
    )
    pieces += [Line(bridge, 0.03, shade, 0.22), Line(tip, 0.02, shade, 0.6)]
    pieces += _mouth(placed, person, shade)
    return pieces


def _eye(x: float, side: float, placed, person: Person, lash: Tone) -> list[Piece]:
    almond = smooth_curve(placed([(x - 0.075, 0.512), (x, 0.472), (x + 0.075, 0.506), (x, 0.535)]), closed=True)
    iris = placed([(x + 0.033 * np.cos(a), 0.503 + 0.033 * np.sin(a)) for a in _TURN])
    pupil = placed([(x + 0.016 * np.cos(a), 0.503 + 0.016 * np.sin(a)) for a in _TURN])
    glint = placed([(x - 0.012 + 0.008 * np.cos(a), 0.492 + 0.008 * np.sin(a)) for a in _TURN])
    lid = smooth_curve(
        placed([(x - 0.08, 0.512), (x, 0.47), (x + 0.08, 0.505), (x + side * 0.095, 0.496)][: 4 if side > 0 else 3])
    )
    crease = smooth_curve(placed([(x - 0.07, 0.477), (x, 0.447), (x + 0.075, 0.474)]))
    return [
        _spot(almond, (244, 240, 236), 1.0),
        _spot(iris, person.eyes, 1.0),
        _spot(pupil, (20, 16, 16), 1.0),
        _spot(glint, (255, 255, 255), 0.9),
        Line(lid, 0.02, lash, 0.95),
        Line(crease, 0.014, darker_skin(person, 0.55), 0.55),
    ]


def _mouth(placed, person: Person, shade: Tone) -> list[Piece]:
    upper = smooth_curve(
        placed([(-0.115, 0.82), (-0.045, 0.79), (0.0, 0.8), (0.045, 0.79), (0.115, 0.82), (0.0, 0.83)]), closed=True
    )
    lower = smooth_curve(
        placed([(-0.112, 0.821), (0.0, 0.829), (0.112, 0.821), (0.055, 0.866), (-0.055, 0.866)]), closed=True
    )
    red, green, blue = person.lips
    return [
        _spot(lower, person.lips, 0.9),
        _spot(upper, (red * 0.85, green * 0.82, blue * 0.82), 0.9),
        Line(smooth_curve(placed([(-0.118, 0.82), (0.0, 0.831), (0.118, 0.82)])), 0.011, (96, 40, 44), 0.8),
        Line(smooth_curve(placed([(-0.05, 0.895), (0.0, 0.9), (0.05, 0.895)])), 0.022, shade, 0.3),
    ]


def _spot(outline: np.ndarray, colour: Tone, opacity: float) -> Surface:
    """Return a flat patch of colour, as of make-up."""
    spine = np.array([[0.0, 0.0], [0.0, 1.0]])
    return Surface((outline,), spine, np.array([1.0, 1.0]), colour=colour, roundness=0.0, shadow=0.0, opacity=opacity)
