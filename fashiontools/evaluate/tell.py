"""Scores as text: a table for people, CSV and JSON for programs, each with the recipe of how they were made."""

import csv
import io
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.metadata import version
from itertools import filterfalse
from typing import TYPE_CHECKING

from fashiontools.evaluate.average_precision import NUMBERS, Truth, areas_and_crowd
from fashiontools.evaluate.box_estimates import ALL, REFLECTED
from fashiontools.evaluate.options import EvaluateOptions
from fashiontools.evaluate.registry import METRICS, NEAR
from fashiontools.evaluate.statistics import Score

if TYPE_CHECKING:
    from fashiontools.evaluate.extractors import Extractor

COLUMNS = ("metric", "region", "mean", "low", "high", "median", "n", "identical", "recipe")
Sizes = Collection[tuple[int, int]]
_BARE = tuple(name for name in NUMBERS if name not in REFLECTED)
"""COCO's numbers without an interval."""


def pairs_recipe(options: EvaluateOptions, sizes: Sizes, metrics: Mapping[str, object]) -> str:
    """One line that says how numbers of pairs were made: sizes, averaging, resize, interval, definitions, weights."""
    definitions = [f"{name}: {METRICS[name].summary}" for name in metrics]
    networks = [told for metric in metrics.values() if (told := getattr(metric, "told", ""))]
    return "; ".join(
        [
            f"sizes {_told(sizes)}; resize {options.resize or 'none'}; 8-bit sRGB; mean and median of per-image "
            f"values; interval 95 % bootstrap of the mean, 2000 resamples, seed {options.seed}",
            *definitions,
            *networks,
        ]
    )


def sets_recipe(
    extractor: "Extractor", sets: Mapping[str, tuple[int, Sizes]], names: list[str], options: EvaluateOptions
) -> str:
    """One line that says how numbers of sets were made: network, weights, resize, n and sizes, intervals.

    Args:
        extractor: The network.
        sets: How many images of which sizes each set has, by role.
        names: The metrics.
        options: The seed.
    """
    from fashiontools.evaluate.resize import TOLD

    return "; ".join(
        [
            f"features {extractor.name}; weights sha256 {extractor.weights}",
            f"{TOLD}, to {extractor.size}x{extractor.size}, fit {extractor.fit}",
            "n " + ", ".join(f"{role} {n} of {_told(sizes)}" for role, (n, sizes) in sets.items()),
            f"seed {options.seed}",
            *(f"{name}: {METRICS[name].summary}, {METRICS[name].interval}" for name in names),
        ]
    )


def boxes_recipe(options: EvaluateOptions, truths: Sequence[Truth], how: str, resamples: int, seen: str) -> str:
    """One line that says how numbers of boxes were made: reference, definitions, intervals, what the detector saw.

    Args:
        options: The split, the chosen score and overlap, the seed.
        truths: What is on the photos that are scored.
        how: How photos were found.
        resamples: How many gave the intervals.
        seen: What is known of the detector's training photos.
    """
    crowds = sum(int(areas_and_crowd(truth)[1].sum()) for truth in truths)
    boxes = sum(len(truth.boxes) for truth in truths) - crowds
    split = f" of split {options.reference_split}" if options.reference_split else ""
    return "; ".join(
        [
            f"reference {len(truths)} photos{split}, {boxes} boxes, {crowds} crowds; photos found by {how}",
            f"ap and ar: COCO's, faster-coco-eval {version('faster-coco-eval')}, with pycocotools' rounding",
            f"precision, recall and counts at score >= {options.least_score:g}, IoU >= {options.least_iou:g}, kinds of "
            f"errors after TIDE, near from IoU {NEAR}",
            f"interval 95 % bootstrap of the photos, of ap and ap50 reflected, {resamples} resamples, "
            f"seed {options.seed}",
            "n: boxes to find; of precision, and of detections by kind, the detections",
            seen,
        ]
    )


def _told(sizes: Sizes) -> str:
    if not sizes:
        return "no images"
    if len(sizes) == 1:
        return "{1}x{0}".format(*next(iter(sizes)))
    # Two sizes may have as many pixels: the order of a set must not decide between them.
    small, *_, large = sorted(sizes, key=lambda size: (math.prod(size), size))
    return f"{len(sizes)} sizes from {small[1]}x{small[0]} to {large[1]}x{large[0]}"


def scores(found: list[Score], how: str, *, as_json: bool, terminal: bool) -> str:
    """The scores as text.

    Args:
        found: The scores.
        how: Their recipe.
        as_json: JSON instead of a table or CSV.
        terminal: A table for a person instead of CSV.
    """
    if as_json:
        return json.dumps({"recipe": how, "scores": [_numbers(score) for score in found]}, indent=1) + "\n"
    if terminal:
        return _table(found, how)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**_numbers(score), "recipe": how} for score in found)
    return text.getvalue()


def _numbers(score: Score) -> dict[str, object]:
    def number(value: float) -> float | None:
        return None if math.isnan(value) else value

    return {
        "metric": score.metric,
        "region": score.region,
        "mean": number(score.mean),
        "low": number(score.low),
        "high": number(score.high),
        "median": number(score.median),
        "n": score.n,
        "identical": score.left_out,
    }


def _table(found: list[Score], how: str) -> str:
    wide, wider = (max([10, *map(len, names)]) for names in ([s.metric for s in found], [s.region for s in found]))
    lines = [f"{'metric':{wide}} {'region':{wider}} {'mean':>10}   {'95 % interval':22} {'median':>9} {'n':>7}"]
    for score in filterfalse(_is_bare, found):
        metric = METRICS.get(score.metric)  # the rows of `prdc` and of `ap` have names of their own
        unit, decimals = (metric.unit, metric.decimals) if metric else ("", 0 if score.is_count else 4)
        low, mean, high = (f"{value:.{decimals}f}" for value in (score.low, score.mean, score.high))
        mean = "undefined" if math.isnan(score.mean) else mean
        interval = "none" if math.isnan(score.low) else f"{low} to {high}"
        median = "" if math.isnan(score.median) else f"{score.median:.4f}"
        lines.append(
            f"{score.metric:{wide}} {score.region:{wider}} {mean:>10} {unit:2} {interval:22} {median:>9} {score.n:7,}"
            + (f"  ({score.left_out:,} identical pairs left out)" if score.left_out else "")
        )
    return "\n".join([*lines, *_by_class(filter(_is_bare, found), wider), how, ""])


def _is_bare(score: Score) -> bool:
    return score.metric in _BARE and score.region != ALL


def _by_class(found: Iterable[Score], wide: int) -> list[str]:
    """A line for each class, in place of one for each number of it; a dash where there are no such boxes."""
    lines: dict[str, str] = {}
    for score in found:
        told = "-" if math.isnan(score.mean) else f"{score.mean:.4f}"
        lines.setdefault(score.region, f"{score.region:{wide}}")
        lines[score.region] += f" {told:>{max(6, len(score.metric))}}"
    heading = f"{'class':{wide}}" + "".join(f" {name:>6}" for name in _BARE)
    return ["", heading, *lines.values(), ""] if lines else []
