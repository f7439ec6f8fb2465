"""The step of `label`: rows with what their texts say."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import lru_cache
from typing import Protocol

from fashiontools.core.errors import UsageError
from fashiontools.core.ledger import forget
from fashiontools.core.manifest import Row, Table, with_columns
from fashiontools.core.output import STATUS, Output
from fashiontools.core.progress import Progress
from fashiontools.core.provenance import read_run
from fashiontools.label.columns import READ, VALUES, Labels, Texts
from fashiontools.label.corrected import CorrectedRules
from fashiontools.label.describing import describe
from fashiontools.label.options import LabelOptions
from fashiontools.label.tables import BinaryTable, Counts
from fashiontools.label.thesis import ThesisRules

_REMEMBERED = 1024
"""Texts, more than a window of rows: the photos of a product stand together, and share theirs."""


class Rules(Protocol):
    """A way to read texts.

    Attributes:
        values: The values of each column.
        digest: Changes when the rules do.
    """

    values: dict[str, tuple[str, ...]]
    digest: str

    def read(self, texts: Texts) -> Labels:
        """Read the texts of a product."""
        ...


def label(table: Table, options: LabelOptions, out: Output, progress: Progress) -> Table:
    """Write the columns of seed 003 from the words of a shop.

    Args:
        table: Rows with some of `name`, `attributes`, `category` and `color`.
        options: By which rules.
        out: Where the manifest goes, if anywhere.
        progress: Where progress and the counts of all values go.

    Returns:
        The rows with a value, or none, in each column.

    Raises:
        UsageError: There is nothing to read, or no such vocabulary.
    """
    if not set(READ) & set(table.columns):
        raise UsageError(
            f"no column {', '.join(READ[:-1])} or {READ[-1]}: there are no words to read; "
            f"the columns are {', '.join(table.columns)}"
        )
    rules = ThesisRules() if options.rules == "thesis" else CorrectedRules(options.language, options.words)
    return _Labelling(rules, options, out, progress).of(table)


class _Labelling:
    """One run."""

    def __init__(self, rules: Rules, options: LabelOptions, out: Output, progress: Progress) -> None:
        self._rules = rules
        self._options = options
        self._out = out
        self._progress = progress
        self._read = lru_cache(maxsize=_REMEMBERED)(rules.read)
        self._counts = Counts(rules.values)
        self._added = (*VALUES, *(("description",) if options.describe else ()))

    def of(self, table: Table) -> Table:
        """The labelled table."""
        counted = Table(table.columns, self._count_unmatched(table))
        columns = with_columns(table.columns, *self._added, *STATUS)
        if self._out.folder is None:
            streamed = self._streamed(counted)
            return Table(columns, streamed if self._options.dry_run else self._finished(streamed))
        # In this process: reading texts that mostly are remembered takes no longer than handing rows to another.
        done = self._out.each(counted, None, self._progress, added=self._added, together=self._together)
        if self._options.dry_run:
            return done
        return Table(columns, self._finished(self._anew_if_changed(done)))

    def _count_unmatched(self, table: Table) -> Iterator[Row]:
        """Count on the way in: a labelled row no longer has the shop's own category and colour."""
        for row in table.rows:
            if not row.is_bad:
                self._counts.add_unmatched(self._read(_texts_of(row)).unmatched)
            yield row

    def _labelled(self, row: Row) -> Row:
        values = self._read(_texts_of(row)).values
        sentence = {"description": describe(values)} if self._options.describe else {}
        return row.having(**values, **sentence)

    def _together(self, rows: list[Row]) -> list[list[Row]]:
        return [[self._labelled(row)] for row in rows]

    def _streamed(self, table: Table) -> Iterator[Row]:
        """The rows where no folder is written: nothing is remembered, and each is handed on at once."""
        totals = self._out.totals
        for row in self._progress.track(table.rows):
            if row.is_bad:
                totals.rows += 1
                totals.passed += 1
            else:
                row = self._labelled(row).having(status="ok", error="")
                totals.count(row)
            if not self._options.dry_run:
                yield row
        if self._options.dry_run:
            self._progress.note(f"dry run: {totals.rows:,} rows, {totals.done:,} to do; nothing was written")

    def _anew_if_changed(self, done: Table) -> Iterator[Row]:
        """The rows of the folder; those of an earlier session are forgotten where the vocabulary is another one now."""
        folder = self._out.path("")
        before = (read_run(folder) or {}).get("vocabulary", self._rules.digest)
        if before != self._rules.digest and not self._options.overwrite:
            self._progress.note("the vocabulary has changed: labelling all rows again")
            forget(folder)
        self._out.describe(vocabulary=self._rules.digest)
        yield from done.rows

    def _finished(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows; when all have gone by, the files beside them are written and the counts told."""
        options = self._options
        with ExitStack() as files:
            binary = None
            for row in rows:
                if binary is None and options.binary is not None:
                    binary = files.enter_context(BinaryTable(options.binary, self._rules.values))
                if not row.is_bad:
                    self._counts.add(row)
                    if binary is not None:
                        binary.add(row)
                yield row
            if binary is None and options.binary is not None:
                files.enter_context(BinaryTable(options.binary, self._rules.values))
        if options.unmatched is not None:
            self._counts.write_unmatched(options.unmatched)
        for line in self._counts.told():
            self._progress.note(line)


def _texts_of(row: Row) -> Texts:
    return Texts(*(row.get(column, "") for column in READ))
