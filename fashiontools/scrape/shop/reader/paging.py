"""Where a list goes on, and how much of it there is."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from selectolax.lexbor import LexborNode

from fashiontools.scrape.shop.reader.document import Document, attribute, same_site
from fashiontools.scrape.shop.reader.elements import ancestors, naming
from fashiontools.scrape.shop.reader.loose_json import nested
from fashiontools.scrape.shop.reader.schema import Graph, types
from fashiontools.scrape.shop.reader.text import listed, plain

_MOST_LINKS = 10_000
_PARAMETERS = ("page", "p", "seite", "pg", "pagenumber", "currentpage", "pageno", "paged")
_IN_PATH = re.compile(r"/(?:page|seite|p|pagina)[/-](\d{1,5})(?=/|\.html?\Z|\Z)", re.IGNORECASE)
_NEXT = re.compile(
    r"\b(?:next|nächste[rns]?|naechste[rns]?|weiter|vor|suivante?|siguiente|volgende|successiva)\b", re.I
)
_NEXT_CLASS = re.compile(r"(?:^|[\s_-])(?:next|nextpage|next-page)(?:$|[\s_-])", re.IGNORECASE)
_OFF = re.compile(r"(?:^|[\s_-])(?:disabled|inactive|is-disabled)(?:$|[\s_-])", re.IGNORECASE)
_PAGING = re.compile(r"pagin|pager|paging|seiten|page-?numbers|pagelist", re.IGNORECASE)
_OF_PAGES = re.compile(r"\b(?:seite|page)\s*(\d{1,5})\s*(?:von|of|/|sur|de)\s*(\d{1,5})\b", re.IGNORECASE)
_COUNT = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[.,'\u2019 ]\d{3})+|\d{1,7})\s*\+?\s*"
    r"(?:artikeln?|produkten?|items?|products?|results?|ergebnissen?|treffern?|styles|articles|produits|artículos)\b"
    r"(?!\s*(?:im warenkorb|in (?:your )?(?:cart|bag|basket)|merken|nr|nummer|number))",
    re.IGNORECASE,
)
_TOTALS = frozenset(
    listed(
        "totalCount total_count totalResults total_results numberOfResults totalProducts total_products productCount"
    )
    + listed(
        "product_count totalItems total_items numFound nbHits totalHits numberOfItems itemCount totalNumberOfResults"
    )
)


@dataclass(frozen=True)
class Paging:
    """Where a page stands in its list; see `ListPage` for the fields."""

    next: str | None
    page: int | None
    pages: int | None


def paging(document: Document) -> Paging:
    """Find the next page, and the numbers of this one and of the last."""
    numbered = _numbered(document)
    shown, pages = _current(document), None
    if match := _OF_PAGES.search(document.words):
        shown, pages = int(match[1]), int(match[2])
    page = shown or page_of(document.url) or (1 if numbered else None)
    if pages is None and numbered:
        last = max(numbered)
        pages = max(last, shown or 0, page if page == last + 1 else 0)
    return Paging(_said(document) or numbered.get((page or 0) + 1), page, pages)


def page_of(url: str) -> int | None:
    """The number of a page that a URL names by `?page=`, `?p=`, `?seite=`, `/page/3/` or the like."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if name.lower() in _PARAMETERS and value.isascii() and value.isdigit() and len(value) < 6:
            return int(value)
    match = _IN_PATH.search(parts.path)
    return int(match[1]) if match else None


def _said(document: Document) -> str | None:
    """The page that markup calls the next one."""
    for node in document.tree.css('link[rel~="next"][href], a[rel~="next"][href]'):
        if url := _page_link(document, node):
            return url
    for node in document.tree.css("a[href]")[:_MOST_LINKS]:
        label = f"{attribute(node, 'aria-label')} {attribute(node, 'title')} {attribute(node, 'data-testid')}"
        around = " ".join(naming(place) for place in ancestors(node, 4))
        is_next = _NEXT.search(label.replace("-", " ").replace("_", " ")) or _NEXT_CLASS.search(naming(node))
        if not is_next and _PAGING.search(around):
            is_next = _NEXT.search(plain(node.text(deep=True))[:40]) or _NEXT_CLASS.search(naming(node.parent or node))
        if is_next and not _is_off(node) and (url := _page_link(document, node)):
            return url
    return None


def _is_off(node: LexborNode) -> bool:
    places = [node, *ancestors(node, 1)]
    return any(
        attribute(place, "aria-disabled") == "true" or _OFF.search(attribute(place, "class")) for place in places
    )


def _page_link(document: Document, node: LexborNode) -> str | None:
    """Where a link leads that may be the next page: the same site, another page."""
    url = document.absolute(attribute(node, "href"))
    if not url or url == document.url or not same_site(url, document.url):
        return None
    here, there = page_of(document.url) or 1, page_of(url)
    return None if there is not None and there <= here and _list_of(url) == _list_of(document.url) else url


def _numbered(document: Document) -> dict[int, str]:
    """The pages of this list that the page links to, by their numbers."""
    found: dict[int, str] = {}
    for node in document.tree.css("a[href]")[:_MOST_LINKS]:
        url = document.absolute(attribute(node, "href"))
        number = page_of(url) if url else None
        if number is not None and not _is_off(node) and _list_of(url) == _list_of(document.url):
            found.setdefault(number, url)
    return found


def _list_of(url: str) -> tuple[str, str]:
    """What all pages of one list have in common: host and path, without a number of a page."""
    parts = urlsplit(url)
    return parts.netloc.removeprefix("www."), _IN_PATH.sub("", parts.path).rstrip("/")


def _current(document: Document) -> int | None:
    node = document.tree.css_first("[aria-current=page], [aria-current=true]")
    text = plain(node.text(deep=True)) if node else ""
    match = re.search(r"(?<!\d)\d{1,5}\Z", text)
    return (
        int(match[0]) if match and node and _PAGING.search(" ".join(naming(at) for at in ancestors(node, 4))) else None
    )


def expected(document: Document, graph: Graph, data: object, found: int) -> int | None:
    """How many products the shop says that a list has: in schema.org's words, in its data, in its text (`1.234 items`).

    Args:
        document: The page.
        graph: What it says in JSON-LD or microdata.
        data: Its other data.
        found: How many products stand on the page: fewer is no count of the list.

    Returns:
        The first of them that is more than `found`, else `found` where one of them says so; None where none does.
    """
    said = [graph.words(node, "numberOfItems") for node, _ in graph.nodes if "ItemList" in types(node)]
    numbers = [int(text) for text in said if text.isascii() and text.isdigit() and len(text) < 10]
    for node, _ in nested(data):
        if isinstance(node, dict):
            for name in node.keys() & _TOTALS:
                numbers += [int(node[name])] if isinstance(node[name], int) else []
    numbers += [int(re.sub(r"\D", "", match[1])) for match in _COUNT.finditer(document.words)]
    numbers = [number for number in numbers if number >= max(found, 1)]
    return next((number for number in numbers if number > found), numbers[0] if numbers else None)
