"""Reads lists of URLs: CSV files with any columns, or texts with one URL a line."""

import csv
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from fashiontools.core.errors import ManifestError, UsageError, near
from fashiontools.core.manifest import Row, Table, readable, with_columns

_COLUMNS = ("source", "path")


def read_lists(names: Sequence[str], column: str | None) -> Table:
    """Read lists, one after the other.

    Args:
        names: Files; `-`, and no name at all, is standard input.
        column: The column of the URLs in CSV files; None takes `source`, else `path`.

    Returns:
        Rows with the URL as `source` and as their name, `path` empty, all other columns as they are.

    Raises:
        UsageError: A file that is not there, or a table without such a column.
    """
    tables = [_read(name, column) for name in names or ["-"]]
    columns = with_columns(("path", "source"), *(column for table in tables for column in table.columns))
    return Table(columns, itertools.chain.from_iterable(table.rows for table in tables))


def _read(name: str, column: str | None) -> Table:
    if name == "-":
        if sys.stdin.isatty():
            raise UsageError("no list of URLs: name a file, or pipe one in")
        return _table(sys.stdin, "standard input", column)
    try:
        stream = open(name, encoding="utf-8-sig", errors="surrogateescape", newline="")  # noqa: SIM115 - read to its end
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from None
    return _table(stream, name, column)


def _table(stream: TextIO, label: str, column: str | None) -> Table:
    lines = iter(stream)
    first = next((line for line in lines if line.strip()), "")
    lines = itertools.chain([first], lines)
    if "://" in first.partition(",")[0]:
        if column is not None:
            raise UsageError(f"{label}: --column {column}, but it has no header: its first line is a URL")
        return Table(("path", "source"), _plain(lines))
    reader = csv.reader(lines, strict=True)
    header = next(reader, None) or []
    if column is None:
        column = next((known for known in _COLUMNS if known in header), None)
    if column is None or column not in header:
        wanted = f"no column {column!r}" if column else "neither a column 'source' nor 'path', and no URL"
        raise UsageError(f"{label}: {wanted} in its first line ({near(column or 'source', header)})")
    if len(set(header)) < len(header):
        raise ManifestError(label, 1, "a column is there twice")
    return Table(with_columns(("path", "source"), *header), _rows(reader, header, column, label))


def _plain(lines: Iterable[str]) -> Iterator[Row]:
    for line in lines:
        if url := readable(line.strip()):
            yield _row({}, url)


def _rows(reader: Iterator[list[str]], header: list[str], column: str, label: str) -> Iterator[Row]:
    number = 1
    try:
        for number, values in enumerate(reader, 2):
            if not values:
                continue
            if len(values) != len(header):
                raise ManifestError(label, number, f"{len(values)} fields where the header has {len(header)}")
            found = {name: readable(value) for name, value in zip(header, values, strict=True)}
            yield _row(found, found[column].strip())
    except csv.Error as error:
        raise ManifestError(label, number, f"not CSV: {error}") from None


def _row(values: dict[str, str], url: str) -> Row:
    return Row({**values, "path": "", "source": url}, url)
