"""The table of shops: those that have a file of their own, and how a name or a URL finds its site."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fashiontools.core.errors import UsageError
from fashiontools.core.registry import Entry, lookup

if TYPE_CHECKING:
    from fashiontools.scrape.shop.sites.site import ShopSite

_USER = re.compile(r"//[^/?#]*@")

SITES: dict[str, Entry] = {
    "zalando": Entry(
        target="fashiontools.scrape.shop.sites.zalando:Zalando",
        summary="zalando.de: the pages of 2018, and later ones by the data in their scripts.",
        source="seed 003, section 3.1.3",
    ),
    "aboutyou": Entry(
        target="fashiontools.scrape.shop.sites.aboutyou:AboutYou",
        summary="aboutyou.de: the pages of 2018, and later ones by what they tell search engines.",
        source="seed 003, section 3.1.3",
    ),
    "fashionid": Entry(
        target="fashiontools.scrape.shop.sites.fashionid:FashionId",
        summary="fashionid.de, as it was in 2018.",
        source="seed 003, section 3.1.3",
    ),
}


def open_site(word: str) -> "ShopSite":
    """The site that a word of the command line means: a name of the table, or the URL of a list or a product.

    A URL of a shop in the table is read by that shop's site, any other by the reader that knows no shop.

    Raises:
        UsageError: Neither a name that is known nor a URL.
    """
    if "://" not in word:
        return lookup(SITES, word, "shop").load()()
    try:
        host = urlsplit(word).hostname
    except ValueError:
        host = None
    if not host:
        raise UsageError(f"{word}: not a URL; expected https://HOST/...")
    if "@" in urlsplit(word).netloc:
        raise UsageError(f"{_USER.sub('//***@', word)}: a user or password stands in the URL")
    from fashiontools.scrape.shop.sites.generic import GenericSite

    for entry in SITES.values():
        site = entry.load()
        if host in site.hosts:
            return site(word)
    return GenericSite(word)
