"""What importers of sets with boxes share: rows checked against photos, and what stands beside the manifest."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from fashiontools.core.boxes import Box, fitted, format_box, parse_box
from fashiontools.core.errors import BadRow
from fashiontools.core.inputs import select
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.import_data.charts import draw_charts
from fashiontools.import_data.coco_json import ANNOTATIONS, CocoWriter
from fashiontools.import_data.health import Health
from fashiontools.import_data.options import BoxSetOptions
from fashiontools.import_data.photo_files import photo_file
from fashiontools.import_data.splits import split_of

PROBLEM = "import: problem"
"""No column of the output: why a listed row cannot be used, so that a second run sees when that has changed."""
MEASURED = ("width", "height", "sha256")


def corner_box(left: float, top: float, right: float, bottom: float) -> str:
    """The `box` column from two corners, as the lists of most sets have them."""
    return format_box(Box(left, top, right - left, bottom - top))


def import_rows(
    table: Table,
    options: BoxSetOptions,
    out: Output,
    progress: Progress,
    about: dict[str, Any],
    *,
    file: str | Path | None = ANNOTATIONS,
    draws_split: bool = True,
) -> Table:
    """Check listed rows against their photos, and write what belongs to the set.

    Args:
        table: A row per box, or per photo without one: what is listed in the set. `box` is checked against the photo,
            an empty `split` is drawn, `width`, `height` and `sha256` are measured. `PROBLEM` makes the row bad.
        options: What to keep, what to clip, the seed.
        out: Where.
        progress: Where progress and the summary go.
        about: COCO's `info`, and `licenses`.
        file: Where the boxes are written as COCO has them, relative to the output folder; None for a set without any.
        draws_split: Whether an empty `split` is drawn by SHA-256.

    Returns:
        The output.
    """
    chosen = select(table, options.where or (), options.limit, options.seed)
    work = partial(_checked, options=options, draws_split=draws_split)
    done = out.each(chosen, lambda row: [work(row)], progress, added=MEASURED, unit="rows")
    return with_annotations(done, out, progress, about, file=file)


def _checked(row: Row, options: BoxSetOptions, draws_split: bool) -> Row:
    if row.get(PROBLEM):
        raise BadRow(row[PROBLEM])
    width, height, digest = photo_file(row["path"])
    measured = {"width": str(width), "height": str(height), "sha256": digest.hex()}
    if draws_split and not row.get("split"):
        measured["split"] = split_of(digest, options.seed)
    if row.get("box"):
        if row.get("parent"):  # the box is in its pixels
            width, height, _ = photo_file(row["parent"])
        box = fitted(parse_box(row["box"]), width, height, clip=options.clip_boxes)
        measured["box"] = format_box(box)
    return row.having(**measured)


def with_annotations(
    table: Table,
    out: Output,
    progress: Progress,
    about: dict[str, Any],
    *,
    file: str | Path | None = ANNOTATIONS,
    belongs: Callable[[Row], bool] = lambda row: True,
) -> Table:
    """The same rows; at their end COCO's file and the charts are written and the summary is told.

    Args:
        table: The output of an import.
        out: Where.
        progress: Where the summary goes.
        about: COCO's `info`, and `licenses`.
        file: COCO's file, relative to the output folder; None writes neither it nor charts.
        belongs: Which rows belong in it: a photo that nobody has looked for boxes on is no photo without boxes.
    """
    if out.options.dry_run:
        return table
    return Table(table.columns, _watched(table, out, progress, about, file, belongs))


def _watched(
    table: Table,
    out: Output,
    progress: Progress,
    about: dict[str, Any],
    file: str | Path | None,
    belongs: Callable[[Row], bool],
) -> Iterator[Row]:
    info = {name: value for name, value in about.items() if name != "licenses"}
    writer = CocoWriter(out.folder / file, info, about.get("licenses")) if out.folder and file else None
    health = Health()
    for row in table.rows:
        if not row.is_bad and not belongs(row):
            yield row
            continue
        health.count(row)
        out.extra_totals.update(health.totals())
        if writer is not None and not row.is_bad:
            writer.add(row)
        yield row
    if writer is not None:
        writer.write()
        draw_charts(out.path(""), health.categories, health.labels)
    for line in health.lines():
        progress.note(line)
