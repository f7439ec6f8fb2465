"""The product that a page describes in schema.org's words."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from fashiontools.scrape.shop.product import Product
from fashiontools.scrape.shop.reader import naming
from fashiontools.scrape.shop.reader.categories import crumb_category, leaf
from fashiontools.scrape.shop.reader.document import Document
from fashiontools.scrape.shop.reader.images import Found, in_value, photos
from fashiontools.scrape.shop.reader.schema import Candidate, Graph, Node, candidates, links, types
from fashiontools.scrape.shop.reader.text import currency, plain, price

_IDS = ("sku", "productID", "mpn", "gtin", "gtin13", "gtin14", "gtin12", "gtin8", "productGroupID", "identifier")
_WORDED = ("material", "pattern")
_FORMER = frozenset({"ListPrice", "StrikethroughPrice", "SRP", "MSRP"})
_FEWEST_ALIKE = 3  # so many of one make are a list
_PRICES = ("price", "lowPrice", "minPrice")


def schema_product(graph: Graph, document: Document) -> Product | None:
    """Read the product of a page.

    Of several it is the one that the page's address names, else the one that says most; where all of them have
    another address, or stand in a list, or several say the same things of themselves, the page is about none.

    Of a group of variants it is what the group says and the variants that the address names agree on: sizes of one
    colour share all but their numbers. Where the address names none of them, the group's photos are taken, else those
    of the first.

    Args:
        graph: What the page says.
        document: The page.

    Returns:
        The product, with what the page does not say empty, even its `id`; None where there is none.
    """
    reader = _Reader(graph, document)
    ranked = [(reader.rank(candidate), candidate) for candidate in candidates(graph)]
    if not ranked:
        return None
    best, chosen = max(ranked, key=lambda pair: (pair[0], not pair[1].is_listed, len(pair[1].node)))
    alone = sum(candidate.is_listed == chosen.is_listed for _, candidate in ranked) == 1
    if best in (naming.UNSAID, naming.ELSEWHERE) and not alone and (best == naming.ELSEWHERE or chosen.is_listed):
        return None
    alike = sum(rank == best and one.node.keys() == chosen.node.keys() for rank, one in ranked)
    if best == naming.UNSAID and alike >= _FEWEST_ALIKE:
        return None
    product = reader.group(chosen) if chosen.variants else reader.product(chosen.node)
    return product if product.category else replace(product, category=crumb_category(graph, product.name, document))


class _Reader:
    """Reads nodes of one page."""

    def __init__(self, graph: Graph, document: Document) -> None:
        self._graph = graph
        self._document = document
        self._names = naming.Names(document)

    def rank(self, candidate: Candidate) -> int:
        return max(self._rank(node) for node in (candidate.node, *candidate.variants))

    def _rank(self, node: Node) -> int:
        offers = self._graph.objects(node, "offers")
        ids = [text for one in (node, *offers) for name in _IDS for text in self._graph.texts(one, name)]
        return self._names.rank(links(self._graph, node), ids)

    def group(self, candidate: Candidate) -> Product:
        """What a group and its named variants say."""
        common = self.product(candidate.node)
        ranks = [self._rank(variant) for variant in candidate.variants]
        best = max(ranks)
        named = (best > naming.OTHER_VARIANT and min(ranks) < best) or len(ranks) == 1
        members = [self.product(node) for node, rank in zip(candidate.variants, ranks, strict=True) if rank == best]
        if not named:
            members = [self.product(node) for node in candidate.variants]
        agreed = _agreed(members)
        images = agreed.images if named and agreed.images else common.images or members[0].images
        first, second = (agreed, common) if named else (common, agreed)
        return replace(merged(first, second), images=images)

    def product(self, node: Node) -> Product:
        """What one node says."""
        graph = self._graph
        name = graph.words(node, "name", "title", "alternateName")
        amount, unit = self._price(node)
        return Product(
            id=self._id(node),
            url=self._document.url,
            name=name,
            brand=graph.words(node, "brand") or graph.words(node, "manufacturer"),
            price=amount,
            currency=unit,
            category=leaf(graph.texts(node, "category")),
            color=graph.words(node, "color", "colour"),
            attributes=self._attributes(node),
            description=graph.words(node, "description"),
            images=photos(self._found(node), self._document.base, name),
        )

    def _id(self, node: Node) -> str:
        own = plain(node.get("@id"))
        offered = (graph_id for offer in self._graph.objects(node, "offers") if (graph_id := self._number(offer)))
        is_name = own and not own.startswith(("http", "/", "#", "_:"))
        return self._number(node) or next(offered, "") or (own if is_name else "")

    def _number(self, node: Node) -> str:
        return next((text for name in _IDS if (text := self._graph.words(node, name))), "")

    def _found(self, node: Node) -> list[Found]:
        found: list[Found] = []
        for name in ("image", "images", "photo", "associatedMedia"):
            for item in self._graph.each(node, name):
                found += in_value(item, by_shape=name == "associatedMedia")
        return found or list(in_value(self._graph.get(node, "thumbnailUrl", "thumbnail")))

    def _price(self, node: Node) -> tuple[str, str]:
        """The lowest price, and its currency."""
        offers = list(self._graph.objects(node, "offers")) or [node]
        offers += [inner for offer in offers for inner in self._graph.objects(offer, "offers")]
        offers += [inner for offer in offers for inner in self._graph.objects(offer, "priceSpecification")]
        found = []
        for offer in offers:
            if types(offer) & _FORMER or self._graph.words(offer, "priceType").rpartition("/")[2] in _FORMER:
                continue
            text = self._graph.words(offer, *_PRICES)
            if amount := price(text):
                found.append((amount, currency(self._graph.words(offer, "priceCurrency")) or currency(text)))
        amount, unit = min(found, key=lambda pair: float(pair[0]), default=("", ""))
        return amount, unit or next((other for _, other in found if other), "") if amount else ""

    def _attributes(self, node: Node) -> tuple[str, ...]:
        graph = self._graph
        found = []
        for item in graph.objects(node, "additionalProperty"):
            key, unit = graph.words(item, "name", "propertyID").rstrip(": "), graph.words(item, "unitText")
            for text in graph.texts(item, "value"):
                found.append(": ".join(filter(None, (key, f"{text} {unit}".strip()))))
        found += [text for item in graph.each(node, "additionalProperty") if (text := plain(item))]
        found += [f"{name}: {text}" for name in _WORDED for text in graph.texts(node, name)]
        return tuple(dict.fromkeys(found))


def merged(first: Product, second: Product) -> Product:
    """A product with what `first` says, and what `second` says of the rest."""
    return replace(first, **{name: value for name, value in vars(second).items() if not getattr(first, name)})


def _agreed(members: Sequence[Product]) -> Product:
    """What all of them say alike, the lowest of their prices, and all their photos."""

    def agreed(name: str, pick: Callable[[Product], object]) -> object:
        said = {pick(member) for member in members}
        return said.pop() if len(said) == 1 else type(pick(members[0]))()

    facts = {name: agreed(name, lambda one, name=name: getattr(one, name)) for name in vars(members[0])}  # type: ignore[misc]
    priced = [member for member in members if member.price]
    lowest = min(priced, key=lambda one: float(one.price), default=members[0])
    images = tuple(dict.fromkeys(image for member in members for image in member.images))
    return Product(
        **{**facts, "url": members[0].url, "price": lowest.price, "currency": lowest.currency, "images": images}
    )  # type: ignore[arg-type]
