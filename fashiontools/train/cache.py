"""The cache of photos made ready for training: their pixels one after the other in a file, to be mapped into memory."""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.files import write_atomically

Bad = list[tuple[str, str]]


class Packed(Sequence[np.ndarray]):
    """Photos one after the other in a file.

    Args:
        pixels: All of them, uint8.
        sizes: (N, 2), their heights and widths.

    Raises:
        ValueError: The file has another length.
    """

    def __init__(self, pixels: np.ndarray, sizes: np.ndarray) -> None:
        self._pixels, self._sizes = pixels, sizes
        self._ends = np.cumsum(sizes.prod(axis=1) * 3) if len(sizes) else np.zeros(0, int)
        if len(pixels) != (self._ends[-1] if len(sizes) else 0):
            raise ValueError("the file has another length than its photos")

    def __len__(self) -> int:
        return len(self._sizes)

    def __getitem__(self, number: int) -> np.ndarray:  # type: ignore[override]
        if not 0 <= number < len(self):
            raise IndexError(number)
        height, width = self._sizes[number]
        end = self._ends[number]
        return self._pixels[end - height * width * 3 : end].reshape(height, width, 3)


def read_cache(file: Path) -> tuple[Packed, Bad] | None:
    """The photos of a cache, and those that could not be read with their reasons; None where it has to be made."""
    try:
        told = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        sizes = np.array(told["sizes"], int).reshape(-1, 2)
        pixels = np.memmap(file, np.uint8, "r") if len(sizes) else np.zeros(file.stat().st_size, np.uint8)
        return Packed(pixels, sizes), [(path, reason) for path, reason in told["bad"]]
    except (OSError, ValueError, TypeError, KeyError):
        return None  # not there, or damaged: it is built anew


def build_cache(file: Path, photos: Iterable[tuple[str, np.ndarray | BadRow]]) -> tuple[Packed, Bad]:
    """Write photos, aside and renamed, and read them back.

    Args:
        file: The cache; beside it a `.json` tells their sizes.
        photos: Path and pixels of each, (H, W, 3) uint8, or why it cannot be read.
    """
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    sizes, bad = [], []
    try:
        with open(aside, "wb") as stream:
            for path, photo in photos:
                if isinstance(photo, BadRow):
                    bad.append((path, str(photo)))
                else:
                    stream.write(np.ascontiguousarray(photo))
                    sizes.append(photo.shape[:2])
        write_atomically(file.with_suffix(".json"), json.dumps({"bad": bad, "sizes": sizes}).encode())
        os.replace(aside, file)
    finally:
        aside.unlink(missing_ok=True)
    found = read_cache(file)
    if found is None:
        raise UsageError(f"{file} cannot be read back: name another folder with --cache")
    return found


def cache_folder(asked: Path | None) -> Path:
    """Where decoded photos are kept: what was asked for, else `$XDG_CACHE_HOME/fashiontools`."""
    if asked is not None:
        return asked
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fashiontools"
