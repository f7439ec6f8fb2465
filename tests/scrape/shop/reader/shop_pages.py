"""Pages of shops as the tests of their reader write them."""

import json
from collections.abc import Mapping

HOST = "https://www.shop.example"
PAGE = f"{HOST}/p/only/dress-4711"

DRESS: Mapping[str, object] = {
    "@context": "https://schema.org",
    "@type": "Product",
    "name": "Dress",
    "sku": "4711",
    "brand": {"@type": "Brand", "name": "ONLY"},
    "image": ["https://img.example/a.jpg", "https://img.example/b.jpg"],
    "offers": {"@type": "Offer", "price": "49.90", "priceCurrency": "EUR"},
}


def page(*parts: str) -> str:
    return f"<!doctype html><html><head><title>t</title></head><body>{''.join(parts)}</body></html>"


def ld(value: object) -> str:
    """A script of JSON-LD; a text stands in it as it is."""
    text = value if isinstance(value, str) else json.dumps(value)
    return f'<script type="application/ld+json">{text}</script>'


def next_data(props: object) -> str:
    return f'<script id="__NEXT_DATA__" type="application/json">{json.dumps({"props": {"pageProps": props}})}</script>'


def data(value: object) -> str:
    return f'<script type="application/json">{json.dumps(value)}</script>'


def tile(path: str, price: str = "49,90 €") -> str:
    """A product in a list, as shops build them."""
    return f'<article><a href="{path}"><img src="/i.jpg" alt=""><h3>ONLY</h3></a><span>{price}</span></article>'


SHAPED = {
    "id": 4711,
    "name": "Dress",
    "brand": {"id": 9, "name": "ONLY"},
    "price": {"current": {"value": 49.9, "currency": "EUR"}, "original": {"value": 99, "currency": "EUR"}},
    "color": {"label": "Rot"},
    "category": {"name": "Kleider"},
    "description": "<p>Nice</p>",
    "images": [{"url": "/a.jpg", "type": "packshot"}, {"url": "/b.jpg", "type": "model"}],
    "attributes": [{"key": "Passform", "value": "eng"}, {"key": "Farbe", "value": ["Rot", "Blau"]}],
}
OTHER = {"id": 99, "name": "Other", "brand": "X", "price": 1, "images": ["/o.jpg", "/o2.jpg"], "more": 1, "most": 2}
