"""Microdata, OpenGraph, galleries; and what wins where several sources say something."""

import pytest
from shop_pages import DRESS, HOST, OTHER, PAGE, SHAPED, data, ld, next_data, page

from fashiontools.core.errors import BadRow
from fashiontools.scrape.shop.product import Image, Product
from fashiontools.scrape.shop.reader.page import read_product

MICRODATA = """
<nav itemscope itemtype="https://schema.org/BreadcrumbList">
  <span itemprop="itemListElement" itemscope><a itemprop="item" href="/k"><b itemprop="name">Kleider</b></a></span>
</nav>
<div itemscope itemtype="http://schema.org/Product">
  <h1 itemprop="name">Dress &amp; belt</h1>
  <meta itemprop="sku" content="4711">
  <div itemprop="brand" itemscope itemtype="http://schema.org/Brand"><span itemprop="name">ONLY</span></div>
  <img itemprop="image" src="data:image/gif;base64,R0" data-src="//img.example/a.jpg" alt="x">
  <link itemprop="image" href="/b.jpg"><a itemprop="image" href="/c.jpg">c</a>
  <div itemprop="offers" itemscope itemtype="http://schema.org/Offer">
    <span itemprop="price" content="1299.00">1.299,00</span><meta itemprop="priceCurrency" content="EUR">
  </div>
  <div itemprop="description"><p>One</p><p>Passform:&nbsp;eng</p></div>
  <span itemprop="color">Rot</span>
  <div itemprop="isRelatedTo" itemscope itemtype="http://schema.org/Product"><i itemprop="name">Other</i></div>
</div>"""


def test_microdata() -> None:
    read = read_product(page(MICRODATA), PAGE)
    assert read == Product(
        id="4711",
        url=PAGE,
        name="Dress & belt",
        brand="ONLY",
        price="1299.00",
        currency="EUR",
        category="Kleider",
        color="Rot",
        description="One Passform: eng",
        images=(Image("https://img.example/a.jpg"), Image(f"{HOST}/b.jpg"), Image(f"{HOST}/c.jpg")),
    )


def test_microdata_elsewhere_in_the_page_is_found_by_itemref() -> None:
    text = '<div itemscope itemtype="https://schema.org/Product" itemref="n p"><i itemprop="sku">1</i></div>'
    text += '<h1 id="n" itemprop="name">Dress</h1><div id="p"><span itemprop="color">Rot</span></div>'
    read = read_product(page(text), PAGE)
    assert (read.name, read.color, read.id) == ("Dress", "Rot", "1")


TILE = (
    '<li itemscope itemtype="https://schema.org/Product">'
    '<b itemprop="name">Other</b><img itemprop="image" src="/o.jpg"></li>'
)


def test_microdata_of_a_product_among_others_and_of_others_alone() -> None:
    assert read_product(page(f"<ul>{TILE * 5}</ul>", MICRODATA), f"{HOST}/dress").id == "4711"
    with pytest.raises(BadRow):
        read_product(page(f"<ul>{TILE * 5}</ul>"), f"{HOST}/dresses")


def og(**properties: str) -> str:
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{text}">' for name, text in properties.items())


OPENGRAPH = (
    og(og__type="product", og__site_name="Shop", og__title="Dress | Shop", og__description="Nice")
    + og(og__image="//img.example/a.jpg?w=200", og__image__width="200", og__image__alt="Front")
    + og(og__image="https://img.example/b.jpg")
    + og(product__price__amount="49,9", product__price__currency="EUR", product__brand="ONLY", product__color="Rot")
    + og(product__retailer_item_id="4711", product__category="Women &gt; Dresses", product__material="Wolle")
)


def test_opengraph() -> None:
    assert read_product(page(OPENGRAPH), PAGE) == Product(
        id="4711",
        url=PAGE,
        name="Dress",
        brand="ONLY",
        price="49.90",
        currency="EUR",
        category="Dresses",
        color="Rot",
        attributes=("material: Wolle",),
        description="Nice",
        images=(
            Image("https://img.example/a.jpg?w=200", "product", "Front"),
            Image("https://img.example/b.jpg"),
        ),
    )


@pytest.mark.parametrize("kind", ["website", "article", "product.group", ""])
def test_opengraph_of_any_other_page_is_no_product(kind: str) -> None:
    with pytest.raises(BadRow, match="no product on this page"):
        read_product(page(og(og__type=kind, og__title="Dresses", og__image="/a.jpg")), PAGE)


def test_without_a_number_the_url_gives_one() -> None:
    text = og(og__type="product", og__title="Dress")
    assert read_product(page(text), PAGE).id == "dress-4711"
    assert read_product(page(text), f"{HOST}/only-dress-ab12.html?x=1").id == "only-dress-ab12"


GALLERY = """<div class="c_product-gallery">
  <picture><source srcset="/a.jpg?w=300 300w, /a.jpg?w=900 900w"><img src="/a.jpg?w=100" alt="Front"></picture>
  <img src="/placeholder.svg" data-src="/b.jpg"><a href="/c-900x900.jpg"><img src="/c-90x90.jpg"></a>
  <div style="background-image: url('//img.example/d.jpg?h=1')"></div><noscript><img src="/e.jpg"></noscript>
</div><div class="recommendations"><div class="product-image"><img src="/x.jpg"></div></div>"""


def test_the_gallery_is_read_where_the_data_have_one_photo() -> None:
    read = read_product(page(ld({**DRESS, "image": "/a.jpg"}), GALLERY), PAGE)
    links = ["/a.jpg?w=900", "/b.jpg", "/c-900x900.jpg", "//img.example/d.jpg?h=1", "/e.jpg"]
    assert [image.url for image in read.images] == [f"https:{x}" if x[1] == "/" else HOST + x for x in links]


def test_the_gallery_is_not_read_where_the_data_have_several() -> None:
    read = read_product(page(ld(DRESS), GALLERY), PAGE)
    assert [image.url for image in read.images] == DRESS["image"]


SOURCES = (
    ld({**DRESS, "image": "/a.jpg"}),
    MICRODATA.replace('content="4711"', 'content="4712"'),
    OPENGRAPH,
    next_data({"product": SHAPED}),
)


def test_the_first_source_that_has_a_field_wins_it_and_the_richest_gives_the_photos() -> None:
    read = read_product(page(*reversed(SOURCES)), PAGE)
    assert (read.id, read.name, read.price) == ("4711", "Dress", "49.90")  # JSON-LD
    assert (read.category, read.description) == ("Kleider", "One Passform: eng")  # microdata
    assert read.attributes == ("material: Wolle",)  # OpenGraph
    assert len(read.images) == 3  # microdata


def test_data_of_another_product_fill_nothing_in() -> None:
    read = read_product(page(ld({**DRESS, "image": "/a.jpg"}), data({"hero": OTHER})), PAGE)
    assert (read.name, [image.url for image in read.images]) == ("Dress", [f"{HOST}/a.jpg"])


def test_base_and_canonical_are_obeyed() -> None:
    text = (
        '<base href="https://cdn.example/x/"><link rel="canonical" href="https://www.shop.example/p/only/dress-4711">'
    )
    read = read_product(page(text, ld([{**DRESS, "name": "No", "sku": "99"}, {**DRESS, "image": "a.jpg"}])), HOST)
    assert (read.name, read.images[0].url) == ("Dress", "https://cdn.example/x/a.jpg")


@pytest.mark.parametrize("url", ["", "x", "https://user:secret@shop.example/", "file:///x", "https://["])
def test_the_page_must_have_an_address(url: str) -> None:
    with pytest.raises(BadRow, match="not the URL of a page") as told:
        read_product(page(ld(DRESS)), url)
    assert "secret" not in str(told.value)
