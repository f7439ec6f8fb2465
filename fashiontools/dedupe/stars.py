"""Groups of copies as stars: each dropped photo is itself a confirmed copy of the kept one."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fashiontools.dedupe.proposals import Pairs, Proposals, joined

_PAIRS_AT_ONCE = 2048
Scores = Callable[[Pairs], np.ndarray]


class Match(NamedTuple):
    """Why a photo is dropped.

    Attributes:
        kept: The photo that it is a copy of.
        score: Of the pair.
        distance: Bits in which their hashes differ.
    """

    kept: int
    score: float
    distance: int


def drop_copies(
    proposals: Proposals, rank: np.ndarray, protected: np.ndarray, scores: Scores, threshold: float
) -> dict[int, Match]:
    """Decide which photos are dropped.

    Photos are taken by rank. One that is still there is kept, and its confirmed copies of lower rank are dropped; so a
    photo is only ever dropped for one that stays. Pairs of many photos are scored together, and those that turn out
    to have been dropped meanwhile are ignored.

    Args:
        proposals: Which pairs to look at.
        rank: Position of each photo in the order of preference, a permutation, int64 of shape (n,).
        protected: Photos that are never dropped, bool of shape (n,); they must rank first.
        scores: Scores pairs, float of shape (pairs,).
        threshold: Score from which a pair is a copy.

    Returns:
        The dropped photos and why.
    """
    dropped: dict[int, Match] = {}
    block: list[Pairs] = []
    waiting = 0
    worth = proposals.worth_asking()
    for photo in np.argsort(rank):
        if not worth[photo] or int(photo) in dropped:
            continue
        pairs = proposals.of(int(photo))
        other = np.where(pairs.copy == photo, pairs.original, pairs.copy)
        wanted = (rank[other] > rank[photo]) & ~protected[other]
        wanted &= np.array([int(number) not in dropped for number in other], bool)
        if not wanted.any():
            continue
        block.append(pairs.at(np.flatnonzero(wanted)))
        waiting += int(wanted.sum())
        if waiting >= _PAIRS_AT_ONCE:
            _judge(joined(block), rank, scores, threshold, dropped)
            block, waiting = [], 0
    if block:
        _judge(joined(block), rank, scores, threshold, dropped)
    return dropped


def _judge(pairs: Pairs, rank: np.ndarray, scores: Scores, threshold: float, dropped: dict[int, Match]) -> None:
    """Score pairs and drop, in the order of the better photo's rank, what is a copy of a photo that is still there."""
    found = scores(pairs)
    copy_is_better = rank[pairs.copy] < rank[pairs.original]
    better = np.where(copy_is_better, pairs.copy, pairs.original)
    worse = np.where(copy_is_better, pairs.original, pairs.copy)
    # The best of several ways to see a pair comes first among its equals.
    for place in np.lexsort((-found, worse, rank[better])):
        kept, copy = int(better[place]), int(worse[place])
        if found[place] < threshold or kept in dropped or copy in dropped:
            continue
        dropped[copy] = Match(kept, float(found[place]), int(pairs.distance[place]))
