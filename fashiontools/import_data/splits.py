"""Splits: drawn for the bytes of a photo, or a number of photos of a whole list."""

import hashlib
from collections.abc import Iterable

import numpy as np

from fashiontools.core.random import generator_of

SPLITS = ("train", "val", "test")
THESIS_TRAIN, THESIS_ALL = 200_000, 289_222
"""Of Category and Attribute Prediction's photos, those that the thesis drew to train on, and all of them."""


def split_of(digest: bytes, seed: int, *, val: float = 0.1, test: float = 0.1) -> str:
    """Draw the split of one photo, so that copies of it are never on two sides.

    Args:
        digest: SHA-256 of the file.
        seed: The user's.
        val: Share for validation, 0 to 1.
        test: Share for testing, 0 to 1; the rest is `train`.
    """
    drawn = generator_of(seed, digest, 0).random()
    return "test" if drawn < test else "val" if drawn < test + val else "train"


class ThesisSplit:
    """The split of Chiaretti's thesis (2020, 4.2): 200,000 photos at random to train on, the other 89,222 to validate.

    Of another number of photos, the same share. A name's key decides, so that the order of the list does not.

    Args:
        names: All photos; read once, of which eight bytes each are kept.
        seed: Decides who is drawn.

    Attributes:
        sizes: How many photos each side has.
    """

    def __init__(self, names: Iterable[str], seed: int) -> None:
        self._seed = seed
        keys = np.fromiter(map(self._key, names), np.uint64)
        train = round(len(keys) * THESIS_TRAIN / THESIS_ALL)
        self.sizes = {"train": train, "val": len(keys) - train}
        self._last = int(np.partition(keys, train - 1)[train - 1]) if train else -1

    def of(self, name: str) -> str:
        """The side of a photo."""
        return "train" if self._key(name) <= self._last else "val"

    def _key(self, name: str) -> int:
        digest = hashlib.blake2b(f"{self._seed}/{name}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "little")
