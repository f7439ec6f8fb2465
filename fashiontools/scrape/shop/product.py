"""A product of a shop, as its page describes it, before any photo is fetched."""

from dataclasses import dataclass, field
from typing import Literal

View = Literal["product", "model", ""]


@dataclass(frozen=True)
class Image:
    """A photo of a product.

    Attributes:
        url: Where it is, absolute, in the largest size that the page tells of.
        view: `product` is the packshot, `model` is worn; empty where the page does not tell.
        alt: What the page says that it shows.
    """

    url: str
    view: View = ""
    alt: str = ""


@dataclass(frozen=True, kw_only=True)
class Product:
    """What a shop says of a product, in its own words; what it does not say is empty.

    Attributes:
        id: The shop's own number of it (SKU). Any text: never a file name.
        url: Its page, absolute.
        name: Its name, without the brand.
        brand: Who makes it.
        price: A decimal number with a point, without the currency: `1299.00`.
        currency: ISO 4217: `EUR`.
        category: The shop's word for its kind.
        color: The shop's word for its colour.
        attributes: Tags, `key: value` where the shop has keys.
        description: Text without markup.
        images: Its photos, in the order of the page, none twice.
    """

    id: str
    url: str
    name: str = ""
    brand: str = ""
    price: str = ""
    currency: str = ""
    category: str = ""
    color: str = ""
    attributes: tuple[str, ...] = ()
    description: str = ""
    images: tuple[Image, ...] = field(default=())
