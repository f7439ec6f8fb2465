"""COCO's average precision and recall of boxes, by faster-coco-eval, equal to pycocotools to the last digit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

IOUS = np.linspace(0.5, 0.95, 10)
"""The ten overlaps that AP and AR are averaged over; pycocotools' own numbers, bit for bit."""
RECALLS = np.linspace(0.0, 1.0, 101)
"""Where precision is read off."""
MOST = (1, 10, 100)
"""AR looks at so many detections of a class on an image, those of the highest scores; AP at the last number."""
AREAS = {"all": (0, 1e5**2), "small": (0, 32**2), "medium": (32**2, 96**2), "large": (96**2, 1e5**2)}
"""Square pixels from, to; both are part of it."""
NUMBERS = (
    "ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large",
    "ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large",
)  # fmt: skip
"""The twelve COCO numbers, in COCO's order."""
_NAN = float("nan")


class Truth(NamedTuple):
    """What is on an image.

    Attributes:
        boxes: (N, 4) float64, x y w h in pixels.
        labels: (N,) integers, indices into the classes.
        areas: (N,) square pixels, which decide on small, medium and large; None takes those of the boxes.
        crowd: (N,) whether the box is a crowd, which may be found any number of times, or not at all; None: none is.
    """

    boxes: np.ndarray
    labels: np.ndarray
    areas: np.ndarray | None = None
    crowd: np.ndarray | None = None


class Detected(NamedTuple):
    """What was found on an image.

    Attributes:
        boxes: (K, 4) float64, x y w h in pixels.
        labels: (K,) integers, indices into the classes.
        scores: (K,) float64, finite; higher is surer.
    """

    boxes: np.ndarray
    labels: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Accumulated:
    """COCO's two tables; -1 where there is no box to find.

    Attributes:
        precision: (10 overlaps, 101 recalls, classes, 4 areas), with 100 detections; made monotone as COCO does.
        recall: (10 overlaps, classes, 4 areas, 3 numbers of detections).
    """

    precision: np.ndarray
    recall: np.ndarray

    def numbers(self) -> dict[str, float]:
        """The twelve COCO numbers; NaN where one is undefined."""
        areas = range(1, len(AREAS))
        found = [
            _mean(self.precision[..., 0]),
            _mean(self.precision[IOUS == 0.5, ..., 0]),
            _mean(self.precision[IOUS == 0.75, ..., 0]),
            *(_mean(self.precision[..., area]) for area in areas),
            *(_mean(self.recall[..., 0, most]) for most in range(len(MOST))),
            *(_mean(self.recall[..., area, -1]) for area in areas),
        ]
        return dict(zip(NUMBERS, found, strict=True))

    def of_class(self, label: int) -> dict[str, float]:
        """The twelve COCO numbers of one class; NaN where one is undefined."""
        one = slice(label, label + 1)
        return Accumulated(self.precision[:, :, one], self.recall[:, one]).numbers()

    def curve(self, label: int, iou: float) -> np.ndarray:
        """(101,) precision of one class at `RECALLS`, at an overlap of `IOUS`."""
        return self.precision[np.flatnonzero(iou == IOUS)[0], :, label, 0]


def average_precision(
    truths: Sequence[Truth], detected: Sequence[Detected], classes: Sequence[str]
) -> dict[str, float]:
    """The twelve COCO numbers (Lin et al. 2014; cocodataset.org/#detection-eval), of each class too.

    AP is the mean of precision over 101 recalls, over ten overlaps (IoU .50, .55, ... .95), over the classes that have
    boxes, from the 100 surest detections of each class on each image. AR is the mean over overlaps and classes of the
    highest recall that so many detections reach. A box of exactly 32 x 32 pixels is small and medium, one of exactly
    96 x 96 medium and large. Of detections with equal scores the earlier image's, then the earlier one comes first.

    Args:
        truths: One for each image; an image without boxes has empty arrays.
        detected: One for each image, in the same order; without detections empty arrays.
        classes: Names of the classes that the labels are indices of.

    Returns:
        `ap`, `ap50`, `ap75`, `ap_small`, `ap_medium`, `ap_large`, `ar1`, `ar10`, `ar100`, `ar_small`, `ar_medium`,
        `ar_large`, each in 0..1, and for every class the same as `ap/NAME`, `ap50/NAME` and so on. NaN where there is
        no such box to find (COCO says -1 there).

    Raises:
        ValueError: The images do not correspond, or an array has another shape, or a label is not among the classes,
            or a number is not finite.
    """
    accumulated = accumulate(truths, detected, classes)
    each = {
        f"{number}/{name}": value
        for label, name in enumerate(classes)
        for number, value in accumulated.of_class(label).items()
    }
    return accumulated.numbers() | each


def accumulate(truths: Sequence[Truth], detected: Sequence[Detected], classes: Sequence[str]) -> Accumulated:
    """COCO's tables of precision and recall, which every number is read from.

    Args:
        truths: As for `average_precision`.
        detected: The same.
        classes: The same.

    Raises:
        ValueError: As `average_precision`.
    """
    from faster_coco_eval import COCO, COCOeval_faster

    _check(truths, detected, len(classes))
    if not truths or not classes:
        return Accumulated(-np.ones((10, 101, len(classes), 4)), -np.ones((10, len(classes), 4, 3)))
    shared = {
        "images": [{"id": number} for number in range(1, len(truths) + 1)],
        "categories": [{"id": number, "name": name} for number, name in enumerate(classes, 1)],
    }
    sides = [
        COCO({**shared, "annotations": _annotations(_of_truth(each) for each in truths)}),
        COCO({**shared, "annotations": _annotations(_of_detected(each) for each in detected)}),
    ]
    judge = COCOeval_faster(*sides, iouType="bbox")
    second = _second_recalls(truths, len(classes))
    judge.params.iouThrs, judge.params.maxDets = IOUS, list(MOST)
    judge.params.recThrs = np.unique(np.concatenate([RECALLS, second.ravel()]))
    judge.evaluate()
    judge.accumulate()
    precision = np.asarray(judge.eval["precision"])[..., -1]
    return Accumulated(_as_pycocotools(precision, judge.params.recThrs, second), np.asarray(judge.eval["recall"]))


def _second_recalls(truths: Sequence[Truth], classes: int) -> np.ndarray:
    """(classes, 4 areas) the recall of two found boxes, as COCO divides it; 2 where there is none to find."""
    labels = np.concatenate([truth.labels for truth in truths])
    areas, crowd = (np.concatenate(parts) for parts in zip(*map(areas_and_crowd, truths), strict=True))
    within = np.array([(areas >= low) & (areas <= high) for low, high in AREAS.values()])
    counts = [[np.sum(one & (labels == label) & ~crowd) for one in within] for label in range(classes)]
    return 2 / np.maximum(counts, 1)


def _as_pycocotools(precision: np.ndarray, recalls: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The table with pycocotools' rounding.

    pycocotools adds the smallest number to what it divides by, faster-coco-eval does not. That is lost in rounding,
    but for a single detection that is right: it has a precision of 1 - 2e-16, which stays where the second detection
    is wrong. It is wrong where the precision at the recall of two found boxes is below 1.

    Args:
        precision: (10, recalls, classes, 4), at `RECALLS` and at those of `second`.
        recalls: Those recalls, sorted.
        second: (classes, 4).
    """
    at_second = np.searchsorted(recalls, second)
    label, area = np.indices(second.shape)
    is_single = precision[:, at_second, label, area] < 1
    kept = precision[:, np.searchsorted(recalls, RECALLS)]
    return np.where((kept == 1) & is_single[:, None], 1 / (1 + np.spacing(1)), kept)


def _annotations(images: Any) -> list[dict[str, Any]]:
    """The boxes of all images as COCO has them, numbered from 1: to COCO a match with number 0 is none."""
    found: list[dict[str, Any]] = []
    for image, boxes in enumerate(images, 1):
        for values in boxes:
            found.append({"id": len(found) + 1, "image_id": image, **values})
    return found


def areas_and_crowd(truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    """(N,) float64 square pixels, and (N,) bool whether a box is a crowd, where the truth leaves them out too."""
    areas = truth.boxes[:, 2] * truth.boxes[:, 3] if truth.areas is None else truth.areas
    return areas, np.zeros(len(areas), bool) if truth.crowd is None else np.asarray(truth.crowd, bool)


def _of_truth(truth: Truth) -> list[dict[str, Any]]:
    areas, crowd = areas_and_crowd(truth)
    return [
        {"bbox": box, "category_id": label + 1, "area": float(area), "iscrowd": int(many)}
        for box, label, area, many in zip(truth.boxes.tolist(), truth.labels.tolist(), areas, crowd, strict=True)
    ]


def _of_detected(detected: Detected) -> list[dict[str, Any]]:
    return [
        {"bbox": box, "category_id": label + 1, "area": box[2] * box[3], "score": score, "iscrowd": 0}
        for box, label, score in zip(
            detected.boxes.tolist(), detected.labels.tolist(), detected.scores.tolist(), strict=True
        )
    ]


def _check(truths: Sequence[Truth], detected: Sequence[Detected], classes: int) -> None:
    if len(truths) != len(detected):
        raise ValueError(f"{len(truths)} images with truths, {len(detected)} with detections: expected as many")
    for place, sides in enumerate(zip(truths, detected, strict=True)):
        for each in sides:
            boxes, labels, *others = (np.asarray(value) for value in each if value is not None)
            shapes = [labels.shape, *(other.shape for other in others)]
            if boxes.shape != (len(labels), 4) or any(shape != (len(labels),) for shape in shapes):
                raise ValueError(f"image {place}: boxes {boxes.shape} beside {shapes}: expected (N, 4) and (N,)")
            if len(labels) and not (labels.min() >= 0 and labels.max() < classes):
                raise ValueError(f"image {place}: labels {labels.min()} to {labels.max()} of {classes} classes")
            if not all(np.isfinite(value).all() for value in (boxes, *others)):
                raise ValueError(f"image {place}: boxes, areas and scores must be finite")


def _mean(values: np.ndarray) -> float:
    """The mean of what is defined."""
    defined = values[values > -1]
    return float(np.mean(defined)) if defined.size else _NAN
