"""The step of `scrape urls`."""

from fashiontools.core.inputs import select
from fashiontools.core.manifest import Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.scrape.fetcher import Ways
from fashiontools.scrape.receipt import Receipt
from fashiontools.scrape.running import Run
from fashiontools.scrape.urls.lists import read_lists
from fashiontools.scrape.urls.options import UrlsOptions
from fashiontools.scrape.web.client import Client

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
    return Run(options, out, progress, Client(options), Receipt()).fetched(table, Ways(), _AT_ONCE)
