"""The step of `dedupe`: all photos read once, copies found, nothing deleted."""

import gc
import hashlib
import os
from collections.abc import Iterator

from fashiontools.core.inputs import open_inputs
from fashiontools.core.ledger import timeless_digest
from fashiontools.core.manifest import MANIFEST, Row, Table, with_columns
from fashiontools.core.names import relative_path
from fashiontools.core.output import STATUS, Output, write_table
from fashiontools.core.progress import Progress
from fashiontools.dedupe.finder import Copy, Finder
from fashiontools.dedupe.options import DedupeOptions
from fashiontools.dedupe.review import draw_sheets

COLUMNS = ("width", "height", "sha256", "phash", "phash_scale")
DUPLICATES = "duplicates.csv"
_LISTED = ("path", "kept", "rule", "distance", "score")


def dedupe(table: Table, options: DedupeOptions, out: Output, progress: Progress) -> Table:
    """Find the copies among the photos of a table.

    Args:
        table: Rows with `path`.
        options: By which rules, and which copy is kept.
        out: Where the manifest of the kept rows and `duplicates.csv` go, if anywhere.
        progress: Where progress goes.

    Returns:
        The kept rows in the input's order, with size, SHA-256, hash and the scale that it was made at; photos that
        cannot be read are among them, as bad rows.
    """
    columns = with_columns(table.columns, *COLUMNS, *STATUS)
    return Table(columns, _kept_rows(table, columns, options, out, progress))


def _kept_rows(
    table: Table, columns: tuple[str, ...], options: DedupeOptions, out: Output, progress: Progress
) -> Iterator[Row]:
    if out.folder is not None and (out.folder / MANIFEST).exists():
        progress.note("looking at all photos again: what is a copy depends on all of them")
    gc.freeze()  # what was loaded by now stays: a search of it for garbage would halt all threads for 30 ms
    rows: list[Row] = []
    finder = Finder(options, progress)
    read = finder.read(_good(table, rows), is_reference=False)
    for folder in options.against or ():
        references = [row for row in open_inputs([str(folder)]).rows if not row.is_bad]
        finder.read(references, is_reference=True)
    copies = finder.find()
    progress.clear()
    kept = _merged(rows, read, {id(copy.row) for copy in copies}, out)
    progress.note(_told(copies, finder))
    if options.dry_run:
        for copy in copies:
            progress.note(f"would drop {copy.row.name}, a copy of {copy.kept.name}")
        progress.note("dry run: nothing was written")
        return
    _write(columns, kept, copies, rows, options, out)
    yield from kept


def _good(table: Table, rows: list[Row]) -> Iterator[Row]:
    """The rows that can be read, each as soon as it is listed; all of them are added to `rows`."""
    for row in table.rows:
        rows.append(row)
        if not row.is_bad:
            yield row


def _merged(rows: list[Row], read: dict[int, Row], dropped: set[int], out: Output) -> list[Row]:
    """The input's rows without the dropped ones, counted."""
    kept = []
    for row in rows:
        if row.is_bad:
            out.totals.rows += 1
            out.totals.passed += 1
            kept.append(row)
            continue
        out.totals.count(read[id(row)])
        if id(row) not in dropped:
            kept.append(read[id(row)])
    return kept


def _told(copies: list[Copy], finder: "Finder") -> str:
    by_rule = {rule: sum(copy.rule == rule for copy in copies) for rule in finder.options.rules}
    told = ", ".join(f"{count:,} by {rule}" for rule, count in by_rule.items())
    return f"{len(copies):,} copies of {len({id(copy.kept) for copy in copies}):,} photos ({told})"


def _write(
    columns: tuple[str, ...], kept: list[Row], copies: list[Copy], rows: list[Row], options: DedupeOptions, out: Output
) -> None:
    listing = options.duplicates or (out.folder / DUPLICATES if out.folder is not None else None)
    if options.review is not None:
        draw_sheets(options.review, copies)
    if out.folder is not None:
        out.begin()
        out.write_table(MANIFEST, columns, kept)
    if listing is not None:
        folder = os.path.realpath(listing.parent)
        write_table(listing, _LISTED, [_listed(copy, folder) for copy in copies])
    if out.folder is not None:
        digest = hashlib.sha256()
        for row in rows:
            digest.update(timeless_digest(row, str(out.folder)).encode())
        out.extra_totals = {"copies": len(copies)}
        out.finish(digest.hexdigest())


def _listed(copy: Copy, folder: str) -> Row:
    return Row(
        {
            "path": copy.row["path"],
            "kept": relative_path(copy.kept["path"], folder),  # the path columns are five, and not this one
            "rule": copy.rule,
            "distance": str(copy.match.distance),
            "score": f"{copy.match.score:.4f}",
        }
    )
