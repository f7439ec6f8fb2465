"""Boxes from pixel labels: one per class and person, around all parts of what is worn."""

from typing import NamedTuple

import cv2
import numpy as np

from fashiontools.core.boxes import LABELS, Box

CLASSES = {
    "upper": "blazer blouse bra cardigan hoodie intimate jacket jumper shirt sweater sweatshirt t-shirt top vest",
    "lower": "jeans leggings panties pants shorts skirt",
    "full": "bodysuit cape coat dress romper suit swimwear",
}
"""Which labels of the set each class of a detector stands for; what is on feet, hands and heads is none."""

_CLASS_OF = {name: LABELS.index(label) + 1 for label, names in CLASSES.items() for name in names.split()}
_SPECK = 1 / 100
"""A connected part on less of the photo than this is a speck."""
_PERSON = 1 / 10
_BESIDE = 1 / 2


class WornBox(NamedTuple):
    """A box around what one person wears of one class.

    Attributes:
        label: The class.
        category: The labels within, the largest first, with commas between.
        box: Pixels.
    """

    label: str
    category: str
    box: Box


def worn_boxes(label_map: np.ndarray, names: list[str]) -> list[WornBox]:
    """The boxes of a photo.

    Args:
        label_map: (H, W) uint8, the label of each pixel, 0 is the background.
        names: The labels by number.

    Returns:
        One box per person and class: people from left to right, classes in the order upper, lower, full.
    """
    table = np.array([_CLASS_OF.get(name, 0) for name in names], np.uint8)
    classes = table[label_map]
    people = people_of(label_map > 0)
    found = []
    for person in range(1, int(people.max()) + 1):
        for number, label in enumerate(LABELS, 1):
            parts = _without_specks((classes == number) & (people == person))
            if parts.any():
                counts = np.bincount(label_map[parts], minlength=len(names))
                order = sorted(np.flatnonzero(counts), key=lambda index: (-counts[index], names[index]))
                box = Box(*cv2.boundingRect(parts.astype(np.uint8)))
                found.append(WornBox(label, ", ".join(names[index] for index in order), box))
    return found


def _without_specks(region: np.ndarray) -> np.ndarray:
    """The connected parts, (H, W) bool, that are no specks."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= _SPECK * region.size
    large[0] = False  # the background
    return large[parts]


def people_of(labelled: np.ndarray) -> np.ndarray:
    """Split what is labelled into people.

    A connected part is a person where it is a tenth of the largest one or more, and stands beside the larger ones:
    less than half of its width is over or under one of them. Every other part, a shoe or a bag held away, belongs to
    the person that is nearest. People who touch are one: nothing in the labels parts them.

    Args:
        labelled: (H, W) bool.

    Returns:
        (H, W) uint16: 0 where nothing is, 1 is the leftmost person.
    """
    count, parts, stats, _ = cv2.connectedComponentsWithStats(labelled.astype(np.uint8), connectivity=8)
    if count <= 1:
        return np.zeros(labelled.shape, np.uint16)
    rectangles = [tuple(map(int, stat[:4])) for stat in stats]
    areas = stats[:, cv2.CC_STAT_AREA]
    people: list[int] = []
    for part in sorted(range(1, count), key=lambda part: (-areas[part], part)):
        large = areas[part] >= max(_PERSON * areas[people[0]], _SPECK * labelled.size) if people else True
        if large and all(_shared_width(rectangles[part], rectangles[person]) < _BESIDE for person in people):
            people.append(part)
    people.sort(key=lambda part: rectangles[part])
    person_of = np.zeros(count, np.uint16)
    for part in range(1, count):
        nearest = min(people, key=lambda person: (part != person, _distance(rectangles[part], rectangles[person])))
        person_of[part] = 1 + people.index(nearest)
    return person_of[parts]


def _shared_width(part: tuple[int, ...], other: tuple[int, ...]) -> float:
    """How much of a part's width is over or under another part, 0 to 1."""
    shared = min(part[0] + part[2], other[0] + other[2]) - max(part[0], other[0])
    return max(shared, 0) / part[2]


def _distance(part: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The distance of two rectangles, pixels."""
    across = max(part[0] - other[0] - other[2], other[0] - part[0] - part[2], 0)
    down = max(part[1] - other[1] - other[3], other[1] - part[1] - part[3], 0)
    return float(np.hypot(across, down))
