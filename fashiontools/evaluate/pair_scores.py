"""Pairs of images, measured one by one: values per image, over the image and over its hole."""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from fashiontools.core.errors import BadRow
from fashiontools.core.images import as_rgb, read_mask, read_photo
from fashiontools.core.manifest import Row, Table, failed, with_columns
from fashiontools.core.output import STATUS, write_table
from fashiontools.core.parallel import map_window, usable_cores, windows
from fashiontools.core.progress import Progress
from fashiontools.core.totals import Totals
from fashiontools.evaluate.options import EvaluateOptions
from fashiontools.evaluate.pairs import References, target_of
from fashiontools.evaluate.registry import METRICS
from fashiontools.evaluate.statistics import Score, summarize

IMAGE, HOLE = "image", "hole"
Values = dict[tuple[str, str], float]
Functions = dict[str, Callable[..., float]]
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

    def scores(self, name: str, seed: int) -> list[Score]:
        """The scores of one metric, over images and over holes."""
        return [
            summarize(name, region, np.array(self.values[name, region]), seed)
            for region in (IMAGE, HOLE)
            if (name, region) in self.values
        ]

    def write(self, columns: tuple[str, ...], functions: Functions, options: EvaluateOptions) -> None:
        """Write the values of each image, where `--per-image` asks for it."""
        if options.per_image is None:
            return
        added = [
            _column(name, region) for name in functions for region in (IMAGE, HOLE) if (name, region) in self.values
        ]
        write_table(options.per_image, with_columns(columns, *added, *STATUS), self.rows)


def collect(
    table: Table, references: References | None, functions: Functions, options: EvaluateOptions, progress: Progress
) -> Collected:
    """Measure all pairs.

    Args:
        table: The images, with `target` unless there are references, and `mask` (255 = hole) where there is one.
        references: Where targets are found by name; None takes them from `target`.
        functions: The metrics by name.
        options: How images of another size are resized; workers.
        progress: Where progress goes.

    Returns:
        The values; rows only for `--per-image`.
    """
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
    row: Row, references: References | None, functions: Functions, options: EvaluateOptions
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
