"""The set's annotations: MATLAB files (version 5), read as numbers and texts; nothing in them is ever executed."""

import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.files import read_bytes
from fashiontools.import_data.ccp.garments import GARMENTS, NO_GARMENT

LABEL_LIST = "label_list.mat"
KINDS = {"pixel": "annotations/pixel-level", "image": "annotations/image-level"}
"""Where the annotations lie: `groundtruth`, a label per pixel, or `tags`, the labels of a photo."""

_BROKEN = (MatReadError, ValueError, TypeError, NotImplementedError, KeyError, IndexError, OSError, EOFError)


def label_names(folder: Path) -> list[str]:
    """The names of the labels by number, from the set's own list.

    Raises:
        UsageError: There is no such list, or it names what this set does not have.
    """
    file = folder / LABEL_LIST
    try:
        names = [str(np.asarray(cell).item()) for cell in _variable(str(file), "label_list").ravel()]
    except (BadRow, ValueError) as error:
        raise UsageError(f"{file}: {error}; expected the folder of the Clothing Co-Parsing set") from None
    unknown = sorted(set(names) - set(GARMENTS) - set(NO_GARMENT))
    if unknown:
        raise UsageError(f"{file} names {unknown[0]!r}, which is no label of the Clothing Co-Parsing set")
    return names


def read_label_map(file: str, labels: int) -> np.ndarray:
    """The label of each pixel: (H, W) uint8, 0 is the background.

    Raises:
        BadRow: The file cannot be read, or holds no map of labels below `labels`.
    """
    return _checked(file, _variable(file, "groundtruth"), labels, dimensions=2).astype(np.uint8)


def read_tags(file: str, labels: int) -> list[int]:
    """The labels of a photo, sorted.

    Raises:
        BadRow: The file cannot be read, or holds no labels below `labels`.
    """
    tags = _checked(file, _variable(file, "tags").ravel(), labels, dimensions=1)
    return sorted({int(tag) for tag in tags})


def _checked(file: str, values: np.ndarray, labels: int, *, dimensions: int) -> np.ndarray:
    """The values, which may be stored as any kind of number, if they are labels."""
    name = Path(file).name
    if values.ndim != dimensions or values.dtype.kind not in "uif" or not values.size:
        raise BadRow(f"{name} holds no labels")
    low, high = values.min(), values.max()
    if not (0 <= low <= high < labels) or (values.dtype.kind == "f" and (values != np.rint(values)).any()):
        raise BadRow(f"{name} has labels from {low:g} to {high:g}; expected whole numbers below {labels}")
    return values


def _variable(file: str, name: str) -> np.ndarray:
    data = read_bytes(file)
    try:
        found: dict[str, Any] = loadmat(io.BytesIO(data), variable_names=[name])
        return np.asarray(found[name])
    except (*_BROKEN, zlib.error):
        raise BadRow(f"{Path(file).name} is not a MATLAB file with a variable {name!r}") from None
