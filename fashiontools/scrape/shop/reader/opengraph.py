"""OpenGraph: what shops tell social networks, in `meta` elements of the head."""

import re

from fashiontools.scrape.shop.product import Product
from fashiontools.scrape.shop.reader.categories import leaf
from fashiontools.scrape.shop.reader.document import Document, attribute
from fashiontools.scrape.shop.reader.images import Found, photos
from fashiontools.scrape.shop.reader.text import currency, plain, price

_PRICES = ("product:sale_price:amount", "product:price:amount", "og:price:amount", "product:price", "og:price")
_CURRENCIES = ("product:price:currency", "og:price:currency", "product:sale_price:currency")
_NUMBERS = ("product:retailer_item_id", "product:sku", "product:mfr_part_no", "product:ean", "product:upc", "og:sku")
_WORDED = ("material", "pattern", "gender", "size", "age_group")
_IMAGES = ("og:image", "og:image:url", "og:image:secure_url")
_JOINTS = re.compile(r"\s+(?:[|\u2022\u00b7\u2013\u2014-]|::|on sale at|bei|at|kaufen bei)\s+")


def opengraph_product(document: Document) -> Product | None:
    """The product that a page's OpenGraph describes.

    A page is about a product if its `og:type` says so or if it has any `product:` property or a price: every article
    has a title and an image. `product.group` is the type of lists.

    Args:
        document: The page.

    Returns:
        The product, with what the page does not say empty, even its `id`; None where there is none.
    """
    said = _properties(document)
    kind = _first(said, "og:type").lower()
    if kind == "product.group" or not (
        "product" in kind or any(name.startswith("product:") or name in _PRICES for name in said)
    ):
        return None
    name = _title(_first(said, "og:title"), _first(said, "og:site_name"))
    amount = _first(said, *_PRICES)
    return Product(
        id=_first(said, *_NUMBERS),
        url=document.url,
        name=name,
        brand=_first(said, "product:brand", "og:brand"),
        price=price(amount),
        currency=currency(_first(said, *_CURRENCIES)) or currency(amount),
        category=leaf(said.get("product:category", [])),
        color=_first(said, "product:color", "product:colour", "og:color"),
        attributes=tuple(f"{key}: {text}" for key in _WORDED for text in said.get(f"product:{key}", [])),
        description=_first(said, "og:description"),
        images=photos(_found(document), document.base, name),
    )


def _properties(document: Document) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for node in document.tree.css("meta[content]"):
        name = (attribute(node, "property") or attribute(node, "name")).lower()
        if name.startswith(("og:", "product:")) and (text := plain(attribute(node, "content"))):
            said.setdefault(name, []).append(text)
    return said


def _first(said: dict[str, list[str]], *names: str) -> str:
    return next((said[name][0] for name in names if name in said), "")


def _title(title: str, site: str) -> str:
    """A title without the shop's own name at its end."""
    parts = _JOINTS.split(title)
    if site and len(parts) > 1 and parts[-1].lower().removeprefix("www.") == site.lower().removeprefix("www."):
        return title[: title.rfind(parts[-1])].rstrip(" |\u2022\u00b7\u2013\u2014-:") or title
    return title


def _found(document: Document) -> list[Found]:
    """The images with the width and the words that follow each."""
    found: list[Found] = []
    for node in document.tree.css("meta[content]"):
        name = (attribute(node, "property") or attribute(node, "name")).lower()
        text = attribute(node, "content")
        if name in _IMAGES:
            if not (found and name == "og:image:secure_url"):
                found.append(Found(text))
        elif found and name == "og:image:width" and text.isascii() and text.isdigit() and len(text) < 6:
            found[-1] = Found(found[-1].url, int(text), found[-1].alt)
        elif found and name == "og:image:alt":
            found[-1] = Found(found[-1].url, found[-1].width, text)
    return found
