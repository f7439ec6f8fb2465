"""Text lists of published sets: a count, the names of the columns, then a line per photo. Read line by line."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from fashiontools.core.errors import BadRow, UsageError

_SHOWN = 60


class Line(NamedTuple):
    """A line of a list.

    Attributes:
        file: The list's name.
        number: Of the line, from 1.
        name: Its first word: a photo.
        values: Its other words.
    """

    file: str
    number: int
    name: str
    values: tuple[str, ...]

    def damaged(self, expected: str) -> str:
        """The reason why the line cannot be used."""
        return f"damaged line: {self.file}:{self.number}: {self.differs(expected)}"

    def differs(self, expected: str) -> str:
        """What is expected, and what the line is."""
        found = " ".join(filter(None, (self.name, *self.values)))
        shown = found if len(found) <= _SHOWN else found[:_SHOWN] + " ..."
        return f"expected {expected}, found {shown!r}"

    def numbers(self, count: int, expected: str) -> list[int]:
        """The values as whole numbers.

        Raises:
            BadRow: They are others, or not `count`.
        """
        try:
            numbers = [int(value) for value in self.values]
        except ValueError:
            numbers = []
        if len(numbers) != count:
            raise BadRow(self.damaged(expected))
        return numbers


class TextList:
    """A list on disk.

    Args:
        file: The list.
        heads: Lines before the first photo: 2 (a count and the names of the columns), or 0.

    Attributes:
        name: The file's name.
        stated: How many lines it says that it has; None where it does not say.
        columns: The names of its columns, as its second line has them.

    Raises:
        UsageError: It is not there, or does not begin as such a list does.
    """

    def __init__(self, file: Path, *, heads: int = 2) -> None:
        self._file, self._heads = file, heads
        self.name = file.name
        self.stated: int | None = None
        self.columns: tuple[str, ...] = ()
        if not file.is_file():
            raise UsageError(f"{file}: no such file; expected the set as it is distributed")
        if heads:
            with self._open() as lines:
                first, second = next(lines, "").strip(), next(lines, "")
            if not first.isdecimal():
                raise UsageError(f"{file}:1: expected the number of its lines, found {first[:_SHOWN]!r}")
            self.stated, self.columns = int(first), tuple(second.split())

    def __iter__(self) -> Iterator[Line]:
        """Its lines after the head, without empty ones."""
        with self._open() as lines:
            for number, text in enumerate(lines, 1):
                if number > self._heads and (words := text.split()):
                    yield Line(self.name, number, words[0], tuple(words[1:]))

    def _open(self) -> TextIO:
        # Bytes that are not UTF-8 name no file, and are told as they are.
        return open(self._file, encoding="utf-8", errors="backslashreplace")


class Index:
    """A list by names, in a temporary file that SQLite keeps: a million lines cost no memory.

    Args:
        source: The list.

    Attributes:
        name: The list's name.
    """

    def __init__(self, source: TextList) -> None:
        self.name = source.name
        self._table = sqlite3.connect("", isolation_level=None)
        self._table.execute("PRAGMA journal_mode=OFF")
        self._table.execute(
            "CREATE TABLE lines (name TEXT PRIMARY KEY, number INTEGER, rest TEXT, count INTEGER DEFAULT 1, "
            "used INTEGER DEFAULT 0) WITHOUT ROWID"
        )
        self._table.execute("BEGIN")
        self._table.executemany(
            "INSERT INTO lines (name, number, rest) VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET count = count + 1, number = excluded.number",
            ((line.name, line.number, " ".join(line.values)) for line in source),
        )

    def __getitem__(self, name: str) -> Line:
        """The line of a name.

        Raises:
            BadRow: It is not listed, or more than once.
        """
        found = self._table.execute(
            "UPDATE lines SET used = 1 WHERE name = ? RETURNING number, rest, count", (name,)
        ).fetchone()
        if found is None:
            raise BadRow(f"not in {self.name}: {name}")
        number, rest, count = found
        if count > 1:
            raise BadRow(f"listed {count} times in {self.name}: {name}")
        return Line(self.name, number, name, tuple(rest.split()))

    def unused(self) -> int:
        """How many names nobody has asked for."""
        return self._table.execute("SELECT count(*) FROM lines WHERE NOT used").fetchone()[0]
