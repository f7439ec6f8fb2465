"""The shop's word for a product's kind, out of category texts and breadcrumbs."""

import re
from collections.abc import Sequence

from fashiontools.scrape.shop.reader.document import Document
from fashiontools.scrape.shop.reader.schema import Graph, Node, types
from fashiontools.scrape.shop.reader.text import listed, plain

_STEP = re.compile(r"\s*(?:[>|\u203a\u00bb\u2192]|\s/\s)\s*")
_HOME = frozenset(listed("home start startseite homepage accueil inicio"))


def leaf(texts: Sequence[str]) -> str:
    """The last step of a category: `Women > Dresses`, `Women / Dresses` and `Women/Clothing/Dresses` are `Dresses`.

    Args:
        texts: What the page has, one or several. Where one has steps, it is taken; else the last one, as shops write
            the way to a product from wide to narrow. Addresses and numbers are no words for a kind.
    """
    words = [text for text in texts if "://" not in text and not text.strip("/ ").isdigit() and text.strip("> /|")]
    if not words:
        return ""
    ways = [text for text in words if len(_steps(text)) > 1]
    return _steps(ways[0] if ways else words[-1])[-1]


def _steps(text: str) -> list[str]:
    steps = _STEP.split(text)
    if len(steps) == 1 and text.count("/") > 1:
        steps = text.split("/")
    return [step.strip() for step in steps if step.strip()] or [text]


def crumb_category(graph: Graph, name: str, document: Document) -> str:
    """The kind that the page's breadcrumbs end in, without the product itself; empty where there are none."""
    for node, _ in graph.nodes:
        if "BreadcrumbList" in types(node):
            crumbs = sorted(graph.objects(node, "itemListElement"), key=lambda item: _position(graph, item))
            if found := _last([_crumb(graph, item, document) for item in crumbs], name, document):
                return found
    return ""


def _position(graph: Graph, item: Node) -> int:
    number = graph.words(item, "position")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0


def _crumb(graph: Graph, item: Node, document: Document) -> tuple[str, str]:
    inner = graph.get(item, "item")
    link = inner if isinstance(inner, str) else graph.words(item, "url")
    text = graph.words(item, "name")
    if isinstance(inner, dict):
        text = text or graph.words(inner, "name")
        link = link or plain(inner.get("@id")) or graph.words(inner, "url")
    return text, document.absolute(link)


def _last(crumbs: list[tuple[str, str]], name: str, document: Document) -> str:
    crumbs = [crumb for crumb in crumbs if crumb[0]]
    here = {document.url, document.canonical}
    if crumbs and (crumbs[-1][1] in here or _is_product(crumbs[-1][0], name)):
        crumbs.pop()
    return crumbs[-1][0] if crumbs and crumbs[-1][0].lower() not in _HOME else ""


def _is_product(text: str, name: str) -> bool:
    text, name = text.lower(), name.lower()
    return bool(name) and (name in text or (text in name and len(text) > 0.7 * len(name)))
