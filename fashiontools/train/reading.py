"""What a training reads: its photos, made square and kept, and those that are held out."""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from fashiontools.core.errors import UsageError
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Row
from fashiontools.core.output import Output
from fashiontools.core.parallel import usable_cores
from fashiontools.core.progress import Progress
from fashiontools.train import data
from fashiontools.train.options import TrainOptions
from fashiontools.train.recipe import Data


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
    held_out = _held_out(getattr(options, "validation", None), options, progress)
    if held_out is not None:
        rows = _without(held_out.rows, rows, progress)
    good = _ready(rows, options, progress)
    out.totals.rows, out.totals.done, out.totals.bad = len(rows), len(good), len(good.bad)
    for path, reason in good.bad:
        out.totals.reasons[reason] = out.totals.reasons.get(reason, 0) + 1
        progress.detail(f"bad: {path}: {reason}")
    out.totals.judge(options.max_errors)  # before the days of training, not after them
    if len(good) == 0:
        raise UsageError("there is nothing to train on: no photo can be read")
    read = hashlib.sha256(good.digest.encode())
    for row in good.rows:
        files = [_size(row.get(column, "")) for column in options.files]
        read.update(json.dumps([row.get(column, "") for column in options.columns] + files).encode())
    return Data(good.rows, good.photos, held_out), read.hexdigest()


def _held_out(source: Path | None, options: TrainOptions, progress: Progress) -> Data | None:
    if source is None:
        return None
    table = open_inputs([str(source)])
    for column, why in options.columns.items():
        table.require(column, why=f"{why}; --validation has none")
    good = _ready([row for row in table.rows if not row.is_bad], options, progress)
    if good.bad or not len(good):
        raise UsageError(f"--validation {source}: {len(good.bad):,} photos cannot be read, {len(good):,} can")
    return Data(good.rows, good.photos)


def _without(held_out: Sequence[Row], rows: list[Row], progress: Progress) -> list[Row]:
    """The rows whose photos are not held out: a folder may well contain the one that `--validation` names."""
    files = {os.path.realpath(row["path"]) for row in held_out}
    others = [row for row in rows if os.path.realpath(row["path"]) not in files]
    if not others:
        raise UsageError("there is nothing to train on: --validation holds out every photo")
    if len(others) < len(rows):
        progress.note(f"{len(rows) - len(others):,} photos are held out by --validation and not trained on")
    return others


def _ready(rows: list[Row], options: TrainOptions, progress: Progress) -> data.Loaded:
    cache = None if options.no_cache else data.cache_folder(options.cache)
    workers = options.workers or usable_cores()
    loaded = data.load(rows, options.size, options.fit, cache=cache, workers=workers, progress=progress)
    progress.clear()
    return loaded


def _size(file: str) -> int:
    """The size of a file in bytes; -1 where there is none."""
    try:
        return os.stat(file).st_size
    except OSError:
        return -1
