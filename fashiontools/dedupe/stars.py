"""Groups of copies as stars: each dropped photo is itself a confirmed copy of the kept one."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from fashiontools.dedupe.proposals import Pairs, Proposals, joined

_PAIRS_AT_ONCE = 4096
_WAYS_AT_ONCE = 1 << 16  # in which photos are near others: ten arrays of half a megabyte
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

    In each round the photos that no better one lays claim to are kept, and all pairs of them with lower-ranked
    neighbours are scored together; confirmed copies are dropped, the others wait for the next round. So no pair of
    dropped photos is ever looked at.

    Args:
        proposals: Which pairs to look at.
        rank: Position of each photo in the order of preference, a permutation, int64 of shape (n,).
        protected: Photos that are never dropped, bool of shape (n,); they must rank first.
        scores: Scores pairs, float of shape (pairs,).
        threshold: Score from which a pair is a copy.

    Returns:
        The dropped photos and why.
    """
    decision = _Decision(proposals, rank, protected)
    waiting = [int(photo) for photo in np.argsort(rank) if proposals.ways[photo]]
    while waiting:
        pairs, later = decision.keep_unclaimed(waiting)
        homeless = decision.drop(pairs, scores(pairs), threshold) if len(pairs.copy) else []
        waiting = sorted({*later, *homeless} - decision.dropped.keys(), key=rank.__getitem__)
    return decision.dropped


class _Decision:
    """Which photos are kept and which are dropped so far.

    Attributes:
        dropped: The dropped ones and why.
    """

    def __init__(self, proposals: Proposals, rank: np.ndarray, protected: np.ndarray) -> None:
        self._proposals, self._rank, self._protected = proposals, rank, protected
        self.dropped: dict[int, Match] = {}
        self._is_dropped = np.zeros(len(rank), bool)
        self._is_kept = np.zeros(len(rank), bool)
        self._homeless: set[int] = set()

    def keep_unclaimed(self, waiting: list[int]) -> tuple[Pairs, list[int]]:
        """Keep the photos that no better one lays claim to; returns the pairs to score and the photos that wait on."""
        claimed = np.zeros(len(self._rank), bool)
        later: list[int] = []
        block: list[Pairs] = []
        count = 0
        for photo, pairs in self._asked(waiting, claimed):
            if pairs is None or claimed[photo] or count >= _PAIRS_AT_ONCE:
                later.append(photo)
                continue
            others = np.where(pairs.copy == photo, pairs.original, pairs.copy)
            is_better = self._rank[others] < self._rank[photo]
            if photo in self._homeless:
                self._homeless.discard(photo)
                with_keepers = pairs.at(is_better & self._is_kept[others])
                if len(with_keepers.copy):
                    later.append(photo)
                    block.append(with_keepers)
                    continue
            self._is_kept[photo] = True
            wanted = ~is_better & ~self._protected[others] & ~self._is_dropped[others]
            claimed[others[wanted]] = True
            block.append(pairs.at(wanted))
            count += len(block[-1].copy)
        return joined(block), later

    def _asked(self, waiting: list[int], claimed: np.ndarray) -> Iterator[tuple[int, Pairs | None]]:
        """The photos that wait, each with its pairs, or None where it is claimed already.

        The pairs of many photos are looked up together, but not of more than there is room for.
        """
        photos = np.array(waiting, np.int64)
        rooms = np.cumsum(self._proposals.ways[photos]) // _WAYS_AT_ONCE
        for group in np.split(photos, np.flatnonzero(np.diff(rooms)) + 1):
            free = group[~claimed[group]]
            pairs = dict(zip(free.tolist(), self._proposals.of(free), strict=True)) if len(free) else {}
            yield from ((photo, pairs.get(photo)) for photo in group.tolist())

    def drop(self, pairs: Pairs, found: np.ndarray, threshold: float) -> list[int]:
        """Drop what is a copy of a better photo that is kept; of several in one round the best-ranked keeps it.

        A photo may have been kept before a better one, that was waiting then, turned out to be kept too. Where it is
        dropped after all, the photos that were dropped for it lose their home.

        Returns:
            The photos that have to be decided on again.
        """
        homeless: list[int] = []
        copy_is_better = self._rank[pairs.copy] < self._rank[pairs.original]
        better = np.where(copy_is_better, pairs.copy, pairs.original)
        worse = np.where(copy_is_better, pairs.original, pairs.copy)
        # The best of several ways to see a pair comes first among its equals.
        order = np.lexsort((-found, self._rank[better]))
        for place in order[found[order] >= threshold]:
            keeper, copy = int(better[place]), int(worse[place])
            if self._is_dropped[keeper] or self._is_dropped[copy]:
                continue
            self._is_dropped[copy] = True
            self.dropped[copy] = Match(keeper, float(found[place]), int(pairs.distance[place]))
            if self._is_kept[copy]:
                self._is_kept[copy] = False
                homeless += [member for member, match in self.dropped.items() if match.kept == copy]
                for member in homeless:
                    self.dropped.pop(member, None)
                self._is_dropped[homeless] = False
        self._homeless.update(homeless)
        return homeless
