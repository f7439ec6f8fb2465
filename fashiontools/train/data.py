"""Photos for training: decoded once, kept as a uint8 memory map, or decoded anew where the disk is too small."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.ledger import facts_of
from fashiontools.core.manifest import Row
from fashiontools.core.parallel import map_window, windows
from fashiontools.core.progress import Progress
from fashiontools.train.cache import Bad, build_cache, read_cache
from fashiontools.train.shapes import Shape, Square


class Photos(Protocol):
    """Photos by number."""

    @property
    def sizes(self) -> np.ndarray:
        """(N, 2) int, height and width of each."""

    def __len__(self) -> int:
        """How many there are."""

    def batch(self, numbers: np.ndarray, mirrored: np.ndarray | None = None) -> np.ndarray:
        """The photos of these numbers, mirrored where (B,) bool says so.

        Returns:
            (B, H, W, 3) uint8 RGB: as large as the largest of them needs, each at the upper left, zero beyond it.
        """


@dataclass
class Cached:
    """Photos in memory, or in a memory map of all of them.

    Attributes:
        photos: (H, W, 3) uint8, by number; one array of them all where they are alike.
        shape: How they were made ready.
    """

    photos: Sequence[np.ndarray] | np.ndarray
    shape: Shape = field(default_factory=lambda: Square(0, "crop"))

    @cached_property
    def sizes(self) -> np.ndarray:
        """As `Photos.sizes`."""
        return np.array([photo.shape[:2] for photo in self.photos], int).reshape(-1, 2)

    def __len__(self) -> int:
        return len(self.photos)

    def batch(self, numbers: np.ndarray, mirrored: np.ndarray | None = None) -> np.ndarray:
        """As `Photos.batch`; reads in the order of the file, which a spinning disk thanks."""
        order = np.argsort(numbers)
        found: list[np.ndarray] = [np.empty(0)] * len(numbers)
        for place in order:
            found[place] = self.photos[numbers[place]]
        return _on_canvas(found, mirrored, self.shape)


@dataclass
class Streamed:
    """Photos that are decoded each time they are asked for.

    Attributes:
        paths: Their files, by number.
        sizes: As `Photos.sizes`.
        shape: How they are made ready.
        workers: Photos at a time.
    """

    paths: list[str]
    sizes: np.ndarray
    shape: Shape
    workers: int

    def __len__(self) -> int:
        return len(self.paths)

    def batch(self, numbers: np.ndarray, mirrored: np.ndarray | None = None) -> np.ndarray:
        """As `Photos.batch`.

        Raises:
            UsageError: A photo that could be read at the start no longer can.
        """
        paths = [self.paths[number] for number in numbers]
        photos = map_window(self.shape.read, paths, workers=self.workers)
        for path, photo in zip(paths, photos, strict=True):
            if isinstance(photo, BadRow):
                raise UsageError(f"{path} could be read when training began, and now: {photo}")
        return _on_canvas(photos, mirrored, self.shape)


@dataclass
class Chosen:
    """Some of other photos.

    Attributes:
        photos: All of them.
        numbers: (N,) int, those that are meant.
    """

    photos: Photos
    numbers: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """As `Photos.sizes`."""
        return self.photos.sizes[self.numbers]

    def __len__(self) -> int:
        return len(self.numbers)

    def batch(self, numbers: np.ndarray, mirrored: np.ndarray | None = None) -> np.ndarray:
        """As `Photos.batch`."""
        return self.photos.batch(self.numbers[numbers], mirrored)


def _on_canvas(photos: Sequence[np.ndarray], mirrored: np.ndarray | None, shape: Shape) -> np.ndarray:
    sizes = [photo.shape[:2] for photo in photos]
    canvas = shape.canvas(max(height for height, _ in sizes), max(width for _, width in sizes))
    filled = set(sizes) == {canvas}
    batch = (np.empty if filled else np.zeros)((len(photos), *canvas, 3), np.uint8)
    for number, (photo, (height, width)) in enumerate(zip(photos, sizes, strict=True)):
        is_mirrored = mirrored is not None and mirrored[number]
        batch[number, :height, :width] = photo[:, ::-1] if is_mirrored else photo
    return batch


@dataclass
class Loaded:
    """What became of the input.

    Attributes:
        photos: The good ones.
        rows: Their rows, by the same numbers.
        bad: Path and reason of the others.
        digest: Of the input, the same on every machine.
    """

    photos: Photos
    rows: list[Row] = field(default_factory=list)
    bad: Bad = field(default_factory=list)
    digest: str = ""

    def __len__(self) -> int:
        return len(self.photos)


def load(rows: Sequence[Row], shape: Shape, *, cache: Path | None, workers: int, progress: Progress) -> Loaded:
    """Make the photos of rows ready for training.

    Args:
        rows: Good rows.
        shape: How a photo is made ready.
        cache: The folder of memory maps; None decodes in every epoch.
        workers: Photos at a time.
        progress: Where progress goes.

    Returns:
        The photos that could be read, in the rows' order, and the others with their reasons.
    """
    timed, timeless = hashlib.sha256(), hashlib.sha256()
    for row in rows:
        facts = facts_of(Row({"path": row["path"]}, row.name), "/")
        timed.update(facts[0].encode())
        timeless.update(_name_and_size(row))
    digest = timeless.hexdigest()
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        key = hashlib.sha256(f"{timed.hexdigest()} {shape}".encode()).hexdigest()[:24]
        file = cache / f"photos-{key}.bin"
        found = read_cache(file)
        free, needed = shutil.disk_usage(cache).free, len(rows) * shape.most_bytes
        if found is None and free > needed + needed // 10:
            found = build_cache(file, _read_all(rows, shape, workers, progress))
        if found is not None:
            packed, bad = found
            return _loaded(Cached(packed, shape), bad, rows, digest)
        progress.note(f"{cache} has {free / 1e9:.1f} GB left, {needed / 1e9:.1f} GB needed: decoding in every epoch")
    return _loaded(*_check(rows, shape, workers, progress), rows, digest)


def _loaded(photos: Photos, bad: Bad, rows: Sequence[Row], digest: str) -> Loaded:
    unreadable = {path for path, _ in bad}
    return Loaded(photos, [row for row in rows if row["path"] not in unreadable], bad, digest)


def _name_and_size(row: Row) -> bytes:
    try:
        return f"{row.name} {os.stat(row['path']).st_size}\n".encode()
    except OSError:
        return f"{row.name} missing\n".encode()


def _check(rows: Sequence[Row], shape: Shape, workers: int, progress: Progress) -> tuple[Photos, Bad]:
    paths, sizes, bad = [], [], []
    for path, photo in _read_all(rows, shape, workers, progress):
        if isinstance(photo, BadRow):
            bad.append((path, str(photo)))
        else:
            paths.append(path)
            sizes.append(photo.shape[:2])
    return Streamed(paths, np.array(sizes, int).reshape(-1, 2), shape, workers), bad


def _read_all(
    rows: Sequence[Row], shape: Shape, workers: int, progress: Progress
) -> Iterator[tuple[str, np.ndarray | BadRow]]:
    for window in windows(progress.track([row["path"] for row in rows], "photos read", len(rows))):
        yield from zip(window, map_window(shape.read, window, workers=workers), strict=True)
