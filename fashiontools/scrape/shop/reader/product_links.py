"""The links to products on a page of a list: as its data name them, else the links whose shape repeats."""

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborNode

from fashiontools.scrape.shop.reader.document import Document, attribute, same_site
from fashiontools.scrape.shop.reader.elements import Places, ancestors
from fashiontools.scrape.shop.reader.schema import Graph, Node, candidates, links, types
from fashiontools.scrape.shop.reader.text import listed, plain

_TRACKING = re.compile(r"utm_\w+|gclid|fbclid|msclkid|ref|referrer|_pos|_sid|_ss|srsltid|position|pos|trk|cm_\w+")
_MARKERS = frozenset(listed("p dp product products produkt produkte item items artikel article prod pd pdp"))
_PRICE = re.compile(r"\d[\d.,]*\s?(?:€|£|\$|EUR|USD|GBP|CHF|zł|kr)|(?:€|£|\$|EUR|USD|GBP|CHF)\s?\d")
_SUFFIX = re.compile(r"\.[a-z]{2,5}\Z")
_IMAGES = "img, picture, [style*=background], [data-bg], amp-img"
_MOST_LINKS = 10_000
_TILE_DEPTH = 5  # elements between a link and the edge of its tile


def product_links(document: Document, said: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """The addresses of the products that a page lists.

    What is said is taken in its order, then the links of the same site around images whose shape repeats. A later list
    is taken only where it has all of the former and more: shops tell search engines of their first ten products and
    show sixty.

    Args:
        document: The page.
        said: What the page's data list: addresses, as they stand there.

    Returns:
        Absolute, in the order of the page, none twice, without what only says where a click came from.
    """
    best: tuple[str, ...] = ()
    for found in (*said, _of_anchors(document)):
        clean = tuple(dict.fromkeys(url for link in found if (url := _clean(document, link))))
        if not best or set(clean) > set(best):
            best = clean
    return best


def _clean(document: Document, link: str) -> str:
    url = document.absolute(link)
    if not url or not same_site(url, document.url):
        return ""
    parts = urlsplit(url)
    if "=" in parts.query:
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        kept = [pair for pair in pairs if not _TRACKING.fullmatch(pair[0].lower())]
        if len(kept) < len(pairs):
            url = urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept), ""))
    return "" if url == document.url else url


def schema_links(graph: Graph) -> tuple[str, ...]:
    """The links of the longest list in the words of schema.org, of products or of what nothing says to be else."""
    lists = []
    for node, way in graph.nodes:
        if not types(node) & {"ItemList", "OfferCatalog"} or {"isRelatedTo", "isSimilarTo"} & set(way):
            continue
        items = sorted(graph.each(node, "itemListElement"), key=lambda item: _position(graph, item))
        lists.append(tuple(link for item in items if (link := _listed_link(graph, item))))
    products = [candidate for candidate in candidates(graph) if not candidate.is_listed]
    if len(products) > 1:
        lists.append(tuple(found[0] for one in products if (found := links(graph, one.node))))
    return max(lists, key=len, default=())


def _position(graph: Graph, item: object) -> int:
    number = graph.words(item, "position") if isinstance(item, dict) else ""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0


def _listed_link(graph: Graph, item: object) -> str:
    if not isinstance(item, dict):
        return plain(item)
    inner = graph.get(item, "item")
    if isinstance(inner, str):
        return inner
    node: Node = inner if isinstance(inner, dict) else item
    if types(node) & {"SiteNavigationElement", "WebPage", "CollectionPage", "Article", "BlogPosting", "Question"}:
        return ""
    return next(iter(links(graph, node)), "") or graph.words(item, "url")


def _of_anchors(document: Document) -> list[str]:
    """The links of the most frequent shape; a price beside a link makes it count twice."""
    places = Places(document)
    anchors = [node for node in document.tree.css("a[href]")[:_MOST_LINKS] if not places.is_aside(node)]
    tiles = _Tiles(document, anchors)
    shapes: dict[tuple[str, ...], dict[str, bool]] = {}
    counted: Counter[tuple[str, ...]] = Counter()
    for node in anchors:
        url = _clean(document, attribute(node, "href"))
        if not url or not (tile := tiles.around(node)):
            continue
        shape = shape_of(url)
        seen = shapes.setdefault(shape, {})
        has_price = not seen.get(url, False) and bool(_PRICE.search(tile.text(deep=True, separator=" ")[:2_000]))
        counted[shape] += (url not in seen) + has_price
        seen[url] = seen.get(url, False) or has_price
    if not counted:
        return []
    best = max(counted, key=lambda shape: (counted[shape], len(shapes[shape])))
    is_sure = len(shapes[best]) > 1 or best[0] in _MARKERS or any(shapes[best].values())
    return list(shapes[best]) if is_sure else []


class _Tiles:
    """What stands around each link.

    Args:
        document: The page.
        anchors: Its links.
    """

    def __init__(self, document: Document, anchors: Iterable[LexborNode]) -> None:
        self._with_image = {
            place.mem_id
            for node in document.tree.css(_IMAGES)[:_MOST_LINKS]
            for place in (node, *ancestors(node, _TILE_DEPTH))
        }
        self._address: dict[int, str | None] = {}  # of the links within an element; None where they are several
        for node in anchors:
            href = attribute(node, "href").partition("#")[0]
            for place in (node, *ancestors(node, _TILE_DEPTH)) if href else ():
                if self._address.setdefault(place.mem_id, href) != href:
                    self._address[place.mem_id] = None

    def around(self, node: LexborNode) -> LexborNode | None:
        """The largest element around a link that has no other link's address in it; None where it holds no image."""
        best = None
        for place in (node, *ancestors(node, _TILE_DEPTH)):
            if self._address.get(place.mem_id) is None:
                break
            if place.mem_id in self._with_image:
                best = place
        return best


def shape_of(url: str) -> tuple[str, ...]:
    """What the addresses of a shop's products have in common.

    The path's length, its fixed words (`/p/`, `/products/`), the suffix, whether the last word ends in a number, and
    the names of the parameters: `/p/only/dress-123` is `p * *9`.
    """
    parts = urlsplit(url)
    words = [word for word in unquote(parts.path).lower().split("/") if word]
    names = tuple(sorted({name for name, _ in parse_qsl(parts.query)} & {"id", "pid", "sku", "product", "article"}))
    marked = next((place for place, word in enumerate(words[:-1]) if word in _MARKERS), None)
    if marked is not None:
        return (words[marked], *["*"] * (len(words) - marked - 1), *names)
    if not words:
        return ("", *names)
    last = words[-1]
    suffix = match[0] if (match := _SUFFIX.search(last)) else ""
    ends = re.split(r"[-_.]", last.removesuffix(suffix))[-1]
    return (*["*"] * len(words), "9" if re.search(r"\d", ends) else "a", suffix, *names)
