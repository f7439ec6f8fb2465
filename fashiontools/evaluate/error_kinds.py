"""What detections at a chosen score got right, and how they went wrong.

After TIDE (Bolya, Foley, Hays and Hoffman 2020). Looked at are the detections of a chosen score or more, all of
them, not 100 an image. They are matched to the boxes of their class as COCO matches, at a chosen overlap t. Each that
found no box is one kind of error, the first of these that fits:

- `duplicate`: it overlaps a box of its class by t or more, which a surer detection has found.
- `wrong_class`: it overlaps a box of another class by t or more.
- `badly_placed`: it overlaps a box of its class by 0.1 or more.
- `wrong_both`: it overlaps a box of another class by 0.1 or more.
- `background`: none of these.

`missed` are the boxes that no detection found, without those that a detection of the wrong class, or a badly placed
one, overlaps most: that error has named the box already, as in the paper. A detection on a crowd of its class is
neither right nor wrong; else crowds are no boxes here.

Differences from the paper: errors are counted at one score, where the paper tells by how much AP would rise if each
kind was repaired; a second detection of a found box is a duplicate also where it overlaps another class's box as much
(the paper looks at the class first); the limits belong to the stronger kind (>=).
"""

from dataclasses import dataclass

import numpy as np

from fashiontools.evaluate.average_precision import Detected, Truth, areas_and_crowd
from fashiontools.evaluate.matching import match, overlaps
from fashiontools.evaluate.registry import NEAR

TRUE_POSITIVES, MISSED = "true_positives", "missed"
KINDS = ("duplicate", "wrong_class", "badly_placed", "wrong_both", "background")
COUNTED = (TRUE_POSITIVES, *KINDS)
"""What a detection can be; one on a crowd is none of these."""
COUNTS = (*COUNTED, MISSED)


@dataclass(frozen=True)
class Counts:
    """Counts of some images, by class.

    Attributes:
        verdicts: (..., classes, 6) detections by `COUNTED`, and by their own class.
        missed: (..., classes) boxes by their class.
        boxes: (..., classes) all boxes to find.
    """

    verdicts: np.ndarray
    missed: np.ndarray
    boxes: np.ndarray

    @property
    def hits(self) -> np.ndarray:
        """(..., classes) detections that found a box, which are as many as boxes that were found."""
        return self.verdicts[..., 0]

    @property
    def wrong(self) -> np.ndarray:
        """(..., classes) detections that found none."""
        return self.verdicts[..., 1:].sum(axis=-1)


def count(truth: Truth, detected: Detected, classes: int, score: float, iou: float) -> Counts:
    """Count the detections of one image.

    Args:
        truth: What is on it.
        detected: What was found.
        classes: How many there are.
        score: Detections below it are not looked at.
        iou: The least overlap of a match, above `NEAR` and up to 1.
    """
    kept = np.flatnonzero(detected.scores >= score)
    kept = kept[np.argsort(-detected.scores[kept], kind="stable")]
    labels, crowd = detected.labels[kept], areas_and_crowd(truth)[1]
    overlap = overlaps(detected.boxes[kept], truth.boxes, crowd)
    matched = np.full(len(kept), -1)
    for label in np.unique(labels):
        here, there = np.flatnonzero(truth.labels == label), np.flatnonzero(labels == label)
        own = match(overlap[np.ix_(there, here)], crowd[here], np.array([iou]))[0]
        matched[there] = np.append(here, -1)[own]
    hit, on_crowd = matched >= 0, np.append(crowd, False)[matched]
    kinds, named = _kinds(np.where(crowd, 0.0, overlap), labels[:, None] == truth.labels, iou)
    verdicts = np.zeros((classes, len(COUNTED)), np.int32)
    np.add.at(verdicts, (labels[hit & ~on_crowd], 0), 1)
    np.add.at(verdicts, (labels[~hit], 1 + kinds[~hit]), 1)
    missed = ~crowd
    missed[matched[hit]] = False
    missed[[box for box in named[~hit] if box >= 0]] = False
    return Counts(verdicts, *(np.bincount(truth.labels[which], minlength=classes) for which in (missed, ~crowd)))


def _kinds(overlap: np.ndarray, same: np.ndarray, iou: float) -> tuple[np.ndarray, np.ndarray]:
    """The kind of error that each detection is if it found nothing, and the box that it names, or -1.

    Args:
        overlap: (K, N), with nothing on crowds.
        same: (K, N) whether box and detection are of one class.
        iou: The least overlap of a match.
    """
    padded = [np.pad(np.where(which, overlap, 0.0), ((0, 0), (0, 1))) for which in (same, ~same)]  # N may be 0
    own, other = (each.max(axis=1) for each in padded)
    least = min(iou, 1 - 1e-10)
    rules = [own >= least, other >= least, own >= NEAR, other >= NEAR]
    kinds = np.select(rules, range(len(rules)), len(rules))
    named = np.select([kinds == 1, kinds == 2], [padded[1].argmax(axis=1), padded[0].argmax(axis=1)], -1)
    return kinds, named


def total(counts: list[Counts]) -> Counts:
    """The counts of several images, with the images in front: (images, classes, ...)."""
    return Counts(*(np.stack([getattr(each, name) for each in counts]) for name in ("verdicts", "missed", "boxes")))
