"""What every shop of the table promises, and how sites are found, asked, and refused."""

import importlib
import inspect
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_checks import alone, read
from sites.shops import HALT, Shop
from urllib3 import HTTPHeaderDict

from fashiontools.core.errors import BadRow, Unavailable, UsageError
from fashiontools.scrape.shop.reader.page import ListPage
from fashiontools.scrape.shop.sites.answers import Gone, html_of
from fashiontools.scrape.shop.sites.generic import GenericSite
from fashiontools.scrape.shop.sites.site import Query, ShopSite, last_number, next_page
from fashiontools.scrape.shop.table import SITES, open_site
from fashiontools.scrape.web.client import Reply

HERE = Path(__file__).parent
each_site = pytest.mark.parametrize("name", list(SITES))


def copies(name: str) -> list[Shop]:
    """The local copies of a shop: of each era of its pages."""
    module = importlib.import_module(f"sites.shops_{name}")
    kinds = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__]
    return [kind() for kind in kinds if issubclass(kind, Shop)]


@each_site
def test_a_site_has_words_hosts_and_a_list(name: str) -> None:
    site = open_site(name)
    assert isinstance(site, ShopSite)
    assert site.name == name
    assert site.hosts and site.image_hosts and re.fullmatch(r"[a-z]{2}", site.language)
    assert "women" in site.departments and site.categories and site.colors
    slugs = [slug for slugs in site.categories.values() for slug in slugs]
    for words in (site.departments.values(), slugs, site.colors.values()):
        assert len(set(words)) == len(list(words)), "a word of the shop's has one of ours"
        assert all(re.fullmatch(r"[a-z0-9.-]+", word) for word in words)
    assert all(re.fullmatch(r"[a-z]+", word) for word in (*site.departments, *site.categories, *site.colors))


@each_site
def test_the_fields_of_a_list_url_are_named(name: str) -> None:
    site = open_site(name)
    fields = {field for _, field, _, _ in string.Formatter().parse(site.list_url) if field is not None}
    assert fields == {"department", "category", "color", "page"}
    urls = [url for url, _ in site.list_urls(Query())]
    assert len(urls) == len(set(urls)) == sum(map(len, site.categories.values())) * len(site.colors)
    assert all(re.fullmatch(rf"https://{re.escape(site.hosts[0])}/[^\s{{}}]+", url) for url in urls)


@each_site
def test_a_site_has_local_copies_and_a_test(name: str) -> None:
    assert copies(name)
    assert (HERE / f"test_site_{name}.py").is_file()
    for shop in copies(name):
        site = open_site(name)
        assert shop.host in site.hosts
        assert set(shop.PHOTO_HOSTS) <= set(site.image_hosts)


@each_site
def test_each_product_of_a_copy_has_a_number_and_a_packshot(name: str) -> None:
    for shop in copies(name):
        found = [read(open_site(name), shop, item) for item in shop.items]
        assert all(product.id and len(alone(product)) == 1 for product in found)
        assert len({product.id for product in found}) == len(found)


@each_site
def test_a_url_of_the_shop_is_read_by_its_site(name: str) -> None:
    site = open_site(name)
    url = next(site.list_urls(Query()))[0]
    opened = open_site(url)
    assert type(opened) is type(site)
    query = Query(category="anything", color="whatever")
    assert list(opened.list_urls(query)) == [(url, query)]


@each_site
def test_an_unknown_word_names_the_near_ones(name: str) -> None:
    site = open_site(name)
    with pytest.raises(UsageError, match=rf"^{name} has no category 'dreses': did you mean dresses"):
        site.list_urls(Query(category="dreses"))
    with pytest.raises(UsageError, match=rf"^{name} has no color 'bluee': did you mean blue"):
        site.list_urls(Query(color="bluee"))
    with pytest.raises(UsageError, match=rf"^{name} has no department 'womn': did you mean women"):
        site.list_urls(Query(department="womn"))
    with pytest.raises(UsageError, match=rf"^{name} has no category 'zzzz': known: .*dresses"):
        site.list_urls(Query(category="zzzz"))


@each_site
def test_the_shops_own_word_is_understood_and_told_in_ours(name: str) -> None:
    site = open_site(name)
    for word, slugs in site.categories.items():
        for slug in slugs:
            wanted = [part.category for _, part in site.list_urls(Query(category=slug, color="red"))]
            assert wanted in ([word], [slug] * len(site.categories.get(slug, ())))


def test_the_shops_of_the_thesis_have_all_its_words() -> None:
    counts = {"zalando": (10, 9), "aboutyou": (10, 9), "fashionid": (10, 8)}
    for name, (categories, colors) in counts.items():
        site = open_site(name)
        assert (sum(map(len, site.categories.values())), len(site.colors)) == (categories, colors)
    assert open_site("aboutyou").colors["gray"] == "38925"
    urls = {
        "zalando": "https://www.zalando.de/damenbekleidung-blusen-tuniken/_gruen.oliv/?order=activation_date&p=1",
        "aboutyou": "https://www.aboutyou.de/frauen/bekleidung/blusen-und-tuniken?bi_color=38926&sort=new&page=1",
        "fashionid": "https://www.fashionid.de/damen/blusen/farbe-grun/?sortby=newness&page=1",
    }
    for name, url in urls.items():
        assert [found for found, _ in open_site(name).list_urls(Query(category="blouses", color="green"))] == [url]


def test_what_is_neither_a_shop_nor_a_url() -> None:
    with pytest.raises(UsageError, match="unknown shop 'zalndo': did you mean zalando"):
        open_site("zalndo")
    for word in ("https://", "https://[/x"):
        with pytest.raises(UsageError, match="not a URL"):
            open_site(word)
    assert isinstance(open_site("https://any.shop/women"), GenericSite)


def test_the_table_is_light() -> None:
    code = "import sys, fashiontools.scrape.shop.table; print({'selectolax', 'urllib3', 'cv2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "set()\n"


CHALLENGES = {
    "Akamai": HALT.body.decode(),
    "Cloudflare": "<!doctype html><title>Just a moment...</title><script>window._cf_chl_opt={}</script>",
    "DataDome": "<script>var dd={'host':'geo.captcha-delivery.com'}</script>",
    "HUMAN": '<div id="px-captcha"></div>',
    "Imperva": "<p>Request unsuccessful. Incapsula incident ID: 443000</p>",
    "a CAPTCHA": "<title>Bist du ein Mensch?</title>",
}


@each_site
@pytest.mark.parametrize("guard", CHALLENGES)
def test_a_challenge_ends_the_run(name: str, guard: str) -> None:
    site = open_site(name)
    says = rf"asks whether we are a program \({guard}\)"
    with pytest.raises(Unavailable, match=says):
        list(site.follow(next(site.list_urls(Query()))[0], lambda url: (url, CHALLENGES[guard])))
    with pytest.raises(Unavailable, match=says):
        site.read_product(CHALLENGES[guard], f"https://{site.hosts[0]}/p.html")


@each_site
def test_a_page_without_a_product_is_a_bad_row(name: str) -> None:
    site = open_site(name)
    for html in ("", "<!doctype html><title>Kleider</title><p>Leider nichts gefunden"):
        with pytest.raises(BadRow):
            site.read_product(html, f"https://{site.hosts[0]}/p.html")


class Written(ShopSite):
    """A site of list pages that a test writes: `products > next`; a page that is no text is raised."""

    def __init__(self, **pages: str | Exception) -> None:
        super().__init__("https://a.example/first")
        self.pages = pages
        self.asked: list[str] = []

    def fetch(self, url: str) -> tuple[str, str]:
        self.asked.append(url.rpartition("/")[2])
        page = self.pages[self.asked[-1]]
        if isinstance(page, Exception):
            raise page
        return url, page

    def read_list(self, html: str, url: str) -> ListPage:
        products, _, following = html.partition(">")
        return ListPage(tuple(products.split()), f"https://a.example/{following.strip()}" if following else None, None)

    def listed(self) -> list[tuple[str, ...]]:
        return [page.products for page in self.follow(self.start, self.fetch)]


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ({"first": "a b > second", "second": "c"}, [("a", "b"), ("c",)]),
        ({"first": "a a b > second", "second": "b c a"}, [("a", "b"), ("c",)]),
        ({"first": "a > second", "second": "a > third"}, [("a",)]),
        ({"first": "a > second", "second": "b > first"}, [("a",), ("b",)]),
        ({"first": "a > first"}, [("a",)]),
        ({"first": "a > second", "second": " > third"}, [("a",)]),
        ({"first": "a > second", "second": Gone("HTTP 404")}, [("a",)]),
        ({"first": ""}, [()]),
        ({"first": Gone("HTTP 404")}, [()]),
    ],
    ids=["end", "repeats", "nothing new", "back to the first", "itself", "empty", "gone", "no products", "no list"],
)
def test_how_a_list_ends(pages: dict[str, str | Exception], found: list[tuple[str, ...]]) -> None:
    site = Written(**pages)
    assert site.listed() == found
    assert sorted(site.asked) == sorted(pages), "every page is asked for once"


def test_a_list_that_breaks_off_is_not_taken_for_whole() -> None:
    site = Written(first="a > second", second=BadRow("HTTP 500"))
    with pytest.raises(Unavailable, match=r"the list https://a\.example/second cannot be read: HTTP 500"):
        site.listed()


def test_next_pages_keep_the_rest_of_the_query() -> None:
    assert next_page("https://a.example/x?a=1&p=2&b=%20", "p", 3) == "https://a.example/x?a=1&b=%20&p=3"
    assert next_page("https://a.example/x", "p", 2) == "https://a.example/x?p=2"
    assert next_page("https://a.example/x?sp=9#p=7", "p", 2) == "https://a.example/x?sp=9&p=2"
    assert next_page("https://a.example/x?p=3", "p", 3) is None
    assert next_page("https://a.example/x?p=30", "p", 3) is None
    assert (last_number("Seite 1 von 428"), last_number("Page 7"), last_number("…"), last_number("0")) == (428, 7, 1, 1)


@pytest.mark.parametrize(
    ("status", "error"), [(404, Gone), (410, Gone), (500, BadRow), (403, Unavailable), (429, Unavailable)]
)
def test_what_a_server_answers_instead_of_a_page(status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"HTTP {status}"):
        html_of(Reply("https://www.zalando.de/x", status, HTTPHeaderDict(), b""))


def test_pages_are_read_in_the_encoding_that_they_are_written_in() -> None:
    def page(body: bytes, kind: str) -> str:
        return html_of(Reply("https://a.example/", 200, HTTPHeaderDict({"Content-Type": kind}), body))

    assert page("Größe".encode("latin-1"), "text/html; charset=ISO-8859-1") == "Größe"
    assert page('<meta charset="windows-1252">„Größe“'.encode("cp1252"), "text/html").endswith("„Größe“")
    assert page("Größe".encode(), "text/html") == "Größe"
    assert page("Größe".encode(), "text/html; charset=nonsense") == "Größe"
    assert page(b"a\xff", "text/html; charset=utf-8") == "a\ufffd"


@each_site
@given(data=st.data())
def test_damaged_pages_are_read_or_refused(name: str, data: st.DataObject) -> None:
    shop = data.draw(st.sampled_from(copies(name)))
    site = open_site(name)
    first = next(site.list_urls(Query(category="dresses", color="red")))[0]
    url, html = shop.page(data.draw(st.sampled_from([shop.url(shop.items[0]), first])))
    for _ in range(data.draw(st.integers(1, 6))):
        at, length = data.draw(st.integers(0, len(html))), data.draw(st.integers(0, 60))
        html = (
            html[:at]
            + data.draw(st.sampled_from(["", "<", "]}", '"', "null", "\0", "é", "9" * 5000]))
            + html[at + length :]
        )
    try:
        product = site.read_product(html, url)
        assert product.id and product.images
        assert all(image.url.startswith("https://") for image in product.images)
    except (BadRow, Unavailable):
        pass
    page = site.read_list(html, url)
    assert all(product.startswith("https://") for product in page.products)
