"""The local shops, as a client and a decoder of another make see them."""

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
import urllib3
from PIL import Image

from sites.clients import pool_of
from sites.server import Sites
from sites.shops import HALT, ITEMS, Shop
from sites.shops_aboutyou import AboutYou, AboutYouLater
from sites.shops_fashionid import FashionId
from sites.shops_generic import GraphShop, LdShop, MicrodataShop, NextShop
from sites.shops_zalando import Zalando, ZalandoCache, ZalandoProps, ZalandoPropsList

FIRST_PAGES = {
    Zalando: "/damenbekleidung-kleider/_rot/?order=activation_date&p={page}",
    ZalandoProps: "/damenbekleidung-kleider/_rot/?order=activation_date&p={page}",
    ZalandoPropsList: "/damenbekleidung-kleider/_rot/?order=activation_date&p={page}",
    ZalandoCache: "/damenbekleidung-kleider/_rot/?order=activation_date&p={page}",
    AboutYou: "/frauen/bekleidung/kleider?bi_color=38931&sort=new&page={page}",
    AboutYouLater: "/frauen/bekleidung/kleider?bi_color=38931&sort=new&page={page}",
    FashionId: "/damen/kleider/farbe-rot/?sortby=newness&page={page}",
    LdShop: "/women/dresses?page={page}",
    NextShop: "/women/dresses?page={page}",
    GraphShop: "/women/dresses?page={page}",
    MicrodataShop: "/women/dresses?page={page}",
}
each_shop = pytest.mark.parametrize("kind", FIRST_PAGES, ids=lambda kind: kind.__name__)
Get = Callable[[str], urllib3.BaseHTTPResponse]


@contextlib.contextmanager
def served(shop: Shop) -> Iterator[Get]:
    with Sites(*shop.sites) as sites, contextlib.ExitStack() as pools:

        def get(url: str) -> urllib3.BaseHTTPResponse:
            parts = urlsplit(url)
            pool = pools.enter_context(pool_of(sites, parts.hostname or shop.host))
            return pool.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)

        yield get


def text_of(answer: urllib3.BaseHTTPResponse) -> str:
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return answer.data.decode()


def sold(shop: Shop, html: str) -> list[int]:
    """The numbers of the products of the list that a page links to, in its order."""
    numbers = {urlsplit(shop.url(item)).path.rpartition("/")[2].removesuffix(".html"): item.number for item in ITEMS}
    found = re.findall(rf"(?<![\w-])({'|'.join(numbers)})(?![\w-])", html.partition("Weitere")[0])
    return [numbers[name] for name in dict.fromkeys(found)]


@each_shop
def test_lists_have_pages_and_the_last_one_is_repeated(kind: type[Shop]) -> None:
    shop = kind()
    with served(shop) as get:
        pages = [sold(shop, text_of(get(FIRST_PAGES[kind].format(page=page)))) for page in range(1, 8)]
    count = 5 if shop.wish(FIRST_PAGES[kind].format(page=1)).color else 10  # type: ignore[union-attr]
    expected = [item.number for item in ITEMS if item.category == "dresses"][:count]
    cut = [expected[at : at + shop.per_page] for at in range(0, count, shop.per_page)]
    assert pages == [*cut, *[cut[-1]] * (7 - len(cut))]


@each_shop
def test_every_product_has_a_page_and_every_photo_is_one(kind: type[Shop]) -> None:
    shop = kind()
    with served(shop) as get:
        for item in shop.items[:4]:
            assert str(item.number) in text_of(get(shop.url(item)))
            assert len(shop.photos(item)) == item.worn + 1
            shown = []
            for url in shop.photos(item):
                answer = get(url)
                image = Image.open(io.BytesIO(answer.data))
                image.load()
                assert (answer.status, f"image/{str(image.format).lower()}") == (200, answer.headers["Content-Type"])
                shown.append(image.convert("RGB").tobytes())
            assert len(set(shown)) == len(shown)
        assert get("/nothing/here").status == 404
        assert get(f"https://{shop.PHOTO_HOSTS[0]}/nothing.jpg").status == 404


@each_shop
def test_a_guard_answers_for_all_pages_but_not_for_robots_and_photos(kind: type[Shop]) -> None:
    shop = kind()
    shop.guard = HALT
    with served(shop) as get:
        assert get(FIRST_PAGES[kind].format(page=1)).data == b'{"edge_error":"halt"}'
        assert get(shop.url(ITEMS[0])).status == 403
        assert get("/robots.txt").status == 404
        assert get(shop.photos(ITEMS[0])[0]).status == 200


def test_a_colour_that_nothing_has_leads_to_all_colours() -> None:
    with served(AboutYou()) as get:
        answer = get("/frauen/bekleidung/kleider?bi_color=38926&sort=new&page=1")
        assert (answer.status, answer.headers["Location"]) == (302, "/frauen/bekleidung/kleider")
        assert "styles__tile--" in text_of(get(answer.headers["Location"]))


@each_shop
def test_the_same_pages_come_without_a_server(kind: type[Shop]) -> None:
    shop = kind()
    urls = [shop.url(ITEMS[0]), f"https://{shop.host}{FIRST_PAGES[kind].format(page=2)}"]
    with served(shop) as get:
        for url in urls:
            assert shop.page(url) == (url, text_of(get(url)))
    assert shop.page(f"https://{shop.host}/nothing/here") == (f"https://{shop.host}/nothing/here", "")
