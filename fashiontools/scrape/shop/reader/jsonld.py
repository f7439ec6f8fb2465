"""JSON-LD: what shops tell search engines, in scripts of the type `application/ld+json`."""

from fashiontools.scrape.shop.product import Product
from fashiontools.scrape.shop.reader.document import Document
from fashiontools.scrape.shop.reader.loose_json import values
from fashiontools.scrape.shop.reader.schema import Graph
from fashiontools.scrape.shop.reader.schema_product import schema_product


def jsonld_graph(document: Document) -> Graph:
    """Everything that a page's JSON-LD says; a script that cannot be read costs no other."""
    return Graph(value for script in document.scripts if "ld+json" in script.type for value in values(script.text))


def jsonld_product(document: Document) -> Product | None:
    """The product that a page's JSON-LD describes; None where it describes none."""
    return schema_product(jsonld_graph(document), document)
