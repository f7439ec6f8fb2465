"""The step of `scrape pinterest`."""

from collections.abc import Iterator
from pathlib import Path

from fashiontools.core.errors import UsageError
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Row, Table, with_columns
from fashiontools.core.output import STATUS, Output
from fashiontools.core.progress import Progress
from fashiontools.scrape import listing
from fashiontools.scrape.fetcher import FACTS, Fetcher, Ways
from fashiontools.scrape.listing import Extent, ahead
from fashiontools.scrape.pinterest.images import candidates, size_of
from fashiontools.scrape.pinterest.login import read_credentials
from fashiontools.scrape.pinterest.options import PinterestOptions
from fashiontools.scrape.pinterest.pins import COLUMNS
from fashiontools.scrape.pinterest.site import PinterestSite
from fashiontools.scrape.pinterest.targets import Target, board_of, folder_of, read_brands, searches
from fashiontools.scrape.receipt import Receipt
from fashiontools.scrape.store import Kept, Place
from fashiontools.scrape.web.client import Client

_AT_ONCE = 2  # rows of a window; the image host is asked for one thing at a time


def pinterest(names: list[str], options: PinterestOptions, out: Output, progress: Progress) -> Table:
    """Fetch the photos of Pinterest's boards and searches.

    Args:
        names: None.
        options: What, how patient and how polite.
        out: Where the photos go.
        progress: Where progress goes.

    Returns:
        A row for each photo with its file as `path`, its original's URL as `source`, the pin, its page, title,
        alternative text and link, the brand or board, the size that was asked for first and the one that was got.

    Raises:
        UsageError: Options that name nothing to fetch.
        Unavailable: The site, the browser or the login cannot be had, or the site wants to know whether we are a robot.
    """
    client = Client(options)
    targets = _targets(options, client)
    several = len({target.name for target in targets}) > 1
    receipt = Receipt("brand" if options.brand or options.brands else "board")
    credentials = read_credentials(options.login) if options.login else None
    site = PinterestSite(targets, options, _extent(options), client, credentials, receipt, progress)
    columns = with_columns(COLUMNS, *dict.fromkeys(name for target in targets for name in target.columns))
    if options.list:
        listed = ahead(site.rows(None), site.cut)
        return Table(with_columns(columns, *STATUS), _told(listed, client, receipt, progress, out))
    ways = Ways(candidates, lambda row: Place(folder_of(row)) if several else Place(), _sizes)
    fetcher = Fetcher(options, out, receipt, client, ways, options.workers or _AT_ONCE)
    table = Table(columns, ahead(site.rows(None if options.dry_run else out.path("")), site.cut))
    added = ("size_asked", "size_got", *FACTS)
    done = out.each(table, None, progress, added=added, together=fetcher.fetch, window=_AT_ONCE, unit="photos")
    return Table(done.columns, _fetched(done, fetcher, options, client, receipt, progress, out))


def _targets(options: PinterestOptions, client: Client) -> list[Target]:
    brands = [*(options.brand or ()), *(read_brands(options.brands) if options.brands else ())]
    targets = [
        *searches(dict.fromkeys(brands), options.season, options.keyword),
        *(board_of(url, client) for url in options.board or ()),
    ]
    return list({target.url: target for target in targets}.values())


def _extent(options: PinterestOptions) -> Extent:
    return Extent(
        most=options.limit,
        update=options.update,
        earlier=_pins_of(options.since) if options.since else frozenset(),
        enough=options.known,
    )


def _pins_of(folder: Path) -> frozenset[str]:
    """The pins of an earlier scrape."""
    table = open_inputs([str(folder)])
    if "pin" not in table.columns:
        raise UsageError(f"--since {folder}: not a scrape of Pinterest: it has no column 'pin'")
    return frozenset(row["pin"] for row in table.rows)


def _sizes(kept: Kept, source: str) -> dict[str, str]:
    return {"size_asked": size_of(source), "size_got": size_of(kept.source)}


def _fetched(
    done: Table,
    fetcher: Fetcher,
    options: PinterestOptions,
    client: Client,
    receipt: Receipt,
    progress: Progress,
    out: Output,
) -> Iterator[Row]:
    if options.overwrite and not options.dry_run:
        fetcher.forget()  # before run.json tells of the new options: a run that is killed is continued by them
        listing.forget(out.path(""))
    if options.dry_run:
        yield from done.rows
    else:
        yield from _told(done.rows, client, receipt, progress, None)


def _told(
    rows: Iterator[Row], client: Client, receipt: Receipt, progress: Progress, out: Output | None
) -> Iterator[Row]:
    """Hand rows on, and tell the receipt at the end; rows that no folder counts are counted here."""
    try:
        for row in receipt.watch(rows):
            if out is not None:
                out.totals.count(row)
            yield row
    finally:
        client.stopped.set()
        rows.close()
        progress.clear()
        for line in receipt.lines():
            progress.note(line)
