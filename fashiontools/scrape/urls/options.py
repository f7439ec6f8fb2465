"""Options of `scrape urls`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fashiontools.core.options import Mark, PhotoOptions
from fashiontools.scrape.options import FetchOptions


@dataclass(frozen=True, kw_only=True)
class UrlsOptions(FetchOptions, PhotoOptions):
    """Fetch the photos of a list of URLs.

    A CSV file has its URLs in the column `source`, else in `path`; its other columns are copied. Any other text has one
    URL a line. Each URL is fetched once: what is in the folder is not asked for again. The site's robots.txt is read
    first, and obeyed; one request at a time goes to a host, with a pause between two.

    Example: fashiontools scrape urls list.csv -o photos --contact me@example.org
    """

    column: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default=False, help="The column of the URLs. Default: source, else path."),
        Mark.RESULT,
    ] = None
