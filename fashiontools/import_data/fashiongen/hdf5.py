"""FashionGen's HDF5 as it is distributed: photos in one array, each text in an array of its own."""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fashiontools.core.errors import BadRow, Unavailable, UsageError

TEXTS = {
    "group": "input_productID",
    "view": "input_pose",
    "name": "input_name",
    "brand": "input_brand",
    "category": "input_category",
    "subcategory": "input_subcategory",
    "gender": "input_gender",
    "season": "input_season",
    "composition": "input_composition",
    "description": "input_description",
}
"""Column to array. `input_concat_description`, which repeats the others, and prices and departments are left out."""

_PHOTOS = "input_image"
_NEEDED = (_PHOTOS, "input_description", "input_category")
_TEXT_ROWS = 4096
_BLOCK_ROWS = 64
_LARGEST_BLOCK_ROWS = 1024
_KEPT_BYTES = 128 * 2**20
_SPLIT = re.compile(r"(?:^|[^a-z])(train|val|validation|test)(?:[^a-z]|$)")


class FashiongenFile:
    """One of FashionGen's files, open to be read.

    Photos are read in blocks of at least 64 that end where the file's own chunks end, since a chunk is decompressed as
    a whole, and a few blocks are kept: about 128 MiB, or two blocks where those are larger, whatever the file's size.

    Args:
        name: The file.

    Attributes:
        path: Its absolute path.
        label: Its name without the suffix.
        split: `train`, `val` or `test` where its name says so, else empty.
        columns: Those of `TEXTS` that it has.

    Raises:
        Unavailable: The extra `fashiongen` is not installed.
        UsageError: It is no such file.
    """

    def __init__(self, name: str) -> None:
        self.path = Path(name).absolute()
        self.label = self.path.stem
        found = _SPLIT.search(self.label.lower())
        self.split = {"validation": "val"}.get(found[1], found[1]) if found else ""
        self._file = _opened(name)
        missing = [array for array in _NEEDED if array not in self._file]
        if missing:
            raise UsageError(f"{name} is not FashionGen: it has no {missing[0]}, only {', '.join(sorted(self._file))}")
        self._photos = self._file[_PHOTOS]
        if self._photos.ndim != 4 or self._photos.shape[3] != 3 or self._photos.dtype != np.uint8:
            shape = " x ".join(map(str, self._photos.shape))
            raise UsageError(f"{name}: {_PHOTOS} is {shape} {self._photos.dtype}; expected N x 256 x 256 x 3 uint8")
        self.columns = tuple(column for column, array in TEXTS.items() if array in self._file)
        for array in (TEXTS[column] for column in self.columns):
            if self._file[array].shape not in ((len(self),), (len(self), 1)):
                raise UsageError(f"{name}: {array} is not one text for each of the {len(self):,} photos")
        self._block_rows = _block_rows(self._photos)
        self._blocks: OrderedDict[int, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return int(self._photos.shape[0])

    def texts(self, column: str) -> Iterator[str]:
        """One column of `TEXTS`, photo by photo, read some thousand at a time; all empty where the file lacks it."""
        if column not in self.columns:
            yield from ("" for _ in range(len(self)))
            return
        array = self._file[TEXTS[column]]
        for start in range(0, len(self), _TEXT_ROWS):
            yield from map(_text, array[start : start + _TEXT_ROWS].reshape(-1).tolist())

    def photo(self, number: int) -> np.ndarray:
        """A photo, (H, W, 3) uint8 RGB; fast where neighbours are asked for one after the other, from any thread.

        Raises:
            BadRow: The file is damaged there.
        """
        index, within = divmod(number, self._block_rows)
        with self._lock:
            try:
                if index not in self._blocks:
                    start = index * self._block_rows
                    self._keep(index, self._photos[start : start + self._block_rows])
                return self._blocks[index][within]
            except OSError:
                return self._alone(number)

    def _keep(self, index: int, block: np.ndarray) -> None:
        self._blocks[index] = block
        while len(self._blocks) > max(2, _KEPT_BYTES // max(block.nbytes, 1)):
            self._blocks.popitem(last=False)

    def _alone(self, number: int) -> np.ndarray:
        """One photo without its block, in which another chunk is damaged."""
        try:
            return self._photos[number]
        except OSError:
            raise BadRow(f"{self.path.name} is damaged at photo {number}") from None


def _opened(name: str) -> Any:
    try:
        import h5py
    except ImportError:
        raise Unavailable(
            "import fashiongen needs the library h5py", "pip install 'fashiontools[fashiongen]'"
        ) from None
    if not Path(name).is_file():
        raise UsageError(f"{name}: no such file")
    try:
        return h5py.File(name, "r")
    except OSError:
        raise UsageError(
            f"{name} is not HDF5, or is not whole; expected fashiongen_256_256_train.h5 or its like"
        ) from None


def _block_rows(photos: Any) -> int:
    """Photos to read at once: whole chunks, 64 or more photos, but never more than 1,024."""
    chunk = photos.chunks[0] if photos.chunks else 1
    return min(-(-_BLOCK_ROWS // chunk) * chunk, _LARGEST_BLOCK_ROWS)


def _text(value: Any) -> str:
    """A text as the manifest holds it: latin-1 bytes or a number, on one line."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return " ".join(text.replace("\0", " ").split())
