"""Numbers about boxes with their intervals: COCO's, precision and recall at one score, and counts of errors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fashiontools.evaluate.average_precision import (
    AREAS,
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
REFLECTED = ("ap", "ap50")
"""Whose intervals are reflected."""
_RESAMPLES, _FEWEST = 1000, 100
_BUDGET = 10**9
"""Detections that all resamples together may go through, some 10 s of them."""
Draws = dict[str, np.ndarray]


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
    draws = _draws(matches, counts, np.random.default_rng(seed), resamples)
    scores = _of_region(ALL, accumulated.numbers(), _sizes(truths), _over_all(counts), _column(draws, -1))
    there = np.concatenate([each.labels for each in (*truths, *detected)])
    for label in np.unique(there).tolist():
        sums = _of_class(counts, label)
        values, sizes = accumulated.of_class(label), _sizes(truths, label)
        scores += _of_region(classes[label], values, sizes, sums, _column(draws, label))
    return BoxEstimates(scores, counts, accumulated, resamples)


def _column(draws: Draws, place: int) -> Draws:
    """The resampled numbers of one class, those that say anything."""
    chosen = {name: values[:, place] for name, values in draws.items()}
    return {name: values for name, values in chosen.items() if not np.isnan(values).all()}


def _of_region(region: str, values: dict[str, float], boxes: dict[str, int], sums: Counts, draws: Draws) -> list[Score]:
    """The scores of all classes or of one.

    Args:
        region: Its name.
        values: COCO's numbers.
        boxes: How many there are to find of each size, by the end of the number's name.
        sums: Counts over all images.
        draws: Resampled numbers.
    """
    looked_at, found = int(sums.verdicts.sum()), int(sums.hits)
    ends = {name: boxes[name.partition("_")[2]] for name in values}
    values = {
        **values,
        "precision": found / looked_at if looked_at else float("nan"),
        "recall": found / int(sums.boxes) if sums.boxes else float("nan"),
    }
    ends |= {"precision": looked_at, "recall": int(sums.boxes)}
    kinds = [(name, value, looked_at) for name, value in zip(COUNTED, sums.verdicts.tolist(), strict=True)]
    return [
        *(_with_interval(name, region, value, draws.get(name), ends[name]) for name, value in values.items()),
        *(
            replace(score_of(name, region, Estimate(float(value)), n), is_count=True)
            for name, value, n in (*kinds, (MISSED, sums.missed, int(sums.boxes)))
        ),
    ]


def _with_interval(name: str, region: str, value: float, draws: np.ndarray | None, n: int) -> Score:
    """The score with its interval: percentiles, of AP reflected ones (the basic bootstrap, Davison and Hinkley 1997).

    AP takes the highest precision of any higher recall, so that chance lifts it, and lifts the AP of resamples once
    more. Of a simulated detector on 300 photos percentiles held the true AP 86 times of 100, reflected ones 93 times.
    """
    if draws is None or name not in REFLECTED:
        return score_of(name, region, Estimate(value, draws), n)
    score = score_of(name, region, Estimate(value, np.clip(2 * value - draws, 0, 1)), n)
    return replace(score, low=min(score.low, value), high=max(score.high, value))


def _sizes(truths: Sequence[Truth], label: int | None = None) -> dict[str, int]:
    """How many boxes there are to find of each of COCO's sizes, and in all; one on a limit is of both sizes.

    Args:
        truths: One for each image.
        label: Only those of this class.
    """
    each = [(truth.labels, *areas_and_crowd(truth)) for truth in truths]
    areas = np.concatenate([areas[~crowd & (label is None or labels == label)] for labels, areas, crowd in each])
    found = {size: int(np.sum((areas >= low) & (areas <= high))) for size, (low, high) in AREAS.items()}
    return {"" if size == "all" else size: boxes for size, boxes in found.items()}


def _of_class(counts: Counts, label: int) -> Counts:
    """The counts of one class over all images."""
    return Counts(counts.verdicts[:, label].sum(axis=0), counts.missed[:, label].sum(), counts.boxes[:, label].sum())


def _over_all(counts: Counts) -> Counts:
    return Counts(counts.verdicts.sum(axis=(0, 1)), counts.missed.sum(), counts.boxes.sum())


# ------------------------------------------------------------------------------------------------------ intervals


def _how_many(matches: Sequence[ClassMatches]) -> int:
    each = sum(len(one.image) for one in matches)
    return int(np.clip(_BUDGET // max(each, 1), _FEWEST, _RESAMPLES))


def _draws(matches: Sequence[ClassMatches], counts: Counts, rng: np.random.Generator, resamples: int) -> Draws:
    """AP, AP50, precision and recall of resampled images: by name (resamples, classes + 1), the last over all classes.

    NaN where a resample has no boxes, or no detections.
    """
    images, classes = counts.boxes.shape
    hits, wrong, boxes = counts.hits, counts.wrong, counts.boxes
    ap, ap50, precision, recall = np.full((4, resamples, classes + 1), np.nan)
    for number in range(resamples):
        weights = np.bincount(rng.integers(0, images, images), minlength=images)
        values = np.array([one.average_precision(weights) for one in matches])
        ap[number, :-1], ap50[number, :-1] = values.mean(axis=1), values[:, 0]
        found, others, to_find = (_with_sum(weights @ each) for each in (hits, wrong, boxes))
        precision[number], recall[number] = _ratio(found, found + others), _ratio(found, to_find)
    for values in (ap, ap50):
        values[:, -1] = _mean_over_classes(values[:, :-1])
    return {"ap": ap, "ap50": ap50, "precision": precision, "recall": recall}


def _with_sum(values: np.ndarray) -> np.ndarray:
    return np.append(values, values.sum())


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def _mean_over_classes(values: np.ndarray) -> np.ndarray:
    """(resamples,) the mean over the classes that a resample has boxes of."""
    defined = ~np.isnan(values)
    return _ratio(np.where(defined, values, 0).sum(axis=1), defined.sum(axis=1))
