"""How a scraper runs: what its site lists is fetched while it is listed, and the receipt told at the end."""

from collections.abc import Callable, Iterator
from pathlib import Path

from fashiontools.core.errors import Unavailable
from fashiontools.core.manifest import Row, Table, with_columns
from fashiontools.core.output import STATUS, Output
from fashiontools.core.progress import Progress
from fashiontools.scrape import listing
from fashiontools.scrape.ahead import ahead
from fashiontools.scrape.fetcher import FACTS, Fetcher, Ways
from fashiontools.scrape.options import FetchOptions
from fashiontools.scrape.receipt import Receipt
from fashiontools.scrape.web.client import Client

_AT_ONCE = 2  # rows of a window: most sites have one host of images, which is asked for one thing at a time


class Run:
    """One run of a scraper.

    Args:
        options: How patient and how polite.
        out: Where the photos go.
        progress: Where progress goes.
        client: Asks for them.
        receipt: Told at the end.
        ready: Raises where nothing can be had; asked before `--overwrite` removes what there is.
        cut: Ends what the site's listing waits for, beside the client.
    """

    def __init__(
        self,
        options: FetchOptions,
        out: Output,
        progress: Progress,
        client: Client,
        receipt: Receipt,
        ready: Callable[[], None] = lambda: None,
        cut: Callable[[], None] = lambda: None,
    ) -> None:
        self._options = options
        self._out = out
        self._progress = progress
        self._client = client
        self._receipt = receipt
        self._ready = ready
        self._cut = cut
        self._stopped: Unavailable | None = None
        progress.counts = receipt.so_far

    @property
    def folder(self) -> Path | None:
        """Where what is listed is remembered; None where nothing is to be written."""
        return None if self._out.folder is None or self._options.dry_run else self._out.folder

    def ahead(self, rows: Iterator[Row]) -> Iterator[Row]:
        """What a site lists, while what it listed before is fetched; where it stops us, that is told in the end.

        Args:
            rows: What is listed; the rows before an `Unavailable` are done all the same, so that they can be used.
        """
        listed = 0
        try:
            for row in ahead(self._receipt.listing(rows), self._end):
                listed += 1
                yield row
        except Unavailable as error:
            if not listed:
                raise
            self._stopped = error
            self._out.describe_session(stopped=str(error))

    def listed(self, table: Table) -> Table:
        """What is listed, and nothing is fetched."""
        return Table(with_columns(table.columns, *STATUS), self._told(map(self._counted, table.rows)))

    def fetched(self, table: Table, ways: Ways, at_once: int = _AT_ONCE) -> Table:
        """What is listed, with its photos.

        Args:
            table: What is listed.
            ways: What differs from one scraper to another.
            at_once: Photos at a time where the user does not say it.
        """
        workers = self._options.workers or at_once
        fetcher = Fetcher(self._options, self._out, self._receipt, self._client, ways, workers)
        done = self._out.each(
            table,
            None,
            self._progress,
            added=(*ways.added, *FACTS),
            together=fetcher.fetch,
            window=workers,
            unit="photos",
            own_rows=True,
        )
        return Table(
            done.columns, self._rehearsed(done.rows) if self._options.dry_run else self._anew(done.rows, fetcher)
        )

    def _rehearsed(self, rows: Iterator[Row]) -> Iterator[Row]:
        yield from rows
        if self._stopped is not None:
            raise self._stopped

    def _anew(self, rows: Iterator[Row], fetcher: Fetcher) -> Iterator[Row]:
        if self._options.overwrite:
            self._ready()
            fetcher.forget()  # before run.json tells of the new options: a run that is killed is continued by them
            listing.forget(self._out.path(""))
        yield from self._told(rows)

    def _told(self, rows: Iterator[Row]) -> Iterator[Row]:
        try:
            yield from self._receipt.watch(rows)
            if self._stopped is not None:
                raise self._stopped
        except GeneratorExit:  # nobody reads the rows any more: silence
            raise
        except BaseException:
            if self._receipt.has_rows:
                self._tell()
            raise
        else:
            self._tell()
        finally:
            self._end()

    def _tell(self) -> None:
        self._progress.clear()
        for line in self._receipt.lines():
            self._progress.note(line)

    def _counted(self, row: Row) -> Row:
        self._out.totals.count(row)
        return row

    def _end(self) -> None:
        self._client.stopped.set()
        self._cut()
