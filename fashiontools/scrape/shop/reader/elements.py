"""What an element of a page is part of, and what its attributes call it."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from fashiontools.scrape.shop.reader.document import Document, attribute
from fashiontools.scrape.shop.reader.images import Found, largest
from fashiontools.scrape.shop.reader.text import listed, plain

_NAMING = listed("class id aria-label data-testid data-test-id data-component data-section data-module data-qa")
_ASIDE = re.compile(
    r"recommend|empfehl|related|similar|aehnlich|ähnlich|upsell|up-sell|cross-?sell|recently|zuletzt|last-?seen|"
    r"weitere-?produkte|more-products|also-?(?:like|bought|viewed)|complete-the-look|shop-the-look|inspiration|"
    r"bestseller-?(?:slider|carousel)|sponsored",
    re.IGNORECASE,
)
_ASIDE_HEADING = re.compile(
    r"weitere (?:produkte|artikel)|das k(?:ö|oe)nnte|ähnliche|zuletzt (?:an)?gesehen|passend dazu|wird oft|empfehl|"
    r"kund(?:en|innen).* (?:auch|kauften)|you (?:may|might)|also (?:like|bought|viewed)|similar|related|recently|"
    r"recommended|more products|complete (?:the|your) look|inspired by|vous aimerez|te puede interesar",
    re.IGNORECASE,
)
_MOST_ASIDE = 1_000
_PARTS = frozenset({"main", "article", "section", "li"})
_ROLES = frozenset({"navigation", "banner", "contentinfo", "dialog"})
_SOURCES = listed("data-zoom-image data-zoom data-large_image data-large data-full data-original data-hires")
_LAZY = listed("data-src data-lazy-src data-lazy data-image data-echo")
_BACKGROUND = re.compile(r"background(?:-image)?\s*+:[^;]*?url\(\s*+(\"[^\"]*+\"|'[^']*+'|[^)\s]*+)", re.IGNORECASE)


def naming(node: LexborNode) -> str:
    """What the attributes of an element call it, in one line."""
    attributes = node.attributes
    return " ".join(attributes.get(name) or "" for name in _NAMING)


def ancestors(node: LexborNode, most: int = 60) -> Iterator[LexborNode]:
    """The elements around an element, the nearest first."""
    parent = node.parent
    while parent is not None and parent.is_element_node and most:
        yield parent
        parent = parent.parent
        most -= 1


class Places:
    """Says which elements of a page are no part of its own content.

    Args:
        document: The page.
    """

    def __init__(self, document: Document) -> None:
        self._known: dict[int, bool] = {}
        self._aside: set[int] = set()
        for heading in document.tree.css("h1,h2,h3,h4,h5,h6,[role=heading],[class*=headline],[class*=title]"):
            text = heading.text(deep=True)
            if len(self._aside) < _MOST_ASIDE and len(text) < 200 and _ASIDE_HEADING.search(plain(text)):
                self._set_aside(heading)

    def is_aside(self, node: LexborNode) -> bool:
        """Whether an element is part of navigation, or of products that are shown beside the page's own."""
        way = []
        answer = False
        for place in (node, *ancestors(node)):
            if (known := self._known.get(place.mem_id)) is not None:
                answer = known
                break
            way.append(place.mem_id)
            if self._is_border(place):
                answer = True
                break
        self._known |= dict.fromkeys(way, answer)
        return answer

    def _is_border(self, node: LexborNode) -> bool:
        if node.tag in ("html", "body", "main"):
            return False
        if node.tag in ("header", "footer"):  # of a page, unless of a product or of a part of the page
            return not any(place.tag in _PARTS for place in ancestors(node))
        if node.mem_id in self._aside or node.tag == "nav" or attribute(node, "role") in _ROLES:
            return True
        return _ASIDE.search(naming(node)) is not None

    def _set_aside(self, heading: LexborNode) -> None:
        """Mark the products that stand under a heading, in the smallest element that has any after it."""
        place = heading
        for _ in range(5):
            after = place.next
            found = False
            while after is not None:
                if after.is_element_node and after.css_first("a[href]") and after.css_first("img"):
                    self._aside.add(after.mem_id)
                    found = True
                after = after.next
            if found or place.parent is None or place.parent.tag in ("main", "body", "html"):
                return
            place = place.parent


def image_of(node: LexborNode) -> Found | None:
    """The photo of an `img`, `source` or any element with a CSS background, in its largest size."""
    attributes = node.attributes
    alt = attributes.get("alt") or attributes.get("title") or ""
    told = naming(node) if node.tag == "img" else ""
    for name in ("data-srcset", "data-lazy-srcset", "srcset"):
        if (srcset := attributes.get(name)) and (found := largest(srcset)) and not found.url.startswith("data:"):
            return Found(found.url, found.width, alt, told)
    for name in (*_SOURCES, *_LAZY, "src"):
        url = (attributes.get(name) or "").strip()
        if url and not url.startswith(("data:", "{", "[")):
            return Found(url, 0, alt, told)
    if match := _BACKGROUND.search(attributes.get("style") or attributes.get("data-style") or ""):
        return Found(match[1].strip("\"'"), 0, attributes.get("aria-label") or alt)
    return None
