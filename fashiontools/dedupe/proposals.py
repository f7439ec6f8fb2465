"""Which pairs of photos are worth a look: those whose hashes are near, whole to window, straight or mirrored.

Photos with equal hashes are kept together until somebody asks for the neighbours of one of them, so that twenty
thousand blank photos cost no more than their number.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from fashiontools.dedupe.hashing import WINDOWS
from fashiontools.dedupe.join import collapse, join


class Pairs(NamedTuple):
    """Proposed pairs, as arrays of one length n.

    Attributes:
        copy: Photos that may be (mirrored) cuts, int64.
        original: Photos that they may be cuts of, int64.
        window: The window of the original, a row of `WINDOWS`, int64.
        mirrored: Whether the copy is mirrored, bool.
        distance: Differing bits, uint8.
    """

    copy: np.ndarray
    original: np.ndarray
    window: np.ndarray
    mirrored: np.ndarray
    distance: np.ndarray

    def at(self, places: np.ndarray) -> "Pairs":
        """Some of the pairs."""
        return Pairs(*(array[places] for array in self))


def joined(pieces: list[Pairs]) -> Pairs:
    """Several lists of pairs as one."""
    if not pieces:
        empty = np.empty(0, np.int64)
        return Pairs(empty, empty, empty, empty.astype(bool), empty.astype(np.uint8))
    return Pairs(*(np.concatenate(arrays) for arrays in zip(*pieces, strict=True)))


class _Adjacency:
    """For each distinct hash of one side, the near ones of the other side and the photos that have them."""

    def __init__(self, here: np.ndarray, there: np.ndarray, differing: np.ndarray, count: int, members: object) -> None:
        order = np.argsort(here, kind="stable")
        self.starts = np.searchsorted(here[order], np.arange(count + 1))
        self.there = there[order]
        self.differing = differing[order]
        self.members = members

    def weights(self) -> np.ndarray:
        """How many photos' hashes are near each distinct hash, int64."""
        sizes = np.diff(self.members.starts)[self.there]  # type: ignore[attr-defined]
        ends = np.append(0, np.cumsum(sizes))
        return ends[self.starts[1:]] - ends[self.starts[:-1]]

    def near(self, value: int) -> tuple[np.ndarray, np.ndarray]:
        """Positions of the hashes near a distinct one, int64, and the differing bits, uint8."""
        links = range(self.starts[value], self.starts[value + 1])
        found = [self.members.order[slice(*self.members.starts[self.there[k] : self.there[k] + 2])] for k in links]  # type: ignore[attr-defined]
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.uint8)
        return np.concatenate(found), np.repeat(self.differing[list(links)], [len(group) for group in found])


class Proposals:
    """All near pairs among photos, asked for photo by photo.

    Args:
        hashes: Hashes of all windows, uint64 of shape (n, windows); column 0 is the whole photo.
        mirrored: Hashes of the mirrored whole photos, uint64 of shape (n,).
        distance: Bits that may differ.
    """

    def __init__(self, hashes: np.ndarray, mirrored: np.ndarray, distance: int) -> None:
        self._count = len(hashes)
        own = [
            (np.bitwise_count(whole[:, None] ^ hashes) <= distance).sum(axis=1) for whole in (hashes[:, 0], mirrored)
        ]
        self._own = own[0] + own[1]
        wholes, windows = collapse(np.concatenate([hashes[:, 0], mirrored])), collapse(hashes.reshape(-1))
        pieces = list(join(wholes.values, windows.values, distance))
        whole, window, differing = (
            (np.concatenate(a) for a in zip(*pieces, strict=True)) if pieces else (np.empty(0, np.int64),) * 3
        )
        self._of_whole = np.empty(2 * self._count, np.int64)
        self._of_whole[wholes.order] = np.repeat(np.arange(len(wholes.values)), np.diff(wholes.starts))
        self._of_window = np.empty(hashes.size, np.int64)
        self._of_window[windows.order] = np.repeat(np.arange(len(windows.values)), np.diff(windows.starts))
        self._as_copy = _Adjacency(whole, window, differing, len(wholes.values), windows)
        self._as_original = _Adjacency(window, whole, differing, len(windows.values), wholes)

    @cached_property
    def worth_asking(self) -> np.ndarray:
        """Which photos have a neighbour other than themselves, bool of shape (n,)."""
        copies = self._as_copy.weights()[self._of_whole].reshape(2, self._count).sum(axis=0)
        originals = self._as_original.weights()[self._of_window].reshape(self._count, -1).sum(axis=1)
        return (copies > self._own) | (originals > self._own)

    def of(self, photo: int) -> Pairs:
        """The pairs that a photo is in, each in the way in which the two are nearest.

        Args:
            photo: Its number.

        Returns:
            One pair for each other photo that is near.
        """
        width = len(WINDOWS)
        pieces = []
        for mirrored in (False, True):
            near, differing = self._as_copy.near(self._of_whole[photo + mirrored * self._count])
            original, window = np.divmod(near, width)
            pieces.append(Pairs(np.full_like(near, photo), original, window, np.full(len(near), mirrored), differing))
        for window in range(width):
            near, differing = self._as_original.near(self._of_window[photo * width + window])
            mirror, copy = np.divmod(near, self._count)
            pieces.append(Pairs(copy, np.full_like(near, photo), np.full_like(near, window), mirror == 1, differing))
        pairs = joined(pieces)
        return _nearest(pairs.at(np.flatnonzero(pairs.copy != pairs.original)))


def _nearest(pairs: Pairs) -> Pairs:
    """Of the ways in which two photos were found to be near, the one with the fewest differing bits.

    Among equals the straight one and the first window count. On 2,400 copies one was lost by not trying the others.
    """
    low, high = np.minimum(pairs.copy, pairs.original), np.maximum(pairs.copy, pairs.original)
    order = np.lexsort((pairs.copy, pairs.window, pairs.mirrored, pairs.distance, high, low))
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    return pairs.at(order[first])
