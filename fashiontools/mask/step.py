"""The step of `mask`: a hole mask, or several, for each photo."""

import hashlib
from pathlib import Path

import numpy as np

from fashiontools.core.contact_sheet import PREVIEW, PreviewSheet, overlay_hole
from fashiontools.core.errors import BadRow
from fashiontools.core.files import read_bytes
from fashiontools.core.images import decode, read_mask, write_photo
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.core.random import generator_of
from fashiontools.mask import shapes
from fashiontools.mask.foreground import estimate_foreground
from fashiontools.mask.options import DEFAULTS, PHOTOS_OWN, TOUCHED_PIXELS, MaskOptions


def mask(table: Table, options: MaskOptions, out: Output, progress: Progress) -> Table:
    """Draw masks for the photos of a table.

    Args:
        table: Rows with `path`, and `garment` where it is known.
        options: What to draw.
        out: Where the masks go, as `NAME.png`; further ones of a photo as `NAME-2.png` and so on.
        progress: Where progress goes.

    Returns:
        The rows, `per_photo` of each, with `mask`; no photo is copied.
    """

    def work(row: Row) -> list[Row]:
        return _masks_of(row, options, out.path(""))

    done = out.each(table, work, progress, added=("mask",))
    if options.preview and not options.dry_run:
        sheet = PreviewSheet(out.path(PREVIEW), ("photo", "hole"))
        return sheet.watch(done, _preview)
    return done


def _preview(row: Row) -> list[np.ndarray]:
    photo = decode(read_bytes(row["path"]))
    return [photo, overlay_hole(photo, read_mask(row["mask"]))]


def _masks_of(row: Row, options: MaskOptions, folder: Path) -> list[Row]:
    data = read_bytes(row["path"])
    photo = decode(data)
    size = (photo.shape[0], photo.shape[1])
    garment = _garment_of(row, photo, options)
    rows = []
    for number in range(1, options.per_photo + 1):
        rng = generator_of(options.seed, hashlib.sha256(data).digest(), number)
        hole = _draw(rng, size, garment, options)
        file = folder / (f"{row.name}.png" if number == 1 else f"{row.name}-{number}.png")
        write_photo(file, hole)
        rows.append(row.having(mask=str(file)))
    return rows


def _garment_of(row: Row, photo: np.ndarray, options: MaskOptions) -> np.ndarray | None:
    """The garment mask of a photo (255 = garment), or None where the shape has no need of it."""
    known = row.get("garment", "")
    takes_it = options.shape == "garment" or DEFAULTS[options.shape].position is not None
    wanted = options.touch_garment if options.touch_garment is not None else TOUCHED_PIXELS if known else 0
    if not takes_it or (options.shape != "garment" and not wanted):
        return None
    if not known:
        return estimate_foreground(photo)
    garment = read_mask(known)
    if garment.shape != photo.shape[:2]:
        raise BadRow(f"the garment mask is {_told(garment)}, the photo {_told(photo)}")
    return garment


def _told(pixels: np.ndarray) -> str:
    return f"{pixels.shape[1]} x {pixels.shape[0]}"


def _draw(
    rng: np.random.Generator, size: tuple[int, int], garment: np.ndarray | None, options: MaskOptions
) -> np.ndarray:
    defaults = DEFAULTS[options.shape]
    area = shapes.Range(*(options.area or defaults.area or (0, 0)))
    aspect = options.aspect or defaults.aspect
    count = options.count or defaults.count or 1
    if options.shape == "garment":
        if garment is None or not garment.any():
            raise BadRow("the garment mask is empty")
        return garment
    if options.shape == "center":
        own = aspect in (None, PHOTOS_OWN)
        return shapes.draw_center(rng, size, area, None if own else shapes.Range(*aspect))
    if options.shape == "strokes":
        return shapes.draw_strokes(rng, size, area, count=count)
    pixels = TOUCHED_PIXELS if options.touch_garment is None else options.touch_garment
    return shapes.draw_boxes(
        rng,
        size,
        area,
        shapes.Range(*(aspect or (1, 1))),
        count=count,
        central=(options.position or defaults.position) == "central",
        unequal=options.shape == "random-boxes",
        garment=shapes.Garment(garment, pixels) if garment is not None else None,
    )
