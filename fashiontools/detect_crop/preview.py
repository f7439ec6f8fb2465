"""A contact sheet of photos with their boxes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from fashiontools.core.boxes import Box, parse_box
from fashiontools.core.contact_sheet import contact_sheet
from fashiontools.core.drawing import draw_boxes
from fashiontools.core.errors import BadRow
from fashiontools.core.files import read_bytes
from fashiontools.core.images import as_rgb, decode_with_header, resize, write_photo
from fashiontools.core.manifest import Row, Table

_MOST = 20
_COLUMNS = 5
_CELL = 320


class BoxSheet:
    """Draws the first photos of an output with their boxes, once all have gone by.

    Args:
        file: Where the sheet is written.
        classes: Labels in the order of their colours; others come after them.
    """

    def __init__(self, file: Path, classes: Sequence[str]) -> None:
        self._file = file
        self._classes = list(classes)

    def watch(self, table: Table) -> Table:
        """The same table; at its end the sheet is written."""
        return Table(table.columns, self._watch(table))

    def _watch(self, table: Table) -> Iterator[Row]:
        shown: dict[str, list[Row]] = {}
        for row in table.rows:
            photo = row.get("parent") or row["path"]
            if not row.is_bad and (photo in shown or len(shown) < _MOST):
                shown.setdefault(photo, []).append(row)
            yield row
        pictures = []
        for photo, rows in shown.items():
            try:
                pictures.append(self._drawn(photo, rows))
            except BadRow:
                continue  # it was there when its boxes were found
        if pictures:
            lines = [pictures[start : start + _COLUMNS] for start in range(0, len(pictures), _COLUMNS)]
            write_photo(self._file, contact_sheet(lines, cell=_CELL))

    def _drawn(self, photo: str, rows: Sequence[Row]) -> np.ndarray:
        header, pixels = decode_with_header(read_bytes(photo), min_side=_CELL)
        ratio = _CELL / max(header.height, header.width)
        small = resize(as_rgb(pixels), *(max(1, round(side * ratio)) for side in (header.height, header.width)))
        boxes = [Box(*(side * ratio for side in parse_box(row["box"]))) for row in rows]
        numbers = [self._number(row["label"]) for row in rows]
        captions = [f"{row['label']} {float(row['score']):.2f}" for row in rows]
        return draw_boxes(small, np.array(boxes), captions, numbers)

    def _number(self, label: str) -> int:
        if label not in self._classes:
            self._classes.append(label)
        return self._classes.index(label)
