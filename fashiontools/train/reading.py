"""What a training reads: its photos, made ready and kept, and those that are held out."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from fashiontools.core.errors import UsageError
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Row
from fashiontools.core.output import Output
from fashiontools.core.parallel import usable_cores
from fashiontools.core.progress import Progress
from fashiontools.train import data
from fashiontools.train.boxes import BoxedPhotos, by_photo, read_boxes
from fashiontools.train.options import BoxOptions, SquareOptions, TrainOptions, ValidationOptions
from fashiontools.train.recipe import Data
from fashiontools.train.shapes import Scaled, Shape, Square


def read_data(rows: list[Row], options: TrainOptions, out: Output, progress: Progress) -> tuple[Data, str]:
    """Read the photos of a training, and those that it is judged by on the way.

    Args:
        rows: Good rows.
        options: Of the recipe.
        out: Whose totals tell how many could be read.
        progress: Where progress goes.

    Returns:
        The photos, those held out, and the digest of all that the recipe reads.

    Raises:
        UsageError: There is nothing to train on, or a held-out photo cannot be read.
        TooManyBadRows: Too many photos cannot be read.
    """
    if not rows:
        raise UsageError("there is nothing to train on: the input has no good rows")
    rows, held_out = _hold_out(rows, options, progress)
    good, bad, digest = _read(rows, options, progress)
    out.totals.rows, out.totals.done, out.totals.bad = len(good.rows) + len(bad), len(good.rows), len(bad)
    for path, reason in bad:
        out.totals.reasons[reason] = out.totals.reasons.get(reason, 0) + 1
        progress.detail(f"bad: {path}: {reason}")
    out.totals.judge(options.max_errors)  # before the days of training, not after them
    if not good.rows:
        raise UsageError("there is nothing to train on: no photo can be read")
    return Data(good.rows, good.photos, held_out, boxes=good.boxes), digest


# ---------------------------------------------------------------------------------------------------------- held out


def _hold_out(rows: list[Row], options: TrainOptions, progress: Progress) -> tuple[list[Row], Data | None]:
    """The rows to train on, and the photos to judge by: `--validation`, or what the column `split` says."""
    if not isinstance(options, ValidationOptions):
        return rows, None
    if options.validation is not None:
        held_out = _held_out_rows(options.validation, options)
        told = f"--validation {options.validation}"
        rows = _without(held_out, rows, progress)
    elif held_out := [row for row in rows if row.get("split") == "val"]:
        told = "the rows of split val"
        others = [row for row in rows if row.get("split") not in ("val", "test")]
        progress.note(f"{len(held_out):,} rows of split val are held out; {len(others):,} are trained on")
        if not others:
            raise UsageError("there is nothing to train on: every row is of split val or test")
        rows = others
    else:
        return rows, None
    good, bad, _ = _read(held_out, options, progress)
    if bad or not good.rows:
        raise UsageError(f"{told}: {len(bad):,} photos cannot be used, {len(good.rows):,} can")
    return rows, good


def _held_out_rows(source: Path, options: TrainOptions) -> list[Row]:
    table = open_inputs([str(source)])
    for column, why in options.columns.items():
        table.require(column, why=f"{why}; --validation has none")
    return [row for row in table.rows if not row.is_bad]


def _without(held_out: Sequence[Row], rows: list[Row], progress: Progress) -> list[Row]:
    """The rows whose photos are not held out: a folder may well contain the one that `--validation` names."""
    files = {os.path.realpath(row["path"]) for row in held_out}
    others = [row for row in rows if os.path.realpath(row["path"]) not in files]
    if not others:
        raise UsageError("there is nothing to train on: --validation holds out every photo")
    if len(others) < len(rows):
        progress.note(f"{len(rows) - len(others):,} photos are held out by --validation and not trained on")
    return others


# ------------------------------------------------------------------------------------------------------------- ready


def _read(rows: list[Row], options: TrainOptions, progress: Progress) -> tuple[Data, data.Bad, str]:
    """Photos ready for training, the reasons against the others, and the digest of all that is read of them."""
    workers = options.workers or usable_cores()
    groups = {group[0]["path"]: group for group in by_photo(rows)}
    if isinstance(options, BoxOptions):
        boxed = read_boxes(rows, workers=workers, progress=progress)
    else:
        boxed = BoxedPhotos([group[0] for group in by_photo(rows)], [], [])
    cache = None if options.no_cache else data.cache_folder(options.cache)
    loaded = data.load(boxed.rows, _shape_of(options), cache=cache, workers=workers, progress=progress)
    progress.clear()
    unreadable = {path for path, _ in loaded.bad}
    boxes = [one for row, one in zip(boxed.rows, boxed.boxes, strict=False) if row["path"] not in unreadable]
    digest = _digest(loaded, groups, options)
    return Data(loaded.rows, loaded.photos, boxes=boxes), [*boxed.bad, *loaded.bad], digest


def _shape_of(options: TrainOptions) -> Shape:
    if isinstance(options, BoxOptions):
        return Scaled(options.size, options.max_size)
    if isinstance(options, SquareOptions):
        return Square(options.size, options.fit)
    raise TypeError(f"{type(options).__name__} does not say how photos are made ready")


def _digest(loaded: data.Loaded, groups: Mapping[str, list[Row]], options: TrainOptions) -> str:
    read = hashlib.sha256(loaded.digest.encode())
    for first in loaded.rows:
        for row in groups.get(first["path"], [first]):
            files = [_size(row.get(column, "")) for column in options.files]
            read.update(json.dumps([row.get(column, "") for column in options.columns] + files).encode())
    return read.hexdigest()


def _size(file: str) -> int:
    """The size of a file in bytes; -1 where there is none."""
    try:
        return os.stat(file).st_size
    except OSError:
        return -1
