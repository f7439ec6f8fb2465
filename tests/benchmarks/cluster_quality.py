"""`cluster-pairs` against the truth: how often each feature's choice is a whole body, and how often a front view.

Run: python tests/benchmarks/cluster_quality.py LOOKBOOK...
     python tests/benchmarks/cluster_quality.py --mixed PEOPLE GARMENTS

LOOKBOOK is a folder of `import lookbook`; several are told one by one and together. PEOPLE and GARMENTS are folders of
photos: each made-up product has one photo of the first and three of the second. Every feature is clustered with
K-means of its own number of clusters and some seeds; the lowest and the highest rate over the seeds are told. The bar:
with the default feature the choice is a front view for 97 % of the products of a lookbook of 500.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2
import numpy as np

from fashiontools.cluster_pairs.choosing import by_full_body, rank
from fashiontools.cluster_pairs.clustering import find_clusters
from fashiontools.cluster_pairs.options import DEFAULT_FEATURES, FEATURES
from fashiontools.cluster_pairs.photo import read_photo
from fashiontools.cluster_pairs.views import front_score
from fashiontools.core.inputs import open_inputs
from fashiontools.core.parallel import usable_cores

SEEDS = (0, 1, 2)
BAR = 0.97
GARMENTS_EACH = 3
STEPS = {name: entry.load() for name, entry in FEATURES.items()}
Read = tuple[dict[str, np.ndarray], np.ndarray]


def read_all(paths: list[str]) -> Read:
    """All features of photos, and how surely each shows a face."""

    def read(path: str) -> tuple[list[np.ndarray], float]:
        photo = read_photo(path)
        front = front_score(photo)
        return [steps(photo)[-1].pixels.ravel() for steps in STEPS.values()], np.nan if front is None else front

    cv2.setNumThreads(1)
    with ThreadPoolExecutor(usable_cores()) as pool:
        found = list(pool.map(read, paths))
    features = {name: np.stack([maps[place] for maps, _ in found]) for place, name in enumerate(STEPS)}
    return features, np.array([front for _, front in found], np.float32)


def rates(
    read: Read, products: dict[str, list[int]], name: str, k: int, views: bool, truths: list[np.ndarray]
) -> list[tuple[float, float]]:
    """For each truth the lowest and the highest share of products whose choice has it."""
    features, fronts = read
    shares = []
    for seed in SEEDS:
        clusters, _ = by_full_body(find_clusters(features[name], k, seed))
        chosen = [rank(photos, clusters, 0, fronts, views=views)[0].number for photos in products.values()]
        shares.append([float(truth[chosen].mean()) for truth in truths])
    return [(min(column), max(column)) for column in zip(*shares, strict=True)]


def told(span: tuple[float, float]) -> str:
    """One figure, or two where the seeds differ."""
    low, high = (f"{100 * share:.1f}" for share in span)
    return low if low == high else f"{low} to {high}"


def lookbook_rows(folder: str) -> list[dict[str, str]]:
    """The worn photos of a lookbook; products of several lookbooks are told apart by the folder."""
    rows = [row for row in open_inputs([folder]).rows if row["view"] == "model" and not row.is_bad]
    return [{**row, "group": f"{folder}/{row['group']}"} for row in rows]


def grouped(groups: list[str]) -> dict[str, list[int]]:
    """The numbers of the photos of each product."""
    products: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        products.setdefault(group, []).append(number)
    return products


def score_lookbook(title: str, rows: list[dict[str, str]], read: Read) -> bool:
    """Print the table of one lookbook; returns whether the default feature reaches the bar."""
    poses = np.array([row["pose"] for row in rows])
    products = grouped([row["group"] for row in rows])
    whole, front = np.isin(poses, ("front", "back")), poses == "front"
    print(f"\n{title}: {len(products):,} products, {len(rows):,} worn photos\n")
    print("| features | k | whole body, nearest | front, nearest | whole body, by view | front, by view |")
    print("| --- | --- | --- | --- | --- | --- |")
    reached = False
    for name, entry in FEATURES.items():
        cells = [
            told(span)
            for views in (False, True)
            for span in rates(read, products, name, entry.clusters, views, [whole, front])
        ]
        print(f"| {name} | {entry.clusters} | {' | '.join(cells)} |")
        if name == DEFAULT_FEATURES:
            reached = rates(read, products, name, entry.clusters, True, [front])[0][0] >= BAR
    return reached


def lookbooks(folders: list[str]) -> bool:
    """Score lookbooks one by one, and all together."""
    tables = {folder: lookbook_rows(folder) for folder in folders}
    reads = {folder: read_all([row["path"] for row in rows]) for folder, rows in tables.items()}
    reached = [score_lookbook(folder, tables[folder], reads[folder]) for folder in folders]
    if len(folders) > 1:
        together = {name: np.concatenate([reads[folder][0][name] for folder in folders]) for name in STEPS}
        fronts = np.concatenate([reads[folder][1] for folder in folders])
        score_lookbook("together", [row for folder in folders for row in tables[folder]], (together, fronts))
    return all(reached)


def mixed(people: str, garments: str) -> None:
    """Score made-up products of one photo of a person and some of garments."""
    persons, others = ([row["path"] for row in open_inputs([folder]).rows] for folder in (people, garments))
    drawn = np.random.default_rng(0).permutation(others)[: GARMENTS_EACH * len(persons)]
    paths = [*persons, *drawn.tolist()]
    is_person = np.arange(len(paths)) < len(persons)
    products = grouped([str(number % len(persons)) for number in range(len(paths))])
    read = read_all(paths)
    print(f"\n{len(persons):,} photos of people, each among {GARMENTS_EACH} of garments\n")
    print("| features | k | people in cluster 1 | cluster 1 is people | person chosen, nearest | by view |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, entry in FEATURES.items():
        for k in (3, 4, 5) if name == DEFAULT_FEATURES else (entry.clusters,):
            clusters, _ = by_full_body(find_clusters(read[0][name], k, 0))
            first = clusters.labels == 0
            cells = [f"{100 * first[is_person].mean():.1f}", f"{100 * is_person[first].mean():.1f}"]
            cells += [told(rates(read, products, name, k, views, [is_person])[0]) for views in (False, True)]
            print(f"| {name} | {k} | {' | '.join(cells)} |")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--mixed":
        mixed(*sys.argv[2:])
    elif len(sys.argv) > 1 and all(Path(name).exists() for name in sys.argv[1:]):
        sys.exit(0 if lookbooks(sys.argv[1:]) else 1)
    else:
        sys.exit(__doc__)
