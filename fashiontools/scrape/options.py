"""The table of scrapers, and the options of everything that fetches."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from fashiontools.core.command import Command
from fashiontools.core.errors import UsageError
from fashiontools.core.options import ErrorOptions, Mark, RetryOptions, flag, panel

_network = panel("Network")
_rules = panel("Rules of the site")
_what = panel("What to fetch")
_again = panel("Again")


@dataclass(frozen=True, kw_only=True)
class FetchOptions(RetryOptions, ErrorOptions):
    """For commands that fetch photos."""

    workers: Annotated[
        int | None,
        _network(
            min=1,
            metavar="N",
            show_default=False,
            help="Photos at a time, where they come from several hosts. Default: 8 of a list, else 2.",
        ),
        Mark.RUN,
    ] = None
    size: Annotated[
        int | None,
        typer.Option(
            min=4, metavar="N", show_default=False, help="Store squares of this side as JPEG. Default: as it came."
        ),
        Mark.RESULT,
    ] = None
    fit: Annotated[
        Literal["crop", "pad", "stretch"],
        typer.Option(help="With --size: how a photo becomes square; pad: with white."),
        Mark.RESULT,
    ] = "pad"
    delay: Annotated[
        float,
        _network(min=0, metavar="SECONDS", help="Pause between two requests to a host, and up to half of it more."),
        Mark.RUN,
    ] = 1.0
    timeout: Annotated[
        float,
        _network(
            min=0.1,
            metavar="SECONDS",
            help="A server that says nothing for so long, or a file that takes ten times as long, is given up.",
        ),
        Mark.RUN,
    ] = 30.0
    retries: Annotated[
        int, _network(min=0, help="Further tries after 408, 429, 5xx or a broken connection, ever later."), Mark.RUN
    ] = 4
    max_wait: Annotated[
        float,
        _network(min=0, metavar="SECONDS", help="The longest wait that a server may ask for; more ends the try."),
        Mark.RUN,
    ] = 120.0
    max_bytes: Annotated[int, _network(min=1, help="Larger files are left alone."), Mark.RUN] = 50_000_000
    contact: Annotated[
        str,
        _rules(
            metavar="TEXT",
            show_default=False,
            help="An address or URL for the site's owner, told with each request as part of our name.",
        ),
        Mark.RUN,
    ] = ""
    ignore_robots: Annotated[bool, _rules("--ignore-robots", help="Fetch also what robots.txt refuses."), Mark.RUN] = (
        False
    )
    ignore_noai: Annotated[
        bool,
        _rules("--ignore-noai", help="Fetch also what its server keeps from training (X-Robots-Tag: noai)."),
        Mark.RUN,
    ] = False
    allow_http: Annotated[
        bool, _network("--allow-http", help="Fetch also over http, which anybody on the way can read."), Mark.RUN
    ] = False
    connect_to: Annotated[
        list[str] | None,
        _network(
            metavar="HOST:PORT:HOST2:PORT2",
            show_default=False,
            help="Connect to HOST2:PORT2 instead, as curl does; may be private. Repeat it for more hosts.",
        ),
        Mark.RUN,
    ] = None
    cacert: Annotated[
        Path | None,
        _network(metavar="FILE", show_default=False, help="Trust this certificate (PEM) where --connect-to leads."),
        Mark.RUN,
    ] = None

    def __post_init__(self) -> None:
        """Refuse what cannot be sent or read.

        Raises:
            UsageError: A fit without a size, a time without end, a contact of several lines, or no such certificate.
        """
        if self.size is None and self.fit != type(self).fit:
            raise UsageError("--fit says how a photo becomes square: give --size N too")
        for name in ("delay", "timeout", "max_wait"):
            if not math.isfinite(getattr(self, name)):
                raise UsageError(f"{flag(name)} {getattr(self, name)}: expected a number of seconds")
        if not (self.contact.isascii() and self.contact.isprintable()):
            raise UsageError("--contact: expected one line of plain ASCII, for example mail@example.org")
        if self.cacert is not None:
            _check_certificate(self.cacert)


@dataclass(frozen=True, kw_only=True)
class ListedOptions(FetchOptions):
    """For commands that find the photos of a site's lists themselves."""

    limit: Annotated[
        int | None,
        _what(min=1, metavar="N", show_default=False, help="Only the first N pins or products of each list."),
        Mark.RUN,
    ] = None
    list: Annotated[
        bool, _what("--list", help="Print the rows, with a URL as source and no path; write nothing."), Mark.RUN
    ] = False
    update: Annotated[
        bool, _again("--update", help="Ask again for what was listed to its end; fetch what is new."), Mark.RUN
    ] = False
    known: Annotated[
        int, _again(min=1, help="With --update (or --since): stop after so many known ones in a row."), Mark.RUN
    ] = 50

    def folder(self, default: str | None) -> Path | None:
        """Where the command writes; nowhere with `--list`."""
        return None if self.list else super().folder(default)


def _check_certificate(file: Path) -> None:
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except ssl.SSLError:
        raise UsageError(f"--cacert {file}: not a certificate in PEM form") from None
    except OSError as error:
        raise UsageError(f"--cacert {file}: {error.strerror}") from None


SCRAPERS = {
    "pinterest": Command(
        target="fashiontools.scrape.pinterest.options:PinterestOptions",
        step="fashiontools.scrape.pinterest.step:pinterest",
        summary="Fetch the photos of Pinterest's boards and searches.",
        source="seed 002, section 3.2.1",
        inputs=None,
        folder="pinterest",
        kind="scraper",
    ),
    "shop": Command(
        target="fashiontools.scrape.shop.options:ShopOptions",
        step="fashiontools.scrape.shop.step:shop",
        summary="Fetch the products of fashion shops: photos and words.",
        source="seed 003, section 3.1.3",
        inputs="Names of shops (zalando, aboutyou, fashionid), or URLs of lists of products.",
        folder="shop",
        kind="scraper",
    ),
    "urls": Command(
        target="fashiontools.scrape.urls.options:UrlsOptions",
        step="fashiontools.scrape.urls.step:urls",
        summary="Fetch the photos of a list of URLs.",
        source="-",
        inputs="CSV files with a column of URLs, or texts with one URL a line; - is standard input.",
        folder="urls",
        kind="scraper",
    ),
}
