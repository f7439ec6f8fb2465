"""Which cluster shows whole bodies, and which photo of a product is taken."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from fashiontools.cluster_pairs.clustering import Clusters
from fashiontools.cluster_pairs.photo import MAP_SIDE
from fashiontools.cluster_pairs.views import view_of

_LEAST_RANGE = 0.1  # a centre that differs less than this from its background has nothing on it
_STEEPNESS = 10.0  # of the logistic function; 6 to 20 choose alike, within a percent
_FACELESS = 0.05  # what a back view counts
_UNTOLD = 0.3  # what a photo counts of which nobody can tell: its figure is broken, and so is often the choice


def full_body_score(centre: np.ndarray) -> float:
    """How much a cluster's centre looks like a person from head to feet.

    The product of: how much of the middle's height something stands on; how empty the outermost rows above and below
    are, and the outermost columns; how much narrower the head's rows are than those of the trunk; and how narrow the
    whole is.

    Args:
        centre: (64 * 64,) or (64, 64) float in [0, 1], of any feature: what differs from the level of the left and
            right border counts.

    Returns:
        0 to 1.
    """
    shown = centre.reshape(MAP_SIDE, MAP_SIDE).astype(np.float32)
    level = np.median(np.concatenate([shown[:, :3], shown[:, -3:]], axis=1))
    there = np.abs(shown - level)
    there = np.minimum(there / max(float(np.percentile(there, 98)), _LEAST_RANGE), 1)
    smooth = cv2.blur(there, (5, 3))
    middle = smooth[:, MAP_SIDE // 4 : -MAP_SIDE // 4]
    tall = float(middle[8:56].max(axis=1).mean())
    above, below = float(there[:2].mean()), float(there[-2:].mean())
    beside = float(np.concatenate([there[:, :6], there[:, -6:]], axis=1).mean())
    widths = there.mean(axis=1)
    trunk = max(float(widths[14:40].mean()), 1e-6)
    head = float(np.clip(1.5 - widths[4:10].mean() / trunk, 0, 1))
    narrow = float(np.clip(1.5 - trunk / 0.45, 0, 1))
    return tall * (1 - above) * (1 - below) * (1 - beside) * head * narrow


def by_full_body(clusters: Clusters) -> tuple[Clusters, list[float]]:
    """The clusters numbered from the most like whole bodies to the least, with their scores."""
    scores = np.array([full_body_score(centre) for centre in clusters.centres])
    order = np.argsort(-scores, kind="stable")
    return clusters.ordered(order), scores[order].tolist()


class Ranked(NamedTuple):
    """A candidate of a product.

    Attributes:
        number: Its number among all candidates.
        view: `front`, `back` or `unknown`; only photos of the chosen cluster are told apart.
        confidence: That it is the right one, 0 to 1.
    """

    number: int
    view: str
    confidence: float


def rank(numbers: Sequence[int], clusters: Clusters, chosen: int, fronts: np.ndarray, *, views: bool) -> list[Ranked]:
    """Order the candidates of one product.

    How surely a photo is of the chosen cluster is a logistic function of its simplified silhouette s = (b - a) /
    max(a, b), a being its distance to the chosen centre and b that to the nearest other one (Hruschka, Campello and de
    Castro 2006): 0.5 half way, 0.99 where b is twice a. The confidence is that, times how surely the photo shows a
    face, which is nowhere less than 0.05: no face is worse than a little beside the cluster.

    Args:
        numbers: Their numbers among all candidates.
        clusters: Of all candidates.
        chosen: The cluster of the wanted photos.
        fronts: How surely each candidate shows a face, (photos,) float32; NaN where nobody can tell.
        views: The surest photo comes first; without it faces do not count, and the nearest photo comes first.

    Returns:
        The best first; of equal ones the nearest, then the first in the input.
    """
    found = [_judged(number, clusters, chosen, float(fronts[number]), views) for number in numbers]
    distances = clusters.distances[:, chosen]
    if not views:
        return sorted(found, key=lambda one: distances[one.number])
    return sorted(found, key=lambda one: (-one.confidence, distances[one.number]))


def _judged(number: int, clusters: Clusters, chosen: int, front: float, views: bool) -> Ranked:
    distances = clusters.distances[number]
    own, other = float(distances[chosen]), float(np.delete(distances, chosen).min())
    silhouette = (other - own) / max(own, other, 1e-9)
    confidence = 1 / (1 + math.exp(-_STEEPNESS * silhouette))
    known = not math.isnan(front)
    if views:
        confidence *= _FACELESS + (1 - _FACELESS) * (front if known else _UNTOLD)
    told = known and clusters.labels[number] == chosen
    return Ranked(number, view_of(front if told else None), confidence)
