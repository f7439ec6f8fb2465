"""Data in scripts, found by their shape."""

import json

import pytest
from shop_pages import HOST, OTHER, PAGE, SHAPED, data, next_data, page

from fashiontools.core.errors import BadRow
from fashiontools.scrape.shop.product import Image, Product
from fashiontools.scrape.shop.reader.page import read_product

READ = Product(
    id="4711",
    url=PAGE,
    name="Dress",
    brand="ONLY",
    price="49.90",
    currency="EUR",
    category="Kleider",
    color="Rot",
    attributes=("Passform: eng", "Farbe: Rot, Blau"),
    description="Nice",
    images=(Image(f"{HOST}/a.jpg", "product"), Image(f"{HOST}/b.jpg", "model")),
)
TEXT = json.dumps({"shop": {"product": SHAPED}})
STREAMED = f'5:["$","main",null,{TEXT}]\n'


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(next_data({"product": SHAPED}), id="__NEXT_DATA__"),
        pytest.param(next_data({"state": json.dumps({"product": SHAPED})}), id="JSON as a text in it"),
        pytest.param(data({"product": SHAPED}), id="application/json"),
        pytest.param(f'<script type="application/json"><![CDATA[[{TEXT}]]]></script>', id="CDATA"),
        pytest.param(f"<script>window.__STATE__ = {TEXT};</script>", id="assignment"),
        pytest.param(f"<script>window.__STATE__=JSON.parse({json.dumps(TEXT)});</script>", id="JSON.parse"),
        pytest.param(f"<script>var f=function(){{return {{}}}};window.s = {TEXT};f()</script>", id="among code"),
        pytest.param(f"<script>window.s = {TEXT[:-1]},a:undefined,}};</script>", id="object of JavaScript"),
        pytest.param(
            f"<script>self.__next_f.push([0])</script>"
            f"<script>self.__next_f.push([1,{json.dumps(STREAMED[:90])}])</script>"
            f"<script>self.__next_f.push([1,{json.dumps(STREAMED[90:])}])</script>",
            id="streamed by Next.js",
        ),
        pytest.param(data({"recommendations": [OTHER] * 2, "other": OTHER, "product": SHAPED}), id="among others"),
        pytest.param(data({"products": [OTHER, {**OTHER, "id": 98}, SHAPED, {**OTHER, "id": 97}]}), id="in a list"),
        pytest.param(
            data({"q1": {**SHAPED, "images": None}, "q2": {"id": "4711", "images": SHAPED["images"]}}), id="parts"
        ),
    ],
)
def test_data_is_found_by_its_shape(script: str) -> None:
    assert read_product(page(script), PAGE) == READ


def test_without_a_name_in_the_address_the_product_that_says_most_is_read() -> None:
    script = data({"a": {"id": 1, "name": "A", "brand": "B", "images": ["/a.jpg"]}, "b": SHAPED})
    assert read_product(page(script), f"{HOST}/dress").id == "4711"


@pytest.mark.parametrize("left_out", ["id", "name", "images", ("price", "brand")])
def test_what_lacks_a_part_of_the_shape_is_no_product(left_out: str | tuple[str, ...]) -> None:
    thing = {key: value for key, value in SHAPED.items() if key not in left_out}
    with pytest.raises(BadRow):
        read_product(page(data({"thing": thing})), PAGE)


def test_a_list_is_no_product() -> None:
    tiles = [{**SHAPED, "id": 100 + place} for place in range(5)]
    with pytest.raises(BadRow):
        read_product(page(next_data({"products": tiles})), f"{HOST}/women/dresses")


@pytest.mark.parametrize(
    ("price", "amount", "currency"),
    [
        (49.9, "49.90", ""),
        ("49,90 \u20ac", "49.90", "EUR"),
        ({"amount": "49.90", "currencyCode": "CHF"}, "49.90", "CHF"),
        ({"centAmount": 4990, "currencyCode": "EUR", "fractionDigits": 2}, "49.90", "EUR"),
        ({"withTax": 4990, "currencyCode": "EUR"}, "49.90", "EUR"),
        ({"current": {"amount": 4990, "formatted": "49,90 \u20ac"}}, "49.90", "EUR"),
        ([{"value": 5, "currency": "EUR"}], "5", "EUR"),
    ],
)
def test_prices_in_data(price: object, amount: str, currency: str) -> None:
    read = read_product(page(data({**SHAPED, "price": price})), PAGE)
    assert (read.price, read.currency) == (amount, currency)


@pytest.mark.parametrize(
    ("attributes", "tags"),
    [
        (
            {"attributeSuperClusters": [{"clusters": [{"attributes": [{"key": "Muster", "value": "uni"}]}]}]},
            ("Muster: uni",),
        ),
        ({"attributes": [{"category": "h", "data": [{"name": "Passform", "values": "Slim"}]}]}, ("Passform: Slim",)),
        ({"attributes": {"fit": "slim", "pattern": "uni"}}, ("fit: slim", "pattern: uni")),
        ({"details": ["unifarben", "1,5 cm"]}, ("unifarben", "1,5 cm")),
        (
            {"attributes": [{"label": "Material", "values": [{"label": "Wolle"}, {"label": "Seide"}]}]},
            ("Material: Wolle, Seide",),
        ),
        ({"attributes": [{"name": "L\u00e4nge:\u00a0", "value": 98}]}, ("L\u00e4nge: 98",)),
    ],
)
def test_attributes_in_data(attributes: dict[str, object], tags: tuple[str, ...]) -> None:
    assert read_product(page(data({**SHAPED, "attributes": None, **attributes})), PAGE).attributes == tags


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("gid://shopify/Product/4711", "4711"),
        ("ern:product::AB1-Q11", "AB1-Q11"),
        ("a:b", "a:b"),
        ("../../x", "../../x"),
    ],
)
def test_numbers_in_data(written: str, number: str) -> None:
    assert read_product(page(data({**SHAPED, "id": written})), PAGE).id == number


SKU = "AB121C0AA-Q11"
OLD = {
    "model": {
        "articleInfo": {
            "id": SKU,
            "name": "Kleid",
            "brand": {"name": "Even&Odd"},
            "media": {
                "images": [
                    {"type": "PACKSHOT", "sources": {"thumb": "//m.example/t/1.jpg", "zoom": "//m.example/z/1.jpg"}},
                    {"sources": {"zoom": "//m.example/z/2.jpg"}},
                ]
            },
        }
    }
}
NEW = {
    "graphqlCache": {
        "f00": {
            "data": {
                "product": {"id": f"ern:product::{SKU}", "sku": SKU, "name": "Kleid", "brand": {"name": "Even&Odd"}}
            }
        },
        "ba5": {
            "data": {
                "product": {
                    "id": f"ern:product::{SKU}",
                    "galleryMedia": [
                        {"uri": "https://m.example/z/1.jpg?imwidth=156&filter=packshot"},
                        {"uri": "https://m.example/z/1.jpg?imwidth=1800&filter=packshot"},
                        {"uri": "https://m.example/z/2.jpg?imwidth=156"},
                    ],
                }
            }
        },
        "c01": {"data": {"product": {**OTHER, "id": "ern:product::ZZ"}}},
    }
}


@pytest.mark.parametrize(
    ("script", "photos"),
    [
        (f'<script id="z-vegas-pdp-props" type="application/json"><![CDATA[{json.dumps(OLD)}]]></script>', ("", "")),
        (f'<script id="z-vegas-pdp-props" type="application/json"><![CDATA[[{json.dumps(OLD)}]]]></script>', ("", "")),
        (
            f'<script type="application/json" class="re-1-15" data-re-asset="">{json.dumps(NEW)}</script>',
            ("?imwidth=1800&filter=packshot", "?imwidth=156"),
        ),
        (
            f'<script id="re-ph1">window.__x = {json.dumps(NEW)}</script>',
            ("?imwidth=1800&filter=packshot", "?imwidth=156"),
        ),
    ],
)
def test_caches_that_scatter_a_product(script: str, photos: tuple[str, str]) -> None:
    read = read_product(page(script), f"{HOST}/even-odd-kleid-{SKU.lower()}.html")
    assert (read.id, read.name, read.brand) == (SKU, "Kleid", "Even&Odd")
    assert read.images == (
        Image(f"https://m.example/z/1.jpg{photos[0]}", "product"),
        Image(f"https://m.example/z/2.jpg{photos[1]}"),
    )
