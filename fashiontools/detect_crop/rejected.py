"""`rejected.csv`: the photos without a kept box, and why; in the input's order, also of a run that was stopped.

It is written row by row as `rejected.csv.part`, each row before the ledger calls its photo finished. Where a stopped
run is continued, its rows are set aside to be known, since the ledger gives no finished photo to work on again.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from fashiontools.core.errors import ManifestError
from fashiontools.core.ledger import timeless_digest
from fashiontools.core.manifest import Reader, Row, Table, Writer, with_columns
from fashiontools.core.output import write_table
from fashiontools.core.totals import Totals
from fashiontools.detect_crop.choosing import Rejection

REJECTED = "rejected.csv"
_PART, _EARLIER = REJECTED + ".part", ".earlier-" + REJECTED
OWN = ("reason", "best_label", "best_score")


class Rejected:
    """The rejected photos of an output folder.

    Args:
        folder: The output folder.
        columns: The input's header.
        totals: Where they are counted: the step has worked on them with success.
        afresh: Forget those of earlier sessions.
    """

    def __init__(self, folder: Path, columns: tuple[str, ...], totals: Totals, *, afresh: bool) -> None:
        self._folder = folder
        self._columns = with_columns(columns, *OWN)
        self._totals = totals
        self._afresh = afresh
        self._known: dict[str, tuple[str, ...]] = {}
        self._reasons: dict[str, int] = {}
        self._waiting: list[Row] = []
        self._new: set[str] = set()
        self._ended = False

    @property
    def reasons(self) -> dict[str, int]:
        """The photos that were rejected, by reason without its figures."""
        return self._reasons

    def watch(self, table: Table) -> Table:
        """The same table; what goes by waits for `settle`."""
        return Table(table.columns, self._watch(table))

    def _watch(self, table: Table) -> Iterator[Row]:
        self._open()
        for row in table.rows:
            if not row.is_bad:
                self._waiting.append(row)
            yield row
        self._ended = True
        if not self._waiting:
            self._finish()

    def settle(self, worked: list[tuple[Row, Rejection | None]]) -> None:
        """Write those of the photos that went by that are rejected, and are known to be now.

        Args:
            worked: The photos that were worked on, with what came of it; the others were finished earlier.
        """
        if self._stream.closed:  # the last window has bad rows alone
            return
        for row, rejection in worked:
            key = self._key(row)
            self._new.add(key)
            if rejection is not None:
                self._known[key] = _told(rejection)
            elif self._known.pop(key, None) is not None:
                self._forget(key)
        for row in self._waiting:
            self._settle(row)
        self._stream.flush()
        self._waiting.clear()
        for key in self._new:  # it is in the file now: a million of them need no memory
            self._known.pop(key, None)
        self._new.clear()
        if self._ended:
            self._finish()

    def _settle(self, row: Row) -> None:
        key = self._key(row)
        told = self._known.get(key)
        if told is None:
            return
        self._writer.row(row.having(**dict(zip(OWN, told, strict=True))))
        kind = told[0].partition(":")[0]
        self._reasons[kind] = self._reasons.get(kind, 0) + 1
        self._totals.rows += 1
        self._totals.done += 1
        self._totals.earlier += key not in self._new

    def _forget(self, key: str) -> None:
        """A photo that was changed is no longer rejected: a session after this one must not find it in a file."""
        for file in (self._folder / REJECTED, self._folder / _EARLIER):
            rows = _rows_of(file)
            left = [row for row in rows if self._key(row) != key]
            if len(left) < len(rows):
                write_table(file, tuple(rows[0]), left)

    def _key(self, row: Row) -> str:
        """What tells a row from others, also after it was written to a file and read: equal rows are rejected alike."""
        facts = {column: row[column] for column in sorted(row) if row[column] and column not in OWN}
        return timeless_digest(Row(facts), str(self._folder))

    def _open(self) -> None:
        names = (REJECTED, _EARLIER, _PART)
        if self._afresh:
            for name in names:
                (self._folder / name).unlink(missing_ok=True)
        for name in names:
            for row in _rows_of(self._folder / name):
                self._known[self._key(row)] = tuple(row.get(column, "") for column in OWN)
        if (self._folder / _PART).exists():
            rows = [row for name in (_EARLIER, _PART) for row in _rows_of(self._folder / name)]
            columns = tuple(dict.fromkeys(column for row in rows for column in row)) or self._columns
            write_table(self._folder / _EARLIER, columns, rows)
        self._stream = open(self._folder / _PART, "w", encoding="utf-8", newline="")  # noqa: SIM115 - see _finish
        self._writer = Writer(self._stream, self._columns, str(self._folder))
        self._writer.header()
        self._stream.flush()

    def _finish(self) -> None:
        self._stream.close()
        os.replace(self._folder / _PART, self._folder / REJECTED)
        (self._folder / _EARLIER).unlink(missing_ok=True)


def _told(rejection: Rejection) -> tuple[str, ...]:
    best = rejection.best
    return rejection.reason, best.label if best else "", best.score_text if best else ""


def _rows_of(file: Path) -> list[Row]:
    """The whole rows of a file; a torn last one is dropped."""
    if not file.exists():
        return []
    rows = []
    with open(file, encoding="utf-8", newline="") as stream:
        try:
            for row in Reader(iter(stream.readline, ""), file.name, str(file.parent)):
                rows.append(row)
        except ManifestError:
            pass  # torn where the run was killed
    return rows
