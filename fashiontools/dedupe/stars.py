"""Groups of copies as stars: each dropped photo is itself a confirmed copy of the kept one."""

from collections.abc import Callable
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
        blocks: list[Pairs] = []
        photos = np.array(waiting, np.int64)
        # The pairs of many photos are looked up together, but not of more than there is room for.
        rooms = np.cumsum(self._proposals.ways[photos]) // _WAYS_AT_ONCE
        for group in np.split(photos, np.flatnonzero(np.diff(rooms)) + 1):
            room = _PAIRS_AT_ONCE - sum(len(block.copy) for block in blocks)
            free = group[~claimed[group]] if room > 0 else group[:0]
            later += set(group.tolist()).difference(free.tolist())
            if len(free):
                pairs, unsettled = self._claim(free, claimed, room)
                blocks.append(pairs)
                later += unsettled
        return joined(blocks), later

    def _claim(self, photos: np.ndarray, claimed: np.ndarray, room: int) -> tuple[Pairs, list[int]]:
        """Let photos, the best one first, lay claim to their neighbours, and keep those that nobody claimed before.

        Args:
            photos: Their numbers, int64.
            claimed: Which of all photos are claimed, bool; more of them in place.
            room: Pairs from which on nobody is asked any more.

        Returns:
            The pairs to score, and the photos that wait on.
        """
        pairs, owner = self._proposals.of(photos)
        others = np.where(pairs.copy == photos[owner], pairs.original, pairs.copy)
        is_better = self._rank[others] < self._rank[photos[owner]]
        claims = ~is_better & ~self._protected[others] & ~self._is_dropped[others]
        edges = np.searchsorted(owner, np.arange(len(photos) + 1)).tolist()
        wanted = np.zeros(len(others), bool)
        later: list[int] = []
        for photo, low, high in zip(photos.tolist(), edges, edges[1:], strict=False):
            if claimed[photo] or room <= 0:
                later.append(photo)
                continue
            if photo in self._homeless:
                self._homeless.discard(photo)
                with_keepers = is_better[low:high] & self._is_kept[others[low:high]]
                if with_keepers.any():
                    later.append(photo)
                    wanted[low:high] = with_keepers
                    continue
            self._is_kept[photo] = True
            wanted[low:high] = claims[low:high]
            theirs = others[low:high][claims[low:high]]
            claimed[theirs] = True
            room -= len(theirs)
        return pairs.at(wanted), later

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
