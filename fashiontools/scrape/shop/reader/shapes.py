"""Products in data of any make, found by their shape: something with a name, a number, a price or brand, and photos."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fashiontools.scrape.shop.product import Product
from fashiontools.scrape.shop.reader import naming
from fashiontools.scrape.shop.reader.document import Document
from fashiontools.scrape.shop.reader.loose_json import nested
from fashiontools.scrape.shop.reader.schema_product import merged
from fashiontools.scrape.shop.reader.shaped_fields import (
    has_images,
    has_price,
    link_of,
    name_of,
    number_of,
    numbers_of,
    product_of,
)

_ASIDE = re.compile(
    r"recommend|related|similar|cross_?sell|up_?sell|recently|lastSeen|last_seen|sponsored|complete_?the_?look|"
    r"shop_?the_?look|suggest|wishlist|teaser|navigation|menu|footer|header|review",
    re.IGNORECASE,
)
_PRODUCTS = re.compile(r"product|article|items|hits|results", re.IGNORECASE)
_MOST_PIECES = 5_000
_FEWEST_IN_LIST = 3  # so many products side by side are a list of them


@dataclass(frozen=True)
class _Piece:
    node: Mapping[str, object]
    number: str
    list: int  # the identity of the list that it stands in; 0 where it stands in none


def shaped_product(data: Sequence[object], document: Document) -> Product | None:
    """Find the product of a page in its data.

    Objects with the same number are pieces of one product: a cache of queries has its name in one and its photos in
    another. Of several products it is the one that the page's address names, else the one that says most; products
    side by side in a list are none, unless the address names one.

    Args:
        data: Objects and lists, as they stand in the page.
        document: The page.

    Returns:
        The product; None where nothing has a name, a number, a price or brand, and at least one photo.
    """
    groups: dict[str, list[_Piece]] = {}
    for piece in _pieces(data):
        groups.setdefault(piece.number.lower(), []).append(piece)
    names = naming.Names(document)
    crowded = _crowded(groups.values())
    ranked = []
    for pieces in groups.values():
        if any(name_of(piece.node) for piece in pieces) and any(has_images(piece.node) for piece in pieces):
            links = [link for piece in pieces if (link := link_of(piece.node))]
            ids = [number for piece in pieces for number in numbers_of(piece.node)]
            rank = names.rank(links, ids)
            if rank > naming.UNSAID or not all(piece.list in crowded for piece in pieces):
                ranked.append((max(rank, naming.UNSAID), sum(len(piece.node) for piece in pieces), pieces))
    for _, _, pieces in sorted(ranked, key=lambda entry: entry[:2], reverse=True)[:20]:
        product = _assembled(pieces, document)
        if product.name and product.images and (product.price or product.brand):
            return product
    return None


def _pieces(data: Sequence[object]) -> Iterator[_Piece]:
    """The objects with a number that have a name or photos."""
    home: dict[int, int] = {}
    found = 0
    for node, way in nested(list(data)):
        if isinstance(node, list):
            if way:
                home |= {id(item): id(node) for item in node if isinstance(item, dict)}
            continue
        if _is_aside(way):
            continue
        number = number_of(node)  # type: ignore[arg-type]
        if number and (name_of(node) or has_images(node)):  # type: ignore[arg-type]
            yield _Piece(node, number, home.get(id(node), 0))  # type: ignore[arg-type]
            found += 1
            if found >= _MOST_PIECES:
                return


def _crowded(groups: Iterable[Sequence[_Piece]]) -> set[int]:
    """The lists that have several whole products in them."""
    members: dict[int, set[str]] = {}
    for pieces in groups:
        for piece in pieces:
            if piece.list and name_of(piece.node) and has_images(piece.node):
                members.setdefault(piece.list, set()).add(piece.number)
    return {key for key, numbers in members.items() if len(numbers) >= _FEWEST_IN_LIST}


def _assembled(pieces: Sequence[_Piece], document: Document) -> Product:
    ordered = sorted(pieces, key=lambda piece: (not name_of(piece.node), -len(piece.node)))
    product = product_of(ordered[0].node, document)
    for piece in ordered[1:20]:
        product = merged(product, product_of(piece.node, document))
    return product


def _is_aside(way: tuple[str, ...]) -> bool:
    """Whether names that lead to a value say that it is shown beside the page's own products."""
    return any(_names_aside(name) for name in way if name)


@lru_cache(maxsize=4096)
def _names_aside(name: str) -> bool:
    return _ASIDE.search(name) is not None


def shaped_lists(data: Sequence[object]) -> list[tuple[str, ...]]:
    """The addresses of products that stand side by side in a page's data, the longest list first.

    Categories and filters have names and addresses too; products have a price, a brand or photos besides, or
    the list is named after them.

    Returns:
        Links as they stand there, one tuple for each list.
    """
    lists = []
    for node, way in nested(list(data)):
        if isinstance(node, list) and not _is_aside(way):
            items = [_unwrapped(item) for item in node if isinstance(item, dict)]
            named = [item for item in items if name_of(item)]
            sold = [item for item in named if has_price(item) or has_images(item)]
            if not sold and any(_PRODUCTS.search(name) for name in way[-2:]):
                sold = [item for item in named if number_of(item)]
            links = tuple(link for item in sold if (link := link_of(item)))
            if len(links) > 1:
                lists.append(links)
    return sorted(lists, key=len, reverse=True)[:5]


def _unwrapped(item: Mapping[str, object]) -> Mapping[str, object]:
    """The product in an item of a list that is `{"node": {...}}` or `{"product": {...}}`."""
    for _ in range(3):
        inner = item.get("node", item.get("product"))
        if not isinstance(inner, dict):
            break
        item = inner
    return item
