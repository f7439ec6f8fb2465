"""Splits by product: what shows one photo, or copies of it, is on one side."""

import hashlib
from collections.abc import Iterable, Sequence

from fashiontools.core.manifest import Row
from fashiontools.core.progress import Progress
from fashiontools.dedupe.finder import Finder
from fashiontools.dedupe.options import DedupeOptions
from fashiontools.import_data.splits import SPLITS, split_of

_LARGE = 0.05
"""Share of all products that are tied together from which somebody has to know."""


class UnionFind:
    """Sets of names that are joined two by two; each set is known by the first of its names in sorting order."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def find(self, name: str) -> str:
        """The name that the set of a name is known by."""
        root = name
        while (parent := self._parents.get(root, root)) != root:
            root = parent
        while (parent := self._parents.get(name, name)) != root:
            self._parents[name], name = root, parent
        return root

    def join(self, first: str, second: str) -> None:
        """Make one set of the sets of two names."""
        low, high = sorted((self.find(first), self.find(second)))
        self._parents[high] = low


def tied_products(photos: Iterable[tuple[str, Row]], workers: int, progress: Progress) -> UnionFind:
    """Find which products show copies of one photo, as `dedupe` finds copies.

    Args:
        photos: Product and row of each photo; those that cannot be read tie nothing.
        workers: Photos at a time.
        progress: Where progress goes.
    """
    tied = UnionFind()
    products: dict[int, str] = {}
    first: dict[str, str] = {}
    rows = []
    for product, row in photos:
        if row["path"] in first:  # the finder takes a file once
            tied.join(product, first[row["path"]])
            continue
        first[row["path"]] = product
        products[id(row)] = product
        rows.append(row)
    finder = Finder(DedupeOptions(workers=workers), progress)
    finder.read(rows)
    for copy in finder.find():
        tied.join(products[id(copy.row)], products[id(copy.kept)])
    return tied


def draw_splits(
    names: Sequence[str], tied: UnionFind, shares: tuple[float, float, float], seed: int, progress: Progress
) -> dict[str, str]:
    """Draw the split of each product: it depends on the seed and the product's name alone, or, where products are tied,
    on the first of their names. So products that come later move no others, but those that one of an earlier name is
    tied to.

    Args:
        names: The products.
        tied: Which of them go together.
        shares: Of train, val and test.
        seed: The user's.
        progress: Where it is told that many products are tied together.

    Returns:
        `train`, `val` or `test` of each product.
    """
    sizes: dict[str, int] = {}
    splits = {}
    for name in names:
        root = tied.find(name)
        sizes[root] = sizes.get(root, 0) + 1
        splits[name] = split_of(hashlib.sha256(root.encode()).digest(), seed, val=shares[1], test=shares[2])
    for name, share in zip(SPLITS, shares, strict=True):
        if share and name not in splits.values():
            progress.note(
                f"no product fell to split {name}: there are few, and each is drawn by itself; try another --seed"
            )
    together = sum(size for size in sizes.values() if size > 1)
    largest = max(sizes.values(), default=0)
    if together:
        progress.note(f"{together:,} products share copies of photos with others, and are on their side")
    if largest > max(2, _LARGE * len(names)):
        progress.note(f"{largest:,} of them are tied together: if one photo is in all of them, take it out first")
    return splits
