"""The step of `scrape shop`."""

from collections.abc import Iterator

from fashiontools.core.errors import UsageError
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.scrape.fetcher import Ways
from fashiontools.scrape.listing import Extent
from fashiontools.scrape.receipt import Receipt
from fashiontools.scrape.running import Run
from fashiontools.scrape.shop.options import ShopOptions
from fashiontools.scrape.shop.pages import COLUMNS, Shop, ShopList
from fashiontools.scrape.shop.sites.site import Query
from fashiontools.scrape.shop.table import SITES, open_site
from fashiontools.scrape.shop.thesis_csv import with_data_csv
from fashiontools.scrape.store import Place
from fashiontools.scrape.web.client import Client


def shop(names: list[str], options: ShopOptions, out: Output, progress: Progress) -> Table:
    """Fetch the products of fashion shops.

    Args:
        names: Names of shops, and URLs of lists or products.
        options: What, how patient and how polite.
        out: Where the photos go.
        progress: Where progress goes.

    Returns:
        A row for each photo with its file as `path`, its URL as `source`, its product as `group`, `view` (`product` is
        the garment alone, `model` worn, empty unknown), and what the shop says of the product.

    Raises:
        UsageError: No shop, an unknown one, or one that does not have what is wanted.
        Unavailable: The shop cannot be had, or does not want us.
    """
    if options.list and options.csv is not None:
        raise UsageError("--csv thesis writes a folder, and --list writes none: give one of the two")
    if not names:
        raise UsageError(f"no shop: name one ({', '.join(SITES)}), or the URL of a list of products")
    client = Client(options)
    lists = list({found.site.start: found for name in names for found in _lists(name, options)}.values())
    receipt = Receipt()
    extent = Extent(most=options.limit, update=options.update, retry=options.retry_failed, enough=options.known)
    site = Shop(lists, extent, client, receipt, progress, names_by_product=options.csv == "thesis")
    run = Run(options, out, progress, client, receipt, ready=site.ready)
    listed = Table(COLUMNS, run.ahead(site.rows(run.folder)))
    if options.list:
        return run.listed(listed)
    if options.csv != "thesis":
        return run.fetched(listed, Ways())
    table = run.fetched(listed, Ways(place=_after_its_product))
    return table if options.dry_run else Table(table.columns, with_data_csv(table.rows, out.path("")))


def _lists(name: str, options: ShopOptions) -> Iterator[ShopList]:
    site = open_site(name)
    for category in _words(options.category):
        for color in _words(options.color):
            for url, query in site.list_urls(Query(options.department, category, color)):
                yield ShopList(open_site(url), query)


def _words(text: str | None) -> list[str | None]:
    return [None] if text is None else [word.strip() for word in text.split(",")]


def _after_its_product(row: Row) -> Place:
    folder, _, stem = row.name.rpartition("/")
    return Place(folder, stem)
