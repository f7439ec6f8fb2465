"""Thumbnails of photos, and the scores of pairs of them."""

import numpy as np

from fashiontools.core.images import decode, read_bytes
from fashiontools.core.parallel import map_window
from fashiontools.core.progress import Progress
from fashiontools.dedupe.confirm import PAIRS_AT_ONCE, SIDE, compare, score_pairs, thumbnail
from fashiontools.dedupe.hashing import WINDOWS
from fashiontools.dedupe.proposals import Pairs

_KEPT = 20_000
"""Thumbnails that are kept from the first reading: 12 kB each. Of further photos they are decoded when asked for."""


class Looks:
    """Thumbnails by number of the photo, in the order in which they were added.

    Args:
        workers: Photos decoded, or blocks of pairs scored, at a time.
        progress: Where progress goes.
    """

    def __init__(self, workers: int, progress: Progress) -> None:
        self._workers = workers
        self._progress = progress
        self._paths: list[str] = []
        self._kept: list[np.ndarray] = []
        self._compared = 0

    def add(self, path: str, picture: np.ndarray) -> None:
        """Add a photo with its thumbnail, (3, 64, 64) uint8."""
        self._paths.append(path)
        if len(self._kept) < _KEPT:
            self._kept.append(picture)

    def scores(self, pairs: Pairs, numbers: np.ndarray) -> np.ndarray:
        """Score pairs.

        Args:
            pairs: Pairs of positions in `numbers`.
            numbers: Numbers of the photos, int64.

        Returns:
            Scores in [-1, 1], float32 of shape (pairs,).
        """
        blocks = [slice(low, low + PAIRS_AT_ONCE) for low in range(0, len(pairs.copy), PAIRS_AT_ONCE)]
        self._compared += len(pairs.copy)
        self._progress.line(f"{self._compared:,} pairs compared")

        def score_block(block: slice) -> np.ndarray:
            first, second = (self._pictures(numbers[photos[block]]) for photos in (pairs.copy, pairs.original))
            return score_pairs(first, second, WINDOWS[pairs.window[block]], pairs.mirrored[block])[0]

        return np.concatenate(map_window(score_block, blocks, workers=self._workers))

    def compare(self, first: int, second: int) -> float:
        """The best score of two photos over all windows, straight and mirrored, either way round."""
        pictures = self._pictures(np.array([first, second]))
        return compare(*(picture.transpose(1, 2, 0) for picture in pictures)).score

    def _pictures(self, numbers: np.ndarray) -> np.ndarray:
        """Thumbnails, (n, 3, 64, 64) uint8."""
        return np.stack([self._picture(int(number)) for number in numbers])

    def _picture(self, number: int) -> np.ndarray:
        if number < len(self._kept):
            return self._kept[number]
        return thumbnail(decode(read_bytes(self._paths[number]), min_side=SIDE))
