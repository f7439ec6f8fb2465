"""The boxes of photos, from manifests with one row per box."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from fashiontools.core.boxes import fitted, parse_box
from fashiontools.core.errors import BadRow
from fashiontools.core.manifest import Row
from fashiontools.core.parallel import map_window, windows
from fashiontools.core.progress import Progress
from fashiontools.import_data.photo_files import photo_file

BOX, LABEL = "box", "label"
_MEASURED = ("width", "height", "sha256")
_SIDE, _SHA256 = re.compile(r"[1-9][0-9]{0,8}"), re.compile(r"[0-9a-fA-F]{64}")


class PhotoBoxes(NamedTuple):
    """What is on a photo.

    Attributes:
        width: Of the photo, pixels.
        height: Of the photo, pixels.
        sha256: Of its file, in hex.
        boxes: (M, 4) float64, x, y, width, height in pixels of the photo.
        labels: What each box is.
    """

    width: int
    height: int
    sha256: str
    boxes: np.ndarray
    labels: tuple[str, ...]


class BoxedPhotos(NamedTuple):
    """Photos with their boxes.

    Attributes:
        rows: One per photo, the first of its rows.
        boxes: What is on each.
        bad: Path and reason of the rows that were left out.
    """

    rows: list[Row]
    boxes: list[PhotoBoxes]
    bad: list[tuple[str, str]]


def by_photo(rows: Iterable[Row]) -> list[list[Row]]:
    """The rows of each photo, those with the same path, in the order in which the photos first appear."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["path"], []).append(row)
    return list(groups.values())


def read_boxes(rows: Iterable[Row], *, workers: int, progress: Progress) -> BoxedPhotos:
    """Read the boxes of rows, and check each against its photo.

    A box is in pixels of `parent` where that is set: then that is the photo. Where a row's box is damaged, empty or
    outside of the photo, or has no label, that row is left out; a photo all of whose rows are is left out too, since
    it is no photo without boxes. A row without a box says that there is none.

    Args:
        rows: Good rows.
        workers: Photos at a time.
        progress: Where progress goes.

    Returns:
        The photos in the order of the rows. A photo that cannot be read is among them: whoever decodes it says so.
    """
    found = BoxedPhotos([], [], [])
    groups = by_photo(map(_on_photo, rows))
    for window in windows(progress.track(groups, "photos measured", len(groups))):
        for group, (boxes, bad) in zip(window, map_window(_of_photo, window, workers=workers), strict=True):
            found.bad.extend(bad)
            if boxes is not None:
                found.rows.append(group[0])
                found.boxes.append(boxes)
    return found


def _on_photo(row: Row) -> Row:
    """The row of the photo that its box is on; what was measured of a crop says nothing of its parent."""
    if not (row.get(BOX) and row.get("parent")):
        return row
    return row.having(path=row["parent"], parent="", **dict.fromkeys(_MEASURED, ""))


def _of_photo(rows: Sequence[Row]) -> tuple[PhotoBoxes | None, list[tuple[str, str]]]:
    first, bad = rows[0], []
    try:
        width, height, sha256 = _measured(first)
    except BadRow:
        return PhotoBoxes(0, 0, "", np.zeros((0, 4)), ()), []
    found: list[tuple[float, ...]] = []
    labels: list[str] = []
    for row in rows:
        if not row.get(BOX):
            continue
        try:
            found.append(_box_of(row, width, height))
            labels.append(row[LABEL])
        except BadRow as error:
            bad.append((row["path"], str(error)))
    if bad and not found:
        return None, bad
    return PhotoBoxes(width, height, sha256, np.array(found, float).reshape(-1, 4), tuple(labels)), bad


def _measured(row: Row) -> tuple[int, int, str]:
    """Width, height and SHA-256 of a photo: as its row has them, else from its file."""
    measured = [row.get(name, "") for name in _MEASURED]
    if _SIDE.fullmatch(measured[0]) and _SIDE.fullmatch(measured[1]) and _SHA256.fullmatch(measured[2]):
        return int(measured[0]), int(measured[1]), measured[2].lower()
    width, height, digest = photo_file(row["path"])
    return width, height, digest.hex()


def _box_of(row: Row, width: int, height: int) -> tuple[float, ...]:
    if not row.get(LABEL):
        raise BadRow("a box without a label")
    return tuple(fitted(parse_box(row[BOX]), width, height))
