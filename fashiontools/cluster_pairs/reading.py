"""Reads the worn photos: their features go to a file, a few bytes of each stay in memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fashiontools.cluster_pairs.photo import MAP_SIDE, Photo, Step, read_photo
from fashiontools.cluster_pairs.views import front_score
from fashiontools.core.errors import BadRow
from fashiontools.core.manifest import Row, failed
from fashiontools.core.parallel import map_ahead, windows
from fashiontools.core.progress import Progress

_FILE = ".features.part"  # in the output folder, for as long as a run takes; what a killed one leaves is written over
_AT_ONCE = 32
_VALUES = MAP_SIDE * MAP_SIDE


class Read(NamedTuple):
    """The photos that could be read.

    Attributes:
        features: (photos, 4096) uint8, a memory map.
        fronts: How surely each shows a face, (photos,) float32; NaN where nobody can tell.
        numbers: The number of each photo's row.
        bad: The rows that could not be read, by number.
    """

    features: np.ndarray
    fronts: np.ndarray
    numbers: list[int]
    bad: dict[int, Row]


@contextmanager
def read_features(
    rows: Sequence[tuple[int, Row]],
    steps: Callable[[Photo], list[Step]],
    folder: Path,
    workers: int,
    progress: Progress,
) -> Iterator[Read]:
    """Read photos once; their features are there as long as the context is.

    Args:
        rows: The numbers and rows of the photos.
        steps: The feature.
        folder: The output folder.
        workers: Blocks of photos at a time.
        progress: Where progress goes.
    """
    file = folder / _FILE
    features = np.memmap(file, np.uint8, "w+", shape=(max(1, len(rows)), _VALUES))
    fronts = np.full(len(rows), np.nan, np.float32)
    numbers: list[int] = []
    bad: dict[int, Row] = {}

    def read_block(block: list[tuple[int, Row]]) -> list[tuple[int, tuple[np.ndarray, float | None] | Row]]:
        return [(number, _read(row, steps)) for number, row in block]

    try:
        for block in map_ahead(read_block, windows(progress.track(rows, "photos read"), _AT_ONCE), workers=workers):
            for number, found in block:
                if isinstance(found, Row):
                    bad[number] = found
                    progress.detail(f"bad: {found.name}: {found['error']}")
                    continue
                features[len(numbers)], front = found
                fronts[len(numbers)] = np.nan if front is None else front
                numbers.append(number)
        yield Read(features[: len(numbers)], fronts[: len(numbers)], numbers, bad)
    finally:
        file.unlink(missing_ok=True)


def _read(row: Row, steps: Callable[[Photo], list[Step]]) -> tuple[np.ndarray, float | None] | Row:
    try:
        photo = read_photo(row["path"])
    except BadRow as error:
        return failed(row, error)
    return steps(photo)[-1].pixels.ravel(), front_score(photo)
