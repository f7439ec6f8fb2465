"""The sheets to look at: the centres with members, the nearest photo of some products, the steps of a feature."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from fashiontools.cluster_pairs.clustering import Clusters
from fashiontools.cluster_pairs.photo import MAP_SIDE, Photo, Step, read_photo
from fashiontools.core.contact_sheet import contact_sheet
from fashiontools.core.errors import BadRow
from fashiontools.core.images import write_photo
from fashiontools.core.random import generator_of

CLUSTERS, NEAREST, STEPS = "clusters.png", "nearest.png", "steps.png"
_MEMBERS, _PRODUCTS, _SHOWN = 9, 8, 6
_CELL = 160


def draw_clusters(file: Path, clusters: Clusters, scores: Sequence[float], paths: Sequence[str], seed: int) -> None:
    """Draw each centre with random members (Farnsworth 2018, figure 15).

    Args:
        file: Where to.
        clusters: Numbered from the most like whole bodies on.
        scores: How much like that each is.
        paths: The photos.
        seed: Decides which members are shown.
    """
    rows, captions = [], []
    for number, (centre, score) in enumerate(zip(clusters.centres, scores, strict=True)):
        members = np.flatnonzero(clusters.labels == number)
        drawn = generator_of(seed, b"members", number).permutation(members)[:_MEMBERS]
        rows.append([_shown(centre), *_photos([paths[member] for member in np.sort(drawn)])])
        captions.append(f"{number + 1}: {len(members):,} photos; whole body {score:.2f}")
    write_photo(file, contact_sheet(rows, ("centre", "members"), cell=_CELL, captions=captions))


def draw_nearest(
    file: Path, clusters: Clusters, products: Sequence[tuple[str, Sequence[int]]], paths: Sequence[str], seed: int
) -> None:
    """Draw for some products the chosen photo, and the one that is nearest to each centre (Farnsworth 2018, figure 18).

    Args:
        file: Where to.
        clusters: Of all photos.
        products: Names, and the numbers of their photos, the chosen one first; those with the most photos are shown.
        paths: The photos.
        seed: Decides which products are shown.
    """
    order = generator_of(seed, b"products", 0).permutation(len(products))
    most = sorted(order.tolist(), key=lambda place: -len(products[place][1]))[:_PRODUCTS]
    shown = [products[place] for place in sorted(most)]
    rows = [[np.full((MAP_SIDE, MAP_SIDE), 255, np.uint8), *_photos([paths[photos[0]] for _, photos in shown])]]
    for centre in range(len(clusters.centres)):
        nearest = [min(photos, key=lambda photo: clusters.distances[photo, centre]) for _, photos in shown]
        rows.append([_shown(clusters.centres[centre]), *_photos([paths[photo] for photo in nearest])])
    captions = ["chosen", *(f"{number}: the nearest photo of each product" for number in range(1, len(rows)))]
    write_photo(file, contact_sheet(rows, ("centre", *(name for name, _ in shown)), cell=_CELL, captions=captions))


def draw_steps(file: Path, steps: Callable[[Photo], list[Step]], paths: Sequence[str], seed: int) -> None:
    """Draw the steps of a feature for some photos (Farnsworth 2018, figures 16 and 17)."""
    drawn = np.sort(generator_of(seed, b"steps", 0).permutation(len(paths))[:_SHOWN])
    rows: list[list[Step]] = []
    for number in drawn:
        try:
            rows.append(steps(read_photo(paths[number])))
        except BadRow:  # it was there when the features were made
            continue
    if rows:
        pictures = [[step.pixels for step in row] for row in rows]
        write_photo(file, contact_sheet(pictures, [step.name for step in rows[0]], cell=_CELL))


def _shown(centre: np.ndarray) -> np.ndarray:
    return np.round(centre.reshape(MAP_SIDE, MAP_SIDE) * 255).astype(np.uint8)


def _photos(paths: Sequence[str]) -> list[np.ndarray]:
    found = []
    for path in paths:
        try:
            found.append(read_photo(path).pixels)
        except BadRow:
            continue
    return found
