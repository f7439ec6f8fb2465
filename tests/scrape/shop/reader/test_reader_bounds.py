"""Any text at all ends in a product, in a list, or in one clear line; and soon."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser
from shop_pages import DRESS, HOST, PAGE, data, ld, page, tile

from fashiontools.core.errors import BadRow
from fashiontools.scrape.shop.product import Product
from fashiontools.scrape.shop.reader.document import MOST_CHARACTERS
from fashiontools.scrape.shop.reader.nesting import is_too_deep
from fashiontools.scrape.shop.reader.page import read_list, read_product


def words(mark: str | None, text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split(mark))


PIECES = words(
    "|",
    """<script>|<script type="application/ld+json">|</script>|{"@type":"Product","name":|"x"|}|[|]|,
    |"offers":{"price":"1"}
    |<div itemscope itemtype="https://schema.org/Product">|<i itemprop=name>|<meta property="og:title" content="a">
    |<meta property=product:price:amount content=1>|<a href="/p/1">|<img src=a.jpg srcset="a 1x, b 2x">|</a>|</div>
    |<h2>Weitere Produkte</h2>|<script id=__NEXT_DATA__>|{"props":{"pageProps":|"images":["/a.jpg"]|"id":1|"name":
    |"\\ud800"|NaN|1e999|<i style="background:url(a)">|<base href="http://[">|<link rel=canonical href="//[x">|window.x=
    |<a rel=next href="?page=2">|1.234 Artikel|<div class=gallery>|JSON.parse("|\\|\0|&#xd800;|<template>|<svg/>
    |{"@type":"ItemList","itemListElement":[1,null,"a",{"position":"x"},{"item":[]}]}
    |{"@id":"a","@type":"Product","name":"a","isVariantOf":{"@id":"a"},"hasVariant":{"@id":"a"}}""",
)
NAMES = words(
    None,
    """@type @id @graph name sku brand offers price priceCurrency image url contentUrl hasVariant isVariantOf position
    itemListElement item category color additionalProperty value id images media title attributes key data width type
    priceSpecification numberOfItems totalCount mainEntity description currency amount sources""",
)
WORDS = st.sampled_from(
    ["https://shop.example/a.jpg", "Product", "ItemList", "ProductGroup", "BreadcrumbList", "9,9", "//x/y"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=8),
    max_leaves=40,
)
URLS = st.sampled_from([PAGE, HOST, "", "http://[", "https://u:p@x.example/", f"{HOST}/%ff%00?page=9"]) | st.text(
    max_size=9
)
QUICK = settings(suppress_health_check=list(HealthCheck))


def read_both(text: str, url: str) -> None:
    """Whatever comes of it can be written; nothing but `BadRow` is raised."""
    try:
        listed = read_list(text, url)
        assert all(link.isascii() and link.startswith("http") for link in listed.products)
        assert len(set(listed.products)) == len(listed.products)
        product = read_product(text, url)
    except BadRow:
        return
    assert product.name
    assert product.id
    repr(product).encode()
    " ".join((product.id, product.name, product.brand, product.description, *product.attributes)).encode()


@QUICK
@given(st.text(), st.text())
def test_any_text(text: str, url: str) -> None:
    read_both(text, url)


@QUICK
@given(st.lists(PIECES | st.text(max_size=5), max_size=25).map("".join), URLS)
def test_any_pieces_of_pages(text: str, url: str) -> None:
    read_both(text, url)


@QUICK
@given(VALUES, URLS, st.sampled_from(['type="application/ld+json">', 'id="__NEXT_DATA__">', ">window.x="]))
def test_any_data(value: object, url: str, start: str) -> None:
    read_both(f"<script {start}{json.dumps(value)}</script>", url)


TAGS = words(
    None, "div span p b a i li ul table td tr option select button svg path font table h1 section main template"
)
MARKUP = st.lists(
    st.builds("<{}{}{}>".format, st.sampled_from(["", "", "/"]), TAGS, st.sampled_from(["", " x=1", "/"]))
    | st.sampled_from(["text", "<!-- </div> -->", '<i title="</i>">', "<script></div></script>", "<br>"]),
    max_size=40,
)


@settings(QUICK, derandomize=True, max_examples=300)
@given(MARKUP)
def test_elements_are_counted_as_deep_as_the_parser_puts_them(markup: list[str]) -> None:
    """Repeated often enough, markup whose elements pile up must be seen to pile up."""
    few, many = (LexborHTMLParser("".join(markup * times)) for times in (10, 60))
    grows = deepest(many) - deepest(few)
    if grows >= 50:  # an element deeper at each turn
        assert is_too_deep("".join(markup * 600), most=100_000)


def deepest(tree: LexborHTMLParser) -> int:
    most, stack = 0, [(tree.root, 0)]
    while stack:
        node, depth = stack.pop()
        most = max(most, depth)
        stack += [(child, depth + 1) for child in node.iter()] if node is not None else []
    return most


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 200_000,
        "<li><ul>" * 100_000,
        "<span><div></span>" * 50_000,
        "".join(f"<p><b id={number}>x</p>" for number in range(20_000)),
        "<div><!--</div>-->" * 50_000,
        '<div title="</div>">' * 50_000,
        "<svg><div/></svg>" * 50_000,
    ],
)
def test_what_would_keep_a_parser_busy_is_refused(text: str) -> None:
    start = time.process_time()
    with pytest.raises(BadRow, match="too many elements within each other"):
        read_product(text, PAGE)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "text",
    [
        "<p>x" * 50_000,
        "<li>x" * 50_000,
        "<br>" * 50_000,
        "<div><p>x</div>" * 50_000,
        "<table><tr><td>x" + "<tr><td>x" * 50_000,
    ],
)
def test_what_ends_by_itself_is_not(text: str) -> None:
    assert read_product(page(text, ld(DRESS)), PAGE).name == "Dress"


def test_pages_that_are_too_large_are_refused() -> None:
    text = page(ld(DRESS))
    assert read_product(text.ljust(MOST_CHARACTERS), PAGE).name == "Dress"
    with pytest.raises(BadRow, match="8,000,000"):
        read_product(text.ljust(MOST_CHARACTERS + 1), PAGE)


def large_page() -> tuple[str, Product]:
    """A page of a megabyte with 500 products in its data and its markup, and the one that it is about."""
    paths = [f"/p/only/dress-{number}" for number in range(1000, 1500)]
    things = [
        {
            "id": path[-4:],
            "name": "Dress",
            "brand": {"name": "ONLY"},
            "price": {"value": 9.5, "currency": "EUR"},
            "url": path,
        }
        | {"images": [{"url": f"/i/{path[-4:]}-{n}.jpg?w=400"} for n in "abcd"]}
        | {"attributes": [{"key": f"k{n}", "value": "v"} for n in range(6)]}
        for path in paths
    ]
    code = "<script>function a(b,c){return{d:b+c}}var name={e:1};\n" + "a(1,2);x={y:3};\n" * 20_000 + "</script>"
    text = page(f"<main>{''.join(map(tile, paths))}</main>", data({"products": things}), code)
    return text.ljust(1_000_000), read_product(page(data(things[7])), HOST + paths[7])


def test_a_large_page_is_read_in_a_fraction_of_a_second() -> None:
    text, product = large_page()
    took = []
    for _ in range(3):
        start = time.process_time()
        assert read_product(text, product.url) == product
        assert len(read_list(text, f"{HOST}/dresses").products) == 500
        took.append(time.process_time() - start)
    assert min(took) < 1.5  # both together take 0.2 s; the rest is for slow machines
