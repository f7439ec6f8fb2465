"""What `label` writes beside its rows: the table of 0 and 1, the list of what was not understood, the counts."""

import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType

from fashiontools.core.files import write_atomically
from fashiontools.core.manifest import Row, Writer
from fashiontools.label.columns import Unmatched

_UNMATCHED = ("column", "key", "text", "count", "example")


class BinaryTable:
    """Seed 003's second file: `path` and a column of 0 and 1 for each value, named `COLUMN_VALUE`.

    It is written row by row aside, and renamed when all rows have come; where they do not, nothing is left of it.

    Args:
        file: The file; its paths are relative to its folder.
        values: The values of each column.
    """

    def __init__(self, file: Path, values: Mapping[str, tuple[str, ...]]) -> None:
        self._file = file
        self._aside = file.with_name(f".{file.name}.part")
        self._cells = [(column, value) for column, those in values.items() for value in those]
        self._last = ""

    def __enter__(self) -> "BinaryTable":
        """Begin the file aside."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._stream = open(self._aside, "w", encoding="utf-8", newline="")
        names = ("path", *(f"{column}_{value}" for column, value in self._cells))
        self._writer = Writer(self._stream, names, os.path.realpath(self._file.parent))
        self._writer.header()
        return self

    def add(self, row: Row) -> None:
        """Add a labelled row; of several rows of one photo, which follow each other, the first."""
        if row["path"] == self._last:
            return
        self._last = row["path"]
        cells = {f"{column}_{value}": str(int(row[column] == value)) for column, value in self._cells}
        self._writer.row(Row({"path": row["path"], **cells}))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Rename what is whole, remove what is not."""
        self._stream.close()
        if kind is None:
            os.replace(self._aside, self._file)
        else:
            self._aside.unlink(missing_ok=True)


class Counts:
    """Counts values, and what was not understood.

    Args:
        values: The values of each column.
    """

    def __init__(self, values: Mapping[str, tuple[str, ...]]) -> None:
        self._values = values
        self._counts: dict[str, Counter[str]] = {column: Counter() for column in values}
        self._unmatched: Counter[tuple[str, str, str]] = Counter()
        self._examples: dict[tuple[str, str, str], str] = {}

    def add(self, row: Row) -> None:
        """Count the values of a labelled row."""
        for column, counts in self._counts.items():
            counts[row[column]] += 1

    def add_unmatched(self, unmatched: Iterable[Unmatched]) -> None:
        """Count what was not understood of a row."""
        for one in unmatched:
            entry = (one.column, one.key, one.text)
            self._unmatched[entry] += 1
            self._examples.setdefault(entry, one.example)

    def told(self) -> Iterator[str]:
        """A line for each column, and one of what was not understood."""
        for column, counts in self._counts.items():
            parts = [f"{value} {counts[value]:,}" for value in self._values[column] if counts[value]]
            parts += [f"no value {counts['']:,}"] if counts[""] else []
            yield f"{column}: {', '.join(parts) or 'no rows'}"
        if self._unmatched:
            yield f"not understood: {len(self._unmatched):,} words or tags, {self._unmatched.total():,} times"

    def write_unmatched(self, file: Path) -> None:
        """Write the list, the most frequent first."""
        text = io.StringIO(newline="")
        writer = Writer(text, _UNMATCHED, None)
        writer.header()
        for entry, count in sorted(self._unmatched.items(), key=lambda item: (-item[1], item[0])):
            cells = (*entry, str(count), self._examples[entry])
            writer.row(Row(zip(_UNMATCHED, cells, strict=True)))
        write_atomically(file, text.getvalue().encode())
