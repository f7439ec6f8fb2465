"""Thumbnails of photos, and the scores of pairs of them."""

import mmap

import numpy as np

from fashiontools.core.files import read_bytes
from fashiontools.core.images import decode
from fashiontools.core.parallel import map_ahead
from fashiontools.core.progress import Progress
from fashiontools.dedupe.confirm import CLEAR, SIDE, compare, score_pairs, thumbnail
from fashiontools.dedupe.hashing import WINDOWS
from fashiontools.dedupe.proposals import Pairs

_KEPT = 20_000
"""Thumbnails that are kept from the first reading: 7 kB each. Of further photos they are decoded when asked for."""

_PAIRS_AT_ONCE = 256  # pairs that a worker is handed
_FEWEST_PAIRS = 64  # fewer are scored before a second worker is at work


class Looks:
    """Thumbnails by number of the photo, in the order in which they were added.

    Args:
        workers: Blocks of pairs scored at a time.
        threshold: Score from which two photos have the same look.
        progress: Where progress goes.
    """

    def __init__(self, workers: int, threshold: float, progress: Progress) -> None:
        self._workers = workers
        self._enough = max(threshold, CLEAR)
        self._progress = progress
        self._paths: list[str] = []
        # It takes memory only where it is written, a small page at a time: numpy would ask for huge ones, and emptying
        # those costs 5 % of the whole run where another program has just left them.
        memory = mmap.mmap(-1, _KEPT * 3 * SIDE * SIDE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._kept = np.frombuffer(memory, np.uint8).reshape(_KEPT, 3, SIDE, SIDE)
        self._compared = 0

    def add(self, paths: list[str], thumbnails: np.ndarray) -> None:
        """Add photos with their thumbnails, (n, 3, 48, 48) uint8."""
        place = len(self._paths)
        self._kept[place : place + len(paths)] = thumbnails[: max(_KEPT - place, 0)]
        self._paths += paths

    def scores(self, pairs: Pairs, numbers: np.ndarray) -> np.ndarray:
        """Score pairs.

        Args:
            pairs: Pairs of positions in `numbers`.
            numbers: Numbers of the photos, int64.

        Returns:
            Scores in [-1, 1], float32 of shape (pairs,).
        """
        count = len(pairs.copy)
        turns = -(-count // (self._workers * _PAIRS_AT_ONCE))  # of each worker, who should all end together
        size = max(-(-count // (self._workers * turns)), _FEWEST_PAIRS)
        blocks = [slice(low, low + size) for low in range(0, count, size)]
        self._compared += count
        self._progress.line(f"{self._compared:,} pairs compared")

        def score_block(block: slice) -> np.ndarray:
            first, second = (self._thumbnails(numbers[photos[block]]) for photos in (pairs.copy, pairs.original))
            return score_pairs(first, second, WINDOWS[pairs.window[block]], pairs.mirrored[block], self._enough)[0]

        return np.concatenate(list(map_ahead(score_block, blocks, workers=min(self._workers, len(blocks)))))

    def compare(self, first: int, second: int) -> float:
        """The best score of two photos over all windows, straight and mirrored, either way round."""
        return compare(*self._thumbnails(np.array([first, second]))).score

    def _thumbnails(self, numbers: np.ndarray) -> np.ndarray:
        """Thumbnails, (n, 3, 48, 48) uint8."""
        found = self._kept[np.minimum(numbers, _KEPT - 1)]
        for place in np.flatnonzero(numbers >= _KEPT):
            found[place] = thumbnail(decode(read_bytes(self._paths[numbers[place]]), min_side=SIDE))
        return found
