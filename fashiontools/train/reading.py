"""What a training reads: its photos, made ready and kept, and those that are held out."""

import hashlib
import json
import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from fashiontools.core.errors import UsageError
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Row
from fashiontools.core.output import Output
from fashiontools.core.parallel import usable_cores
from fashiontools.core.progress import Progress
from fashiontools.train import data
from fashiontools.train.boxes import BoxedPhotos, PhotoBoxes, by_photo, read_boxes
from fashiontools.train.cache import Bad, cache_folder
from fashiontools.train.options import TARGET, BoxOptions, PairOptions, SquareOptions, TrainOptions, ValidationOptions
from fashiontools.train.pairs import read_pairs
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
    rows, held_out, bad, digest = _hold_out(rows, options, progress)
    seen = {one.sha256 for one in held_out.boxes} if held_out is not None else set()
    good, others, read = _read(rows, options, progress, without=seen)
    bad += others
    out.totals.rows, out.totals.done, out.totals.bad = len(good.rows) + len(bad), len(good.rows), len(bad)
    for path, reason in bad:
        out.totals.reasons[reason] = out.totals.reasons.get(reason, 0) + 1
        progress.detail(f"bad: {path}: {reason}")
    out.totals.judge(options.max_errors)  # before the days of training, not after them
    if not good.rows:
        raise UsageError("there is nothing to train on: no photo can be read")
    if digest:
        read = hashlib.sha256(f"{read} {digest}".encode()).hexdigest()
    return replace(good, held_out=held_out), read


# ---------------------------------------------------------------------------------------------------------- held out


def _hold_out(rows: list[Row], options: TrainOptions, progress: Progress) -> tuple[list[Row], Data | None, Bad, str]:
    """The rows to train on, and the photos to judge by: those of `--validation`, or what the column `split` says.

    Returns:
        The rows to train on; the photos that are held out, if any, the reasons against others, and their digest.
    """
    if not isinstance(options, ValidationOptions):
        return rows, None, [], ""
    rest = [row for row in rows if row.get("split") != "test"]
    if options.validation is not None:
        if len(rest) < len(rows):
            progress.note(f"{len(rows) - len(rest):,} rows of split test are left out")
        rows = rest
        held_out, told = _held_out_rows(options.validation, options), f"--validation {options.validation}"
    else:
        held_out, told = [row for row in rows if row.get("split") == "val"], "split val"
        rest = [row for row in rest if row.get("split") != "val"]
        if len(rest) < len(rows):
            progress.note(f"{len(held_out):,} rows of split val are held out; {len(rest):,} are trained on")
        if not rest:
            raise UsageError("there is nothing to train on: every row is of split val or test")
        rows = rest
        if not held_out:
            return rows, None, [], ""
    good, bad, digest = _read(held_out, options, progress, held_out=True)
    if not good.rows:
        first = f": {bad[0][0]}: {bad[0][1]}" if bad else ""
        raise UsageError(f"{told} has no photo to judge by{first}")
    return _without(held_out, rows, told, progress), good, bad, digest


def _files(row: Row) -> list[str]:
    """What a row is learned from: its photo, and the image that is to be made of it."""
    return [os.path.realpath(row[column]) for column in ("path", TARGET) if row.get(column)]


def _held_out_rows(source: Path, options: TrainOptions) -> list[Row]:
    table = open_inputs([str(source)])
    for column, why in options.columns.items():
        table.require(column, why=f"{why}; --validation has none")
    return [row for row in table.rows if not row.is_bad]


def _without(held_out: Sequence[Row], rows: list[Row], told: str, progress: Progress) -> list[Row]:
    """The rows whose photos are not held out: a folder may well contain the one that `--validation` names."""
    files = {file for row in held_out for file in _files(row)}
    others = [row for row in rows if files.isdisjoint(_files(row))]
    if not others:
        raise UsageError(f"there is nothing to train on: {told} holds out every photo")
    if len(others) < len(rows):
        progress.note(f"{len(rows) - len(others):,} photos are held out by {told} and not trained on")
    return others


# ------------------------------------------------------------------------------------------------------------- ready


def _read(
    rows: list[Row],
    options: TrainOptions,
    progress: Progress,
    *,
    without: Collection[str] = (),
    held_out: bool = False,
) -> tuple[Data, Bad, str]:
    """Photos ready for training, the reasons against the others, and the digest of all that is read of them.

    Args:
        rows: Good rows.
        options: Of the recipe.
        progress: Where progress goes.
        without: SHA-256 of photos with boxes that are held out, and left out here.
        held_out: Whether the rows are those that the training is judged by.
    """
    workers = options.workers or usable_cores()
    cache = None if options.no_cache else cache_folder(options.cache)
    shape = _shape_of(options, held_out=held_out)
    load = partial(data.load, shape=shape, cache=cache, workers=workers, progress=progress)
    if isinstance(options, PairOptions):
        pairs = read_pairs(rows, load)
        progress.clear()
        return pairs
    if isinstance(options, BoxOptions):
        boxed = _leave_out(read_boxes(rows, workers=workers, progress=progress), without, progress)
    else:
        boxed = BoxedPhotos([group[0] for group in by_photo(rows)], [], [])
    loaded = load(boxed.rows)
    progress.clear()
    unreadable = {path for path, _ in loaded.bad}
    boxes = [one for row, one in zip(boxed.rows, boxed.boxes, strict=False) if row["path"] not in unreadable]
    digest = _digest(loaded, boxes, options)
    return Data(loaded.rows, loaded.photos, boxes=boxes), [*boxed.bad, *loaded.bad], digest


def _leave_out(photos: BoxedPhotos, seen: Collection[str], progress: Progress) -> BoxedPhotos:
    kept = [number for number, one in enumerate(photos.boxes) if not one.sha256 or one.sha256 not in seen]
    if len(kept) < len(photos.rows):
        progress.note(f"{len(photos.rows) - len(kept):,} photos are copies of held-out ones and not trained on")
    return BoxedPhotos([photos.rows[n] for n in kept], [photos.boxes[n] for n in kept], photos.bad)


def _shape_of(options: TrainOptions, *, held_out: bool) -> Shape:
    if isinstance(options, BoxOptions):
        return Scaled(options.size, options.longest)
    if isinstance(options, SquareOptions):
        return Square(options.size if held_out else options.loaded_size, options.fit)
    raise TypeError(f"{type(options).__name__} does not say how photos are made ready")


def _digest(loaded: data.Loaded, boxes: Sequence[PhotoBoxes], options: TrainOptions) -> str:
    read = hashlib.sha256(loaded.digest.encode())
    for one in boxes:
        read.update(json.dumps([one.sha256, one.boxes.tolist(), one.labels]).encode())
    for row in () if boxes else loaded.rows:
        files = [_size(row.get(column, "")) for column in options.files]
        read.update(json.dumps([row.get(column, "") for column in options.columns] + files).encode())
    return read.hexdigest()


def _size(file: str) -> int:
    """The size of a file in bytes; -1 where there is none."""
    try:
        return os.stat(file).st_size
    except OSError:
        return -1
