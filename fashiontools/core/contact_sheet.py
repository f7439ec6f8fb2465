"""Contact sheets: rows of small pictures under column titles, to look at before one trusts a folder."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from fashiontools.core.errors import BadRow
from fashiontools.core.images import as_rgb, write_photo
from fashiontools.core.manifest import Row, Table

PREVIEW = "preview.png"
HOLE_COLOUR = (255, 0, 128)
_GAP = 6
_TITLE = 22
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def contact_sheet(
    rows: Sequence[Sequence[np.ndarray]], titles: Sequence[str] = (), cell: int = 192, captions: Sequence[str] = ()
) -> np.ndarray:
    """Lay pictures out in rows.

    Args:
        rows: Pictures, (H, W, 3) or (H, W) uint8, of any size; rows may differ in length.
        titles: One word or two above each column; none leaves the line of titles out.
        cell: Side of the square that each picture is fitted into, pixels.
        captions: A line of text below each row, cut off where the row ends; none leaves the lines out.

    Returns:
        (H, W, 3) uint8 RGB on white.
    """
    columns = max((len(row) for row in rows), default=1)
    top, step = (_TITLE if titles else 0), cell + _GAP + (_TITLE if captions else 0)
    shape = (top + len(rows) * step + _GAP, columns * (cell + _GAP) + _GAP, 3)
    sheet = np.full(shape, 255, np.uint8)
    for column, title in enumerate(titles):
        origin = (_GAP + column * (cell + _GAP), _TITLE - 6)
        _write(sheet, title, origin)
    for y, caption in enumerate(captions):
        _write(sheet, caption, (_GAP, top + (y + 1) * step - 6))
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            small = _fitted(picture, cell)
            dy, dx = (cell - small.shape[0]) // 2, (cell - small.shape[1]) // 2
            origin_y, origin_x = top + _GAP + y * step + dy, _GAP + x * (cell + _GAP) + dx
            sheet[origin_y : origin_y + small.shape[0], origin_x : origin_x + small.shape[1]] = small
    return sheet


def _write(sheet: np.ndarray, text: str, origin: tuple[int, int]) -> None:
    """Write a line; OpenCV's fonts have ASCII alone."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    cv2.putText(sheet, plain, origin, _FONT, 0.45, (40, 40, 40), 1, cv2.LINE_AA)


def grid(pictures: Sequence[np.ndarray], columns: int, gap: int = 2) -> np.ndarray:
    """Lay equally large (H, W, 3) uint8 pictures out in a close grid on white; returns (H, W, 3) uint8."""
    height, width = pictures[0].shape[:2]
    lines = -(-len(pictures) // columns)
    sheet = np.full((lines * (height + gap) + gap, columns * (width + gap) + gap, 3), 255, np.uint8)
    for index, picture in enumerate(pictures):
        y, x = gap + index // columns * (height + gap), gap + index % columns * (width + gap)
        sheet[y : y + height, x : x + width] = picture
    return sheet


def _fitted(picture: np.ndarray, cell: int) -> np.ndarray:
    picture = as_rgb(picture)
    ratio = cell / max(picture.shape[:2])
    size = (max(1, round(picture.shape[1] * ratio)), max(1, round(picture.shape[0] * ratio)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_NEAREST)


def overlay_hole(photo: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The photo with its hole (mask 255) in one loud colour; (H, W, 3) uint8 RGB."""
    shown = as_rgb(photo).copy()
    if mask.shape == shown.shape[:2]:
        shown[mask > 0] = HOLE_COLOUR
    return shown


class PreviewSheet:
    """Draws a contact sheet of the first good rows of an output, and their descriptions, once all have gone by.

    Args:
        file: Where the sheet is written.
        titles: The titles of its columns.
        most: How many rows it shows.
    """

    def __init__(self, file: Path, titles: Sequence[str], most: int = 16) -> None:
        self._file = file
        self._titles = titles
        self._most = most

    def watch(self, table: Table, pictures_of: Callable[[Row], list[np.ndarray]]) -> Table:
        """The same table; at its end the sheet is written."""
        return Table(table.columns, self._watch(table, pictures_of))

    def _watch(self, table: Table, pictures_of: Callable[[Row], list[np.ndarray]]) -> Iterator[Row]:
        shown: list[Row] = []
        for row in table.rows:
            if len(shown) < self._most and not row.is_bad:
                shown.append(row)
            yield row
        rows, captions = [], []
        for row in shown:
            try:
                rows.append(pictures_of(row))
            except BadRow:
                continue
            captions.append(row.get("description", ""))
        if rows:
            sheet = contact_sheet(rows, self._titles, captions=captions if any(captions) else ())
            write_photo(self._file, sheet)
