"""The step of `dedupe`: all photos read once, copies found, nothing deleted."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from fashiontools.core.inputs import open_inputs
from fashiontools.core.ledger import timeless_digest
from fashiontools.core.manifest import MANIFEST, Row, Table, with_columns
from fashiontools.core.names import relative_path
from fashiontools.core.output import STATUS, Output, write_table
from fashiontools.core.progress import Progress
from fashiontools.dedupe.finder import Copy, Finder
from fashiontools.dedupe.options import DedupeOptions
from fashiontools.dedupe.real_files import RealFiles
from fashiontools.dedupe.review import draw_sheets

COLUMNS = ("width", "height", "sha256", "phash", "phash_scale")
DUPLICATES = "duplicates.csv"
_LISTED = ("path", "kept", "rule", "distance", "score")

Listed = list[tuple[Row, Row]]
"""Rows, each with the one that its photo is read through: the first row of that file. A bad row stands for itself."""


def dedupe(table: Table, options: DedupeOptions, out: Output, progress: Progress) -> Table:
    """Find the copies among the photos of a table.

    Args:
        table: Rows with `path`.
        options: By which rules, and which copy is kept.
        out: Where the manifest of the kept rows and `duplicates.csv` go, if anywhere.
        progress: Where progress goes.

    Returns:
        The rows of the kept photos in the input's order, with size, SHA-256, hash and the scale that it was made at;
        photos that cannot be read are among them, as bad rows.

    Raises:
        UsageError: A reference folder cannot be opened.
    """
    references = {folder: open_inputs([str(folder)], out.folder) for folder in options.against or ()}
    columns = with_columns(table.columns, *COLUMNS, *STATUS)
    return Table(columns, _kept_rows(table, references, columns, options, out, progress))


def _kept_rows(
    table: Table,
    references: dict[Path, Table],
    columns: tuple[str, ...],
    options: DedupeOptions,
    out: Output,
    progress: Progress,
) -> Iterator[Row]:
    if out.folder is not None and (out.folder / MANIFEST).exists():
        progress.note("looking at all photos again: what is a copy depends on all of them")
    listed: Listed = []
    files = RealFiles()
    finder = Finder(options, progress)
    digest = hashlib.sha256()
    rows = table.rows if out.folder is None else _digested(table.rows, digest, str(out.folder))
    read = finder.read(_photos(rows, files, listed))
    for folder, reference in references.items():
        _read_reference(folder, reference, files, finder, progress)
    copies = finder.find()
    progress.clear()
    kept = _merged(listed, read, {id(copy.row) for copy in copies}, out)
    progress.note(_told(copies, finder))
    if options.dry_run:
        for copy in copies:
            progress.note(f"would drop {copy.row.name}, a copy of {copy.kept.name}")
        progress.note("dry run: nothing was written")
        return
    _write(columns, kept, copies, digest.hexdigest(), files, options, out)
    yield from kept


def _digested(rows: Iterable[Row], digest: "hashlib._Hash", folder: str) -> Iterator[Row]:
    """The rows, which the digest of the input takes in: while photos are read, this thread has little to do."""
    for row in rows:
        digest.update(timeless_digest(row, folder).encode())
        yield row


def _photos(rows: Iterable[Row], files: RealFiles, listed: Listed) -> Iterator[Row]:
    """One row for each file that was not met before, as soon as it is listed; all rows are added to `listed`."""
    for row in rows:
        first = row if row.is_bad else files.first(row)
        listed.append((row, first))
        if first is row and not row.is_bad:
            yield row


def _read_reference(folder: Path, table: Table, files: RealFiles, finder: Finder, progress: Progress) -> None:
    """Read photos that are never dropped; those that are of the input too have been read, and are not dropped either.

    So a photo that is its own reference stays, and still drops its copies in other files.
    """
    listed: Listed = []
    finder.read(_photos(table.rows, files, listed))
    photos = {id(first) for _, first in listed}
    unread = len(photos) - finder.protect(photos)
    if unread:
        progress.note(
            f"--against {folder}: {unread:,} of {len(photos):,} photos cannot be read and are compared to none"
        )


def _merged(listed: Listed, read: dict[int, Row], dropped: set[int], out: Output) -> list[Row]:
    """The input's rows without those of dropped photos, counted."""
    kept = []
    for row, first in listed:
        if row.is_bad:
            out.totals.rows += 1
            out.totals.passed += 1
            kept.append(row)
            continue
        told = read[id(first)]
        if row is not first:
            told = row.having(**{column: told[column] for column in (STATUS if told.is_bad else (*COLUMNS, *STATUS))})
        out.totals.count(told)
        if id(first) not in dropped:
            kept.append(told)
    return kept


def _told(copies: list[Copy], finder: "Finder") -> str:
    by_rule = {rule: sum(copy.rule == rule for copy in copies) for rule in finder.options.rules}
    told = ", ".join(f"{count:,} by {rule}" for rule, count in by_rule.items())
    return f"{len(copies):,} copies of {len({id(copy.kept) for copy in copies}):,} photos ({told})"


def _write(
    columns: tuple[str, ...],
    kept: list[Row],
    copies: list[Copy],
    input_digest: str,
    files: RealFiles,
    options: DedupeOptions,
    out: Output,
) -> None:
    listing = options.duplicates or (out.folder / DUPLICATES if out.folder is not None else None)
    if options.review is not None:
        draw_sheets(options.review, copies, files)
    if out.folder is not None:
        out.begin()
        out.write_table(MANIFEST, columns, kept)
    if listing is not None:
        folder = os.path.realpath(listing.parent)
        write_table(listing, _LISTED, [_listed(copy, folder) for copy in copies])
    if out.folder is not None:
        out.extra_totals = {"copies": len(copies)}
        out.finish(input_digest)


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
