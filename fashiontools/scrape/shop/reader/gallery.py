"""The photos in a page's own gallery, for shops whose data name one photo and whose pages show six."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from fashiontools.scrape.shop.product import Image
from fashiontools.scrape.shop.reader.document import Document, attribute
from fashiontools.scrape.shop.reader.elements import Places, ancestors, image_of, naming
from fashiontools.scrape.shop.reader.images import Found, looks_like_photo, photos

_GALLERY = re.compile(
    r"galler(?:y|ie)|product[-_]?(?:image|media|photo)s?|image[-_]?(?:carousel|slider)|thumb(?:nail)?s|media[-_]?viewer|"
    r"carousel[-_]?thumb|pdp[-_]?(?:image|media)|produktbild",
    re.IGNORECASE,
)
_SHOWN = "img, source, [style*=url], [data-style*=url], [data-bg], a[href]"
_MOST = 500


def gallery_images(document: Document, name: str) -> tuple[Image, ...]:
    """The photos in the element that is named as the product's gallery.

    Taken are `srcset`, the attributes of lazy images, links around them to larger ones, and CSS backgrounds. Left out
    are elements of navigation and of products beside.

    Args:
        document: The page.
        name: The product's name.

    Returns:
        The photos of the gallery with most of them; empty where no element is named so.
    """
    places = Places(document)
    galleries: dict[int, LexborNode] = {}
    for node in document.tree.css("[class], [id], [data-testid]"):
        if _GALLERY.search(naming(node)) and not places.is_aside(node):
            within = [place.mem_id for place in ancestors(node)]
            if not any(place in galleries for place in within):
                galleries[node.mem_id] = node
        if len(galleries) >= 50:
            break
    found = [photos(_shown(node), document.base, name) for node in galleries.values()]
    return max(found, key=len, default=())


def _shown(gallery: LexborNode) -> Iterator[Found]:
    for node in gallery.css(_SHOWN)[:_MOST]:
        if node.tag == "a":
            href = attribute(node, "href")
            if looks_like_photo(href) and node.css_first("img") is not None:
                yield Found(href)
        elif (node.tag in ("img", "source") or not node.css_first("img")) and (found := image_of(node)):
            yield found
