"""Whether a photo of a whole person shows a face: front views told from back views.

No network and nothing learned from people: where the head is follows from the figure (a person is seven and a half
heads tall), and three cues tell a face from hair. A face has brows, eyes and a mouth, which lie across it, where hair
falls down it; it has more of them than a head from behind; and lips are redder than what is around them.
"""

from typing import NamedTuple

import cv2
import numpy as np

from fashiontools.cluster_pairs.features.figure import enclosed
from fashiontools.cluster_pairs.photo import Photo
from fashiontools.core.images import as_rgb

_HEADS = 7.6  # heads that a person is tall, with shoes
_LEAST_TALL = 0.5  # of the photo's height, for a figure that may be a whole person
_HEAD_SIZE = (32, 44)  # width and height of the cut head, pixels; it is 0.84 by 1.15 heads
_EDGE, _SIDE = 0.12, 0.35  # shares of the photo's width: left out, and left and right of the middle
_WEIGHTS, _BIAS = (2.0, 0.65, 0.85), -2.9
"""Of the cues; a logistic fit to 1,008 heads of a lookbook (seed 0), rounded. Judged on other seeds and street photos
in docs/cluster-pairs.md."""
_MOST_EDGES, _MOST_RED = 5.0, 10.0

FRONT, BACK = 0.6, 0.4
"""Score from which a photo is called a front view, and up to which a back view; between them it is unknown."""


class Body(NamedTuple):
    """Where a figure stands, in pixels of the small photo.

    Attributes:
        top: Row of the crown.
        bottom: Row below the soles.
        centre: Column of the head's middle.
    """

    top: int
    bottom: int
    centre: float

    @property
    def head(self) -> float:
        """Height of the head if all of the figure is a standing person."""
        return (self.bottom - self.top) / _HEADS


def front_score(photo: Photo) -> float | None:
    """How surely a photo of a whole person shows a face.

    Args:
        photo: Of any size; below about 200 pixels of height the face is too small to tell.

    Returns:
        0 (a head from behind) to 1 (a face); None where no figure is found that may be a whole person.
    """
    head = cut_head(photo)
    return None if head is None else face_score(head)


def view_of(score: float | None) -> str:
    """`front`, `back` or `unknown`."""
    if score is None or BACK < score < FRONT:
        return "unknown"
    return "front" if score >= FRONT else "back"


def cut_head(photo: Photo) -> np.ndarray | None:
    """The head of a whole person, (44, 32, 3) uint8 RGB; None where there is no such figure."""
    body = find_body(photo.background.figure)
    if body is None:
        return None
    pixels = as_rgb(photo.pixels)
    scale = pixels.shape[0] / photo.background.figure.shape[0]
    width, height = 0.84 * body.head * scale, 1.15 * body.head * scale
    left, top = body.centre * scale - width / 2, body.top * scale
    x, y = _HEAD_SIZE[0] / width, _HEAD_SIZE[1] / height
    move = np.array([[x, 0, -left * x], [0, y, -top * y]], np.float32)
    return cv2.warpAffine(pixels, move, _HEAD_SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def find_body(figure: np.ndarray) -> Body | None:
    """Find the upright thing in the middle of a photo.

    Args:
        figure: How surely each pixel is no background, (H, W) float32 in [0, 1].

    Returns:
        Where it stands, or None where nothing in the middle is at least half as tall as the photo.
    """
    height, width = figure.shape
    mask = (enclosed(figure) > 0.4).astype(np.uint8)
    edge, side = round(_EDGE * width), round(_SIDE * width)
    mask[:, :edge] = mask[:, width - edge :] = 0
    # A waist or a leg may be as light as the wall: gaps up to an eighth of the height are bridged.
    bridge = max(3, height // 8) | 1
    padded = np.pad(mask, ((bridge, bridge), (0, 0)))
    tall = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((bridge, 1), np.uint8))[bridge:-bridge]
    tall = cv2.morphologyEx(tall, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, parts, facts, _ = cv2.connectedComponentsWithStats(tall, connectivity=4)
    middle = parts[height // 4 : -(height // 4), side : width - side]
    in_middle = np.bincount(middle.ravel(), minlength=count)[1:]
    if not in_middle.any():
        return None
    part = 1 + int(in_middle.argmax())
    top, tallness = int(facts[part, cv2.CC_STAT_TOP]), int(facts[part, cv2.CC_STAT_HEIGHT])
    body = Body(top, top + tallness, 0.0)
    if tallness < _LEAST_TALL * height:
        return None
    return body._replace(centre=_head_centre(parts == part, body))


def _head_centre(part: np.ndarray, body: Body) -> float:
    """Column of the head's middle: of what is in the head's rows and not far beside the trunk."""
    columns = np.arange(part.shape[1])
    trunk = part[body.top + round(1.3 * body.head) : body.top + round(4 * body.head)].sum(axis=0)
    middle = (trunk * columns).sum() / max(1, trunk.sum())
    head = part[body.top : body.top + max(3, round(body.head))].sum(axis=0) * (abs(columns - middle) < 1.2 * body.head)
    return float((head * columns).sum() / head.sum() + 0.5) if head.any() else float(middle)


def face_score(head: np.ndarray) -> float:
    """How surely a cut head shows a face, 0 to 1.

    Args:
        head: (44, 32, 3) uint8 RGB.
    """
    lab = cv2.cvtColor(head.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    light = cv2.GaussianBlur(lab[..., 0], (0, 0), 1.0)[13:38, 7:25]
    across, down = np.abs(np.diff(light, axis=0)).mean(), np.abs(np.diff(light, axis=1)).mean()
    red = cv2.GaussianBlur(lab[..., 1], (0, 0), 1.2)
    lips = float(np.percentile(red[26:38, 10:22], 95) - np.median(lab[15:38, 8:24, 1]))
    cues = (float(np.log((across + 0.3) / (down + 0.3))), min(float(across), _MOST_EDGES), np.clip(lips, 0, _MOST_RED))
    return float(1 / (1 + np.exp(-(np.dot(_WEIGHTS, cues) + _BIAS))))
