"""Numbers about boxes with their intervals: COCO's, precision and recall at one score, and counts of errors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fashiontools.evaluate.average_precision import (
    AREAS,
    PER_CLASS,
    Accumulated,
    Detected,
    Truth,
    accumulate,
    areas_and_crowd,
)
from fashiontools.evaluate.error_kinds import COUNTED, MISSED, Counts, count, total
from fashiontools.evaluate.matching import ClassMatches, match_classes
from fashiontools.evaluate.statistics import Estimate, Score, score_of

ALL = "all"
_RESAMPLES, _FEWEST = 1000, 100
_BUDGET = 10**9
"""Detections that all resamples together may go through, some 10 s of them."""
Draws = dict[tuple[str, str], np.ndarray]


@dataclass(frozen=True)
class BoxEstimates:
    """What is known of a detector.

    Attributes:
        scores: All numbers. `n` is the boxes to find (of that size), of precision and of kinds of errors the
            detections that were looked at.
        counts: At the chosen score and overlap: (images, classes, ...).
        accumulated: COCO's tables, for curves.
        resamples: How many gave the intervals.
    """

    scores: list[Score]
    counts: Counts
    accumulated: Accumulated
    resamples: int


def estimate(
    truths: Sequence[Truth],
    detected: Sequence[Detected],
    classes: Sequence[str],
    *,
    at_score: float,
    at_iou: float,
    seed: int,
) -> BoxEstimates:
    """Judge detections.

    Args:
        truths: One for each image.
        detected: One for each image.
        classes: Names of the classes.
        at_score: The least score of what is counted.
        at_iou: The least overlap of what is counted as found.
        seed: Of the resamples of the images.

    Returns:
        The numbers over all classes, then those of each class that has boxes or detections.
    """
    accumulated = accumulate(truths, detected, classes)
    counts = total([count(*sides, len(classes), at_score, at_iou) for sides in zip(truths, detected, strict=True)])
    matches = match_classes(truths, detected, len(classes))
    resamples = _how_many(matches)
    draws = _draws(matches, counts, classes, np.random.default_rng(seed), resamples)
    there = np.concatenate([each.labels for each in (*truths, *detected)])
    scores = _numbers(accumulated.numbers(), ALL, draws, _sizes(truths)) + _counted(_over_all(counts), ALL, draws)
    for label, name in enumerate(classes):
        if label in there:
            own = accumulated.of_class(label)
            scores += _numbers(own, name, draws, {"": int(counts.boxes[:, label].sum())})
            scores += _counted(_sums(counts, label), name, draws)
    return BoxEstimates(scores, counts, accumulated, resamples)


def _numbers(values: dict[str, float], region: str, draws: Draws, boxes: dict[str, int]) -> list[Score]:
    return [
        score_of(name, region, Estimate(value, draws.get((name, region))), boxes[name.partition("_")[2]])
        for name, value in values.items()
    ]


def _sizes(truths: Sequence[Truth]) -> dict[str, int]:
    """How many boxes there are to find of each of COCO's sizes, and in all; one on a limit is of both sizes."""
    each = [areas_and_crowd(truth) for truth in truths]
    areas = np.concatenate([areas[~crowd] for areas, crowd in each])
    found = {size: int(np.sum((areas >= low) & (areas <= high))) for size, (low, high) in AREAS.items()}
    return {"" if size == "all" else size: boxes for size, boxes in found.items()}


def _sums(counts: Counts, label: int) -> Counts:
    """The counts of one class over all images."""
    return Counts(counts.verdicts[:, label].sum(axis=0), counts.missed[:, label].sum(), counts.boxes[:, label].sum())


def _over_all(counts: Counts) -> Counts:
    return Counts(counts.verdicts.sum(axis=(0, 1)), counts.missed.sum(), counts.boxes.sum())


def _counted(sums: Counts, region: str, draws: Draws) -> list[Score]:
    looked_at, boxes, hits = int(sums.verdicts.sum()), int(sums.boxes), int(sums.hits)
    shares = (
        ("precision", looked_at, hits / looked_at if looked_at else float("nan")),
        ("recall", boxes, hits / boxes if boxes else float("nan")),
    )
    kinds = ((name, int(value), looked_at) for name, value in zip(COUNTED, sums.verdicts, strict=True))
    return [
        *(score_of(name, region, Estimate(value, draws.get((name, region))), n) for name, n, value in shares),
        *(
            replace(score_of(name, region, Estimate(float(value)), n), is_count=True)
            for name, value, n in (*kinds, (MISSED, int(sums.missed), boxes))
        ),
    ]


# ------------------------------------------------------------------------------------------------------ intervals


def _how_many(matches: Sequence[ClassMatches]) -> int:
    each = sum(len(one.image) for one in matches)
    return int(np.clip(_BUDGET // max(each, 1), _FEWEST, _RESAMPLES))


def _draws(
    matches: Sequence[ClassMatches], counts: Counts, classes: Sequence[str], rng: np.random.Generator, resamples: int
) -> Draws:
    """AP, AP50, precision and recall of resampled images, by name and region; NaN where a resample has no boxes."""
    images = len(counts.boxes)
    hits, wrong, boxes = counts.hits, counts.wrong, counts.boxes
    ap = np.empty((resamples, len(classes), 2))
    precision, recall = np.empty((2, resamples, len(classes) + 1))
    for number in range(resamples):
        weights = np.bincount(rng.integers(0, images, images), minlength=images)
        values = np.array([one.average_precision(weights) for one in matches])
        ap[number] = np.stack([values.mean(axis=1), values[:, 0]], axis=1)
        found, others, all_boxes = (_with_sum(weights @ each) for each in (hits, wrong, boxes))
        precision[number] = _ratio(found, found + others)
        recall[number] = _ratio(found, all_boxes)
    draws: Draws = {}
    for place, name in enumerate((*classes, ALL)):
        draws |= {("precision", name): precision[:, place], ("recall", name): recall[:, place]}
    for place, number in enumerate(PER_CLASS[:2]):
        draws |= {(number, name): ap[:, label, place] for label, name in enumerate(classes)}
        draws[number, ALL] = _mean_over_classes(ap[..., place])
    return {key: values for key, values in draws.items() if not np.isnan(values).all()}


def _with_sum(values: np.ndarray) -> np.ndarray:
    return np.append(values, values.sum())


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def _mean_over_classes(values: np.ndarray) -> np.ndarray:
    """(resamples,) the mean over the classes that a resample has boxes of."""
    defined = ~np.isnan(values)
    return _ratio(np.where(defined, values, 0).sum(axis=1), defined.sum(axis=1))
