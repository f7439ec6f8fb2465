"""Thumbnails of the photos that are looked at, decoded when a pair asks for them, and the scores of pairs."""

from collections import OrderedDict

import numpy as np

from fashiontools.core.images import decode, read_bytes
from fashiontools.core.parallel import LARGEST_WINDOW, map_window
from fashiontools.core.progress import Progress
from fashiontools.dedupe.confirm import SIDE, compare, score_pairs, thumbnail
from fashiontools.dedupe.hashing import WINDOWS
from fashiontools.dedupe.proposals import Pairs

_KEPT = 30_000  # thumbnails of 12 kB: 370 MB


class Looks:
    """Thumbnails by number of the photo.

    Args:
        paths: Of all photos, by number.
        workers: Photos decoded at a time.
        progress: Where progress goes.
    """

    def __init__(self, paths: list[str], workers: int, progress: Progress) -> None:
        self._paths = paths
        self._workers = workers
        self._progress = progress
        self._thumbnails: OrderedDict[int, np.ndarray] = OrderedDict()
        self._compared = 0

    def scores(self, pairs: Pairs, numbers: np.ndarray) -> np.ndarray:
        """Score pairs.

        Args:
            pairs: Pairs of positions in `numbers`.
            numbers: Numbers of the photos, int64.

        Returns:
            Scores in [-1, 1], float32 of shape (pairs,).
        """
        copies, originals = numbers[pairs.copy], numbers[pairs.original]
        self._decode(np.unique(np.concatenate([copies, originals])))
        first, second = (np.stack([self._thumbnails[int(n)] for n in photos]) for photos in (copies, originals))
        self._compared += len(copies)
        self._progress.line(f"{self._compared:,} pairs compared")
        return score_pairs(first, second, WINDOWS[pairs.window], pairs.mirrored)[0]

    def compare(self, first: int, second: int) -> float:
        """The best score of two photos over all windows, straight and mirrored, either way round."""
        self._decode(np.array([first, second]))
        return compare(*(self._thumbnails[number].transpose(1, 2, 0) for number in (first, second))).score

    def _decode(self, numbers: np.ndarray) -> None:
        missing = [int(number) for number in numbers if int(number) not in self._thumbnails]
        while len(self._thumbnails) + len(missing) > _KEPT and self._thumbnails:
            self._thumbnails.popitem(last=False)
        missing = [int(number) for number in numbers if int(number) not in self._thumbnails]
        for start in range(0, len(missing), LARGEST_WINDOW):
            window = missing[start : start + LARGEST_WINDOW]
            decoded = map_window(self._thumbnail, window, workers=self._workers)
            self._thumbnails.update(zip(window, decoded, strict=True))

    def _thumbnail(self, number: int) -> np.ndarray:
        return thumbnail(decode(read_bytes(self._paths[number]), min_side=SIDE))
