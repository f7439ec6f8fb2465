"""What became of everything that was listed, told at the end."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Set

from fashiontools.core.manifest import Row

_REASONS_TOLD = 10


class Receipt:
    """Counts the rows of a run.

    Attributes:
        fetched: The names of the photos that this session fetched.
    """

    def __init__(self) -> None:
        self.fetched: Set[str] = set()
        self._listed = 0
        self._files: set[str] = set()
        self._duplicates = 0
        self._reasons: Counter[str] = Counter()

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Hand rows on, and count them."""
        for row in rows:
            self._listed += 1
            if row.is_bad:
                self._reasons[row.get("error") or "no reason told"] += 1
            elif (name := os.path.basename(row["path"])) in self._files:
                self._duplicates += 1
            else:
                self._files.add(name)
            yield row

    def counts(self) -> dict[str, int]:
        """Listed rows; photos fetched now and those that were here; rows whose photo another row has; failed ones."""
        fetched = len(self._files & self.fetched)
        return {
            "listed": self._listed,
            "fetched": fetched,
            "already here": len(self._files) - fetched,
            "duplicate": self._duplicates,
            "failed": self._reasons.total(),
        }

    def lines(self) -> Iterator[str]:
        """The receipt as a person reads it."""
        yield "receipt: " + ", ".join(f"{count:,} {name}" for name, count in self.counts().items())
        for reason, count in self._reasons.most_common(_REASONS_TOLD):
            yield f"failed: {count:,}: {reason}"
        if len(self._reasons) > _REASONS_TOLD:
            yield f"failed: {len(self._reasons) - _REASONS_TOLD:,} further reasons, see the column error"
