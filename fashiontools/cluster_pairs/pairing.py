"""The chosen photo of each product, as rows of the manifest and of `photos.csv`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from fashiontools.cluster_pairs.choosing import Ranked, rank
from fashiontools.cluster_pairs.clustering import Clusters
from fashiontools.cluster_pairs.options import NO_PRODUCT, ClusterPairsOptions
from fashiontools.cluster_pairs.products import NO_CANDIDATE, NO_PACKSHOT, OVERRIDE, UNREADABLE, Product
from fashiontools.cluster_pairs.rejected import Reason
from fashiontools.core.manifest import Row
from fashiontools.core.output import write_table

PAIR_COLUMNS = ("target", "cluster", "distance", "confidence", "runner_up", "runner_up_distance")
PHOTOS = "photos.csv"
_OF_PHOTOS = ("cluster", "distance", "view", "confidence", "rank", "chosen")


class Pairing:
    """Chooses for products.

    Args:
        clusters: Of all photos that could be read.
        chosen: The number of the wanted cluster, from 0 on.
        fronts: How surely each photo shows a face, (photos,) float32; NaN where nobody can tell.
        numbers: The number of each photo's row.
        rows: The input.
        options: The command's.
    """

    def __init__(
        self,
        clusters: Clusters,
        chosen: int,
        fronts: np.ndarray,
        numbers: list[int],
        rows: list[Row],
        options: ClusterPairsOptions,
    ) -> None:
        self._clusters, self._chosen, self._fronts = clusters, chosen, fronts
        self._numbers, self._rows, self._options = numbers, rows, options
        self._places = {number: place for place, number in enumerate(numbers)}

    def photos_of(self, products: dict[str, Product]) -> list[tuple[str, list[int]]]:
        """The products that have photos, each with their numbers among those that could be read, the best one first."""
        listed = [(product.name, [one.number for one in self.ranked(product)]) for product in products.values()]
        return [(name, photos) for name, photos in listed if photos]

    def _photos(self, product: Product) -> list[int]:
        return [self._places[number] for number, _ in product.candidates if number in self._places]

    def ranked(self, product: Product) -> list[Ranked]:
        """The photos of a product, the chosen one first; a photo that somebody chose is surely the right one."""
        views = self._options.view == "front"
        found = rank(self._photos(product), self._clusters, self._chosen, self._fronts, views=views)
        mine = self._places.get(product.overridden) if product.overridden is not None else None
        own = [one._replace(confidence=1.0) for one in found if one.number == mine]
        return own + [one for one in found if one.number != mine]

    def pair(self, product: Product) -> Row | Reason:
        """The row of a product, or why it has none."""
        if self._options.product != NO_PRODUCT and product.packshot is None:
            return Reason(NO_PACKSHOT, {})
        if not product.candidates:
            return Reason(NO_CANDIDATE, {})
        if product.overridden is not None and product.overridden not in self._places:
            return Reason(f"its {OVERRIDE} cannot be read", {})
        ranked = self.ranked(product)
        if not ranked:
            return Reason(UNREADABLE, {})
        best, *others = ranked
        facts = {**self._facts(best), "confidence": f"{best.confidence:.4f}"}
        if best.confidence < self._options.min_confidence:
            return Reason("confidence below --min-confidence", facts)
        row = self._row(best)
        facts |= {"runner_up": "", "runner_up_distance": ""}
        if others:
            facts["runner_up"] = self._row(others[0]).name
            facts["runner_up_distance"] = self._distance(others[0])
        if product.packshot is None:
            return row.having(**facts, status="ok", error="")
        return product.packshot.having(target=row["path"], **facts, status="ok", error="")

    def listed(self, product: Product) -> Iterator[tuple[int, Row]]:
        """The numbers and facts of all photos of a product that could be read."""
        for place, one in enumerate(self.ranked(product), 1):
            row = self._row(one)
            facts = {**self._facts(one), "view": one.view, "confidence": f"{one.confidence:.4f}", "rank": str(place)}
            chosen = place == 1 and (self._options.product == NO_PRODUCT or product.packshot is not None)
            facts["chosen"] = "yes" if chosen and one.confidence >= self._options.min_confidence else ""
            yield self._numbers[one.number], Row({"path": row["path"], "group": product.name, **facts}, row.name)

    def _row(self, one: Ranked) -> Row:
        return self._rows[self._numbers[one.number]]

    def _distance(self, one: Ranked) -> str:
        return f"{self._clusters.distances[one.number, self._chosen]:.4f}"

    def _facts(self, one: Ranked) -> dict[str, str]:
        return {"cluster": str(self._clusters.labels[one.number] + 1), "distance": self._distance(one)}


def write_photos(file: Path, pairing: Pairing, products: Iterable[Product]) -> None:
    """Write `photos.csv`: every photo that could be read, in the input's order, with its cluster and its rank."""
    listed = sorted((item for product in products for item in pairing.listed(product)), key=lambda item: item[0])
    write_table(file, ("path", "group", *_OF_PHOTOS), (row for _, row in listed))
