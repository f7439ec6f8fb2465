"""The manifest: the CSV that every command reads and writes, one row per image or box.

In memory the path columns are absolute. In a file they are relative to the file's own folder, on standard
output absolute, so that any pipe, redirect or `cd` works.
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TextIO

from fashiontools.core.errors import BadRow, ManifestError, UsageError
from fashiontools.core.names import name_below, relative_path

PATH_COLUMNS = ("path", "parent", "mask", "target", "garment")
PIXEL_COLUMNS = ("box", "area", "mask", "garment", "target", "width", "height", "sha256", "phash", "score")
"""Columns that describe the pixels of `path`: whoever writes a new image transforms or empties them."""

MANIFEST = "manifest.csv"
IS_URL = "path is a URL"  # how the error of a row begins that only `scrape urls` can work on
_URL = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://")


class Row(dict[str, str]):
    """One row: column to text, with absolute paths in the path columns.

    Attributes:
        name: Where a file made from this row goes, relative to the output folder: POSIX, without `..`.
    """

    __slots__ = ("name",)

    def __init__(self, values: Iterable[tuple[str, str]] | dict[str, str] = (), name: str = "") -> None:
        super().__init__(values)
        self.name = name

    def __reduce__(self) -> tuple[type["Row"], tuple[dict[str, str], str]]:
        """Travel to a worker process with the name."""
        return Row, (dict(self), self.name)

    def having(self, **changes: str) -> "Row":
        """A copy with some columns changed."""
        row = Row(self, self.name)
        row.update(changes)
        return row

    @property
    def is_bad(self) -> bool:
        """Whether an earlier step gave up on this row: it is passed on and never worked on."""
        return self.get("status", "") not in ("", "ok")


@dataclass
class Table:
    """Rows on their way from one step to the next.

    Attributes:
        columns: The header, in order.
        rows: The rows, often a generator that can be read once.
    """

    columns: tuple[str, ...]
    rows: Iterable[Row]

    def require(self, *columns: str, why: str) -> None:
        """Stop before any work where a needed column is not there.

        Raises:
            UsageError: A column is missing; the message lists those that are there.
        """
        for column in columns:
            if column not in self.columns:
                raise UsageError(f"no column {column!r}: {why}; the columns are {', '.join(self.columns)}")


def with_columns(columns: Sequence[str], *added: str) -> tuple[str, ...]:
    """The header of an output: the input's columns, then the step's own; each is there once."""
    return tuple(dict.fromkeys((*columns, *added)))


class Reader:
    """Reads a manifest row by row.

    Args:
        lines: Text lines, opened with `newline=""` and `errors="surrogateescape"`.
        label: What error messages call the file.
        folder: The absolute folder that relative paths are relative to.

    Raises:
        ManifestError: No header, no `path` column, duplicate columns, or (while iterating) a ragged or
            broken row, with file and line.
    """

    def __init__(self, lines: Iterable[str], label: str, folder: str) -> None:
        self._csv = csv.reader(_without_bom(lines), strict=True)
        self._label = label
        self._folder = folder
        self.columns = self._read_header()

    def _read_header(self) -> tuple[str, ...]:
        header = self._next()
        while header is not None and not header:
            header = self._next()
        if header is None:
            raise ManifestError(self._label, 1, "it ends without a header; a manifest begins with its column names")
        if not all(map(_is_utf8, header)):
            raise ManifestError(self._label, 1, "not a manifest: its header is not UTF-8")
        duplicates = sorted({column for column in header if header.count(column) > 1})
        if duplicates:
            raise ManifestError(self._label, 1, f"column {duplicates[0]!r} is there twice")
        if "path" not in header:
            raise ManifestError(self._label, 1, f"not a manifest: no column 'path' among {', '.join(header)}")
        return tuple(header)

    def _next(self) -> list[str] | None:
        try:
            return next(self._csv, None)
        except csv.Error as error:
            raise ManifestError(self._label, self._csv.line_num, f"not CSV: {error}") from error

    def __iter__(self) -> Iterator[Row]:
        while (values := self._next()) is not None:
            if not values:
                continue
            if len(values) != len(self.columns):
                raise ManifestError(
                    self._label,
                    self._csv.line_num,
                    f"{len(values)} fields where the header has {len(self.columns)}",
                )
            yield self._row(dict(zip(self.columns, values, strict=True)))

    def _row(self, values: dict[str, str]) -> Row:
        for column in PATH_COLUMNS:
            value = values.get(column)
            if value and not _URL.match(value):
                values[column] = os.path.normpath(os.path.join(self._folder, value))
        return checked(Row(values))


def named(rows: Iterable[Row], folder: str | None) -> Iterator[Row]:
    """Give rows the names of the files that will be made from them.

    Args:
        rows: Rows of one manifest.
        folder: The manifest's own folder, which names are relative to; None, or a folder that the first photo is not
            in, takes the folder of the first photo instead.

    Yields:
        The rows, named.
    """
    for row in rows:
        if row["path"] and not _URL.match(row["path"]):
            if folder is None or not row["path"].startswith(folder + os.sep):
                folder = os.path.dirname(row["path"])
            row.name = name_below(folder, row["path"])
            yield row
            break
        yield row
    for row in rows:
        row.name = name_below(folder, row["path"]) if row["path"] and folder is not None else ""
        yield row


def _without_bom(lines: Iterable[str]) -> Iterator[str]:
    """The lines, the first one without a byte-order mark."""
    iterator = iter(lines)
    for first in iterator:
        yield first.removeprefix("\ufeff")
        break
    yield from iterator


def checked(row: Row) -> Row:
    """The row, marked bad where it cannot be worked on: a URL as its path, or bytes that are not UTF-8."""
    broken = next((column for column, value in row.items() if not _is_utf8(value)), None)
    if broken is not None:
        in_utf8 = Row({column: readable(value) for column, value in row.items()})
        if row.is_bad:
            return in_utf8
        if broken in PATH_COLUMNS:
            return failed(in_utf8, BadRow("the name is not UTF-8", "rename the file"))
        return failed(in_utf8, BadRow(f"column {broken!r} is not UTF-8", "save the manifest as UTF-8"))
    if not row.is_bad and _URL.match(row["path"]):
        return failed(row, BadRow(IS_URL, "fetch it with `fashiontools scrape urls`"))
    return row


def readable(text: str) -> str:
    """The text with bytes that are not UTF-8 as escapes, so that it can be written."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _is_utf8(text: str) -> bool:
    """Whether the text came from UTF-8 (other bytes were read as lone surrogates)."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def failed(row: Row, error: BadRow) -> Row:
    """The row with the reason why it cannot be worked on."""
    return row.having(status="failed", error=str(error))


class _LineFeeds:
    """A stream for `csv.writer` that ends lines in LF.

    Asked for LF itself, Python's writer (before 3.13) leaves carriage returns within a field unquoted, and every
    reader takes those for the end of the row.
    """

    def __init__(self, stream: TextIO | IO[str]) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        """Write one row."""
        self._stream.write(line[:-2] + "\n")


class Writer:
    """Writes rows as CSV, one whole line a write.

    Args:
        stream: A text stream that does not translate line ends.
        columns: The header.
        folder: Paths are written relative to this folder; None writes them absolute.
    """

    def __init__(self, stream: TextIO | IO[str], columns: Sequence[str], folder: str | None) -> None:
        self._csv = csv.writer(_LineFeeds(stream), lineterminator="\r\n")
        self._columns = tuple(columns)
        self._folder = folder or ""
        self._paths = [place for place, column in enumerate(self._columns) if folder and column in PATH_COLUMNS]

    def header(self) -> None:
        """Write the column names."""
        self._csv.writerow(self._columns)

    def row(self, row: Row) -> None:
        """Write one row."""
        values = [row.get(column, "") for column in self._columns]
        for place in self._paths:
            if values[place] and not _URL.match(values[place]):
                values[place] = relative_path(values[place], self._folder)
        self._csv.writerow(values)
