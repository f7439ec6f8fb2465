"""The thing on a plain background, found without a network: what differs from the photo's border.

`mask/foreground.py` estimates a foreground for any photo. A crop needs less and more: no guess where the background is
not plain, and an edge to a pixel or two on backgrounds that fade from light to dark, as studio walls do.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from fashiontools.core.boxes import Box
from fashiontools.core.images import as_rgb, resize
from fashiontools.detect_crop.detection import Detection, Looked, Photo

_WORK_SIDE = 384
_RIM = 0.03  # the border's width, as a share of the shorter side
_NEAR = 10.0  # distances are CIELAB's: 2.3 is just noticeable
_PLAIN_SHARE = 0.7
_PLAIN_SPREAD = 4.0
_LEAST_CONTRAST = 7.0
_LEAST_AREA = 0.01
_PART = 0.1  # of the largest part's area: the other shoe, and no speck
_ROUNDS = 4
_NOT_PLAIN = Looked((), "the background is not plain")
_NOTHING = Looked((), "nothing stands out from the background")


class ForegroundDetector:
    """Finds what a photo on a plain background shows: one box around its largest connected parts.

    It knows no classes: the label is the one that the photo's row has, `full` where there is none. The score is the
    share of the border that is plain, times Otsu's measure of how well thing and background are told apart (the share
    of the variance of the distances that is between the two; Otsu 1979).
    """

    classes: tuple[str, ...] = ()
    min_side = _WORK_SIDE
    at_once = 1

    def detect(self, photos: Sequence[Photo]) -> list[Looked]:
        """As `Detector.detect`."""
        return [_look(photo) for photo in photos]

    def canvas(self, photo: Photo) -> tuple[int, int]:
        """As `Detector.canvas`: each photo is looked at by itself."""
        return photo.height, photo.width


class _Background(NamedTuple):
    """What lies behind the thing.

    Attributes:
        colour: (H, W, 3) float32, CIELAB, at every pixel.
        share: Of the border that it explains.
        spread: How far that part of the border is from it, root mean square.
    """

    colour: np.ndarray
    share: float
    spread: float


def _look(photo: Photo) -> Looked:
    ratio = min(1.0, _WORK_SIDE / max(photo.pixels.shape[:2]))
    height, width = (max(8, round(side * ratio)) for side in photo.pixels.shape[:2])
    lab = cv2.cvtColor(resize(as_rgb(photo.pixels), height, width).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    background = _background_of(lab)
    if background.share < _PLAIN_SHARE or background.spread > _PLAIN_SPREAD:
        return _NOT_PLAIN
    distance = np.linalg.norm(lab - background.colour, axis=2)
    thing = _main_parts(distance > max(_LEAST_CONTRAST, 3 * background.spread))
    if thing.mean() < _LEAST_AREA:
        return _NOTHING
    if thing[:, 0].any() and thing[:, -1].any():  # sky above and road below: there is no background around it
        return _NOT_PLAIN
    box = photo.whole(Box(*cv2.boundingRect(thing.astype(np.uint8))), height, width)
    return Looked((Detection(box, photo.label or "full", background.share * _told_apart(distance, thing)),))


def _background_of(lab: np.ndarray) -> _Background:
    """Fit a colour that changes smoothly over the photo to its border; what stands at the border is left out."""
    height, width = lab.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=2)
    rim = max(1, round(_RIM * min(height, width)))
    border = np.ones((height, width), bool)
    border[rim:-rim, rim:-rim] = False
    known, wanted = terms[border], lab[border]
    off = np.linalg.norm(wanted - np.median(wanted, axis=0), axis=1)
    plain = off <= max(2 * _NEAR, float(np.median(off)))
    for _ in range(_ROUNDS):
        fit = np.linalg.lstsq(known[plain], wanted[plain], rcond=None)[0]
        error = np.linalg.norm(wanted - known @ fit, axis=1)
        plain = error < _NEAR
        if plain.mean() < _PLAIN_SHARE / 2:
            return _Background(lab, 0.0, 0.0)
    return _Background(terms @ fit, float(plain.mean()), float(np.sqrt((error[plain] ** 2).mean())))


def _main_parts(mask: np.ndarray) -> np.ndarray:
    """The largest connected part of a mask, and those that are not much smaller."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, parts, facts, _ = cv2.connectedComponentsWithStats(opened)
    areas = facts[1:, cv2.CC_STAT_AREA]
    if not areas.size:
        return np.zeros_like(mask)
    return np.isin(parts, 1 + np.flatnonzero(areas >= _PART * areas.max()))


def _told_apart(distance: np.ndarray, thing: np.ndarray) -> float:
    """The share of the variance that lies between the two sides, 0 to 1."""
    share = thing.mean()
    difference = distance[thing].mean() - distance[~thing].mean()
    return float(min(1.0, share * (1 - share) * difference**2 / distance.var()))
