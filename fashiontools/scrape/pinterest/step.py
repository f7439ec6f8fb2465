"""The step of `scrape pinterest`."""

from pathlib import Path

from fashiontools.core.errors import UsageError
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Table, with_columns
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.scrape.browser.programs import find_browser
from fashiontools.scrape.fetcher import Ways
from fashiontools.scrape.listing import Extent
from fashiontools.scrape.pinterest.images import candidates, size_of
from fashiontools.scrape.pinterest.login import read_credentials
from fashiontools.scrape.pinterest.options import PinterestOptions
from fashiontools.scrape.pinterest.pins import COLUMNS
from fashiontools.scrape.pinterest.site import PinterestSite
from fashiontools.scrape.pinterest.targets import Target, board_of, folder_of, read_brands, searches
from fashiontools.scrape.receipt import Receipt
from fashiontools.scrape.running import Run
from fashiontools.scrape.store import Kept, Place
from fashiontools.scrape.web.client import Client

_SIZES = ("size_asked", "size_got")


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
        UsageError: Options that name nothing to fetch, or no browser.
        Unavailable: The site, the browser or the login cannot be had, or the site wants to know whether we are a robot.
    """
    if options.browser is not None:
        find_browser(options.browser)  # a mistake in it is told before the work
    client = Client(options)
    targets = _targets(options, client)
    several = len({target.name for target in targets}) > 1
    receipt = Receipt("brand" if options.brand or options.brands else "board")
    credentials = read_credentials(options.login) if options.login else None
    site = PinterestSite(targets, options, _extent(options), client, credentials, receipt, progress)
    columns = with_columns(COLUMNS, *dict.fromkeys(name for target in targets for name in target.columns))
    run = Run(options, out, progress, client, receipt, ready=site.ready, cut=site.cut)
    table = Table(columns, run.ahead(site.rows(run.folder)))
    if options.list:
        return run.listed(table)
    place = (lambda row: Place(folder_of(row))) if several else (lambda row: Place())
    return run.fetched(table, Ways(candidates, place, _SIZES, _sizes))


def _targets(options: PinterestOptions, client: Client) -> list[Target]:
    if not (options.brand or options.brands or options.board):
        raise UsageError("nothing to fetch: give --brand NAME, --brands FILE or --board URL")
    brands = [*(options.brand or ()), *(read_brands(options.brands) if options.brands else ())]
    targets = [
        *searches(dict.fromkeys(brands), options.season, options.keyword),
        *(board_of(url, client) for url in options.board or ()),
    ]
    folders: dict[str, str] = {}
    for target in targets:
        what = target.columns.get("brand") or target.columns["board"]
        if (other := folders.setdefault(target.name, what)) != what:
            raise UsageError(f"{other!r} and {what!r} would share the folder {target.name!r}: scrape them one by one")
    return list({target.url: target for target in targets}.values())


def _extent(options: PinterestOptions) -> Extent:
    return Extent(
        most=options.limit,
        update=options.update,
        retry=options.retry_failed,
        earlier=_pins_of(options.since) if options.since else frozenset(),
        enough=options.known,
    )


def _pins_of(folder: Path) -> frozenset[str]:
    """The pins of an earlier scrape."""
    table = open_inputs([str(folder)])
    if "pin" not in table.columns:
        raise UsageError(f"--since {folder}: not a scrape of Pinterest: it has no column 'pin'")
    return frozenset(row["pin"] for row in table.rows if not row.is_bad)


def _sizes(kept: Kept, source: str) -> dict[str, str]:
    return dict(zip(_SIZES, (size_of(source), size_of(kept.source)), strict=True))
