"""The step of `inpaint`: holes filled, the rest of each photo as it was."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from fashiontools.core.contact_sheet import PREVIEW, PreviewSheet, overlay_hole
from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.images import read_mask, read_photo, write_photo
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Do, Output
from fashiontools.core.parallel import map_window, usable_cores
from fashiontools.core.progress import Progress
from fashiontools.core.registry import lookup
from fashiontools.inpaint.options import FILLS, TRAINED, InpaintOptions

Fill = Callable[[np.ndarray, np.ndarray], np.ndarray]


class TrainedFill(Protocol):
    """What fills with the networks of a run; see `inpaint/coarse_to_fine.py`."""

    at_once: int
    reads_descriptions: bool

    def fill(self, holes: Sequence[Any], *, raw: bool) -> list[np.ndarray]:
        """Fill holes, `at_once` at a time."""


def inpaint(table: Table, options: InpaintOptions, out: Output, progress: Progress) -> Table:
    """Fill the holes of the photos of a table.

    Args:
        table: Rows with `path` and `mask` (255 = hole), and `description` for a run that was trained with it.
        options: Which model fills.
        out: Where the filled photos go, as PNG.
        progress: Where progress goes.

    Returns:
        The rows with the filled photo as `path` and the original as `parent` and `target`; `mask`, `garment` and
        sizes still fit and stay, as does `box` where it was in pixels of the photo; what described the old bytes
        (`sha256`, `phash`, `score`) is emptied.

    Raises:
        UsageError: The table has no `mask` column, or the model is no run that fills, or another than before.
        Unavailable: The model needs a library that is not installed.
    """
    table.require("mask", why="inpaint fills masks; `fashiontools mask` draws some")
    folder = out.path("")
    if options.is_run and not options.dry_run:
        together = _trained(table, options, out, progress)
        done = out.each(table, None, progress, added=("parent", "target"), together=together)
    else:
        fill: Fill | None = None if options.is_run else FILLS[options.model].load()
        done = out.each(table, partial(_filled, fill=fill, folder=folder), progress, added=("parent", "target"))
    if options.preview and not options.dry_run:
        return PreviewSheet(out.path(PREVIEW), ("photo", "hole", "fill")).watch(done, _preview)
    return done


def _preview(row: Row) -> list[np.ndarray]:
    photo = read_photo(row["target"])
    return [photo, overlay_hole(photo, read_mask(row["mask"])), read_photo(row["path"])]


def _filled(row: Row, fill: Fill, folder: Path) -> list[Row]:
    photo, mask = _read(row)
    return [_written(row, fill(photo, mask) if mask.any() else photo, folder)]


def _read(row: Row) -> tuple[np.ndarray, np.ndarray]:
    if not row.get("mask"):
        raise BadRow("no mask")
    photo, mask = read_photo(row["path"]), read_mask(row["mask"])
    if mask.shape != photo.shape[:2]:
        raise BadRow(f"the mask is {mask.shape[1]} x {mask.shape[0]}, the photo {photo.shape[1]} x {photo.shape[0]}")
    if (mask > 0).all():
        raise BadRow("the hole is the whole photo")
    return photo, mask


def _written(row: Row, result: np.ndarray, folder: Path) -> Row:
    file = folder / f"{row.name}.png"
    write_photo(file, result)
    fits = not row.get("parent")  # `box` is in pixels of `parent` where there is one, and that changes now
    emptied = {column: "" for column in ("sha256", "phash", "score", *(() if fits else ("box",))) if column in row}
    return row.having(**emptied, path=str(file), parent=row["path"], target=row["path"])


def _trained(table: Table, options: InpaintOptions, out: Output, progress: Progress) -> Do:
    """Open a run; returns what fills a window of rows with it."""
    from fashiontools.core.device import pick_device
    from fashiontools.train.run_folder import open_run, refuse_other_weights

    run_folder = Path(options.model)
    run = open_run(run_folder)
    if run.get("recipe") not in TRAINED:
        raise UsageError(f"{run_folder} is a run of {run.get('recipe')!r}; inpaint takes those of {', '.join(TRAINED)}")
    refuse_other_weights(run_folder, out)
    entry = lookup(TRAINED, run["recipe"], "recipe").load()
    filler: TrainedFill = entry(run_folder, run, pick_device(options.device))
    if filler.reads_descriptions and "description" not in table.columns:
        progress.note("the model reads descriptions and the input has none: it fills without")
    workers = options.workers or usable_cores()
    return partial(_fill_together, filler=filler, raw=options.raw, folder=out.path(""), workers=workers)


def _fill_together(rows: list[Row], filler: TrainedFill, **how: Any) -> list[list[Row] | BadRow]:
    """Fill a window of rows, a few at a time, since their photos are held in memory at full size."""
    parts = (rows[start : start + filler.at_once] for start in range(0, len(rows), filler.at_once))
    return [result for part in parts for result in _fill_some(part, filler, **how)]


def _fill_some(
    rows: list[Row], filler: TrainedFill, *, raw: bool, folder: Path, workers: int
) -> list[list[Row] | BadRow]:
    from fashiontools.inpaint.coarse_to_fine import Hole

    read = map_window(_read, rows, workers=workers)
    work = [number for number, one in enumerate(read) if not isinstance(one, BadRow) and (raw or one[1].any())]
    holes = [Hole(*read[number], rows[number].get("description", "")) for number in work]
    results = dict(zip(work, filler.fill(holes, raw=raw), strict=True))
    pictures = [
        (row, one if isinstance(one, BadRow) else results.get(number, one[0]))
        for number, (row, one) in enumerate(zip(rows, read, strict=True))
    ]
    return map_window(partial(_finished, folder=folder), pictures, workers=workers)


def _finished(job: tuple[Row, np.ndarray | BadRow], folder: Path) -> list[Row]:
    row, picture = job
    if isinstance(picture, BadRow):
        raise picture
    return [_written(row, picture, folder)]
