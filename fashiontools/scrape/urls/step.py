"""The step of `scrape urls`."""

from collections.abc import Iterator

from fashiontools.core.errors import BadRow
from fashiontools.core.inputs import select
from fashiontools.core.manifest import PIXEL_COLUMNS, Row, Table
from fashiontools.core.output import Output
from fashiontools.core.parallel import map_ahead
from fashiontools.core.progress import Progress
from fashiontools.scrape.photos import fetch_photo
from fashiontools.scrape.receipt import Receipt
from fashiontools.scrape.store import Kept, Store, forget
from fashiontools.scrape.urls.lists import read_lists
from fashiontools.scrape.urls.options import UrlsOptions
from fashiontools.scrape.web.client import Client

_FACTS = ("width", "height", "sha256")
_AT_ONCE = 8  # most of them wait: for other hosts' turns, or for their server


def urls(names: list[str], options: UrlsOptions, out: Output, progress: Progress) -> Table:
    """Fetch the photos of a list of URLs.

    Args:
        names: Files with the lists; `-`, and none at all, is standard input.
        options: How patient and how polite.
        out: Where the photos go.
        progress: Where progress goes.

    Returns:
        The list's rows with the photo's file as `path`, the URL as `source`, its size and SHA-256; what could not be
        fetched is a bad row that says why.

    Raises:
        UsageError: A list that is not there, or has no column of URLs.
    """
    table = select(read_lists(names, options.column), (), options.limit, options.seed)
    receipt = Receipt()
    fetcher = _Fetcher(options, out, receipt)
    done = out.each(table, None, progress, added=_FACTS, together=fetcher.fetch, window=fetcher.workers, unit="photos")
    return Table(done.columns, _told(done, fetcher, receipt, progress, options))


def _told(
    done: Table, fetcher: "_Fetcher", receipt: Receipt, progress: Progress, options: UrlsOptions
) -> Iterator[Row]:
    if options.overwrite and not options.dry_run:
        fetcher.forget()  # before run.json tells of the new options: a run that is killed is continued by them
    try:
        yield from receipt.watch(done.rows)
    finally:
        fetcher.close()
    if not options.dry_run:
        progress.clear()
        for line in receipt.lines():
            progress.note(line)


class _Fetcher:
    """Fetches the photos of rows, several at a time."""

    def __init__(self, options: UrlsOptions, out: Output, receipt: Receipt) -> None:
        self.workers = options.workers or _AT_ONCE
        self._options = options
        self._out = out
        self._receipt = receipt
        self._client = Client(options)
        self._store: Store | None = None
        self._failed: dict[str, BadRow] = {}

    def forget(self) -> None:
        """Remove what an earlier run fetched."""
        forget(self._out.path(""))

    def close(self) -> None:
        """End all that is under way."""
        self._client.stopped.set()

    def fetch(self, rows: list[Row]) -> list[list[Row] | BadRow]:
        """Fetch the photos of some rows; each URL once, however many rows have it."""
        if not rows:
            return []
        if self._store is None:  # not before a row is to be done: then the folder is there, and is ours
            self._store = Store(self._out.path(""))
            self._receipt.fetched = self._store.added
        wanted = list(dict.fromkeys(row["source"] for row in rows))
        results = map_ahead(self._one, wanted, workers=self.workers, stopped=self._client.stopped)
        found = dict(zip(wanted, results, strict=True))
        self._failed.update((url, error) for url, error in found.items() if isinstance(error, BadRow))
        return [self._row(row, found[row["source"]]) for row in rows]

    def _one(self, url: str) -> Kept | BadRow:
        assert self._store is not None
        known = self._store.get(url) or self._failed.get(url)
        if known is not None:
            return known
        try:
            return self._store.put(url, fetch_photo(self._client, url, self._options))
        except BadRow as error:
            return error

    def _row(self, row: Row, found: Kept | BadRow) -> list[Row] | BadRow:
        if isinstance(found, BadRow):
            return found
        facts = {"width": str(found.width), "height": str(found.height), "sha256": found.sha256}
        if self._options.size is not None:  # what the list says of pixels, it says of others
            row = row.having(**{column: "" for column in PIXEL_COLUMNS if column in row})
        return [row.having(path=str(self._out.path(found.name)), **facts)]
