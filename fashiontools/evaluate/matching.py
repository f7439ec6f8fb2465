"""Which detection found which box, by COCO's rules, and average precision of resampled images from that.

The numbers themselves are faster-coco-eval's (`average_precision.py`); it keeps its matches to itself, and resamples,
counts at one score and kinds of errors need them. The tests hold that both agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashiontools.evaluate.average_precision import IOUS, MOST, RECALLS, Detected, Truth, areas_and_crowd

_NONE = -1
_Part = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def overlaps(found: np.ndarray, boxes: np.ndarray, crowd: np.ndarray) -> np.ndarray:
    """Intersection over union; over a crowd, intersection over the detection's own area, as COCO has it.

    Args:
        found: (K, 4) float64, x y w h.
        boxes: (N, 4) float64.
        crowd: (N,) bool.

    Returns:
        (K, N) float64 in 0..1, rounded as pycocotools rounds.
    """
    starts = np.maximum(found[:, None, :2], boxes[None, :, :2])
    ends = np.minimum(found[:, None, :2] + found[:, None, 2:], boxes[None, :, :2] + boxes[None, :, 2:])
    sides = np.maximum(ends - starts, 0)
    shared = sides[..., 0] * sides[..., 1]
    own, theirs = found[:, 2] * found[:, 3], boxes[:, 2] * boxes[:, 3]
    union = np.where(crowd, own[:, None], own[:, None] + theirs - shared)
    return np.divide(shared, union, out=np.zeros_like(shared), where=shared > 0)


def match(overlap: np.ndarray, crowd: np.ndarray, ious: np.ndarray) -> np.ndarray:
    """Give each detection its box, the surest detection first.

    A detection takes the box that it overlaps most among those that are left, of equals the later one; where none
    overlaps enough, a crowd, which is never used up.

    Args:
        overlap: (K, N) of one class on one image, the detections by falling score.
        crowd: (N,) bool.
        ious: (T,) the least overlap of a match.

    Returns:
        (T, K) the number of the box, or -1.
    """
    matched = np.full((len(ious), len(overlap)), _NONE)
    if not overlap.size:
        return matched
    least = np.minimum(ious, 1 - 1e-10)
    free = np.tile(~crowd, (len(ious), 1))
    rows = np.arange(len(ious))
    for place in np.flatnonzero(overlap.max(axis=1) >= least.min()):
        best = _last_maximum(np.where(free, overlap[place], -1.0))
        takes = free[rows, best] & (overlap[place, best] >= least)
        matched[takes, place] = best[takes]
        free[rows[takes], best[takes]] = False
        if crowd.any():
            best = _last_maximum(np.where(crowd, overlap[place], -1.0)[None])
            takes = (matched[:, place] == _NONE) & (overlap[place, best] >= least)
            matched[takes, place] = best
    return matched


def _last_maximum(values: np.ndarray) -> np.ndarray:
    return values.shape[1] - 1 - values[:, ::-1].argmax(axis=1)


@dataclass(frozen=True)
class ClassMatches:
    """The detections of one class on all images, by falling score.

    Attributes:
        image: (D,) the number of the image of each.
        hits: For each overlap the places of those that found a box.
        counted: (10, D) bool; one on a crowd is neither right nor wrong. None where all are counted.
        boxes: (images,) how many boxes there are to find.
    """

    image: np.ndarray
    hits: list[np.ndarray]
    counted: np.ndarray | None
    boxes: np.ndarray

    def average_precision(self, weights: np.ndarray) -> np.ndarray:
        """COCO's average precision where each image is there so many times.

        Args:
            weights: (images,) integers.

        Returns:
            (10,) by overlap; NaN where there is no box.
        """
        to_find = int(weights @ self.boxes)
        if to_find == 0:
            return np.full(len(IOUS), np.nan)
        times = weights[self.image]
        if self.counted is None:
            looked_at = [np.cumsum(times)] * len(IOUS)
        else:
            looked_at = list(np.cumsum(self.counted * times, axis=1))
        found = [
            _read(np.cumsum(times[hits]), before[hits], to_find)
            for hits, before in zip(self.hits, looked_at, strict=True)
        ]
        return np.array(found)


def _read(hits: np.ndarray, looked_at: np.ndarray, to_find: int) -> float:
    """The mean precision at 101 recalls, made monotone: precision falls between hits, so that only they are read."""
    precision = hits / (looked_at + np.spacing(1))
    precision = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)  # 0: of recalls that are not reached
    return float(precision[np.searchsorted(hits / to_find, RECALLS, side="left")].mean())


def match_classes(truths: Sequence[Truth], detected: Sequence[Detected], classes: int) -> list[ClassMatches]:
    """Match all images at COCO's ten overlaps, with boxes of all sizes and 100 detections a class and image.

    Args:
        truths: One for each image.
        detected: One for each image.
        classes: How many.

    Returns:
        One for each class.
    """
    boxes = np.zeros((len(truths), classes), np.int64)
    parts: list[list[_Part]] = [[] for _ in range(classes)]
    for number, (truth, found) in enumerate(zip(truths, detected, strict=True)):
        crowd = areas_and_crowd(truth)[1]
        boxes[number] = np.bincount(truth.labels[~crowd], minlength=classes)
        for label in np.unique(found.labels):
            here, there = truth.labels == label, np.flatnonzero(found.labels == label)
            there = there[np.argsort(-found.scores[there], kind="stable")][: MOST[-1]]
            matched = match(overlaps(found.boxes[there], truth.boxes[here], crowd[here]), crowd[here], IOUS)
            on_crowd = np.append(crowd[here], False)[matched]  # -1, no match, is the last
            image = np.full(len(there), number)
            parts[label].append((image, found.scores[there], (matched != _NONE) & ~on_crowd, ~on_crowd))
    return [_joined(each, boxes[:, label]) for label, each in enumerate(parts)]


def _joined(parts: list[_Part], boxes: np.ndarray) -> ClassMatches:
    """The detections of all images, in the order of their scores."""
    if not parts:
        return ClassMatches(np.empty(0, int), [np.empty(0, int)] * len(IOUS), None, boxes)
    image, scores, hits, counted = (np.concatenate(each, axis=-1) for each in zip(*parts, strict=True))
    order = np.argsort(-scores, kind="stable")
    counted = counted[:, order]
    places = [np.flatnonzero(each) for each in hits[:, order]]
    return ClassMatches(image[order], places, None if counted.all() else counted, boxes)
