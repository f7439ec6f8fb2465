"""Photos for training: decoded once, kept as a uint8 memory map, or decoded anew where the disk is too small."""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.files import write_atomically
from fashiontools.core.images import Fit, as_rgb, decode, fit_square, read_bytes
from fashiontools.core.ledger import facts_of
from fashiontools.core.manifest import Row
from fashiontools.core.parallel import map_window, windows
from fashiontools.core.progress import Progress


class Photos(Protocol):
    """Square photos by number."""

    def __len__(self) -> int:
        """How many there are."""

    def batch(self, numbers: np.ndarray) -> np.ndarray:
        """The photos of these numbers: (B, size, size, 3) uint8 RGB."""


@dataclass
class Cached:
    """Photos in a memory map of all of them, (N, size, size, 3) uint8."""

    pixels: np.ndarray

    def __len__(self) -> int:
        return len(self.pixels)

    def batch(self, numbers: np.ndarray) -> np.ndarray:
        """As `Photos.batch`; reads in the order of the file, which a spinning disk thanks."""
        order = np.argsort(numbers)
        photos = np.empty((len(numbers), *self.pixels.shape[1:]), np.uint8)
        photos[order] = self.pixels[numbers[order]]
        return photos


@dataclass
class Streamed:
    """Photos that are decoded each time they are asked for."""

    paths: list[str]
    size: int
    fit: Fit
    workers: int

    def __len__(self) -> int:
        return len(self.paths)

    def batch(self, numbers: np.ndarray) -> np.ndarray:
        """As `Photos.batch`.

        Raises:
            UsageError: A photo that could be read at the start no longer can.
        """
        squared = partial(square_photo, size=self.size, fit=self.fit)
        paths = [self.paths[number] for number in numbers]
        photos = map_window(squared, paths, workers=self.workers)
        for path, photo in zip(paths, photos, strict=True):
            if isinstance(photo, BadRow):
                raise UsageError(f"{path} could be read when training began, and now: {photo}")
        return np.stack(photos)


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
    bad: list[tuple[str, str]] = field(default_factory=list)
    digest: str = ""

    def __len__(self) -> int:
        return len(self.photos)


def square_photo(path: str, size: int, fit: Fit) -> np.ndarray:
    """Decode a photo at the reduced scale that suffices and make it square: (size, size, 3) uint8 RGB.

    Raises:
        BadRow: It cannot be read.
    """
    # Twice the size is decoded, so that the last reduction averages pixels instead of picking DCT scales.
    return as_rgb(fit_square(decode(read_bytes(path), min_side=2 * size), size, fit))


def load(rows: Sequence[Row], size: int, fit: Fit, *, cache: Path | None, workers: int, progress: Progress) -> Loaded:
    """Make the photos of rows ready for training.

    Args:
        rows: Good rows.
        size: Side of the squares, pixels.
        fit: How a photo becomes square.
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
    needed = len(rows) * size * size * 3
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        key = hashlib.sha256(f"{timed.hexdigest()} {size} {fit}".encode()).hexdigest()[:24]
        file = cache / f"photos-{key}.npy"
        if (found := _read_cache(file)) is not None:
            return _loaded(*found, rows, digest)
        free = shutil.disk_usage(cache).free
        if free > needed + needed // 10:
            return _loaded(*_build_cache(file, rows, size, fit, workers, progress), rows, digest)
        progress.note(f"{cache} has {free / 1e9:.1f} GB left, {needed / 1e9:.1f} GB needed: decoding in every epoch")
    paths, bad = _check(rows, size, fit, workers, progress)
    return _loaded(Streamed(paths, size, fit, workers), bad, rows, digest)


def _loaded(photos: Photos, bad: list[tuple[str, str]], rows: Sequence[Row], digest: str) -> Loaded:
    unreadable = {path for path, _ in bad}
    return Loaded(photos, [row for row in rows if row["path"] not in unreadable], bad, digest)


def _name_and_size(row: Row) -> bytes:
    try:
        return f"{row.name} {os.stat(row['path']).st_size}\n".encode()
    except OSError:
        return f"{row.name} missing\n".encode()


def _read_cache(file: Path) -> tuple[Photos, list[tuple[str, str]]] | None:
    try:
        bad = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        return Cached(np.load(file, mmap_mode="r", allow_pickle=False)), [tuple(entry) for entry in bad]
    except (OSError, ValueError, EOFError, TypeError):
        return None  # not there, or damaged: it is built anew


def _build_cache(
    file: Path, rows: Sequence[Row], size: int, fit: Fit, workers: int, progress: Progress
) -> tuple[Photos, list[tuple[str, str]]]:
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    pixels = np.lib.format.open_memmap(aside, "w+", np.uint8, (len(rows), size, size, 3))
    count, bad = 0, []
    try:
        for row, photo in _squares(rows, size, fit, workers, progress):
            if isinstance(photo, BadRow):
                bad.append((row["path"], str(photo)))
            else:
                pixels[count] = photo
                count += 1
        pixels.flush()
        if bad:
            _shorten(aside, pixels, count)
        del pixels
        write_atomically(file.with_suffix(".json"), json.dumps(bad).encode())
        os.replace(aside, file)
    finally:
        aside.unlink(missing_ok=True)
    return Cached(np.load(file, mmap_mode="r", allow_pickle=False)), bad


def _shorten(file: Path, pixels: np.ndarray, count: int) -> None:
    """Leave out the places of bad photos at the end."""
    shorter = np.lib.format.open_memmap(file.with_suffix(".short"), "w+", np.uint8, (count, *pixels.shape[1:]))
    shorter[:] = pixels[:count]
    shorter.flush()
    os.replace(file.with_suffix(".short"), file)


def _check(
    rows: Sequence[Row], size: int, fit: Fit, workers: int, progress: Progress
) -> tuple[list[str], list[tuple[str, str]]]:
    paths, bad = [], []
    for row, photo in _squares(rows, size, fit, workers, progress):
        if isinstance(photo, BadRow):
            bad.append((row["path"], str(photo)))
        else:
            paths.append(row["path"])
    return paths, bad


def _squares(rows: Sequence[Row], size: int, fit: Fit, workers: int, progress: Progress):
    for window in windows(progress.track(rows, "photos read", len(rows))):
        squared = partial(square_photo, size=size, fit=fit)
        yield from zip(window, map_window(squared, [row["path"] for row in window], workers=workers), strict=True)


def cache_folder(asked: Path | None) -> Path:
    """Where decoded photos are kept: what was asked for, else `$XDG_CACHE_HOME/fashiontools`."""
    if asked is not None:
        return asked
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fashiontools"
