"""The step of `export`: photos, with what belongs to them, as files in one folder."""

import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np

from fashiontools.core.errors import BadRow
from fashiontools.core.files import read_bytes, write_atomically
from fashiontools.core.images import decode, fit_square, read_mask, write_photo
from fashiontools.core.manifest import PIXEL_COLUMNS, Row, Table
from fashiontools.core.names import is_image_name
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.export.options import ExportOptions

_COMPANIONS = ("mask", "garment", "target")


def export(table: Table, options: ExportOptions, out: Output, progress: Progress) -> Table:
    """Copy, link or resize the photos of a table into the output folder.

    Args:
        table: Rows with `path`; `mask`, `garment` and `target` go along into `_mask`, `_garment` and `_target`.
        options: How.
        out: Where.
        progress: Where progress goes.

    Returns:
        The rows with the new `path`, and `parent` as the old one. With `--size` the masks and the target are made
        square in the same way, `width` and `height` are set, and `box` and what described the old bytes is emptied.

    Raises:
        UsageError: `--layout label` and the table has no `label`.
    """
    if options.layout == "label":
        table.require("label", why="--layout label makes a folder per label")
    put = _resized if options.size is not None else _linked if options.link else _copied

    def work(row: Row) -> list[Row]:
        return [_exported(row, put, options, out.path(""))]

    # Named before they are counted, so that names that become equal here get a number too.
    named = (row if row.is_bad else Row(dict(row), _laid_out(row, options)) for row in table.rows)
    return out.each(Table(table.columns, named), work, progress, added=("parent",))


Put = Callable[[str, Path, str, ExportOptions], Path]


def _exported(row: Row, put: Put, options: ExportOptions, folder: Path) -> Row:
    if options.layout == "label" and not _label_parts(row):
        raise BadRow("no label", "leave --layout label out")
    # The second file of a name is `a.jpg.2`; other tools know files by their suffix: `a.jpg.2.jpg`.
    name = row.name if is_image_name(row.name) else row.name + PurePosixPath(row.name.rpartition(".")[0]).suffix
    changed = {"path": str(put(row["path"], folder / name, "path", options)), "parent": row["path"]}
    for column in _COMPANIONS:
        if row.get(column):
            suffix = ".png" if options.size is not None else PurePosixPath(row[column]).suffix
            file = folder / f"_{column}" / (name if name.endswith(suffix) else name + suffix)
            changed[column] = str(put(row[column], file, column, options))
    if options.size is not None:
        changed.update({column: "" for column in PIXEL_COLUMNS if column in row and column not in _COMPANIONS})
        changed.update({side: str(options.size) for side in ("width", "height") if side in row})
    elif row.get("box") and row.get("parent"):
        changed["box"] = ""  # it was in pixels of the old parent
    return row.having(**changed)


def _laid_out(row: Row, options: ExportOptions) -> str:
    """The name of a row's file in the output folder."""
    name = row.name
    if options.layout == "flat":
        name = name.replace("/", "_")
    elif options.layout == "label":
        within = "".join(f"{part}/" for part in _label_parts(row))
        name = within + name.removeprefix(within).replace("/", "_")
    return name if options.size is None or name.lower().endswith(".png") else name + ".png"


def _label_parts(row: Row) -> list[str]:
    label = row.get("label", "").replace("\\", "/")
    return [part for part in label.split("/") if part not in ("", ".", "..")]


def _copied(source: str, file: Path, column: str, options: ExportOptions) -> Path:
    data = read_bytes(source)
    decode(data, min_side=8)  # a broken photo would only break the tool that it is exported for
    write_atomically(file, data)
    return file


def _linked(source: str, file: Path, column: str, options: ExportOptions) -> Path:
    decode(read_bytes(source), min_side=8)
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.part")
    aside.unlink(missing_ok=True)
    os.symlink(os.path.relpath(source, os.path.realpath(file.parent)), aside)
    os.replace(aside, file)
    return file


def _resized(source: str, file: Path, column: str, options: ExportOptions) -> Path:
    size = options.size or 0
    if column in ("mask", "garment"):
        square = np.where(_fit_mask(read_mask(source), size, options) >= 128, np.uint8(255), np.uint8(0))
    else:
        square = fit_square(decode(read_bytes(source)), size, options.fit)
    write_photo(file, square)
    return file


def _fit_mask(mask: np.ndarray, size: int, options: ExportOptions) -> np.ndarray:
    """`pad` puts white around photos; around a mask white would be a hole, so it is fitted inverted."""
    return 255 - fit_square(255 - mask, size, options.fit)
