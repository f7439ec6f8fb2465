"""Local copies of fashion shops: what they sell, list pages with paging, product pages, hosts of photos.

A shop's own file, `shops_NAME.py`, says how its addresses and pages look.
"""

import hashlib
import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from sites import pictures
from sites.server import Answer, Request, Site

NBSP = "\u00a0"
HALT = Answer(status=403, body=b'{"edge_error":"halt"}', headers={"Content-Type": "application/json"})
"""How Akamai says that it takes us for a program; the shops have it as their `guard`."""

_BRANDS = ("Maria & Söhne", "s.Oliver BLACK LABEL", "Ørsted")
_NAMES = {"dresses": "Jerseykleid", "blouses": "Hemdbluse", "skirts": "Faltenrock"}


@dataclass(frozen=True)
class Item:
    """A product: its number, kind and colour in English, and what else shops say of it in German."""

    number: int
    category: str
    color: str
    worn: int = 3

    @property
    def name(self) -> str:
        return f'{_NAMES[self.category]} "No. {self.number}"'

    @property
    def brand(self) -> str:
        return _BRANDS[self.number % len(_BRANDS)]

    @property
    def price(self) -> str:
        return f"{1_000 + self.number}.95"

    @property
    def german_price(self) -> str:
        return f"1.{self.number:03},95{NBSP}€"

    @property
    def tags(self) -> tuple[str, ...]:
        """Attributes; their keys end with a hard space, and some values have commas."""
        return (
            f"Passform:{NBSP}schmal",
            f"Länge:{NBSP}knielang",
            f"Material Oberstoff:{NBSP}98% Baumwolle, 2% Elasthan",
            f"Gesamtlänge:{NBSP}91,5 cm bei Größe 38",
            "Rundhals-Ausschnitt",
            "Unifarben",
        )

    @property
    def plain_tags(self) -> tuple[str, ...]:
        return tuple(tag.replace(NBSP, " ") for tag in self.tags)

    def md5(self, photo: int) -> str:
        """32 hexadecimal digits for one of its photos, as image hosts have them."""
        return hashlib.md5(f"{self.number}-{photo}".encode(), usedforsecurity=False).hexdigest()


ITEMS = tuple(
    Item(100 * kind + 10 * shade + at, category, color, worn=(at + 2) % 4)
    for kind, category in enumerate(("dresses", "blouses"), 1)
    for shade, color in enumerate(("red", "blue"))
    for at in range(5)
)
"""Five dresses and five blouses each in red and in blue; some are shown worn by nobody."""


@dataclass(frozen=True)
class Wish:
    """What a list page is asked for: whose slugs, if they are the address's own, and the number of the page."""

    category: str = ""
    color: str = ""
    page: int = 1


class PhotoHost(Site):
    """A host of photos; it has those of a shop and nothing else, whatever query is added."""

    def __init__(self, host: str, urls: Iterable[str], robots: Answer | None = None) -> None:
        super().__init__(host, robots)
        self._photos = {parts.path for parts in map(urlsplit, urls) if parts.hostname == host}

    def answer(self, request: Request) -> Answer:
        path = request.path.partition("?")[0]
        if path not in self._photos:
            return Answer(status=404)
        name = path.rpartition("/")[2]
        suffix = name.rpartition(".")[2]
        kind = suffix if suffix in pictures.TYPES else "jpg"
        return Answer(body=pictures.picture(path, kind), headers={"Content-Type": pictures.TYPES[kind]})


class Shop(Site):
    """A shop with `per_page` products on a list page.

    A page after the last one is the last one again. A test may set `guard`, an answer that is given instead of all.
    """

    HOST: str
    PHOTO_HOSTS: tuple[str, ...]
    per_page = 2

    def __init__(self, items: Sequence[Item] = ITEMS, robots: Answer | None = None) -> None:
        super().__init__(self.HOST, robots)
        self.items = tuple(items)
        self.guard: Answer | None = None

    @property
    def sites(self) -> tuple[Site, ...]:
        """The shop and the hosts of its photos."""
        urls = [f"https:{url}" if url.startswith("//") else url for item in self.items for url in self.photos(item)]
        return (self, *(PhotoHost(host, urls) for host in self.PHOTO_HOSTS))

    def answer(self, request: Request) -> Answer:
        if self.guard is not None:
            return self.guard
        for item in self.items:
            if request.path.partition("?")[0] == urlsplit(self.url(item)).path:
                return page_of(self.product_page(item))
        wish = self.wish(request.path)
        return Answer(status=404) if wish is None else self.answer_list(wish)

    def page(self, url: str) -> tuple[str, str]:
        """A page without any server: where it is found, after redirects, and its HTML, empty where there is none."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        answer = self.answer(Request(str(parts.hostname), "GET", path, {}, b"", "https", 443, 0, 0.0))
        if "Location" in answer.headers:
            return self.page(urljoin(url, answer.headers["Location"]))
        return url, answer.body.decode()

    def answer_list(self, wish: Wish) -> Answer:
        return page_of(self.list_html(wish))

    def list_html(self, wish: Wish) -> str:
        """A list page."""
        items = self.wanted(wish)
        last = max(1, -(-len(items) // self.per_page))
        page = min(wish.page, last)
        return self.list_page(items[(page - 1) * self.per_page : page * self.per_page], page, last)

    def wanted(self, wish: Wish) -> list[Item]:
        """The products of a list, on all its pages."""
        return [
            item
            for item in self.items
            if wish.category in ("", self.slugs(item)[0]) and wish.color in ("", self.slugs(item)[1])
        ]

    def slugs(self, item: Item) -> tuple[str, str]:
        """The shop's own words for a product's kind and colour."""
        return item.category, item.color

    @abstractmethod
    def url(self, item: Item) -> str:
        """The address of a product."""

    @abstractmethod
    def photos(self, item: Item) -> list[str]:
        """The addresses of a product's photos in their largest size, the packshot first."""

    @abstractmethod
    def wish(self, path: str) -> Wish | None:
        """What an address asks for, if it is a list's."""

    @abstractmethod
    def list_page(self, items: Sequence[Item], page: int, last: int) -> str:
        """A list page with these products."""

    @abstractmethod
    def product_page(self, item: Item) -> str:
        """The page of a product."""


def page_of(html: str) -> Answer:
    return Answer(body=html.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def number_in(path: str, parameter: str) -> int:
    """The number of a list page in a query; 1 where there is none."""
    found = re.search(rf"[?&]{parameter}=(\d+)", path)
    return int(found[1]) if found else 1
