"""`rejected.csv`: the products without a pair, and why."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from fashiontools.cluster_pairs.products import NO_GROUP, Product
from fashiontools.core.manifest import Row, with_columns
from fashiontools.core.output import write_table
from fashiontools.core.progress import Progress

REJECTED = "rejected.csv"
_OWN = ("reason", "cluster", "distance", "confidence")


class Reason(NamedTuple):
    """Why a product has no pair.

    Attributes:
        text: In a few words.
        facts: `cluster`, `distance` and `confidence` of the photo that it would have had, if any.
    """

    text: str
    facts: dict[str, str]


class Rejections:
    """The rows of `rejected.csv`: of each product its product photo, or its first photo where it has none.

    Args:
        columns: The input's header.
    """

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._columns = with_columns(columns, *_OWN)
        self._rows: list[tuple[int, Row]] = []

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._rows)

    def add(self, product: Product, reason: Reason) -> None:
        """Reject a product."""
        self._rows.append((product.place, product.first.having(reason=reason.text, **reason.facts)))

    def add_row(self, row: Row, number: int) -> None:
        """Reject a row that is of no product."""
        self._rows.append((number, row.having(reason=NO_GROUP)))

    def write(self, folder: Path, progress: Progress) -> None:
        """Write them in the input's order, also where there are none, and tell how many of which reason."""
        rows = [row for _, row in sorted(self._rows, key=lambda item: item[0])]
        write_table(folder / REJECTED, self._columns, rows)
        reasons = Counter(row["reason"] for row in rows).most_common()
        if reasons:
            told = ", ".join(f"{count:,} {reason}" for reason, count in reasons)
            progress.note(f"{len(rows):,} without a pair are in {REJECTED}: {told}")
