"""Skin and shoes: trunk, legs, arms, hands and feet as paintable pieces."""

import numpy as np

from fashiontools.import_data.lookbook.body import Figure, Person, limb
from fashiontools.import_data.lookbook.geometry import ellipse, mirrored, smooth_curve, tube
from fashiontools.import_data.lookbook.painting import Line, Piece, Surface, Tone

SKIN_TINT: Tone = (0.62, 0.95, 1.1)
"""Blood scatters red light, so skin loses green and blue first where it turns to shade."""

_ARM_WIDTHS = np.array([0.14, 0.155, 0.15, 0.135, 0.12, 0.13, 0.115, 0.09, 0.075])
_LEG_WIDTHS = np.array([0.36, 0.34, 0.30, 0.25, 0.205, 0.175, 0.185, 0.195, 0.165, 0.12, 0.10])


def skin_surface(person: Person, outlines: tuple[np.ndarray, ...], spine: np.ndarray, half: np.ndarray) -> Surface:
    """Return a piece of bare skin."""
    return Surface(outlines, spine, half, colour=person.skin, tint=SKIN_TINT, shadow=0.18)


def darker_skin(person: Person, factor: float) -> Tone:
    """Return the skin's colour in shade, for lines drawn on it."""
    red, green, blue = person.skin
    return red * (0.3 + 0.7 * factor), green * factor, blue * factor * 0.96


def trunk_pieces(figure: Figure, person: Person, seen_from_behind: bool) -> list[Piece]:
    """Return neck and trunk with collar bones, or with shoulder blades from behind."""
    y = np.array([1.30, 1.36, 1.42, 1.47, 1.56, 1.75, 1.98, 2.2, 2.5, 2.78, 3.1, 3.4, 3.7, 3.95])
    half = figure.torso_half(y)
    half[:5] = np.array([0.17, 0.24, 0.43, 0.62, 0.72]) * figure.build
    outline = figure.posed(mirrored(np.stack([half, y], axis=1)))
    neck = tube(np.array([[0.0, 0.85], [0.0, 1.2], [0.0, 1.45]]), np.array([0.17, 0.165, 0.24]))
    trunk_spine = np.concatenate([[(0.0, 0.85), (0.0, 1.3)], figure.spine(1.65, 3.9)[[0, 3]]])
    pieces: list[Piece] = [skin_surface(person, (outline, neck), trunk_spine, np.array([0.2, 0.24, 0.72, 0.72]))]
    shade = darker_skin(person, 0.72)
    if seen_from_behind:
        blades = [[(0.16, 1.8), (0.24, 2.05), (0.3, 2.2)], [(0.0, 1.5), (0.0, 2.0), (0.0, 3.1)]]
    else:
        blades = [[(0.07, 1.53), (0.22, 1.5), (0.42, 1.475), (0.58, 1.45)], [(0.05, 1.36), (0.075, 1.47), (0.07, 1.53)]]
    for blade in blades:
        for side in (-1.0, 1.0):
            points = figure.posed(smooth_curve(np.array(blade) * (side, 1.0)))
            pieces.append(Line(points, 0.028, shade, 0.3))
    return pieces


def leg_pieces(figure: Figure, person: Person, seen_from_behind: bool) -> list[Piece]:
    """Return bare legs and the shoes on their feet."""
    pieces: list[Piece] = []
    order = (0, 1) if figure.legs[0][2, 1] <= figure.legs[1][2, 1] else (1, 0)  # The lifted foot is farther away.
    for index in order:
        joints = figure.legs[index]
        spine, half = limb(joints[:3], _LEG_WIDTHS * figure.build, 0.0, 2.0)
        few = np.linspace(0, len(spine) - 1, 5).astype(int)
        pieces.append(skin_surface(person, (tube(spine, half),), spine[few], half[few]))
        knee = joints[1]
        arc = knee + np.array([(-0.1, -0.03), (-0.06, 0.08), (0.05, 0.09), (0.1, -0.02)])
        pieces.append(Line(smooth_curve(arc), 0.025, darker_skin(person, 0.75), 0.35))
        pieces.extend(_heel_pieces(joints, person) if seen_from_behind else _foot_pieces(joints, person))
    return pieces


def _heel_pieces(joints: np.ndarray, person: Person) -> list[Piece]:
    """Return a shoe seen from behind, where the heel hides the toes."""
    ankle, toes = joints[2], joints[3]
    floor = ankle[1] + 0.8 * (toes[1] - ankle[1])
    x = ankle[0]
    if person.heels:
        half = [(x + 0.08, ankle[1] + 0.02), (x + 0.1, ankle[1] + 0.15), (x + 0.045, floor - 0.04), (x + 0.035, floor)]
    else:
        half = [(x + 0.1, ankle[1] - 0.03), (x + 0.12, ankle[1] + 0.12), (x + 0.13, floor)]
    other = [(2 * x - px, py) for px, py in half[::-1]]
    outline = np.array(half + other)
    spine = np.array([(x, ankle[1]), (x, floor)])
    shoe = Surface((outline,), spine, np.array([0.12, 0.13]), colour=person.shoes, sheen=40.0)
    if person.heels:
        return [shoe]
    sole = np.array([(x - 0.125, floor - 0.02), (x + 0.125, floor - 0.02)])
    return [shoe, Line(sole, 0.05, (238, 236, 232))]


def _foot_pieces(joints: np.ndarray, person: Person) -> list[Piece]:
    """Return a foot seen from the front, the toes toward the viewer and a little outward."""
    ankle, toes = joints[2], joints[3]
    reach = toes - ankle
    # Where the foot's edge lies: across in head units, along as a share of the foot's length.
    edge = np.array([(0.095, -0.08), (0.105, 0.3), (0.16, 0.66), (0.14, 0.9), (0.0, 1.0)])
    outline = smooth_curve(_on_foot(mirrored(edge), ankle, reach), closed=True)
    spine, half = np.stack([ankle, toes]), np.array([0.1, 0.17])
    foot = skin_surface(person, (outline,), spine, half)
    if person.heels:
        instep = mirrored([(0.1, -0.3), (0.105, 0.25), (0.08, 0.5), (0.0, 0.62)])
        opening = smooth_curve(_on_foot(instep, ankle, reach), closed=True)
        return [foot, Surface((outline,), spine, half, colour=person.shoes, cutouts=(opening,), sheen=50.0)]
    collar = ellipse((ankle[0], ankle[1] - 0.02), (0.085, 0.07))
    pieces: list[Piece] = [foot, Surface((outline,), spine, half, colour=person.shoes, cutouts=(collar,), sheen=30.0)]
    sole = toes + np.array([(-0.16, -0.09), (-0.09, -0.02), (0.0, 0.0), (0.09, -0.02), (0.16, -0.09)])
    pieces.append(Line(smooth_curve(sole), 0.045, (238, 236, 232)))
    for share in (0.34, 0.46, 0.58):
        lace = ankle + reach * share + np.array([(-0.055, 0.0), (0.0, 0.012), (0.055, 0.0)])
        pieces.append(Line(lace, 0.016, (232, 230, 226), 0.9))
    return pieces


def _on_foot(points: np.ndarray, ankle: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Place points given across (head units) and along (share of the length) a foot that may point outward."""
    share = points[:, 1]
    return ankle + np.stack([points[:, 0] + reach[0] * np.clip(share, 0, 1), share * reach[1]], axis=1)


def arm_pieces(figure: Figure, index: int, person: Person) -> list[Piece]:
    """Return a bare arm with its hand.

    Args:
        figure: The posed body.
        index: 0 for the arm on the left of the picture, 1 for the right.
        person: Gives the skin.

    Returns:
        Pieces from the shoulder to the fingertips.
    """
    joints = figure.arms[index]
    spine, half = limb(joints[:3], _ARM_WIDTHS * figure.build, 0.0, 2.0)
    few = np.linspace(0, len(spine) - 1, 5).astype(int)
    # Toward the shoulder the arm flattens into the trunk, so that no dark seam parts them.
    roundness = half[few] * np.array([2.6, 1.3, 1.05, 1.0, 1.0])
    arm = skin_surface(person, (tube(spine, half, round_start=True, round_stop=True),), spine[few], roundness)
    return [arm, *_hand_pieces(joints, -1.0 if index == 0 else 1.0, person)]


def _hand_pieces(joints: np.ndarray, side: float, person: Person) -> list[Piece]:
    """Return a loosely hanging hand, the thumb toward the body."""
    wrist, tips = joints[2], joints[3]
    reach = tips - wrist
    length = float(np.hypot(*reach))
    down = reach / length
    inward = -side * np.array([down[1], -down[0]])

    def at(along: float, across: float) -> np.ndarray:
        return wrist + down * along * length + inward * across

    palm = smooth_curve(
        [
            at(-0.08, -0.07),
            at(0.2, -0.095),
            at(0.52, -0.105),
            at(0.6, -0.04),
            at(0.58, 0.06),
            at(0.4, 0.09),
            at(0.15, 0.09),
            at(-0.08, 0.07),
        ],
        closed=True,
    )
    outlines = [palm]
    creases: list[Piece] = []
    for number, (across, stop) in enumerate(((-0.083, 0.86), (-0.033, 0.97), (0.018, 1.0), (0.064, 0.93))):
        finger = np.stack([at(0.45, across), at(0.75, across * 0.95 + 0.006), at(stop, across * 0.72 + 0.012)])
        outlines.append(tube(finger, np.array([0.032, 0.029, 0.02]), round_stop=True))
        if number:
            gap = np.stack([at(0.55, across - 0.025), at(0.9, (across - 0.025) * 0.82)])
            creases.append(Line(gap, 0.011, darker_skin(person, 0.62), 0.55))
    thumb = smooth_curve([at(0.1, 0.055), at(0.32, 0.115), at(0.58, 0.125)])
    outlines.append(tube(thumb, np.linspace(0.045, 0.025, len(thumb)), round_stop=True))
    spine = np.stack([wrist, tips])
    return [skin_surface(person, tuple(outlines), spine, np.array([0.11, 0.12])), *creases]
