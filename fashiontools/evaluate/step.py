"""The step of `evaluate`: per-image values, then scores with intervals, as text."""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.images import as_rgb, read_mask, read_photo
from fashiontools.core.inputs import open_inputs, select
from fashiontools.core.manifest import Row, Table, failed, with_columns
from fashiontools.core.output import STATUS, write_table
from fashiontools.core.parallel import map_window, usable_cores, windows
from fashiontools.core.progress import Progress
from fashiontools.core.totals import Told, Totals
from fashiontools.evaluate import tell
from fashiontools.evaluate.options import METRICS, EvaluateOptions, metric_names
from fashiontools.evaluate.pairs import References, target_of
from fashiontools.evaluate.statistics import Score, summarize

IMAGE, HOLE = "image", "hole"
Values = dict[tuple[str, str], float]
_RESIZE = {
    "area": cv2.INTER_AREA,
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
}


@dataclass
class Collected:
    """Values of all images so far: `values[metric, region]` is a list with one float per image that has it."""

    values: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    sizes: set[tuple[int, int]] = field(default_factory=set)
    totals: Totals = field(default_factory=Totals)
    rows: list[Row] = field(default_factory=list)


def evaluate(names: list[str], options: EvaluateOptions, progress: Progress, *, terminal: bool) -> Told:
    """Score images.

    Args:
        names: Inputs with `path`, and `target` unless `--reference` is given; `mask` (255 = hole) where there is one.
        options: Which metrics, and how.
        progress: Where progress goes.
        terminal: Whether a person reads the result.

    Returns:
        The scores as a table, CSV or JSON.

    Raises:
        UsageError: No `target` and no `--reference`, or nothing to score.
        TooManyBadRows: More than `--max-errors` allows, and no score at all.
    """
    table = select(open_inputs(names), options.where or (), options.limit, options.seed)
    references = References(options.reference) if options.reference else None
    if references is None:
        table.require("target", why="evaluate compares with targets; name their folder with --reference DIR")
    elif "target" in table.columns:
        progress.note(f"targets are taken from {options.reference}, not from the target column")
    collected = _collect(table, references, options, progress)
    scores = [
        summarize(metric, region, np.array(collected.values[metric, region]), options.seed)
        for metric in metric_names(options.metrics)
        for region in (IMAGE, HOLE)
        if (metric, region) in collected.values
    ]
    if options.per_image is not None:
        _write_per_image(table, options, collected)
    _tell_totals(collected, scores, progress)
    if not scores:
        collected.totals.judge(options.max_errors)
        raise UsageError("nothing to score: the input has no good rows")
    how = tell.recipe(options, collected.sizes)
    return Told(tell.scores(scores, how, as_json=options.json, terminal=terminal), collected.totals)


def _collect(table: Table, references: References | None, options: EvaluateOptions, progress: Progress) -> Collected:
    functions = {name: METRICS[name].load() for name in metric_names(options.metrics)}
    collected = Collected()

    def measure(row: Row) -> tuple[Values, tuple[int, int]]:
        return _measure(row, references, functions, options)

    for window in windows(table.rows):
        good = [row for row in window if not row.is_bad]
        collected.totals.passed += len(window) - len(good)
        measured = map_window(measure, good, workers=options.workers or usable_cores())
        for row, result in progress.track(list(zip(good, measured, strict=True)), "pairs"):
            _add(collected, row, result, keep=options.per_image is not None)
    return collected


def _add(collected: Collected, row: Row, result: tuple[Values, tuple[int, int]] | BadRow, *, keep: bool) -> None:
    if isinstance(result, BadRow):
        row = failed(row, result)
    else:
        values, size = result
        collected.sizes.add(size)
        for key, value in values.items():
            collected.values.setdefault(key, []).append(value)
        row = row.having(status="ok", error="", **{_column(*key): repr(value) for key, value in values.items()})
    collected.totals.count(row)
    if keep:
        collected.rows.append(row)


def _column(metric: str, region: str) -> str:
    return metric if region == IMAGE else f"{metric}_{region}"


def _measure(
    row: Row, references: References | None, functions: dict[str, Callable[..., float]], options: EvaluateOptions
) -> tuple[Values, tuple[int, int]]:
    image, target = read_photo(row["path"]), read_photo(target_of(row, references))
    if image.ndim != target.ndim:
        image, target = as_rgb(image), as_rgb(target)
    image = _resized(image, target, options)
    height, width = target.shape[:2]
    for name in functions:
        if min(height, width) < METRICS[name].smallest:
            raise BadRow(f"{width} x {height} pixels: {name} needs {METRICS[name].smallest} on the shorter side")
    hole = _hole_of(row, target)
    values = {(name, IMAGE): metric(image, target) for name, metric in functions.items()}
    if hole is not None:
        values |= {(name, HOLE): metric(image, target, hole) for name, metric in functions.items()}
    return values, (height, width)


def _resized(image: np.ndarray, target: np.ndarray, options: EvaluateOptions) -> np.ndarray:
    if image.shape == target.shape:
        return image
    if options.resize is None:
        raise BadRow(
            f"the image is {image.shape[1]} x {image.shape[0]}, its target {target.shape[1]} x {target.shape[0]}",
            "--resize area|linear|cubic|lanczos scores it all the same",
        )
    size = (target.shape[1], target.shape[0])
    return cv2.resize(image, size, interpolation=_RESIZE[options.resize])


def _hole_of(row: Row, target: np.ndarray) -> np.ndarray | None:
    if not row.get("mask"):
        return None
    hole = read_mask(row["mask"])
    if hole.shape != target.shape[:2]:
        raise BadRow(f"the mask is {hole.shape[1]} x {hole.shape[0]}, the target {target.shape[1]} x {target.shape[0]}")
    return hole if hole.any() else None


def _write_per_image(table: Table, options: EvaluateOptions, collected: Collected) -> None:
    if options.per_image is None:
        return
    added = [
        _column(name, region)
        for name in metric_names(options.metrics)
        for region in (IMAGE, HOLE)
        if (name, region) in collected.values
    ]
    write_table(options.per_image, with_columns(table.columns, *added, *STATUS), collected.rows)


def _tell_totals(collected: Collected, scores: list[Score], progress: Progress) -> None:
    progress.clear()
    progress.note(collected.totals.told())
    for reason, count in sorted(collected.totals.reasons.items(), key=lambda item: -item[1])[:5]:
        progress.note(f"{count:,} bad: {reason}")
    for score in scores:
        if score.left_out:
            progress.note(
                f"{score.left_out:,} identical pairs have an infinite {score.metric} over the {score.region}; "
                "they are left out of its mean"
            )
