"""Which pairs of photos are worth a look: those whose hashes are near, whole to window, straight or mirrored.

Photos with equal hashes are kept together until somebody asks for the neighbours of one of them, so that twenty
thousand blank photos cost no more than their number.
"""

from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from fashiontools.dedupe.hashing import WINDOWS
from fashiontools.dedupe.join import Collapsed, collapse, join


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

    def at(self, places: np.ndarray | slice) -> "Pairs":
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

    def __init__(
        self, here: np.ndarray, there: np.ndarray, differing: np.ndarray, count: int, members: Collapsed
    ) -> None:
        order = np.argsort(here, kind="stable")
        self.starts = np.searchsorted(here[order], np.arange(count + 1))
        self.there = there[order]
        self.differing = differing[order]
        self.members = members

    def weights(self) -> np.ndarray:
        """How many photos' hashes are near each distinct hash, int64."""
        sizes = np.diff(self.members.starts)[self.there]
        ends = np.append(0, np.cumsum(sizes))
        return ends[self.starts[1:]] - ends[self.starts[:-1]]

    def near(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What is near some distinct hashes.

        Args:
            values: Positions of distinct hashes of this side, int64.

        Returns:
            For each near photo's hash: the position in `values`, that of the hash on the other side (both int64), and
            the differing bits (uint8).
        """
        value, link = _runs(self.starts, values)
        group, place = _runs(self.members.starts, self.there[link])
        return value[group], self.members.order[place], self.differing[link[group]]


def _runs(starts: np.ndarray, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The members of some of the runs `starts[n]:starts[n + 1]`: the position in `numbers`, and the place; int64."""
    counts = starts[numbers + 1] - starts[numbers]
    ends = np.cumsum(counts)
    which = np.repeat(np.arange(len(numbers)), counts)
    return which, np.arange(len(which)) + (starts[numbers] - ends + counts)[which]


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
    def ways(self) -> np.ndarray:
        """In how many ways each photo is near others: 0 for one that has no neighbour, int64 of shape (n,)."""
        copies = self._as_copy.weights()[self._of_whole].reshape(2, self._count).sum(axis=0)
        originals = self._as_original.weights()[self._of_window].reshape(self._count, -1).sum(axis=1)
        return copies + originals - 2 * self._own

    def of(self, photos: np.ndarray) -> list[Pairs]:
        """The pairs that photos are in, each in the way in which the two are nearest.

        Args:
            photos: Their numbers, int64.

        Returns:
            For each of them one pair for each other photo that is near.
        """
        width = len(WINDOWS)
        of_wholes = np.concatenate([photos, photos + self._count])
        which, near, distance = self._as_copy.near(self._of_whole[of_wholes])
        mirrored, copy = np.divmod(of_wholes[which], self._count)
        as_copies = Pairs(copy, near // width, near % width, mirrored == 1, distance)
        owner = which % len(photos)
        of_windows = (photos[:, None] * width + np.arange(width)).ravel()
        which, near, distance = self._as_original.near(self._of_window[of_windows])
        original, window = np.divmod(of_windows[which], width)
        as_originals = Pairs(near % self._count, original, window, near >= self._count, distance)
        return _nearest(joined([as_copies, as_originals]), np.concatenate([owner, which // width]), len(photos))


def _nearest(pairs: Pairs, owner: np.ndarray, count: int) -> list[Pairs]:
    """Of the ways in which two photos were found to be near, the one with the fewest differing bits.

    Among equals the straight one and the first window count. On 2,400 copies one was lost by not trying the others.

    Args:
        pairs: All ways, a photo with itself included.
        owner: Whose pairs they are, int64 in [0, count).
        count: Number of owners.

    Returns:
        The pairs of each owner.
    """
    low, high = np.minimum(pairs.copy, pairs.original), np.maximum(pairs.copy, pairs.original)
    order = np.lexsort((pairs.copy, pairs.window, pairs.mirrored, pairs.distance, high, low, owner))
    order = order[low[order] != high[order]]
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0) | (np.diff(owner[order]) != 0)
    order = order[first]
    found = pairs.at(order)
    edges = np.searchsorted(owner[order], np.arange(count + 1))
    return [found.at(slice(*edge)) for edge in pairwise(edges)]
