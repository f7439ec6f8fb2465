"""Microdata: the words of schema.org in the attributes `itemscope`, `itemtype` and `itemprop` of elements."""

from functools import cached_property

from selectolax.lexbor import LexborNode

from fashiontools.scrape.shop.product import Product
from fashiontools.scrape.shop.reader.document import Document, attribute
from fashiontools.scrape.shop.reader.elements import image_of
from fashiontools.scrape.shop.reader.schema import Graph
from fashiontools.scrape.shop.reader.schema_product import schema_product

_LINKS = frozenset({"a", "area", "link"})
_IMAGES = frozenset({"img", "source", "amp-img"})
_MEDIA = frozenset({"audio", "embed", "iframe", "track", "video"})
_DEEPEST = 30
_MOST_ITEMS = 5_000


def microdata_graph(document: Document) -> Graph:
    """Everything that a page's microdata says, in the form of JSON-LD."""
    reader = _Reader(document)
    tops = [node for node in document.tree.css("[itemscope]") if "itemprop" not in node.attributes]
    return Graph([reader.item(node, 0) for node in tops[:_MOST_ITEMS]])


def microdata_product(document: Document) -> Product | None:
    """The product that a page's microdata describes; None where it describes none."""
    return schema_product(microdata_graph(document), document)


class _Reader:
    """Reads the items of one page, each element once for each item that it is a part of."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._left = 100_000  # elements: a bound for items that refer to each other

    @cached_property
    def _by_id(self) -> dict[str, LexborNode]:
        return {attribute(node, "id"): node for node in self._document.tree.css("[id]")}

    def item(self, node: LexborNode, depth: int) -> dict[str, object]:
        """One item with all its properties; a property that is there several times is a list."""
        found: dict[str, object] = {}
        if types := attribute(node, "itemtype").split():
            found["@type"] = types
        if name := attribute(node, "itemid"):
            found["@id"] = name
        if depth >= _DEEPEST:
            return found
        stack = self._children(node)
        for name in attribute(node, "itemref").split()[:20]:
            stack += [self._by_id[name]] if name in self._by_id else []
        while stack and self._left > 0:
            part = stack.pop()
            self._left -= 1
            names = attribute(part, "itemprop").split()
            is_item = "itemscope" in part.attributes
            if names:
                value = self.item(part, depth + 1) if is_item else self._value(part)
                for name in names:
                    _add(found, name.rpartition("/")[2], value)
            if not is_item:
                stack += self._children(part)
        return found

    @staticmethod
    def _children(node: LexborNode) -> list[LexborNode]:
        return list(node.iter())[::-1]

    def _value(self, node: LexborNode) -> str:
        """What an element says; `content` counts on any, as shops write it on any."""
        if node.tag in _IMAGES:
            found = image_of(node)
            return self._document.absolute(found.url) if found else ""
        if "content" in node.attributes:
            return attribute(node, "content")
        if node.tag in _LINKS:
            text = node.text(deep=True)
            return self._document.absolute(attribute(node, "href")) or text
        if node.tag in _MEDIA:
            return self._document.absolute(attribute(node, "src"))
        if node.tag in ("data", "meter"):
            return attribute(node, "value")
        return attribute(node, "datetime") or node.text(deep=True, separator=" ")


def _add(found: dict[str, object], name: str, value: object) -> None:
    if not value:
        return
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)  # type: ignore[attr-defined]
    else:
        found[name] = [found[name], value]
