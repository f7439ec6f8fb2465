"""Which pairs of photos are worth a look: those whose hashes are near, whole to window, straight or mirrored.

Photos with equal hashes are kept together until somebody asks for the neighbours of one of them, so that twenty
thousand blank photos cost no more than their number.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from fashiontools.dedupe.hashing import WINDOWS
from fashiontools.dedupe.join import Collapsed, collapse, join

_DISTANCE_BITS = 6  # of the number of bits in which two hashes of 64 differ
_WINDOW_BITS = (len(WINDOWS) - 1).bit_length()
_WAY_BITS = _DISTANCE_BITS + _WINDOW_BITS + 2
_NUMBER_BITS = (63 - _WAY_BITS) // 2  # of the number of a photo: for 33 million of them


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

    def of(self, photos: np.ndarray) -> tuple[Pairs, np.ndarray]:
        """The pairs that photos are in, each in the way in which the two are nearest.

        Args:
            photos: Their numbers, int64.

        Returns:
            For each of them one pair for each other photo that is near, photo after photo, and for each pair the
            position in `photos` of the one that it is told for, int64.
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
        return _nearest(joined([as_copies, as_originals]), np.concatenate([owner, which // width]), photos)


def _nearest(pairs: Pairs, owner: np.ndarray, photos: np.ndarray) -> tuple[Pairs, np.ndarray]:
    """Of the ways in which two photos were found to be near, the one with the fewest differing bits.

    Among equals the straight one and the first window count. On 2,400 copies one was lost by not trying the others.

    Args:
        pairs: All ways, a photo with itself included.
        owner: For whom they are told, as positions in `photos`, int64.
        photos: Numbers of photos, int64.

    Returns:
        The pairs, owner after owner, and for whom they are told.
    """
    # A way is one integer (owner, other photo, differing bits, mirrored, window, which of the two is the copy): sorting
    # those takes a tenth of the time of sorting by six arrays.
    other = pairs.copy + pairs.original - photos[owner]
    key = owner << _NUMBER_BITS | other
    key = (key << _DISTANCE_BITS | pairs.distance) << 1 | pairs.mirrored
    key = (key << _WINDOW_BITS | pairs.window) << 1 | (pairs.copy > pairs.original)
    key = np.sort(key[other != photos[owner]])
    two = key >> _WAY_BITS
    nearest = np.flatnonzero(np.diff(two, prepend=-1))
    key, (owner, other) = key[nearest], np.divmod(two[nearest], 1 << _NUMBER_BITS)
    photo = photos[owner]
    copy = np.where(key & 1, np.maximum(photo, other), np.minimum(photo, other))
    window = key >> 1 & (1 << _WINDOW_BITS) - 1
    mirrored = key >> _WINDOW_BITS + 1 & 1 == 1
    distance = (key >> _WINDOW_BITS + 2 & (1 << _DISTANCE_BITS) - 1).astype(np.uint8)
    return Pairs(copy, photo + other - copy, window, mirrored, distance), owner
