"""The step of `inpaint`: holes filled, the rest of each photo as it was."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from fashiontools.core.contact_sheet import PREVIEW, PreviewSheet, overlay_hole
from fashiontools.core.errors import BadRow
from fashiontools.core.images import read_mask, read_photo, write_photo
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.inpaint.options import FILLS, InpaintOptions

Fill = Callable[[np.ndarray, np.ndarray], np.ndarray]


def inpaint(table: Table, options: InpaintOptions, out: Output, progress: Progress) -> Table:
    """Fill the holes of the photos of a table.

    Args:
        table: Rows with `path` and `mask` (255 = hole).
        options: Which model fills.
        out: Where the filled photos go, as PNG.
        progress: Where progress goes.

    Returns:
        The rows with the filled photo as `path` and the original as `parent` and `target`; `mask`, `garment` and
        sizes still fit and stay, as does `box` where it was in pixels of the photo; what described the old bytes
        (`sha256`, `phash`, `score`) is emptied.

    Raises:
        UsageError: The table has no `mask` column.
        Unavailable: The model needs a library that is not installed.
    """
    table.require("mask", why="inpaint fills masks; `fashiontools mask` draws some")
    fill: Fill = FILLS[options.model].load()

    def work(row: Row) -> list[Row]:
        return [_filled(row, fill, out.path(""))]

    done = out.each(table, work, progress, added=("parent", "target"))
    if options.preview and not options.dry_run:
        return PreviewSheet(out.path(PREVIEW), ("photo", "hole", "fill")).watch(done, _preview)
    return done


def _preview(row: Row) -> list[np.ndarray]:
    photo = read_photo(row["target"])
    return [photo, overlay_hole(photo, read_mask(row["mask"])), read_photo(row["path"])]


def _filled(row: Row, fill: Fill, folder: Path) -> Row:
    if not row.get("mask"):
        raise BadRow("no mask")
    photo, mask = read_photo(row["path"]), read_mask(row["mask"])
    if mask.shape != photo.shape[:2]:
        raise BadRow(f"the mask is {mask.shape[1]} x {mask.shape[0]}, the photo {photo.shape[1]} x {photo.shape[0]}")
    if (mask > 0).all():
        raise BadRow("the hole is the whole photo")
    result = fill(photo, mask) if mask.any() else photo
    file = folder / f"{row.name}.png"
    write_photo(file, result)
    fits = not row.get("parent")  # `box` is in pixels of `parent` where there is one, and that changes now
    emptied = {column: "" for column in ("sha256", "phash", "score", *(() if fits else ("box",))) if column in row}
    return row.having(**emptied, path=str(file), parent=row["path"], target=row["path"])
