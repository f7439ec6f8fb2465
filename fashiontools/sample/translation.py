"""Images that a trained translator makes of photos."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from fashiontools.core.contact_sheet import grid
from fashiontools.core.device import pick_device
from fashiontools.core.errors import BadRow
from fashiontools.core.files import read_bytes
from fashiontools.core.images import write_photo
from fashiontools.core.inputs import open_inputs, select
from fashiontools.core.manifest import PIXEL_COLUMNS, Row, Table
from fashiontools.core.output import Output
from fashiontools.core.parallel import map_window, usable_cores
from fashiontools.core.progress import Progress
from fashiontools.core.random import generator_of
from fashiontools.core.registry import lookup
from fashiontools.sample.options import TRANSLATORS, SampleOptions
from fashiontools.train.shapes import Square

GRID = "grid.png"
DRAW = "draw"
_LINES = 16


class Translator(Protocol):
    """What makes images with the networks of a run; built of the run folder, its `run.json` and a device.

    Attributes:
        square: How a photo and its target become what the networks know.
    """

    square: Square

    def translate(self, photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Make an image of a photo, both (S, S, 3) uint8 RGB, with the noise that a generator draws."""


def translate(folder: Path, run: dict[str, Any], options: SampleOptions, out: Output, progress: Progress) -> Table:
    """Make images of photos.

    Args:
        folder: The run folder.
        run: Its `run.json`.
        options: Of which photos, and how many of each.
        out: Where: `NAME.png`, further ones of a photo as `NAME-2.png` and so on; `grid.png` with the first 16 photos.
        progress: Where progress goes.

    Returns:
        The rows, `number` of each, with the image as `path`, the photo as `parent`, which of its images it is as
        `draw`, and `target` as a square like the image (in `_target`); what described the photo's pixels is emptied.

    Raises:
        UsageError: The photos cannot be opened, or the run is damaged.
    """
    photos = select(
        open_inputs([options.input or "-"], leave_out=out.folder), options.where or (), options.limit, options.seed
    )
    translator: Translator = lookup(TRANSLATORS, run["recipe"], "recipe").load()(
        folder, run, pick_device(options.device)
    )
    draws = Table(photos.columns, _drawn(photos, options.number or 1))
    together = _Together(translator, options, out.path(""))
    done = out.each(draws, None, progress, added=("parent", DRAW), unit="images", together=together, window=_LINES)
    return done if options.dry_run else Table(done.columns, _then_grid(done, translator.square, out))


def _drawn(photos: Table, number: int) -> Iterator[Row]:
    """Each photo's row as often as images are made of it: each image is finished, or not, by itself."""
    for row in photos.rows:
        if row.is_bad:
            yield row
            continue
        for draw in range(1, number + 1):
            yield Row({**row, DRAW: str(draw)}, row.name if draw == 1 else f"{row.name}-{draw}")


@dataclass(frozen=True)
class _Photo:
    """A photo that is ready: its square, that of its target if it has one, the digest of its file."""

    square: np.ndarray
    target: np.ndarray | None
    digest: bytes


class _Together:
    """Makes the images of a window of rows: photos are read and images written in threads, networks run in between."""

    def __init__(self, translator: Translator, options: SampleOptions, folder: Path) -> None:
        self._translator, self._seed, self._folder = translator, options.seed, folder
        self._workers = options.workers or usable_cores()

    def __call__(self, rows: list[Row]) -> list[list[Row] | BadRow]:
        photos = map_window(self._read, rows, workers=self._workers)
        made = [
            (row, photo, None if isinstance(photo, BadRow) else self._image(photo, int(row[DRAW])))
            for row, photo in zip(rows, photos, strict=True)
        ]
        return map_window(self._finished, made, workers=self._workers)

    def _read(self, row: Row) -> _Photo:
        data = read_bytes(row["path"])
        square = self._translator.square
        target = None
        if row.get("target"):
            try:
                target = square.read(row["target"])
            except BadRow as error:
                raise BadRow(f"target: {error}") from None
        return _Photo(square.of(data), target, hashlib.sha256(data).digest())

    def _image(self, photo: _Photo, draw: int) -> np.ndarray:
        # One at a time: in a larger batch the last bits of an image may depend on its neighbours.
        return self._translator.translate(photo.square, generator_of(self._seed, photo.digest, draw))

    def _finished(self, made: tuple[Row, _Photo | BadRow, np.ndarray | None]) -> list[Row]:
        row, photo, image = made
        if isinstance(photo, BadRow):
            raise photo
        file = self._folder / f"{row.name}.png"
        write_photo(file, image)
        changed = {column: "" for column in PIXEL_COLUMNS if column in row}
        if photo.target is not None:
            target = self._folder / "_target" / f"{row.name}.png"
            write_photo(target, photo.target)
            changed["target"] = str(target)
        return [row.having(**changed, path=str(file), parent=row["path"])]


def _shown(file: str, square: Square) -> np.ndarray:
    """A picture of the grid; white where there is none, or no longer."""
    try:
        return square.read(file)
    except BadRow:
        return np.full((square.size, square.size, 3), 255, np.uint8)


def _then_grid(table: Table, square: Square, out: Output) -> Iterator[Row]:
    """The same rows; at their end a grid: each photo, the images made of it, its target."""
    shown: list[Row] = []
    photos = 0
    for row in table.rows:
        photos += row.get(DRAW) == "1" and not row.is_bad
        if photos <= _LINES and not row.is_bad:
            shown.append(row)
        yield row
    lines = [list(line) for _, line in groupby(shown, lambda row: row["parent"])]
    if not lines:
        return
    has_targets = any(line[0].get("target") for line in lines)
    blank = np.full((square.size, square.size, 3), 255, np.uint8)
    most = max(len(line) for line in lines)
    pictures = []
    for line in lines:
        made = [_shown(row["path"], square) for row in line]
        target = [_shown(line[0].get("target", ""), square)] if has_targets else []
        pictures += [_shown(line[0]["parent"], square), *made, *[blank] * (most - len(made)), *target]
    write_photo(out.path(GRID), grid(pictures, 1 + most + has_targets))
