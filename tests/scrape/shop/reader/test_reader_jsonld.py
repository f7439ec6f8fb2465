"""JSON-LD in every form that shops give it."""

import json

import pytest
from shop_pages import DRESS, HOST, PAGE, ld, page

from fashiontools.core.errors import BadRow
from fashiontools.scrape.shop.product import Image, Product
from fashiontools.scrape.shop.reader.page import read_product

TEXT = json.dumps(DRESS)
BROKEN = ld('{"@type": "Product", "name": ')


def told(**facts: object) -> dict[str, object]:
    return {**DRESS, **facts}


def product(*parts: object, url: str = PAGE) -> Product:
    return read_product(page(*(part if isinstance(part, str) else ld(part) for part in parts)), url)


WHOLE = Product(
    id="4711",
    url=PAGE,
    name="Dress",
    brand="ONLY",
    price="49.90",
    currency="EUR",
    images=(Image("https://img.example/a.jpg"), Image("https://img.example/b.jpg")),
)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(ld(TEXT), id="plain"),
        pytest.param(ld([DRESS]), id="list"),
        pytest.param(ld({"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, DRESS]}), id="graph"),
        pytest.param(ld({"@type": "ItemPage", "mainEntity": DRESS}), id="main entity"),
        pytest.param(ld({"@type": "ItemList", "itemListElement": [{"item": DRESS}]}), id="the one item of a list"),
        pytest.param(ld({"@type": "WebPage"}) + ld(DRESS), id="second script"),
        pytest.param(ld(f'{{"@type":"WebPage"}}\n{TEXT}'), id="two objects in one script"),
        pytest.param(BROKEN + ld(DRESS) + BROKEN, id="between broken scripts"),
        pytest.param(ld(told(**{"@type": ["Product", "Thing"]})), id="types"),
        pytest.param(ld(told(**{"@type": "http://schema.org/Product"})), id="type as URL"),
        pytest.param(ld({f"schema:{key}" if key[0] != "@" else key: val for key, val in DRESS.items()}), id="prefix"),
        pytest.param(ld(f"<!-- {TEXT} -->"), id="HTML comment"),
        pytest.param(ld(f"//<![CDATA[\n{TEXT}\n//]]>"), id="CDATA behind //"),
        pytest.param(ld(f"/*<![CDATA[*/{TEXT}/*]]>*/"), id="CDATA in comments"),
        pytest.param(ld(f"<![CDATA[{TEXT}]]>"), id="bare CDATA"),
        pytest.param(ld(TEXT[:-1] + ",}"), id="trailing comma"),
        pytest.param(ld(TEXT.replace('"],', '",],')), id="trailing comma in a list"),
        pytest.param(ld(TEXT + ";"), id="semicolon"),
        pytest.param(ld(TEXT + "} ] trailing junk {"), id="junk"),
        pytest.param(ld("{ // the product\n" + TEXT[1:]), id="line comment"),
        pytest.param(ld('{ /* it\'s "the" product */ ' + TEXT[1:]), id="block comment"),
        pytest.param(ld(TEXT.replace('"', "&quot;")), id="entities for all quotes"),
        pytest.param(ld("\ufeff \n" + TEXT), id="byte order mark"),
        pytest.param(
            ld(TEXT).replace("application/ld+json", "Application/LD+JSON; charset=utf-8"), id="type attribute"
        ),
        pytest.param(ld(TEXT.replace('"Dress"', '"\n\tDress\x01"')), id="control characters"),
        pytest.param(ld({**DRESS, "brand": {"@id": "#b"}}) + ld({"@id": "#b", "name": "ONLY"}), id="reference"),
        pytest.param(ld({**DRESS, "brand": "ONLY"}), id="brand as text"),
        pytest.param(ld({**DRESS, "brand": [{"name": "ONLY"}]}), id="brand as list"),
        pytest.param(ld({**DRESS, "name": {"@value": "Dress", "@language": "en"}}), id="language"),
        pytest.param(ld({**DRESS, "name": "ONLY Dress"}), id="name with brand"),
    ],
)
def test_the_same_product_comes_from_every_wrapping(script: str) -> None:
    assert product(script) == WHOLE


def test_trailing_commas_are_there_to_be_repaired() -> None:
    for broken in (TEXT[:-1] + ",}", f"<![CDATA[{TEXT}]]>x", "{ // c\n" + TEXT[1:]):
        with pytest.raises(json.JSONDecodeError):
            json.loads(broken)


@pytest.mark.parametrize(
    ("facts", "id"),
    [
        ({"sku": 4711}, "4711"),
        ({"sku": "", "productID": "P-1"}, "P-1"),
        ({"sku": None, "mpn": "M1"}, "M1"),
        ({"sku": [], "gtin13": "4012345678901"}, "4012345678901"),
        ({"sku": "", "identifier": {"value": "I1"}}, "I1"),
        ({"sku": "", "@id": "A-9"}, "A-9"),
        ({"sku": "", "offers": {"sku": "O1"}}, "O1"),
        ({"sku": "", "@id": f"{PAGE}#product"}, "dress-4711"),
        ({"sku": "../../x"}, "../../x"),
    ],
)
def test_id(facts: dict[str, object], id: str) -> None:
    assert product(told(**facts)).id == id


@pytest.mark.parametrize(
    ("offers", "price", "currency"),
    [
        ({"price": 49.9, "priceCurrency": "EUR"}, "49.90", "EUR"),
        ({"price": "1.299,00 EUR"}, "1299.00", "EUR"),
        ({"price": "1,299.00", "priceCurrency": "usd"}, "1299.00", "USD"),
        ([{"price": 59, "priceCurrency": "EUR"}, {"price": "39.95", "priceCurrency": "EUR"}], "39.95", "EUR"),
        ({"@type": "AggregateOffer", "lowPrice": "19.5", "highPrice": "99", "priceCurrency": "GBP"}, "19.50", "GBP"),
        ({"@type": "AggregateOffer", "offers": [{"price": "20", "priceCurrency": "CHF"}]}, "20", "CHF"),
        ({"priceSpecification": {"price": 5, "priceCurrency": "PLN"}}, "5", "PLN"),
        (
            {
                "priceSpecification": [
                    {"price": 30, "priceCurrency": "EUR"},
                    {"price": 20, "priceType": "https://schema.org/ListPrice"},
                ]
            },
            "30",
            "EUR",
        ),
        ({"availability": "OutOfStock"}, "", ""),
    ],
)
def test_offers(offers: object, price: str, currency: str) -> None:
    read = product(told(offers=offers))
    assert (read.price, read.currency) == (price, currency)


@pytest.mark.parametrize(
    ("image", "urls"),
    [
        ("https://i.example/a.jpg", ["https://i.example/a.jpg"]),
        ("//i.example/a.jpg", ["https://i.example/a.jpg"]),
        ("/a.jpg", [f"{HOST}/a.jpg"]),
        ({"@type": "ImageObject", "contentUrl": "/a.jpg", "thumbnail": "/t.jpg"}, [f"{HOST}/a.jpg"]),
        ([{"url": "/a.jpg"}, "/b.jpg"], [f"{HOST}/a.jpg", f"{HOST}/b.jpg"]),
        ({"url": ["/a.jpg", "/b.jpg"]}, [f"{HOST}/a.jpg", f"{HOST}/b.jpg"]),
        ({"@id": "#i"}, [f"{HOST}/i.jpg"]),
        (["data:image/gif;base64,R0", "/x.svg", "/a.jpg"], [f"{HOST}/a.jpg"]),
    ],
)
def test_images(image: object, urls: list[str]) -> None:
    read = product(told(image=image), {"@type": "ImageObject", "@id": "#i", "contentUrl": "/i.jpg"})
    assert [one.url for one in read.images] == urls


CRUMBS = {
    "@type": "BreadcrumbList",
    "itemListElement": [
        {"@type": "ListItem", "position": 3, "name": "Dress", "item": PAGE},
        {"@type": "ListItem", "position": 2, "item": {"@id": f"{HOST}/k", "name": "Kleider &amp; R\u00f6cke"}},
        {"@type": "ListItem", "position": 1, "name": "Home", "item": HOST},
    ],
}


@pytest.mark.parametrize(
    ("category", "word"),
    [
        ("Dresses", "Dresses"),
        ("Women > Clothing > Dresses", "Dresses"),
        ("Women &gt; Dresses", "Dresses"),
        ("Women / Dresses", "Dresses"),
        ("Women/Clothing/Dresses", "Dresses"),
        ("T-Shirts/Tops", "T-Shirts/Tops"),
        (["Women", "Dresses"], "Dresses"),
        (["Apparel > Dresses", "Sale"], "Dresses"),
        ({"@type": "CategoryCode", "name": "Dresses"}, "Dresses"),
        ("https://shop.example/dresses", "Kleider & R\u00f6cke"),
        ("2271", "Kleider & R\u00f6cke"),
        (None, "Kleider & R\u00f6cke"),
    ],
)
def test_category(category: object, word: str) -> None:
    assert product(told(category=category), CRUMBS).category == word


def test_attributes_colour_and_description() -> None:
    read = product(
        told(
            color="Rot",
            material=["98% Baumwolle, 2% Elasthan"],
            pattern="unifarben",
            additionalProperty=[
                {"@type": "PropertyValue", "name": "Passform", "value": ["eng", "lang"]},
                {"name": "L\u00e4nge", "value": 98.5, "unitText": "cm"},
                "lockerer Schnitt",
            ],
            description="&lt;p&gt;Sch\u00f6n &amp;amp; warm&lt;/p&gt;<br>Passform:\u00a0eng",
        )
    )
    assert read.color == "Rot"
    assert read.attributes == (
        "Passform: eng",
        "Passform: lang",
        "L\u00e4nge: 98.5 cm",
        "lockerer Schnitt",
        "material: 98% Baumwolle, 2% Elasthan",
        "pattern: unifarben",
    )
    assert read.description == "Sch\u00f6n & warm Passform: eng"


def variant(color: str, size: str, price: float) -> dict[str, object]:
    return {
        "@type": "Product",
        "sku": f"4711-{color}-{size}",
        "name": f"Dress {color} {size}",
        "color": color,
        "image": f"/{color}.jpg",
        "offers": {"url": f"{PAGE}?color={color}&size={size}", "price": price, "priceCurrency": "EUR"},
    }


VARIANTS = [variant("red", "S", 50), variant("red", "M", 45), variant("blue", "S", 40)]
GROUP = {
    "@type": "ProductGroup",
    "@id": "#group",
    "name": "Dress",
    "productGroupID": "4711",
    "brand": "ONLY",
    "variesBy": ["https://schema.org/color", "https://schema.org/size"],
}


@pytest.mark.parametrize(
    "scripts",
    [
        pytest.param([{**GROUP, "hasVariant": VARIANTS}], id="within"),
        pytest.param([GROUP, *({**one, "isVariantOf": {"@id": "#group"}} for one in VARIANTS)], id="by reference"),
        pytest.param(
            [
                {**GROUP, "hasVariant": [{"@id": f"#{place}"} for place in range(3)]},
                [{**one, "@id": f"#{place}"} for place, one in enumerate(VARIANTS)],
            ],
            id="references to variants",
        ),
    ],
)
@pytest.mark.parametrize(
    ("query", "id", "color", "price", "photos"),
    [
        ("?color=red&size=M", "4711-red-M", "red", "45", ["red"]),
        ("?utm_source=x&size=S&color=blue", "4711-blue-S", "blue", "40", ["blue"]),
        ("", "4711", "", "40", ["red"]),
    ],
)
def test_group(scripts: list[object], query: str, id: str, color: str, price: str, photos: list[str]) -> None:
    read = product(*scripts, url=PAGE + query)
    assert (read.id, read.color, read.price, read.currency, read.brand) == (id, color, price, "EUR", "ONLY")
    assert [image.url for image in read.images] == [f"{HOST}/{name}.jpg" for name in photos]


def test_sizes_of_the_named_colour_share_all_but_their_numbers() -> None:
    variants = [{**one, "offers": {"url": f"{PAGE}?color={one['color']}", "price": 9}} for one in VARIANTS]
    read = product({**GROUP, "hasVariant": variants}, url=f"{PAGE}?color=red")
    assert (read.id, read.name, read.color) == ("4711", "Dress", "red")
    assert [image.url for image in read.images] == [f"{HOST}/red.jpg"]


def test_the_groups_own_photos_are_taken_where_no_variant_is_named() -> None:
    read = product({**GROUP, "image": "/group.jpg", "hasVariant": VARIANTS})
    assert [image.url for image in read.images] == [f"{HOST}/group.jpg"]


OTHER = {**DRESS, "name": "Other", "sku": "99", "url": f"{HOST}/p/only/other-99"}


@pytest.mark.parametrize(
    "scripts",
    [
        pytest.param([OTHER, {**DRESS, "url": PAGE}], id="by URL"),
        pytest.param([OTHER, DRESS], id="by number"),
        pytest.param([{**OTHER, "description": "long"}, {**DRESS, "@id": f"{PAGE}#product"}], id="by @id"),
        pytest.param([{**DRESS, "isRelatedTo": [OTHER, OTHER]}], id="related"),
        pytest.param([{"@type": "ItemList", "itemListElement": [{"item": OTHER}] * 5}, DRESS], id="list beside"),
    ],
)
def test_of_several_products_the_one_of_the_page_is_read(scripts: list[object]) -> None:
    assert product(*scripts).id == "4711"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(ld({"@type": "ItemList", "itemListElement": [{"item": OTHER}, {"item": OTHER}]}), id="list"),
        pytest.param(ld([{"@type": "Product", "name": f"Dress {n}"} for n in range(9)]), id="many alike"),
        pytest.param(ld({"@type": "Article", "name": "Dress"}), id="article"),
        pytest.param(ld("{"), id="broken"),
        pytest.param(ld({"@type": "Product", "sku": "1"}), id="nameless"),
        pytest.param(ld('{"a":' * 100_000), id="deep"),
        pytest.param(ld("[" * 100_000 + "]" * 100_000), id="deep list"),
        pytest.param(ld({"@type": "Review", "itemReviewed": OTHER}), id="reviewed"),
        pytest.param("<h1>404</h1>", id="nothing"),
    ],
)
def test_no_product(script: str) -> None:
    with pytest.raises(BadRow, match="no product on this page"):
        product(script)


def test_what_is_too_deep_costs_no_other_script() -> None:
    assert product(ld('{"a":' * 100_000), ld(DRESS)) == WHOLE
