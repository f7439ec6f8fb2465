"""K-means over the features of photos that lie in a file: never more than a part of them in memory.

The same bits whatever the number of threads: scikit-learn adds up its threads' sums in the order in which they end, so
it gets one.
"""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from fashiontools.core.random import generator_of

MOST_AT_ONCE = 10_000
"""Photos up to which Lloyd's algorithm sees all of them, in 164 MB. Of more it sees so many, drawn by the seed, and
mini-batches of all photos go on from there (Sculley 2010)."""

STARTS = 4
"""Starts of K-means (`n_init`), of which the best is kept."""

_BATCH = 1024
_PASSES = 2
_CHUNK = 1024  # photos whose distances are computed at once: 17 MB
_SCORED = 2000  # photos that the silhouette score is computed of


class Clusters(NamedTuple):
    """What photos fall into.

    Attributes:
        centres: (k, features) float32 in [0, 1].
        distances: Root mean square difference of each photo to each centre, (photos, k) float32 in [0, 1].
        labels: The nearest centre of each photo, (photos,) int64.
        silhouette: Mean silhouette of a sample, -1 to 1 (Rousseeuw 1987); NaN where all photos of it are in one.
    """

    centres: np.ndarray
    distances: np.ndarray
    labels: np.ndarray
    silhouette: float

    def ordered(self, order: np.ndarray) -> "Clusters":
        """The same clusters, numbered by `order`, a permutation."""
        back = np.argsort(order)
        return Clusters(self.centres[order], self.distances[:, order], back[self.labels], self.silhouette)


def find_clusters(features: np.ndarray, k: int, seed: int) -> Clusters:
    """Cluster photos.

    Args:
        features: (photos, values) uint8, often a memory map; at least k rows.
        k: Clusters.
        seed: Decides the starts, and which photos a sample has.
    """
    with threadpool_limits(1):
        centres = _centres(features, k, seed)
        distances = np.concatenate([_distances(part, centres) for part in _chunks(features)])
        labels = distances.argmin(axis=1)
        return Clusters(centres, distances, labels, _silhouette(features, labels, seed))


def _centres(features: np.ndarray, k: int, seed: int) -> np.ndarray:
    rng = generator_of(seed, b"clusters", k)
    if len(features) <= MOST_AT_ONCE:
        return _lloyd(_floats(features), k, seed)
    sample = np.sort(rng.choice(len(features), MOST_AT_ONCE, replace=False))
    first = _lloyd(_floats(features[sample]), k, seed)
    batches = MiniBatchKMeans(k, init=first, n_init=1, random_state=seed, batch_size=_BATCH)
    for _ in range(_PASSES):
        order = rng.permutation(len(features))
        for start in range(0, len(order), _BATCH):
            batches.partial_fit(_floats(features[np.sort(order[start : start + _BATCH])]))
    return batches.cluster_centers_.astype(np.float32)


def _lloyd(values: np.ndarray, k: int, seed: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer kinds of photos than clusters: some stay empty
        found = KMeans(k, n_init=STARTS, random_state=seed, copy_x=False).fit(values)
    return found.cluster_centers_.astype(np.float32)


def _floats(features: np.ndarray) -> np.ndarray:
    values = features.astype(np.float32)
    values /= 255
    return values


def _chunks(features: np.ndarray) -> list[np.ndarray]:
    return [features[start : start + _CHUNK] for start in range(0, len(features), _CHUNK)]


def _distances(features: np.ndarray, centres: np.ndarray) -> np.ndarray:
    values = _floats(features)
    squared = [np.square(values - centre).mean(axis=1) for centre in centres]
    return np.sqrt(np.stack(squared, axis=1))


def _silhouette(features: np.ndarray, labels: np.ndarray, seed: int) -> float:
    rng = generator_of(seed, b"silhouette", 0)
    sample = np.sort(rng.choice(len(features), min(_SCORED, len(features)), replace=False))
    found = len(np.unique(labels[sample]))
    if not 1 < found < len(sample):
        return float("nan")
    return float(silhouette_score(_floats(features[sample]), labels[sample]))
