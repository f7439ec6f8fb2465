"""Hole shapes: pure functions from a generator of random numbers to (H, W) uint8 masks, 255 = hole, 0 = keep."""

from dataclasses import dataclass

import cv2
import numpy as np

from fashiontools.core.errors import BadRow

_TRIES = 200
_LAYOUTS = 100
_ENOUGH = 0.98  # of the area asked for: rounded sides cost a little
_HAS_A_MIDDLE = 10  # pixels on a side from which an outer fifth is kept free
_CENTRAL = 1 / 5  # the paper's authors keep holes out of the outer fifth on each side


@dataclass(frozen=True)
class Range:
    """A uniform distribution.

    Attributes:
        low: Smallest value.
        high: Largest value.
    """

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw one value; also where low = high one number is taken, so that later draws do not shift."""
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class Garment:
    """The pixels that a box has to touch.

    Attributes:
        mask: (H, W) uint8, 255 = garment.
        pixels: How many of them each box covers at least.
    """

    mask: np.ndarray
    pixels: int


def draw_boxes(
    rng: np.random.Generator,
    size: tuple[int, int],
    area: Range,
    aspect: Range,
    *,
    count: int = 1,
    central: bool = True,
    unequal: bool = False,
    garment: Garment | None = None,
) -> np.ndarray:
    """Rectangular holes.

    With the defaults and area U(1/32, 1/16), aspect U(0.75, 1.25): the holes of Kinli, Ozcan and Kirac as their
    released code draws them. The paper's only rule, that a hole covers a few garment pixels, is `garment`.

    Args:
        rng: Where the randomness comes from.
        size: (H, W) of the mask.
        area: Share of the image for all boxes together. Of several layouts the first is taken in which the boxes
            hardly overlap, or else the one that covers most.
        aspect: Width over height.
        count: How many boxes.
        central: Keep boxes inside the central three fifths of both sides.
        unequal: Split the area unequally among the boxes.
        garment: What each box has to touch.

    Returns:
        (H, W) uint8, 255 = hole.

    Raises:
        BadRow: A box of that area does not fit, or no place touches the garment.
    """
    shares = rng.dirichlet(np.full(count, 2.0)) if unequal else np.full(count, 1 / count)
    total = area.draw(rng) * size[0] * size[1]
    margins = tuple(round(side * _CENTRAL) if central and side >= _HAS_A_MIDDLE else 0 for side in size)
    room = (size[0] - 2 * margins[0], size[1] - 2 * margins[1])
    boxes = [_sides(total * float(share), aspect.draw(rng), room) for share in shares]
    best = np.zeros(size, np.uint8)
    for _ in range(_LAYOUTS if count > 1 else 1):
        mask = np.zeros(size, np.uint8)
        for height, width in boxes:
            top, left = _place(rng, (height, width), margins, room, garment)
            mask[top : top + height, left : left + width] = 255
        if cv2.countNonZero(mask) > cv2.countNonZero(best):
            best = mask
        if cv2.countNonZero(best) >= _ENOUGH * total:
            break
    return best


def _sides(pixels: float, aspect: float, room: tuple[int, int]) -> tuple[int, int]:
    """Height and width of a box; one that is too wide for the room becomes taller instead, and the reverse."""
    height, width = np.sqrt(pixels / aspect), np.sqrt(pixels * aspect)
    if width > room[1]:
        height, width = pixels / room[1], room[1]
    if height > room[0]:
        height, width = room[0], pixels / room[0]
    if width > room[1] + 0.5:
        raise BadRow(f"a hole of {pixels:.0f} pixels does not fit into {room[1]} x {room[0]}", "lower --area")
    return max(1, round(height)), max(1, min(round(width), room[1]))


def _place(
    rng: np.random.Generator,
    box: tuple[int, int],
    margins: tuple[int, int],
    room: tuple[int, int],
    garment: Garment | None,
) -> tuple[int, int]:
    """Top and left of a box: uniform, or uniform among the places that touch the garment."""
    last = (margins[0] + room[0] - box[0], margins[1] + room[1] - box[1])
    for _ in range(_TRIES):
        top, left = int(rng.integers(margins[0], last[0] + 1)), int(rng.integers(margins[1], last[1] + 1))
        if garment is None or _covers(garment, top, left, box):
            return top, left
    return _place_on_garment(rng, box, margins, last, garment)


def _covers(garment: Garment, top: int, left: int, box: tuple[int, int]) -> bool:
    return cv2.countNonZero(garment.mask[top : top + box[0], left : left + box[1]]) >= garment.pixels


def _place_on_garment(
    rng: np.random.Generator, box: tuple[int, int], margins: tuple[int, int], last: tuple[int, int], garment: Garment
) -> tuple[int, int]:
    """A small garment, which uniform places keep missing: count the garment pixels of every place, draw among them."""
    sums = cv2.integral((garment.mask > 0).astype(np.uint8))
    rows, columns = np.arange(margins[0], last[0] + 1)[:, None], np.arange(margins[1], last[1] + 1)[None, :]
    covered = (
        sums[rows + box[0], columns + box[1]]
        - sums[rows, columns + box[1]]
        - sums[rows + box[0], columns]
        + sums[rows, columns]
    )
    places = np.argwhere(covered >= garment.pixels)
    if len(places) == 0:
        raise BadRow(
            f"no place for a hole covers {garment.pixels} garment pixels",
            "lower --touch-garment, or --position anywhere",
        )
    top, left = places[int(rng.integers(len(places)))]
    return margins[0] + int(top), margins[1] + int(left)


def draw_center(rng: np.random.Generator, size: tuple[int, int], area: Range, aspect: Range | None) -> np.ndarray:
    """One box in the middle; without `aspect` it has the photo's own shape. Returns (H, W) uint8, 255 = hole."""
    pixels = area.draw(rng) * size[0] * size[1]
    ratio = size[1] / size[0] if aspect is None else aspect.draw(rng)
    height, width = _sides(pixels, ratio, size)
    mask = np.zeros(size, np.uint8)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    mask[top : top + height, left : left + width] = 255
    return mask


def draw_strokes(rng: np.random.Generator, size: tuple[int, int], area: Range, *, count: int) -> np.ndarray:
    """Free-form holes: brush strokes of turning segments with round ends.

    Args:
        rng: Where the randomness comes from.
        size: (H, W) of the mask.
        area: Share of the image that all strokes cover together.
        count: How many strokes.

    Returns:
        (H, W) uint8, 255 = hole; its area is inside the range.

    Raises:
        BadRow: The photo is so small that the thinnest stroke is too much.
    """
    mask = np.zeros(size, np.uint8)
    target = area.draw(rng) * size[0] * size[1]
    most = area.high * size[0] * size[1]
    for number in range(1, count + 1):
        _stroke(rng, mask, target * number / count, most)
    if not mask.any():
        raise BadRow(f"{size[1]} x {size[0]} pixels are too few for a stroke of that area", "raise --area")
    return mask


def _stroke(rng: np.random.Generator, mask: np.ndarray, until: float, most: float) -> None:
    """Draw one stroke into the mask, segment by segment, until the mask covers `until` pixels and never `most`."""
    height, width = mask.shape
    side = float(np.sqrt(height * width))
    brush = max(1.0, rng.uniform(0.03, 0.08) * side)
    point = np.array([rng.uniform(0, width), rng.uniform(0, height)])
    angle = rng.uniform(0, 2 * np.pi)
    while cv2.countNonZero(mask) < until:
        angle += rng.uniform(-1.0, 1.0)
        step = rng.uniform(0.02, 0.1) * side * np.array([np.cos(angle), np.sin(angle)])
        end = np.clip(point + step, 0, [width - 1, height - 1])
        if np.any(end != point + step):
            angle += np.pi / 2  # the edge of the photo turns the brush
        segment = mask.copy()
        ends = [tuple(int(v) for v in np.rint(p)) for p in (point, end)]
        cv2.line(segment, ends[0], ends[1], 255, max(1, round(brush)))
        if cv2.countNonZero(segment) > most:
            brush *= 0.7  # this segment would overshoot: a thinner brush
            if brush < 0.5:
                return
            continue
        mask[:] = segment
        point = end
