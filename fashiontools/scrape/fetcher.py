"""Fetches the photos of rows: each once, from the best of its URLs, to its place in the folder."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from fashiontools.core.errors import BadRow
from fashiontools.core.manifest import PIXEL_COLUMNS, Row
from fashiontools.core.output import Output
from fashiontools.core.parallel import map_ahead
from fashiontools.scrape.options import FetchOptions
from fashiontools.scrape.photos import NotThere, Photo, fetch_photo
from fashiontools.scrape.receipt import Receipt
from fashiontools.scrape.store import Kept, Place, Store, forget
from fashiontools.scrape.web.client import Client

FACTS = ("width", "height", "sha256")
_Wish = tuple[str, Place]


def _itself(url: str) -> Iterable[str]:
    return (url,)


@dataclass(frozen=True)
class Ways:
    """What differs from one scraper to another.

    Attributes:
        candidates: The URLs to try for one that a row asks for, best first.
        place: Where a row's photo is to lie.
        added: Further columns of a photo.
        facts: Their values, from what is known of it and the URL that its row asks for.
    """

    candidates: Callable[[str], Iterable[str]] = _itself
    place: Callable[[Row], Place] = lambda row: Place()
    added: tuple[str, ...] = ()
    facts: Callable[[Kept, str], Mapping[str, str]] = lambda kept, source: {}


class Fetcher:
    """Fetches the photos of rows, several at a time.

    Args:
        options: How patient and how polite.
        out: Where the photos go.
        receipt: Told which photos are new.
        client: Asks for them.
        ways: What differs from one scraper to another.
        workers: Rows at a time.
    """

    def __init__(
        self, options: FetchOptions, out: Output, receipt: Receipt, client: Client, ways: Ways, workers: int
    ) -> None:
        self.workers = workers
        self._options = options
        self._out = out
        self._receipt = receipt
        self._client = client
        self._ways = ways
        self._store: Store | None = None
        self._failed: dict[str, BadRow] = {}

    def forget(self) -> None:
        """Remove what an earlier run fetched."""
        forget(self._out.path(""))

    def fetch(self, rows: list[Row]) -> list[list[Row] | BadRow]:
        """Fetch the photos of some rows; each URL once, however many rows have it."""
        if not rows:
            return []
        if self._store is None:  # not before a row is to be done: then the folder is there, and is ours
            self._store = Store(self._out.path(""))
            self._receipt.fetched = self._store.added
        wishes = [(row["source"], self._ways.place(row)) for row in rows]
        first: dict[str, _Wish] = {}
        for wish in wishes:
            first.setdefault(wish[0], wish)  # other places copy what the first one has
        results = map_ahead(self._one, first.values(), workers=self.workers, stopped=self._client.stopped)
        found = dict(zip(first.values(), results, strict=True))
        self._failed.update((url, error) for (url, _), error in found.items() if isinstance(error, BadRow))
        return [
            self._row(row, found[wish] if wish in found else self._one(wish))
            for row, wish in zip(rows, wishes, strict=True)
        ]

    def _one(self, wish: _Wish) -> Kept | BadRow:
        assert self._store is not None
        url, place = wish
        known = self._store.get(url, place) or self._failed.get(url)
        if known is not None:
            return known
        try:
            return self._store.put(url, place, self._best(url))
        except BadRow as error:
            return error

    def _best(self, url: str) -> Photo:
        """The first of a photo's candidates that is there.

        Raises:
            BadRow: None is; or one may be there, but could not be had now.
        """
        missing: list[NotThere] = []
        for candidate in self._ways.candidates(url):
            try:
                return fetch_photo(self._client, candidate, self._options)
            except NotThere as error:
                missing.append(error)
        raise missing[0]

    def _row(self, row: Row, found: Kept | BadRow) -> list[Row] | BadRow:
        if isinstance(found, BadRow):
            return found
        facts = {"width": str(found.width), "height": str(found.height), "sha256": found.sha256}
        if self._options.size is not None:  # what the list says of pixels, it says of others
            row = row.having(**{column: "" for column in PIXEL_COLUMNS if column in row})
        return [row.having(path=str(self._out.path(found.name)), **facts, **self._ways.facts(found, row["source"]))]
