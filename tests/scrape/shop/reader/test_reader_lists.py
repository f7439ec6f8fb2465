"""Lists of products: their links, their next page, their count."""

import pytest
from shop_pages import DRESS, HOST, data, ld, next_data, page, tile

from fashiontools.scrape.shop.reader.page import ListPage, read_list

LIST = f"{HOST}/women/dresses"
PATHS = [f"/p/only/dress-{number}" for number in range(4711, 4719)]
URLS = tuple(HOST + path for path in PATHS)
GRID = f'<main><h1>Dresses</h1><div class="grid">{"".join(map(tile, PATHS))}</div></main>'
NAVIGATION = (
    '<header><a href="/"><img src="/logo.png"></a></header>'
    '<nav><ul><li><a href="/p/a/b-1"><img src="/t.jpg"></a><li><a href="/p/a/b-2"><img src="/t.jpg"></a></ul></nav>'
)
MANY = "".join(tile(f"/p/other/shirt-{number}") for number in range(100, 150))


def listed(*parts: str, url: str = LIST) -> ListPage:
    return read_list(page(*parts), url)


def items(*things: object, **facts: object) -> str:
    return ld({"@type": "ItemList", "itemListElement": list(things), **facts})


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(items(*PATHS), id="texts"),
        pytest.param(
            items(*({"@type": "ListItem", "position": n, "url": url} for n, url in enumerate(URLS))), id="URLs"
        ),
        pytest.param(items(*({"item": {"@type": "Product", "name": "x", "url": path}} for path in PATHS)), id="items"),
        pytest.param(items(*({"item": {"@id": url}} for url in URLS)), id="@id"),
        pytest.param(items(*({"item": url} for url in URLS)), id="item as text"),
        pytest.param(items(*({"@type": "Product", "offers": {"url": url}} for url in URLS)), id="products"),
        pytest.param(
            items(*({"position": n, "url": url} for n, url in reversed(list(enumerate(URLS))))), id="positions"
        ),
        pytest.param(
            ld({"@type": "CollectionPage", "mainEntity": {"@type": "ItemList", "itemListElement": PATHS}}), id="main"
        ),
        pytest.param(ld([{**DRESS, "url": url, "sku": url} for url in URLS]), id="products without a list"),
        pytest.param(items(*PATHS[:3]) + GRID, id="the first three, and the page's own"),
        pytest.param(
            next_data({"items": [{"id": n, "name": "x", "url": u} for n, u in enumerate(PATHS)]}),
            id="Next.js",
        ),
        pytest.param(
            data([{"node": {"sku": n, "title": "x", "href": u, "brand": "x"}} for n, u in enumerate(PATHS)]), id="data"
        ),
        pytest.param(
            "".join(
                f'<div itemscope itemtype="https://schema.org/Product"><a itemprop="url" href="{path}">x</a></div>'
                for path in PATHS
            ),
            id="microdata",
        ),
        pytest.param(
            data(
                {
                    "filters": [{"id": n, "name": "x", "url": f"/women/dresses?size={n}"} for n in range(99)],
                    "recommended": [{"id": n, "name": "x", "url": f"/p/a/b-{n}", "price": 9} for n in range(99)],
                    "products": [{"name": "x", "url": path, "images": ["/a.jpg"]} for path in PATHS],
                }
            ),
            id="data with filters",
        ),
        pytest.param(GRID, id="links"),
        pytest.param(
            "".join(f"<article><header>{tile(path)}</header></article>" for path in PATHS), id="heads of products"
        ),
        pytest.param(NAVIGATION + GRID, id="links and navigation"),
        pytest.param(GRID.replace(" src=", " data-src="), id="lazy images"),
        pytest.param(
            "".join(f'<li><a href="{path}"><i style="background:url(/a.jpg)"></i></a>' for path in PATHS), id="CSS"
        ),
        pytest.param(
            "".join(f'<li><img src="/a.jpg"><a class="over" href="{path}"></a></li>' for path in PATHS), id="over"
        ),
        pytest.param(GRID.replace('"/p/', f'"{HOST}/p/'), id="absolute"),
        pytest.param("".join(tile(f"{path}?ref=list&utm_source=x#a") for path in PATHS), id="tracked"),
        pytest.param(GRID + GRID, id="twice"),
    ],
)
def test_products_of_a_list(script: str) -> None:
    assert listed(script).products == URLS


@pytest.mark.parametrize(
    "beside",
    [
        f"<h2>Weitere Produkte</h2><div>{MANY}</div>",
        f"<section><h3>Das k\u00f6nnte dir auch gefallen</h3><ul>{MANY}</ul></section>",
        f'<section class="recommendations">{MANY}</section>',
        f'<div data-testid="recently-viewed">{MANY}</div>',
        f"<footer>{MANY}</footer>",
        f'<div role="dialog">{MANY}</div>',
    ],
)
def test_products_beside_a_list_are_none_of_it(beside: str) -> None:
    assert listed(GRID, beside).products == URLS
    assert listed(beside, GRID).products == URLS


@pytest.mark.parametrize(
    "paths",
    [
        ["/only-dress-rot-ab121c0aa-q11.html", "/vero-moda-shirt-ve121c0bb-a12.html"],
        ["/products/red-dress", "/products/shirt-2", "/products/x"],
        ["/product.php?id=1", "/product.php?id=2"],
        ["/de/damen/kleider/kleid-1.html", "/de/damen/kleider/rock-2.html"],
    ],
)
def test_shapes_of_links(paths: list[str]) -> None:
    banners = '<a href="/women/sale"><img src="/b.jpg"></a><a href="/help"><img src="/b.jpg"></a>'
    assert listed(banners, *map(tile, paths)).products == tuple(HOST + path for path in paths)


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.test/p/a/b-1",
        "javascript:x(1)",
        "https://u:p@www.shop.example/p/a/b-1",
        "#p",
        "",
        "mailto:a@b.c",
    ],
)
def test_links_that_lead_elsewhere_are_left_out(link: str) -> None:
    assert listed(GRID.replace("<h1>", f"{tile(link)}<h1>")).products == URLS
    assert listed(items(link, *PATHS)).products == URLS


@pytest.mark.parametrize("text", ["", "<main><p>No results</p></main>", NAVIGATION, '<a href="/p/a/b-1">text</a>'])
def test_an_empty_list(text: str) -> None:
    assert listed(text) == ListPage(())


PAGED = f"{LIST}?page=2"
NEXT = f"{LIST}?page=3"


@pytest.mark.parametrize(
    "markup",
    [
        '<link rel="next" href="?page=3">',
        '<a rel="nofollow next" href="?page=3">3</a>',
        '<a aria-label="Next page" href="?page=3"><svg/></a>',
        '<a aria-label="N\u00e4chste Seite" href="?page=3"></a>',
        '<a title="n\u00e4chste" href="?page=3"></a>',
        '<a class="pagination__next" href="?page=3"></a>',
        '<a data-testid="pagination-next" href="?page=3"></a>',
        '<ul class="pagination"><li class="next"><a href="?page=3">\u203a</a></li></ul>',
        '<div class="pager"><a href="?page=1">zur\u00fcck</a><a href="?page=3">weiter</a></div>',
        '<div><a href="?page=1">1</a><a href="?page=3">3</a><a href="?page=9">9</a></div>',
    ],
)
def test_next_page(markup: str) -> None:
    read = listed(GRID, markup, url=PAGED)
    assert (read.next, read.page, read.products) == (NEXT, 2, URLS)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (f"{LIST}?p=1", f"{LIST}?p=2"),
        (f"{LIST}?seite=1&farbe=rot", f"{LIST}?seite=2&farbe=rot"),
        (LIST, f"{LIST}?page=2"),
        (f"{LIST}/page/1/", f"{LIST}/page/2/"),
        (LIST, f"{LIST}/page/2"),
    ],
)
def test_forms_of_numbers(url: str, link: str) -> None:
    read = listed(GRID, f'<a href="{link}">2</a>', url=url)
    assert (read.next, read.page, read.pages) == (link, 1, 2)


@pytest.mark.parametrize(
    "markup",
    [
        "",
        '<a class="next" href="#">next</a>',
        '<a class="next disabled" href="?page=3">next</a>',
        '<li class="disabled"><a class="next" href="?page=3">next</a></li>',
        '<a aria-label="next" aria-disabled="true" href="?page=3"></a>',
        '<a class="next" href="?page=2">next</a>',
        '<a class="next" href="?page=1">next</a>',
        '<a rel="next" href="https://elsewhere.test/?page=3">next</a>',
        '<a rel="next" href="javascript:next()">next</a>',
        '<a href="/men?page=3">3</a>',
        "<p>What comes next</p>",
    ],
)
def test_no_next_page(markup: str) -> None:
    assert listed(GRID, markup, url=PAGED).next is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>1.234 Artikel</p>", 1234),
        ("<p>1,234 items</p>", 1234),
        ("<p><b>1 234</b> Produkte</p>", 1234),
        ("<p><b>96</b> <i>results</i></p>", 96),
        ("<p>1-8 of 1,234 products</p>", 1234),
        ("<p>8 von 1.234 Artikeln</p>", 1234),
        ("<p>8 items</p>", 8),
        ("<p>3 items</p>", None),
        ("<header>300 items in your bag</header>", None),
        ("<p>300 Artikel im Warenkorb</p>", None),
        ("<p>Artikelnummer 4711</p>", None),
        ("", None),
        (items(*PATHS, numberOfItems=500), 500),
        (items(*PATHS, numberOfItems=8) + "<p>1.234 Artikel</p>", 1234),
        (next_data({"pagination": {"total_count": 77}}), 77),
        (data({"name": "x", "totalResults": 78}), 78),
    ],
)
def test_expected(text: str, expected: int | None) -> None:
    read = listed(f"<main>{text}{GRID}</main>")
    assert (read.expected, read.products) == (expected, URLS)


@pytest.mark.parametrize(
    ("markup", "where"),
    [
        ("<p>Seite 2 von 428</p>", (2, 428)),
        ("<p>Page 2 of 428</p>", (2, 428)),
        (
            '<ul class="pagination"><a href="?page=1">1</a><b aria-current="page">2</b><a href="?page=20">20</a></ul>',
            (2, 20),
        ),
        ("", (None, None)),
    ],
)
def test_where_a_page_stands(markup: str, where: tuple[int | None, int | None]) -> None:
    read = listed(GRID, markup)
    assert (read.page, read.pages) == where


def test_the_last_page_shown_again_can_be_told() -> None:
    paging = '<ul class="pagination"><a href="?page=1">1</a><a href="?page=19">19</a><b aria-current="page">20</b></ul>'
    last = listed(GRID, paging, "<p>Seite 20 von 20</p>", url=f"{LIST}?page=20")
    past = listed(GRID, paging, "<p>Seite 20 von 20</p>", url=f"{LIST}?page=99")
    assert last.products == past.products
    assert last.next is None is past.next
    assert (last.page, last.pages) == (past.page, past.pages) == (20, 20)


def test_past_the_last_page_of_links_without_a_mark() -> None:
    paging = '<a href="?page=1">1</a><a href="?page=20">20</a>'
    past = listed(GRID, paging, url=f"{LIST}?page=99")
    assert (past.page, past.pages, past.next) == (99, 20, None)
