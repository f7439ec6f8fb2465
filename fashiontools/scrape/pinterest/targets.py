"""What is to be scraped: boards, sections, searches; their addresses and their columns."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_plus, unquote

from fashiontools.core.errors import BadRow, Unavailable, UsageError
from fashiontools.scrape.web.addresses import Target as Address
from fashiontools.scrape.web.addresses import parse, redacted
from fashiontools.scrape.web.client import Client

HOME = "https://www.pinterest.com"
SHORT = "pin.it"
# Seed 002, section 3.2, as it spells them.
HOUSES = (
    "Balenciaga", "Bluemarine", "Burberry", "Chanel", "Chloe", "Dior", "Elisabetta Franchi", "Fendi", "GCDS",
    "Givenchy", "Gucci", "Hermes", "Louis Vuitton", "Max Mara", "Michael Kors", "Missoni", "Prada", "Valentino",
    "Versace", "Yves Saint Laurent",
)  # fmt: skip
_SITE = re.compile(r"(?:[a-z]{2,3}\.|www\.)?pinterest(?:\.[a-z]{2,3}){1,2}")
_SEASON = re.compile(r"([A-Za-z]+)-?((?:19|20)\d\d|\d\d)")


@dataclass(frozen=True)
class Target:
    """One board, section or search.

    Attributes:
        url: Its page.
        name: What it is called in messages, and its folder where there are several.
        columns: What its rows say beside what the pin says.
        is_board: Whether it has an end of its own, and a count.
    """

    url: str
    name: str
    columns: dict[str, str] = field(default_factory=dict)
    is_board: bool = False


def slug(text: str) -> str:
    """A name for a folder: lower-case ASCII letters, digits and `-`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]
    return name or "name-" + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def read_brands(named: str) -> tuple[str, ...]:
    """The brands of a list: `thesis` for seed 002's twenty houses, else a file with one a line (`#` begins a comment).

    Raises:
        UsageError: There is no such file, no brand in it, or two that get the same folder.
    """
    if named == "thesis":
        return HOUSES
    try:
        text = Path(named).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text in UTF-8"
        raise UsageError(f"--brands {named}: {reason} (a file with one brand a line, or thesis)") from None
    brands = tuple(dict.fromkeys(line for raw in text.splitlines() if (line := raw.partition("#")[0].strip())))
    if not brands:
        raise UsageError(f"--brands {named}: no brand in it; one a line is expected")
    by_slug: dict[str, str] = {}
    for brand in brands:
        if (other := by_slug.setdefault(slug(brand), brand)) != brand:
            raise UsageError(f"--brands {named}: {other!r} and {brand!r} would share the folder {slug(brand)!r}")
    return brands


def searches(brands: Iterable[str], seasons: str | None, keyword: str) -> Iterator[Target]:
    """The searches for brands: `prada runway`, and `prada runway SS2020` for a season.

    Raises:
        UsageError: A season is not a word and a year.
    """
    wanted = [season.strip() for season in seasons.split(",")] if seasons is not None else [None]
    for brand in brands:
        for season in wanted:
            query = " ".join(filter(None, (brand.lower(), keyword, season)))
            columns = {"brand": brand, "query": query, **_season_columns(season)}
            yield Target(f"{HOME}/search/pins/?q={quote_plus(query)}&rs=typed", slug(brand), columns)


def _season_columns(season: str | None) -> dict[str, str]:
    if season is None:
        return {}
    found = _SEASON.fullmatch(season)
    if found is None:
        raise UsageError(f"--season {season!r}: expected a season and a year, for example SS2020 or FW2020,SS2021")
    year = found[2] if len(found[2]) == 4 else f"20{found[2]}"
    return {"season": found[1].upper(), "year": year}


def board_of(url: str, client: Client) -> Target:
    """The board, section or profile page of a URL; a short link is followed.

    Raises:
        UsageError: It is none of Pinterest's, or a single pin, or a short link that leads nowhere.
        Unavailable: A short link cannot be followed now.
    """
    try:
        target = parse(url)
    except BadRow as error:
        raise UsageError(f"--board {redacted(url)}: {error}") from None
    if target.host == SHORT:
        target = _followed(url, client)
    path = target.path.partition("?")[0].strip("/")
    parts = [unquote(part) for part in path.split("/") if part]
    if not _SITE.fullmatch(target.host) or not 1 < len(parts) < 4 or parts[0] in ("pin", "search", "ideas"):
        raise UsageError(f"--board {url}: not a board; it looks like {HOME}/USER/BOARD/")
    return Target(f"{target.origin}/{path}/", "-".join(map(slug, parts[1:])), {"board": "/".join(parts)}, is_board=True)


def _followed(url: str, client: Client) -> Address:
    try:
        reply = client.get(url)
        if reply.status < 400:
            return parse(reply.url)
    except BadRow as error:
        raise Unavailable(f"--board {url} cannot be followed: {error.message}", error.hint) from None
    raise UsageError(f"--board {url}: the link leads nowhere (HTTP {reply.status})")


def folder_of(row: Mapping[str, str]) -> str:
    """The folder of a row's photo where there are several: of its brand, or of its board."""
    if row.get("brand"):
        return slug(row["brand"])
    return "-".join(map(slug, row["board"].split("/")[1:]))


def hosts_of(targets: Iterable[Target], *, signs_in: bool = False) -> tuple[str, ...]:
    """The hosts that the pages of targets need, and where they sign in those of the login."""
    own = {parse(url).host for url in (*(target.url for target in targets), *([HOME] if signs_in else []))}
    sites = {re.sub(r"^[a-z]+\.(?=pinterest\.)", "", host) for host in own}
    return tuple(sorted({*own, *(f"*.{site}" for site in sites), "*.pinimg.com"}))
