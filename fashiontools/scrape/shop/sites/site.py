"""What is special about a shop: its names, its words, its list pages and the layout of its product pages."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import ClassVar
from urllib.parse import urlsplit

from fashiontools.core.errors import BadRow, Unavailable, UsageError, near
from fashiontools.scrape.shop.product import Image, Product
from fashiontools.scrape.shop.reader.document import Document
from fashiontools.scrape.shop.reader.page import ListPage, read_list, read_product
from fashiontools.scrape.shop.sites.answers import Gone, challenge_in
from fashiontools.scrape.shop.thesis_csv import group_of

Fetch = Callable[[str], tuple[str, str]]
"""Gets a page: from its URL to the URL where it was found, after redirects, and its HTML."""

_NOTHING = ListPage((), None, None)


@dataclass(frozen=True)
class Query:
    """What is wanted of a shop, in our English words or the shop's own.

    Attributes:
        department: Whose clothes.
        category: A kind of garment; None is each that the shop has.
        color: None is each that the shop can search for.
    """

    department: str = "women"
    category: str | None = None
    color: str | None = None


class ShopSite:
    """A shop. A subclass says what is special about one, in attributes, and overrides what its pages do differently.

    Args:
        start: The URL of a list to begin at, instead of those of the shop's categories.

    Attributes:
        name: What it is called on the command line and in the column `group`.
        hosts: Its pages' hosts; a URL of one of them is read by this site.
        image_hosts: Its photos' hosts.
        language: Of its words, as in `lang` of HTML.
        departments: Our word to its own.
        categories: Our word to its own, of which it may have several.
        colors: Our word to its own.
        list_url: A list page: `{department}`, `{category}`, `{color}` and `{page}`, from 1, stand for its own words.
    """

    name: str = ""
    hosts: ClassVar[tuple[str, ...]] = ()
    image_hosts: ClassVar[tuple[str, ...]] = ()
    language: ClassVar[str] = ""
    departments: ClassVar[Mapping[str, str]] = {}
    categories: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    colors: ClassVar[Mapping[str, str]] = {}
    list_url: ClassVar[str] = ""

    def __init__(self, start: str = "") -> None:
        self.start = start

    def group(self, product: Product) -> str:
        """What the photos of a product share in the column `group`."""
        return group_of(self.name, product.id)

    def list_urls(self, query: Query) -> Iterator[tuple[str, Query]]:
        """The first page of each list that is wanted, and what is in it, in our words.

        Every category comes in every colour: no shop says on its pages which of these words a product has. A site that
        was given a start has that list alone, and the query says what is in it.

        Raises:
            UsageError: The shop does not have what is wanted; the message gives the near words.
        """
        if self.start:
            return iter([(self.start, query)])
        ((_, (department,)),) = self._wanted("department", _listed(self.departments), query.department)
        categories = self._wanted("category", self.categories, query.category)
        colors = self._wanted("color", _listed(self.colors), query.color)
        return (
            (
                self.list_url.format(department=department, category=slug, color=code, page=1),
                replace(query, category=category, color=color),
            )
            for category, slugs in categories
            for color, (code,) in colors
            for slug in slugs
        )

    def _wanted(
        self, kind: str, words: Mapping[str, tuple[str, ...]], wish: str | None
    ) -> list[tuple[str, tuple[str, ...]]]:
        if wish is None:
            return list(words.items())
        if wish in words:
            return [(wish, words[wish])]
        for word, slugs in words.items():
            if wish in slugs:
                return [(word, (wish,))]
        raise UsageError(f"{self.name} has no {kind} {wish!r}: {near(wish, words)}")

    def lists(self, query: Query, fetch: Fetch) -> Iterator[tuple[Query, ListPage]]:
        """The pages of all lists that are wanted, and what is in them; see `list_urls` and `follow`."""
        for asked, part in self.list_urls(query):
            for page in self.follow(asked, fetch):
                yield part, page

    def follow(self, asked: str, fetch: Fetch) -> Iterator[ListPage]:
        """The pages of a list, each with the products that the pages before it did not have; the first may have none.

        A list ends with the page that names no next one, that names one which was read, or that has nothing new: shops
        repeat their last page, or the first one, where there is no further.

        Args:
            asked: Its first page.
            fetch: Gets pages. It raises `Gone` for one that is not there, `BadRow` for one that cannot be had.

        Raises:
            Unavailable: A page asks for proof that we are no program, or cannot be had now.
        """
        had: set[str] = set()
        read: set[str] = set()
        url: str | None = asked
        while url and url not in read:
            read.add(url)
            page = self._page(asked, url, fetch)
            new = tuple(product for product in dict.fromkeys(page.products) if product not in had)
            if new or not had:
                yield replace(page, products=new)
            had.update(new)
            url = page.next if new else None

    def _page(self, asked: str, url: str, fetch: Fetch) -> ListPage:
        try:
            found, html = fetch(url)
            if not self.is_asked_for(asked, found):
                return _NOTHING
            page = self.read_list(html, found)
        except Gone:  # as some shops say that there is no further page
            return _NOTHING
        except BadRow as error:
            again = "run it again later, or scrape urls, which works anywhere"
            raise Unavailable(f"the list {url} cannot be read: {error.message}", error.hint or again) from None
        if not page.products:
            self._refuse_challenge(html, found)
        return page

    def is_asked_for(self, asked: str, found: str) -> bool:
        """Whether the list that was found, after redirects, is still the one that was asked for."""
        return True

    def read_list(self, html: str, url: str) -> ListPage:
        """Read a list page: as this shop lays it out, else as any shop might.

        Args:
            html: The page.
            url: Where it was found.

        Raises:
            BadRow: No page is so large.
        """
        return self.own_list(Document(html, url)) or read_list(html, url)

    def read_product(self, html: str, url: str, query: Query = Query()) -> Product:
        """Read a product page: as this shop lays it out, and what that leaves empty as any shop might have it.

        Args:
            html: The page.
            url: Where it was found.
            query: What was searched for: its words are those of the product.

        Raises:
            BadRow: There is no product on the page, or none with a number and photos.
            Unavailable: The page asks for proof that we are no program.
        """
        own = self.own_product(Document(html, url)) or Product(id="", url=url)
        try:
            other = read_product(html, url)
        except BadRow:
            if not (own.id and own.images):
                self._refuse_challenge(html, url)
                raise
            other = own
        names = [field.name for field in fields(Product)]
        found = Product(**{name: getattr(own, name) or getattr(other, name) for name in names})
        if not found.id:
            raise BadRow("a product without a number")
        if not found.images:
            raise BadRow("a product without photos")
        searched = {"category": query.category or found.category, "color": query.color or found.color}
        return replace(found, images=self.viewed(found.images), **searched)

    def own_list(self, page: Document) -> ListPage | None:
        """What is on a list page that has this shop's own layout; None where it has not."""
        return None

    def own_product(self, page: Document) -> Product | None:
        """What is on a product page that has this shop's own layout; what it does not find is empty, the id too."""
        return None

    def viewed(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        """The photos of a product, with what they show where this shop tells it."""
        return images

    def _refuse_challenge(self, html: str, url: str) -> None:
        guard = challenge_in(html)
        if guard:
            raise Unavailable(
                f"{urlsplit(url).hostname} asks whether we are a program ({guard}): we are, and stop here"
            )


def _listed(words: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {word: (slug,) for word, slug in words.items()}


def packshot_first(images: tuple[Image, ...]) -> tuple[Image, ...]:
    """The photos of a product, of a shop that shows the garment alone in the first and worn in all others."""
    return tuple(replace(image, view=image.view or ("model" if at else "product")) for at, image in enumerate(images))


def next_page(url: str, parameter: str, last: int) -> str | None:
    """The URL of the page after this one.

    Args:
        url: Of this page.
        parameter: Of the query, whose value is the page's number; without it this is page 1.
        last: The number of the last page.
    """
    address, _, query = url.partition("#")[0].partition("?")
    page = re.search(rf"(?:^|&){re.escape(parameter)}=(\d+)(?=&|$)", query)
    number = int(page[1]) if page else 1
    if number >= last:
        return None
    others = [part for part in query.split("&") if part and not part.startswith(f"{parameter}=")]
    return f"{address}?{'&'.join([*others, f'{parameter}={number + 1}'])}"


def last_number(text: str) -> int:
    """The last number in a text, of six digits at most: "Seite 1 von 428" has 428; 1 where there is none."""
    return max(1, int(([*re.findall(r"[0-9]{1,6}", text)] or ["1"])[-1]))
