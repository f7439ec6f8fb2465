"""Curves, tubes around limbs, and the coordinates of points along a limb.

All points are float arrays of shape (N, 2) in head units: x to the right of the picture, y downward,
the crown of the head at y = 0, the chin at y = 1, the floor at about y = 7.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Points = np.ndarray
_CORNER = 0.22
"""How far around a joint its corner is rounded, as a share of the neighbouring bones."""


def smooth_curve(points: Points | Sequence[tuple[float, float]], closed: bool = False, samples: int = 6) -> Points:
    """Return a Catmull-Rom curve through the points.

    Args:
        points: (N, 2) control points, N >= 2.
        closed: Whether the curve returns to its first point.
        samples: Points per span between two control points.

    Returns:
        The curve's points, (M, 2) float64.
    """
    control = np.asarray(points, dtype=np.float64)
    if closed:
        padded = np.concatenate([control[-1:], control, control[:2]])
    else:
        padded = np.concatenate([control[:1], control, control[-1:]])
    t = np.linspace(0, 1, samples, endpoint=False)[:, None]
    before, start, stop, after = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    curve = 0.5 * (
        2 * start
        + (stop - before) * t
        + (2 * before - 5 * start + 4 * stop - after) * t**2
        + (3 * start - before - 3 * stop + after) * t**3
    )
    flat = curve.reshape(-1, 2)
    return flat if closed else np.concatenate([flat, control[-1:]])


def along_joints(joints: Points, t: np.ndarray) -> Points:
    """Return points on a limb whose bends are rounded.

    Args:
        joints: (K, 2) joints from the trunk outward.
        t: (N,) positions, i at joint i, between joints linear.

    Returns:
        (N, 2) points.
    """
    stations = np.arange(len(joints))
    offsets = _CORNER * np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    # Past the ends the limb goes on straight: clipping there would shorten its last stretch.
    spots = (
        np.asarray(t, dtype=np.float64)[:, None]
        + offsets * np.minimum(1, np.minimum(t, stations[-1] - t) / _CORNER)[:, None]
    )
    columns = [np.interp(spots, stations, joints[:, axis]).mean(axis=1) for axis in (0, 1)]
    return np.stack(columns, axis=1)


def tube(spine: Points, half_widths: np.ndarray, round_start: bool = False, round_stop: bool = False) -> Points:
    """Return the outline of a tube around a spine.

    Args:
        spine: (N, 2) points along the middle.
        half_widths: (N,) distances from the middle to either side.
        round_start: Whether a half disc closes the first end, instead of a straight edge.
        round_stop: The same for the last end.

    Returns:
        (M, 2) closed outline.
    """
    heading = np.gradient(spine, axis=0)
    heading /= np.maximum(np.linalg.norm(heading, axis=1, keepdims=True), 1e-9)
    normal = np.stack([-heading[:, 1], heading[:, 0]], axis=1) * half_widths[:, None]
    pieces = [spine + normal]
    angles = np.linspace(0, np.pi, 9)[1:-1, None]
    if round_stop:
        tip = heading[-1] * half_widths[-1]
        pieces.append(spine[-1] + np.cos(angles) * normal[-1] + np.sin(angles) * tip)
    pieces.append((spine - normal)[::-1])
    if round_start:
        tip = heading[0] * half_widths[0]
        pieces.append(spine[0] - np.cos(angles) * normal[0] - np.sin(angles) * tip)
    return np.concatenate(pieces)


def rotated(points: Points, angle: float, pivot: tuple[float, float]) -> Points:
    """Return the points turned by `angle` radians (clockwise in the picture) about a pivot."""
    cos, sin = np.cos(angle), np.sin(angle)
    centre = np.asarray(pivot)
    return (np.asarray(points) - centre) @ np.array([[cos, sin], [-sin, cos]]) + centre


def mirrored(points: Points | Sequence[tuple[float, float]]) -> Points:
    """Return an outline given for the right half (top to bottom), closed by its mirror image about x = 0."""
    half = np.asarray(points, dtype=np.float64)
    return np.concatenate([half, half[::-1] * np.array([-1.0, 1.0])])


def ellipse(centre: tuple[float, float], radii: tuple[float, float], samples: int = 20) -> Points:
    """Return the outline of an axis-aligned ellipse, (samples, 2)."""
    angles = np.linspace(0, 2 * np.pi, samples, endpoint=False)
    return np.stack([centre[0] + radii[0] * np.cos(angles), centre[1] + radii[1] * np.sin(angles)], axis=1)


@dataclass(frozen=True, eq=False)
class SpineCoordinates:
    """Where the points of a grid lie with respect to a spine; every field is float32 of the grid's shape.

    Attributes:
        along: Arc length from the spine's start, head units.
        across: Signed distance to the spine, positive to the right of a spine that runs downward.
        axis_x: x of the unit vector in which `across` grows.
        axis_y: y of that vector.
    """

    along: np.ndarray
    across: np.ndarray
    axis_x: np.ndarray
    axis_y: np.ndarray


def spine_coordinates(x: np.ndarray, y: np.ndarray, spine: Points) -> SpineCoordinates:
    """Measure grid points along and across a spine, blending smoothly between its segments.

    Args:
        x: (h, w) float32 positions of the grid points.
        y: (h, w) float32 positions of the grid points.
        spine: (K, 2) polyline, K >= 2.

    Returns:
        The coordinates; both ends of the spine continue straight.
    """
    total = np.zeros_like(x)
    sums = [np.zeros_like(x) for _ in range(4)]
    start_length = 0.0
    last = len(spine) - 2
    for index in range(last + 1):
        origin, vector = spine[index], spine[index + 1] - spine[index]
        length = float(np.hypot(*vector))
        ux, uy = (vector / max(length, 1e-9)).tolist()
        along = (x - np.float32(origin[0])) * np.float32(ux) + (y - np.float32(origin[1])) * np.float32(uy)
        across = (x - np.float32(origin[0])) * np.float32(uy) - (y - np.float32(origin[1])) * np.float32(ux)
        before = 0 if index == 0 else np.maximum(-along, 0)
        beyond = 0 if index == last else np.maximum(along - np.float32(length), 0)
        weight = 1 / (np.square(np.square(before + beyond)) + np.float32(4e-3))
        total += weight
        for slot, value in zip(sums, (along + np.float32(start_length), across, uy, -ux), strict=True):
            slot += weight * value
        start_length += length
    return SpineCoordinates(*(slot / total for slot in sums))
