"""Products in the words of schema.org, wherever a page has them from: JSON-LD and microdata are read into one form."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from fashiontools.scrape.shop.reader.loose_json import nested
from fashiontools.scrape.shop.reader.text import listed, plain

Node = Mapping[str, object]

_PREFIXES = ("", "schema:", "http://schema.org/", "https://schema.org/")
_PRODUCTS = frozenset({"Product", "IndividualProduct", "SomeProducts", "ProductModel", "Vehicle", "ProductGroup"})
_ASIDE = frozenset(
    listed(
        "isRelatedTo isSimilarTo isAccessoryOrSparePartFor isConsumableFor itemReviewed review reviews itemOffered "
        "hasVariant isVariantOf relatedLink subjectOf"
    )
)
_MOST_VARIANTS = 500
_LISTS = frozenset({"itemListElement", "hasPart", "hasOfferCatalog"})


class Graph:
    """What a page says in schema.org's words.

    Args:
        values: Objects and lists, as they stand in the page.

    Attributes:
        nodes: All objects, outer ones first, with the names that lead to each.
    """

    def __init__(self, values: Iterable[object]) -> None:
        self.nodes = [(node, way) for node, way in nested(list(values)) if isinstance(node, dict)]
        self._named: dict[str, Node] = {}
        for node, _ in self.nodes:
            name = node.get("@id")
            if isinstance(name, str) and len(node) > len(self._named.get(name, {"@id": name})):
                self._named[name] = node

    def whole(self, value: object) -> object:
        """What a value is; where it only names an object of the page by `@id`, that object."""
        if isinstance(value, dict) and isinstance(value.get("@id"), str) and len(value) <= 2:
            return self._named.get(value["@id"], value)
        return value

    def is_whole(self, node: Node) -> bool:
        """Whether no other object of the page says more of the same thing, or says it before."""
        name = node.get("@id")
        return not isinstance(name, str) or self._named.get(name, node) is node

    def get(self, node: Node, *names: str) -> object:
        """The first of these properties that says something; None where none does."""
        for name in names:
            for prefix in _PREFIXES:
                value = node.get(prefix + name)
                if value not in (None, "", [], {}):
                    return self.whole(value)
        return None

    def each(self, node: Node, *names: str) -> list[object]:
        """The same as a list."""
        value = self.get(node, *names)
        items = value if isinstance(value, list) else [] if value is None else [value]
        return [self.whole(item) for item in items]

    def objects(self, node: Node, *names: str) -> list[Node]:
        """Those of them that are objects."""
        return [item for item in self.each(node, *names) if isinstance(item, dict)]

    def words(self, node: Node, *names: str) -> str:
        """A property as text, the first that has any: of a list the first, of an object its name or value."""
        for name in names:
            for item in self.each(node, name):
                if text := self._text(item):
                    return text
        return ""

    def _text(self, value: object) -> str:
        for _ in range(4):
            if isinstance(value, list):
                value = value[0] if value else None
            elif isinstance(value, dict):
                value = self.get(value, "name", "@value", "value", "title")
            else:
                break
        return plain(value)

    def texts(self, node: Node, *names: str) -> list[str]:
        """All texts of a property."""
        return [text for item in self.each(node, *names) if (text := self._text(item))]


def types(node: Node) -> set[str]:
    """An object's types without their vocabulary: `https://schema.org/Product` is `Product`."""
    value = node.get("@type", node.get("type"))
    names = value if isinstance(value, list) else [value]
    return {
        name.rstrip("/#").replace("#", "/").rpartition("/")[2].rpartition(":")[2]
        for name in names
        if isinstance(name, str)
    }


@dataclass(frozen=True)
class Candidate:
    """An object of the page that may be its product.

    Attributes:
        node: It.
        variants: Where it is a group: the products in it.
        is_listed: It stands in a list of things.
    """

    node: Node
    variants: tuple[Node, ...] = field(default=())
    is_listed: bool = False


def candidates(graph: Graph) -> Iterator[Candidate]:
    """The products of a page, groups with their variants; without those that are told beside another thing."""
    members: dict[str, list[Node]] = {}
    grouped: set[int] = set()
    products = [(node, way) for node, way in graph.nodes if types(node) & _PRODUCTS]
    for node, _ in products:
        for group in graph.objects(node, "isVariantOf"):
            if isinstance(group.get("@id"), str) and types(group) & _PRODUCTS:
                members.setdefault(str(group["@id"]), []).append(node)
                grouped.add(id(node))
        grouped |= {id(variant) for variant in graph.objects(node, "hasVariant")}
    for node, way in products:
        names = {name.rpartition("/")[2].rpartition(":")[2] for name in way}
        is_own = "isVariantOf" in way[-1:]
        if id(node) in grouped or not graph.is_whole(node):
            continue
        variants = [*graph.objects(node, "hasVariant"), *members.get(str(node.get("@id")), [])][:_MOST_VARIANTS]
        if names & _ASIDE and not (is_own and variants):
            continue
        yield Candidate(node, tuple(variants), bool(names & _LISTS))


def links(graph: Graph, node: Node) -> list[str]:
    """The addresses that a product is said to have, as they stand there, its own first."""
    found = graph.texts(node, "url", "mainEntityOfPage")
    for page in (*graph.objects(node, "mainEntityOfPage"), *graph.objects(node, "offers")):
        found += [link for link in (plain(page.get("@id")), graph.words(page, "url")) if link]
    if plain(node.get("@id")).startswith(("http", "/")):
        found.append(plain(node["@id"]))
    return found
