"""The lists and products of shops, page by page; each product's page is asked for once."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fashiontools.core.errors import BadRow, Unavailable
from fashiontools.core.manifest import Row, failed, readable
from fashiontools.core.progress import Progress
from fashiontools.scrape.listing import Extent, Found, Listing, list_targets
from fashiontools.scrape.receipt import Receipt
from fashiontools.scrape.shop.product import Product
from fashiontools.scrape.shop.sites.answers import html_of
from fashiontools.scrape.shop.sites.site import Query, ShopSite
from fashiontools.scrape.shop.thesis_csv import group_of, names_of
from fashiontools.scrape.web.client import AGENT, Client
from fashiontools.scrape.web.robots import keeps_from_training

WORDS = ("brand", "name", "price", "currency", "category", "color")
COLUMNS = ("path", "source", "group", "view", *WORDS, "attributes", "description", "page")


@dataclass(frozen=True)
class ShopList:
    """One list of a shop.

    Attributes:
        site: Reads its pages; begins at this list.
        query: What is in it.
    """

    site: ShopSite
    query: Query


class Shop:
    """The lists of a run.

    Args:
        lists: In their order.
        extent: How far each is looked through.
        client: Gets the pages.
        receipt: Told what the shop says of each list.
        progress: Told what cannot be had.
        names_by_product: Whether rows are named after their product, for seed 003's layout.
    """

    def __init__(
        self,
        lists: list[ShopList],
        extent: Extent,
        client: Client,
        receipt: Receipt,
        progress: Progress,
        *,
        names_by_product: bool,
    ) -> None:
        self._lists = lists
        self._extent = extent
        self._client = client
        self._receipt = receipt
        self._progress = progress
        self._names_by_product = names_by_product

    def rows(self, folder: Path | None) -> Iterator[Row]:
        """The rows of all lists.

        Args:
            folder: Where what was listed is remembered; None remembers nothing.

        Raises:
            Unavailable: The shop cannot be had, or does not want us.
        """
        listing = Listing(folder)
        starts = [shop_list.site.start for shop_list in self._lists]
        searches = [(one.site.start, _Search(one, listing, starts, self)) for one in self._lists]
        yield from list_targets(listing, searches, self._extent, self._receipt, self._progress)
        if not any(map(listing.keys, starts)):
            for start in starts:
                listing.end(start, {"complete": False})  # a page that we cannot read is no empty list
            raise Unavailable(f"{starts[0]}: no product there", "is it a list of products?")

    def ready(self) -> None:
        """See whether there is anything to be had, before what is old goes.

        Raises:
            Unavailable: The first list may not be asked for, or its host is not there.
        """
        try:
            self._client.ask_leave(self._lists[0].site.start)
        except BadRow as error:
            raise Unavailable(f"{self._lists[0].site.start}: {error.message}", error.hint) from None

    def page(self, url: str) -> tuple[str, str]:
        """A page, and where it was found after redirects."""
        reply = self._client.get(url)
        if self._client.obeys_noai and keeps_from_training(reply.headers.getlist("X-Robots-Tag"), AGENT):
            raise BadRow("its server says noai: it is not for training", "--ignore-noai")
        return reply.url, html_of(reply)

    def rows_of(self, shop_list: ShopList, url: str) -> list[Row]:
        """The rows of a product: one for each photo, or a bad one that says why there is none."""
        site = shop_list.site
        try:
            product = site.read_product(*reversed(self.page(url)), shop_list.query)
        except BadRow as error:
            known = {"category": shop_list.query.category or "", "color": shop_list.query.color or ""}
            values = dict.fromkeys(COLUMNS, "") | known | {"group": group_of(site.name, url), "page": url}
            return [failed(Row(values, url), error)]
        group = readable(site.group(product))
        rows = [Row(_values(product, group, number), f"{group}-{number}") for number in range(len(product.images))]
        if not self._names_by_product:
            return rows
        return [Row(row, name) for row, name in zip(rows, names_of(rows, self._lists[0].site.name), strict=True)]


class _Search:
    """A list that is looked through when it is asked for."""

    def __init__(self, shop_list: ShopList, listing: Listing, starts: list[str], shop: Shop) -> None:
        self._list = shop_list
        self._others = [listing.keys(start) for start in starts if start != shop_list.site.start]
        self._shop = shop
        self._facts: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Found]:
        self._facts = {"expected": "", "found": 0, "ended_by": "", "complete": False}
        try:
            for page in self._list.site.follow(self._list.site.start, self._shop.page):
                self._facts["expected"] = str(page.expected or self._facts["expected"])
                for url in page.products:
                    self._facts["found"] += 1
                    if not any(url in keys for keys in self._others):  # it stands in another list too
                        yield Found(url, lambda url=url: self._shop.rows_of(self._list, url))
        except BadRow as error:
            raise Unavailable(f"{self._list.site.start}: {error.message}", error.hint) from None
        self._facts |= {"ended_by": "end", "complete": True}

    def facts(self) -> dict[str, Any]:
        """What the shop says of the list."""
        return self._facts


def _values(product: Product, group: str, number: int) -> dict[str, str]:
    """The columns of one photo of a product."""
    image = product.images[number]
    words = {name: readable(getattr(product, name)) for name in (*WORDS, "description")}
    told = {"attributes": readable(", ".join(product.attributes)), "page": product.url}
    return {
        name: ({"path": "", "source": image.url, "group": group, "view": image.view} | words | told)[name]
        for name in COLUMNS
    }
