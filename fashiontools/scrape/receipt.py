"""What became of everything that was listed, told at the end."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import closing
from typing import Any

from fashiontools.core.manifest import Row
from fashiontools.scrape.photos import ABSENT

_REASONS_TOLD = 10
_UNAVAILABLE = {f"HTTP {status}" for status in ABSENT}


class Receipt:
    """Counts the rows of a run.

    Args:
        group: The column by whose values the photos are counted too, where there are several.

    Attributes:
        fetched: The files that this session fetched.
    """

    def __init__(self, group: str | None = None) -> None:
        self.fetched: Set[str] = set()
        self._group = group
        self._listed = 0
        self._unfetched = 0
        self._listed_ahead = 0
        self._files: set[str] = set()
        self._names: set[str] = set()
        self._groups: Counter[str] = Counter()
        self._duplicates = 0
        self._left_out: Counter[str] = Counter()
        self._sites: dict[str, Mapping[str, Any]] = {}
        self._reasons: Counter[str] = Counter()

    def looked_through(self, target: str, facts: Mapping[str, Any]) -> None:
        """Note what a site says of a target: how many there are, what was left out, how it ended."""
        self._sites[target] = facts
        self._left_out.update(facts.get("left_out", {}))

    def listing(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Hand on rows whose photos are yet to be fetched, and count them."""
        with closing(rows):  # type: ignore[type-var]
            for row in rows:
                self._listed_ahead += 1
                yield row

    def so_far(self) -> str:
        """The counts of a run that is under way."""
        known = len(self._files) - len(self._files & self.fetched)
        counts = {"listed": self._listed_ahead, "fetched": len(self._files) - known, "already here": known}
        counts |= {"duplicate": self._duplicates, "failed": self._reasons.total()}
        return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Hand rows on, and count them."""
        for row in rows:
            self._listed += 1
            if row.is_bad:
                self._reasons[row.get("error") or "no reason told"] += 1
            elif not row["path"]:
                self._unfetched += 1
            elif row["path"] in self._files:
                self._duplicates += 1
            else:
                self._files.add(row["path"])
                self._names.add(os.path.basename(row["path"]))
                self._groups[row.get(self._group or "", "")] += 1
            yield row

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to tell."""
        return self._listed > 0

    def counts(self) -> dict[str, int]:
        """Listed rows; photos fetched now, those that were here, rows whose photo another row has; failed ones.

        Where the rows are only listed, nothing is said of photos.
        """
        fetched = len(self._files & self.fetched)
        became = {"fetched": fetched, "already here": len(self._files) - fetched, "duplicate": self._duplicates}
        unavailable = sum(count for reason, count in self._reasons.items() if reason in _UNAVAILABLE)
        return {
            "listed": self._listed,
            **({} if self._unfetched else became),
            **dict(sorted(self._left_out.items())),
            "unavailable": unavailable,
            "failed": self._reasons.total() - unavailable,
        }

    def lines(self) -> Iterator[str]:
        """The receipt as a person reads it."""
        yield "receipt: " + ", ".join(f"{count:,} {name}" for name, count in self.counts().items())
        for target, facts in self._sites.items():
            expected = f", the site says {facts['expected']}" if facts.get("expected") else ""
            ended = f" (ended by: {facts['ended_by']})" if facts["ended_by"] else ""
            yield f"{target}: {facts['found']:,} found{expected}{ended}"
        if self._group and len(self._groups) > 1:
            for name, count in self._groups.items():
                yield f"{name}: {count:,} scraped"
        if self._group and not self._unfetched:
            yield f"in all {len(self._files):,} scraped, {len(self._names):,} distinct by name"
        for reason, count in self._reasons.most_common(_REASONS_TOLD):
            yield f"{'unavailable' if reason in _UNAVAILABLE else 'failed'}: {count:,}: {reason}"
        if len(self._reasons) > _REASONS_TOLD:
            yield f"failed: {len(self._reasons) - _REASONS_TOLD:,} further reasons, see the column error"
