"""Groups of copies as stars: each dropped photo is itself a confirmed copy of the kept one."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fashiontools.dedupe.proposals import Pairs, Proposals, joined

_PAIRS_AT_ONCE = 4096
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
    waiting = [int(photo) for photo in np.argsort(rank) if proposals.worth_asking[photo]]
    while waiting:
        pairs, later = decision.keep_unclaimed(waiting)
        homeless = decision.drop(pairs, scores(pairs), threshold) if len(pairs.copy) else []
        waiting = [photo for photo in later if photo not in decision.dropped]
        if homeless:
            waiting = sorted({*waiting, *homeless}, key=rank.__getitem__)
    return decision.dropped


class _Decision:
    """Which photos are kept and which are dropped so far.

    Attributes:
        dropped: The dropped ones and why.
    """

    def __init__(self, proposals: Proposals, rank: np.ndarray, protected: np.ndarray) -> None:
        self._proposals, self._rank, self._protected = proposals, rank, protected
        self.dropped: dict[int, Match] = {}
        self._kept: set[int] = set()
        self._homeless: set[int] = set()

    def keep_unclaimed(self, waiting: list[int]) -> tuple[Pairs, list[int]]:
        """Keep the photos that no better one lays claim to; returns the pairs to score and the photos that wait on."""
        claimed: set[int] = set()
        later: list[int] = []
        block: list[Pairs] = []
        count = 0
        for place, photo in enumerate(waiting):
            if photo in self.dropped:
                continue
            if photo in claimed:
                later.append(photo)
                continue
            if photo in self._homeless:
                self._homeless.discard(photo)
                pairs = self._with_keepers(photo)
                if len(pairs.copy):
                    later.append(photo)
                    block.append(pairs)
                    continue
            self._kept.add(photo)
            pairs, others = self._with_lower(photo)
            claimed.update(others)
            block.append(pairs)
            count += len(pairs.copy)
            if count >= _PAIRS_AT_ONCE:
                later += waiting[place + 1 :]
                break
        return joined(block), later

    def _with_lower(self, photo: int) -> tuple[Pairs, list[int]]:
        """A photo's pairs with lower-ranked photos that may still be dropped, and those photos."""
        pairs = self._proposals.of(photo)
        others = np.where(pairs.copy == photo, pairs.original, pairs.copy)
        wanted = (self._rank[others] > self._rank[photo]) & ~self._protected[others]
        wanted &= np.array([int(other) not in self.dropped for other in others], bool)
        return pairs.at(np.flatnonzero(wanted)), [int(other) for other in others[wanted]]

    def _with_keepers(self, photo: int) -> Pairs:
        """A photo's pairs with better photos that are kept."""
        pairs = self._proposals.of(photo)
        others = np.where(pairs.copy == photo, pairs.original, pairs.copy)
        wanted = (self._rank[others] < self._rank[photo]) & np.array([int(o) in self._kept for o in others], bool)
        return pairs.at(np.flatnonzero(wanted))

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
        for place in np.lexsort((-found, self._rank[better])):
            keeper, copy = int(better[place]), int(worse[place])
            if found[place] < threshold or keeper in self.dropped or copy in self.dropped:
                continue
            self.dropped[copy] = Match(keeper, float(found[place]), int(pairs.distance[place]))
            if copy in self._kept:
                self._kept.remove(copy)
                homeless += [member for member, match in self.dropped.items() if match.kept == copy]
                for member in homeless:
                    self.dropped.pop(member, None)
        self._homeless.update(homeless)
        return homeless
