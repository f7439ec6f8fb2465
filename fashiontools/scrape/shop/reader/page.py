"""What a shop's page says: its product, or the products that it lists."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fashiontools.core.errors import BadRow
from fashiontools.scrape.shop.product import Product
from fashiontools.scrape.shop.reader.document import Document
from fashiontools.scrape.shop.reader.embedded import Embedded
from fashiontools.scrape.shop.reader.gallery import gallery_images
from fashiontools.scrape.shop.reader.jsonld import jsonld_graph, jsonld_product
from fashiontools.scrape.shop.reader.microdata import microdata_graph, microdata_product
from fashiontools.scrape.shop.reader.naming import slug
from fashiontools.scrape.shop.reader.opengraph import opengraph_product
from fashiontools.scrape.shop.reader.paging import expected, paging
from fashiontools.scrape.shop.reader.product_links import product_links, schema_links
from fashiontools.scrape.shop.reader.schema_product import merged
from fashiontools.scrape.shop.reader.shapes import shaped_lists, shaped_product


@dataclass(frozen=True)
class ListPage:
    """A page of a list of products.

    Attributes:
        products: The addresses of their pages, absolute, in the order of the list, none twice.
        next: The address of the list's next page; None where the page tells of none.
        expected: How many products the shop says that the whole list has; None where it does not say.
        page: The number of this page, as its paging says, else its address; None where neither does.
        pages: How many pages the shop says that there are; None where it does not say.
    """

    products: tuple[str, ...]
    next: str | None = None
    expected: int | None = None
    page: int | None = None
    pages: int | None = None


def read_product(html: str, url: str) -> Product:
    """Read the product that a page is about.

    Sources, in this order: JSON-LD, microdata, OpenGraph, `__NEXT_DATA__`, other data in scripts, found by its shape.
    The first one that has a field says it; photos are those of the source that has most. Where no source has more than
    one photo, those of the page's gallery are taken.

    Args:
        html: The page.
        url: Where it came from; it says which of several products is meant.

    Returns:
        The product, its name without the brand before it. Where no source has a number of it, its `id` is the last
        word of the URL's path.

    Raises:
        BadRow: The page is about no product (a list, an article, an error), or too large to be read.
    """
    document = Document(html, url)
    found = list(_products(document))
    if not any(product.name for product in found):
        raise BadRow("no product on this page")
    product = functools.reduce(merged, found)
    images = max((one.images for one in found), key=len)
    if len(images) < 2 and len(shown := gallery_images(document, product.name)) > len(images):
        images = shown
    name = _without_brand(product.name, product.brand)
    return replace(product, id=product.id or slug(document.url) or name, name=name, images=images)


def _products(document: Document) -> Iterator[Product]:
    """What each source says, the one that is believed first."""
    said = [read(document) for read in (jsonld_product, microdata_product, opengraph_product)]
    found = [product for product in said if product]
    yield from found
    embedded = Embedded(document)
    for data in (embedded.next_data, embedded.other):
        product = shaped_product(data, document)
        if product and all(_may_be_one(product, other) for other in found):
            found.append(product)
            yield product


def _may_be_one(product: Product, other: Product) -> bool:
    """Whether what was found by its shape alone can be what another source describes: a number or words in common."""
    if not other.name or (product.id and product.id.lower() == other.id.lower()):
        return True
    words, others = (set(re.findall(r"\w+", name.lower())) for name in (product.name, other.name))
    return len(words & others) * 2 >= min(len(words), len(others))


def _without_brand(name: str, brand: str) -> str:
    if not brand or not name.lower().startswith(brand.lower()):
        return name
    rest = name[len(brand) :]
    return rest.strip(" -\u2013\u2014|:,") or name if rest[:1] in (" ", "-", "|", ":", ",", "\u2013") else name


def read_list(html: str, url: str) -> ListPage:
    """Read a page of a list of products.

    Products are those of lists in JSON-LD, in microdata, in the page's data, or else the links of the same site whose
    shape repeats around images; navigation and products under headings such as "Weitere Produkte" are none of them.
    A page past the last one often shows the last one again: then the caller knows all its products, and `page` is not
    the number that was asked for, or is past `pages`.

    Args:
        html: The page.
        url: Where it came from.

    Returns:
        What it lists; no products where it lists none.

    Raises:
        BadRow: The page is too large to be read.
    """
    document = Document(html, url)
    embedded = Embedded(document)
    graph = jsonld_graph(document)
    data = embedded.next_data + embedded.other
    found = [schema_links(graph), schema_links(microdata_graph(document)), *shaped_lists(data)]
    products = product_links(document, found)
    where = paging(document)
    count = expected(document, graph, data, len(products))
    return ListPage(products, where.next, count, where.page, where.pages)
