"""The step of `import lookbook`: products drawn, photographed and written."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from fashiontools.core.files import write_atomically
from fashiontools.core.images import encode, write_photo
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.core.random import generator_of
from fashiontools.import_data.lookbook import wording
from fashiontools.import_data.lookbook.attributes import Garment, draw_garment_attributes, label_of
from fashiontools.import_data.lookbook.body import draw_person
from fashiontools.import_data.lookbook.copies import broken_file, draw_copy
from fashiontools.import_data.lookbook.options import LookbookOptions
from fashiontools.import_data.lookbook.photo import Shot, draw_packshot, draw_worn

ATTRIBUTES = ("category", "color", "length", "sleeve_length", "fit", "pattern", "neckline")
COLUMNS = (
    "path", "group", "view", "pose", "brand", "name", *ATTRIBUTES, "attributes", "description", "label", "box",
    "garment", "width", "height", "parent", "copy",
)  # fmt: skip
_POSES = ("front", "back", "upper", "detail")


def lookbook(names: list[str], options: LookbookOptions, out: Output, progress: Progress) -> Table:
    """Draw a lookbook.

    Args:
        names: None: it reads nothing.
        options: How much.
        out: Where: `CATEGORY/GROUP.jpg` is the packshot, `CATEGORY/GROUP@N.jpg` are the worn photos in no telling
            order, `garment/` holds masks (255 = garment), `broken/` broken files.
        progress: Where progress goes.

    Returns:
        One row per photo, the products in order. Copies have the original as `parent` and their kind as `copy`;
        broken files have `copy` = `broken` and nothing else.
    """
    products = (Row({"path": "", "number": str(number)}, f"p{number:05d}") for number in range(options.products))
    work = partial(_product, options=options, folder=out.path(""))
    return out.each(Table(COLUMNS, products), work, progress, processes=True, unit="products")


@dataclass
class _Photo:
    """A photo before it is written."""

    shot: Shot
    name: str
    view: str
    pose: str


def _product(row: Row, options: LookbookOptions, folder: Path) -> list[Row]:
    rng = generator_of(options.seed, b"lookbook", int(row["number"]))
    garment = draw_garment_attributes(rng)
    facts = _facts(garment, row.name, rng)
    rows = []
    for photo in _photos(garment, row.name, options, rng):
        original = _write(photo, facts, folder, int(rng.integers(85, 96)))
        rows.append(original)
        if rng.random() < options.duplicates:
            rows.append(_write_copy(photo, original, folder, rng))
        if rng.random() < options.corrupt:
            rows.append(_write_broken(photo, folder, rng))
    return rows


def _facts(garment: Garment, group: str, rng: np.random.Generator) -> dict[str, str]:
    return {
        "group": group,
        "brand": garment.brand,
        "name": wording.german_name(garment),
        **{column: getattr(garment, column) for column in ATTRIBUTES},
        "attributes": wording.german_attributes(garment, rng),
        "description": wording.english_description(garment),
        "label": label_of(garment.category),
    }


def _photos(garment: Garment, group: str, options: LookbookOptions, rng: np.random.Generator) -> Iterator[_Photo]:
    size = (options.height, round(options.height * 3 / 4))
    stem = f"{garment.category}/{group}"
    yield _Photo(draw_packshot(garment, rng, size), f"{stem}.jpg", "product", "")
    person = draw_person(rng)
    for number, pose in enumerate(_session(rng), 1):
        yield _Photo(draw_worn(garment, pose, rng, person, size), f"{stem}@{number}.jpg", "model", pose)


def _session(rng: np.random.Generator) -> list[str]:
    """The poses of three to five photos, one of them always the front, in no telling order."""
    count = int(rng.integers(3, 6))
    others = list(rng.permutation(_POSES[1:]))
    poses = ["front", *others, str(rng.choice(["front", "upper"]))][:count]
    return [str(pose) for pose in rng.permutation(poses)]


def _write(photo: _Photo, facts: dict[str, str], folder: Path, quality: int) -> Row:
    file, garment = folder / photo.name, folder / "garment" / f"{photo.name}.png"
    write_photo(file, photo.shot.image, quality)
    write_photo(garment, photo.shot.garment)
    height, width = photo.shot.garment.shape
    return Row(
        {
            **facts,
            "path": str(file),
            "view": photo.view,
            "pose": photo.pose,
            "box": " ".join(map(str, photo.shot.box)),
            "garment": str(garment),
            "width": str(width),
            "height": str(height),
        }
    )


def _write_copy(photo: _Photo, original: Row, folder: Path, rng: np.random.Generator) -> Row:
    """A copy as the web makes them; its `box` stays in pixels of the parent, as the manifest has it."""
    copy = draw_copy(photo.shot.image, photo.shot.garment, rng)
    name = f"copies/{photo.name}"
    garment = folder / "garment" / f"{name}.png"
    write_photo(folder / name, copy.image, copy.quality)
    write_photo(garment, copy.garment)
    height, width = copy.garment.shape
    return original.having(
        path=str(folder / name),
        garment=str(garment),
        width=str(width),
        height=str(height),
        parent=original["path"],
        copy=copy.kind,
    )


def _write_broken(photo: _Photo, folder: Path, rng: np.random.Generator) -> Row:
    file = folder / "broken" / photo.name
    write_atomically(file, broken_file(encode(photo.shot.image, ".jpg"), rng))
    return Row({"path": str(file), "copy": "broken"})
