"""From a row to the rows of what was found on its photo: read, looked at, chosen, cut and written."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fashiontools.core.boxes import format_box
from fashiontools.core.errors import BadRow
from fashiontools.core.files import read_bytes
from fashiontools.core.images import decode_with_header, read_mask, read_photo, write_photo
from fashiontools.core.manifest import PIXEL_COLUMNS, Row
from fashiontools.core.parallel import map_ahead, map_window
from fashiontools.detect_crop.choosing import Choice, Rejection
from fashiontools.detect_crop.crops import Cut, Square, cut_of, in_whole_pixels
from fashiontools.detect_crop.detection import Detection, Detector, Looked, Photo

COMPANIONS = ("mask", "garment", "target")


class Framing(NamedTuple):
    """How a box becomes a crop; see `crops.cut_of`.

    Attributes:
        margin: Share of the box's sides.
        square: How it becomes square, if it does.
        size: The longer side, pixels; None: as cut.
    """

    margin: float
    square: Square | None
    size: int | None


class Outcome(NamedTuple):
    """What came of a photo.

    Attributes:
        rows: One for each kept box.
        rejection: Why there is none.
    """

    rows: list[Row]
    rejection: Rejection | None


class Cropper:
    """Works on the rows of a window.

    Args:
        detector: Looks at the photos.
        choice: Which boxes are kept.
        framing: How they are cut out; None writes no crops.
        folder: The output folder.
        workers: Photos that are read, or looked at by a detector that takes one at a time, at the same time.
    """

    def __init__(self, detector: Detector, choice: Choice, framing: Framing | None, folder: Path, workers: int) -> None:
        self._detector, self._choice, self._framing = detector, choice, framing
        self._folder, self._workers = folder, workers

    def work(self, rows: list[Row]) -> list[Outcome | BadRow]:
        """What comes of each row; a `BadRow` where it cannot be worked on."""
        if self._detector.at_once == 1:
            return map_window(self._alone, rows, workers=self._workers)
        jobs = [(row, *looked) for row, looked in zip(rows, self._in_batches(rows), strict=True)]
        return map_window(self._finished, jobs, workers=self._workers)

    def _alone(self, row: Row) -> Outcome:
        photo = self._read(row)
        return self._finish(row, photo, self._detector.detect([photo])[0])

    def _in_batches(self, rows: list[Row]) -> list[tuple[Photo | BadRow, Looked]]:
        """Read photos ahead, and look at those of one canvas together."""
        results: list[tuple[Photo | BadRow, Looked]] = [(BadRow(""), Looked(()))] * len(rows)
        waiting: dict[tuple[int, int], list[tuple[int, Photo]]] = defaultdict(list)

        def look(group: Sequence[tuple[int, Photo]]) -> None:
            found = self._detector.detect([photo for _, photo in group])
            for (number, photo), looked in zip(group, found, strict=True):
                results[number] = photo, looked

        for number, photo in enumerate(map_ahead(self._tried, rows, workers=self._workers)):
            if isinstance(photo, BadRow):
                results[number] = photo, Looked(())
                continue
            group = waiting[self._detector.canvas(photo)]
            group.append((number, photo))
            if len(group) == self._detector.at_once:
                look(group)
                group.clear()
        for group in filter(None, waiting.values()):
            look(group)
        return results

    def _tried(self, row: Row) -> Photo | BadRow:
        try:
            return self._read(row)
        except BadRow as error:
            return error

    def _finished(self, job: tuple[Row, Photo | BadRow, Looked]) -> Outcome:
        row, photo, looked = job
        if isinstance(photo, BadRow):
            raise photo
        return self._finish(row, photo, looked)

    def _read(self, row: Row) -> Photo:
        """Decode the photo at the reduced scale that suffices to look at it."""
        header, pixels = decode_with_header(read_bytes(row["path"]), min_side=self._detector.min_side)
        return Photo(pixels, header.height, header.width, row.get("label", ""))

    def _finish(self, row: Row, photo: Photo, looked: Looked) -> Outcome:
        kept = self._choice.of(looked)
        if isinstance(kept, Rejection):
            return Outcome([], kept)
        if self._framing is None:
            return Outcome([_boxed(row, one) for one in kept], None)
        pixels = photo.pixels if photo.is_full else read_photo(row["path"])
        belonging = _companions(row, pixels.shape[:2])
        rows = []
        for number, one in enumerate(kept, 1):
            name = row.name if number == 1 else f"{row.name}-{number}"
            rows.append(_cropped(row, one, pixels, belonging, self._framing, self._folder, name))
        return Outcome(rows, None)


def _told(one: Detection) -> dict[str, str]:
    return {"label": one.label, "score": one.score_text}


def _boxed(row: Row, one: Detection) -> Row:
    """The photo's row with a box; it is in pixels of `path`, so there is no `parent`, whose pixels it would be in."""
    emptied = {column: "" for column in ("parent", "area") if column in row}
    return row.having(**emptied, box=format_box(one.box), **_told(one))


def _companions(row: Row, shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """What belongs to a photo, by column.

    Raises:
        BadRow: It is not of the photo's size.
    """
    found = {}
    for column in COMPANIONS:
        if row.get(column):
            pixels = (read_photo if column == "target" else read_mask)(row[column])
            if pixels.shape[:2] != shape:
                theirs = f"the {column} is {pixels.shape[1]} x {pixels.shape[0]}"
                raise BadRow(f"{theirs}, the photo {shape[1]} x {shape[0]}")
            found[column] = pixels
    return found


def _cropped(
    row: Row,
    one: Detection,
    pixels: np.ndarray,
    belonging: dict[str, np.ndarray],
    framing: Framing,
    folder: Path,
    name: str,
) -> Row:
    height, width = pixels.shape[:2]
    box = in_whole_pixels(one.box, width, height)
    cut: Cut = cut_of(box, width, height, *framing)
    file = folder / f"{name}.png"
    changed = {column: "" for column in PIXEL_COLUMNS if column in row}
    for column, what in belonging.items():
        beside = folder / f"_{column}" / f"{name}.png"
        write_photo(beside, cut.of(what) if column == "target" else cut.of_mask(what))
        changed[column] = str(beside)
    write_photo(file, cut.of(pixels))
    changed.update(path=str(file), parent=row["path"], box=format_box(box), **_told(one))
    return row.having(**{**changed, "width": str(cut.width), "height": str(cut.height)})
