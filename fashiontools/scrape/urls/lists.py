"""Reads lists of URLs: CSV files with any columns, or texts with one URL a line."""

import csv
import itertools
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

from fashiontools.core.errors import ManifestError, UsageError, near
from fashiontools.core.inputs import waiting_told
from fashiontools.core.manifest import IS_URL, PATH_COLUMNS, Row, Table, readable, with_columns
from fashiontools.scrape.web.addresses import redacted

_COLUMNS = ("source", "path")


def read_lists(names: Sequence[str], column: str | None) -> Table:
    """Read lists, one after the other.

    Args:
        names: Files; `-`, and no name at all, is standard input.
        column: The column of the URLs in CSV files; None takes `source`, else `path`.

    Returns:
        Rows with the URL as `source` and as their name, `path` empty, all other columns as they are, with paths made
        absolute. Rows that an earlier step gave up on are left as they are.

    Raises:
        UsageError: A file that is not there, or a table without such a column.
    """
    tables = [_read(name, column) for name in names or ["-"]]
    columns = with_columns(("path", "source"), *(column for table in tables for column in table.columns))
    return Table(columns, itertools.chain.from_iterable(table.rows for table in tables))


def _read(name: str, column: str | None) -> Table:
    if name == "-":
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("no list of URLs: name a file, or pipe one in")
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape", newline="")  # type: ignore[union-attr]
        with waiting_told():
            found = _List(sys.stdin, "standard input", os.getcwd())
        return found.table(column)
    if _is_url(name):
        raise UsageError(f"{redacted(name)} is a URL, not a list of them: pipe it in, or name a file that has it")
    try:
        stream = open(name, encoding="utf-8-sig", errors="surrogateescape", newline="")  # noqa: SIM115 - read to its end
    except (OSError, ValueError) as error:
        raise UsageError(f"{name}: {getattr(error, 'strerror', None) or 'not a file name'}") from None
    return _List(stream, name, os.path.dirname(os.path.realpath(name))).table(column)


def _is_url(text: str) -> bool:
    return "://" in text.partition(",")[0]


class _List:
    """One list while it is read.

    Args:
        stream: Its text.
        label: What error messages call it.
        folder: What its paths are relative to.
    """

    def __init__(self, stream: TextIO, label: str, folder: str) -> None:
        self._label = label
        self._folder = folder
        self._blank = 0
        lines = iter(stream)
        first = next(lines, "")
        while first and not first.strip():
            self._blank += 1
            first = next(lines, "")
        if not first:
            raise UsageError(f"{label} is empty: a list has a header and rows, or one URL a line")
        self._is_plain = _is_url(first)
        self._lines = itertools.chain([first], lines)
        self._csv = csv.reader(self._lines, strict=True)

    def table(self, column: str | None) -> Table:
        """The list's columns and rows."""
        if self._is_plain:
            if column is not None:
                raise UsageError(f"{self._label}: --column {column}, but it has no header: its first line is a URL")
            return Table(("path", "source"), self._plain_rows())
        header = self._next() or []
        if column is None:
            column = next((known for known in _COLUMNS if known in header), None)
        if column is None or column not in header:
            wanted = f"no column {column!r}" if column else "neither a column 'source' nor 'path', and no URL"
            known = near(column or "source", map(readable, header))
            raise UsageError(f"{self._label}: {wanted} in its first line ({known})")
        if any(name != readable(name) for name in header):
            raise ManifestError(self._label, self._line, "its header is not UTF-8")
        if len(set(header)) < len(header):
            raise ManifestError(self._label, self._line, "a column is there twice")
        return Table(with_columns(("path", "source"), *header), self._rows(header, column))

    @property
    def _line(self) -> int:
        return self._blank + self._csv.line_num

    def _next(self) -> list[str] | None:
        try:
            return next(self._csv, None)
        except csv.Error as error:
            raise ManifestError(self._label, self._line, f"not CSV: {error}") from None

    def _plain_rows(self) -> Iterator[Row]:
        for line in self._lines:
            if url := readable(line.strip()):
                yield _asking({}, url)

    def _rows(self, header: list[str], column: str) -> Iterator[Row]:
        while (values := self._next()) is not None:
            if not values:
                continue
            if len(values) != len(header):
                problem = f"{len(values)} fields where the header has {len(header)}"
                raise ManifestError(self._label, self._line, problem)
            row = {name: readable(value) for name, value in zip(header, values, strict=True)}
            url = row[column].strip()
            for place in PATH_COLUMNS:
                if row.get(place) and not _is_url(row[place]):
                    row[place] = os.path.normpath(os.path.join(self._folder, row[place]))
            if row.get("error", "").startswith(IS_URL):  # what another command left for us
                row |= {"status": "", "error": ""}
            yield Row(row, redacted(url)) if Row(row).is_bad else _asking(row, url)


def _asking(values: dict[str, str], url: str) -> Row:
    """A row that asks for a photo; secrets of its URL go no further than the list's own column."""
    return Row({**values, "path": "", "source": redacted(url)}, redacted(url))
