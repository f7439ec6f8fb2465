"""The boxes that are to be found: from COCO's JSON, or from a manifest with `box` and `label`."""

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fashiontools.core.boxes import LABELS, Box, format_box, parse_box
from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import MANIFEST, Row, failed
from fashiontools.core.totals import Totals
from fashiontools.evaluate.same_photos import real_path
from fashiontools.import_data.coco.annotations import CocoFile
from fashiontools.import_data.coco_json import ANNOTATIONS

_SIDE = 1e9


@dataclass
class Image:
    """A photo of the reference, with what is on it.

    Attributes:
        path: Absolute; the photo may not be there.
        split: `train`, `val`, `test`, or empty.
        digest: SHA-256 of the file, in hex, where the reference says it.
        boxes: In pixels of the photo.
        labels: Of each.
        areas: Square pixels of each, which decide on its size.
        crowd: Whether each is a crowd.
    """

    path: str
    split: str = ""
    digest: str = ""
    boxes: list[Box] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    areas: list[float] = field(default_factory=list)
    crowd: list[bool] = field(default_factory=list)

    def add(self, box: Box, label: str, area: float | None, *, crowd: bool = False) -> None:
        """Put a box on the photo; without an area of its own it has its sides' product."""
        self.boxes.append(box)
        self.labels.append(label)
        self.areas.append(box.area if area is None else area)
        self.crowd.append(crowd)


@dataclass(frozen=True)
class Reference:
    """What is to be found.

    Attributes:
        images: Photos in the order of the file, those without boxes too.
        classes: Labels: of COCO its categories by number, of a manifest upper, lower and full first, then by name.
        totals: Of its rows, a box or a photo without any each.
    """

    images: list[Image]
    classes: tuple[str, ...]
    totals: Totals

    def of_split(self, splits: str | None) -> list[Image]:
        """The photos of some splits, with commas between, or all.

        Raises:
            UsageError: There are none of one of them.
        """
        if splits is None:
            return self.images
        wanted, known = set(splits.split(",")), {image.split for image in self.images} - {""}
        if missing := sorted(wanted - known):
            told = f"its splits are {', '.join(sorted(known))}" if known else "its photos tell no split"
            raise UsageError(f"--reference-split {missing[0]}: the reference has no such photo; {told}")
        return [image for image in self.images if image.split in wanted]


def read_reference(place: Path) -> Reference:
    """Read COCO's JSON, or a manifest.

    Args:
        place: A file, or a folder with a manifest, or with `annotations.json` alone.

    Raises:
        UsageError: It is not there, or is neither.
    """
    if str(place) == "-":
        raise UsageError("--reference cannot be standard input: name COCO's JSON, a folder or a manifest")
    if place.is_dir() and not (place / MANIFEST).exists() and (place / ANNOTATIONS).exists():
        place = place / ANNOTATIONS
    if place.suffix.lower() == ".json":
        return _from_coco(CocoFile(Path(os.path.abspath(place))))
    return _from_manifest(place)


def box_photo(row: Row) -> tuple[str, str]:
    """The photo whose pixels the box of a row is in, and its SHA-256 where the row says it.

    Raises:
        BadRow: The row names none.
    """
    if row.get("box") and row.get("parent"):
        return row["parent"], ""  # what the row says of `path` is not said of its parent
    if not row["path"]:
        raise BadRow("no path")
    return row["path"], row.get("sha256", "").lower()


def checked_box(text: str) -> Box:
    """The box of a row.

    Raises:
        BadRow: It is damaged, or has no area.
    """
    box = parse_box(text)
    if max(map(abs, box)) >= _SIDE:
        raise BadRow(f"damaged box: {text[:80]!r}; expected x y w h in pixels")
    if not (box.width > 0 and box.height > 0):
        raise BadRow(f"empty box: {format_box(box)}")
    return box


# ------------------------------------------------------------------------------------------------------ manifests


def _from_manifest(place: Path) -> Reference:
    table = open_inputs([str(place)])
    table.require("box", "label", why="ap compares with boxes and their labels; COCO's JSON ends in .json")
    images: dict[str, Image] = {}
    totals = Totals()
    for row in table.rows:
        if row.is_bad:
            totals.passed += 1
            continue
        try:
            _add_row(images, row)
            totals.count(row)
        except BadRow as error:
            totals.count(failed(row, error))
    found = {label for image in images.values() for label in image.labels}
    classes = (*(label for label in LABELS if label in found), *sorted(found - set(LABELS)))
    return Reference(list(images.values()), classes, totals)


def _add_row(images: dict[str, Image], row: Row) -> None:
    path, digest = box_photo(row)
    box = checked_box(row["box"]) if row.get("box") else None
    label, area = row.get("label", ""), row.get("area", "")
    if box and not label:
        raise BadRow("no label: the row has a box")
    if area and not _is_area(area):
        raise BadRow(f"damaged area: {area[:80]!r}; expected square pixels")
    image = images.setdefault(real_path(path), Image(path, row.get("split", ""), digest))
    if box:
        image.add(box, label, float(area) if area else None)


def _is_area(text: str) -> bool:
    try:
        return 0 <= float(text) < _SIDE**2
    except ValueError:
        return False


# ----------------------------------------------------------------------------------------------------------- COCO


def _from_coco(file: CocoFile) -> Reference:
    totals = Totals()
    images: dict[str, Image] = {}
    folder = _photo_folder(file)
    for entry, annotations, again in file.images():
        for problem in _add_entry(images, entry, annotations, again, folder, file.categories):
            totals.count(failed(Row(), problem) if problem else Row())
    for annotation in file.lonely():
        totals.count(failed(Row(), BadRow(f"a box on image {annotation['image_id']}, which is not in the file")))
    classes = tuple(dict.fromkeys(file.categories[number] for number in sorted(file.categories)))
    return Reference(list(images.values()), classes, totals)


def _add_entry(
    images: dict[str, Image],
    entry: dict[str, Any],
    annotations: list[dict[str, Any]],
    again: bool,
    folder: Path,
    categories: dict[int, str],
) -> Iterator[BadRow | None]:
    """Take an image with its boxes; what is wrong with each box, or None."""
    name = entry.get("file_name")
    if again or not isinstance(name, str) or not name:
        yield BadRow("an image is there twice" if again else "an image without file_name")
        return
    split = entry.get("split")
    image = Image(os.path.normpath(folder / name), split if isinstance(split, str) else "")
    if images.setdefault(real_path(image.path), image) is not image:
        yield BadRow("a photo is there twice")
        return
    if not annotations:
        yield None
    for annotation in annotations:
        try:
            image.add(*_checked(annotation, categories), crowd=bool(annotation.get("iscrowd")))
            yield None
        except BadRow as error:
            yield error


def _checked(annotation: dict[str, Any], categories: dict[int, str]) -> tuple[Box, str, float | None]:
    number, box, area = (annotation.get(key) for key in ("category_id", "bbox", "area"))
    if not isinstance(number, int) or number not in categories:
        raise BadRow(f"unknown category: {str(number)[:80]}, of {len(categories)}")
    if not isinstance(box, list) or len(box) != 4 or not _numbers(box):
        raise BadRow(f"damaged box: {str(box)[:80]}; expected [x, y, width, height]")
    if not (box[2] > 0 and box[3] > 0):
        raise BadRow(f"empty box: {format_box(Box(*box))}")
    return Box(*map(float, box)), categories[number], float(area) if _is_area(str(area)) else None


def _numbers(values: Iterable[Any]) -> bool:
    return all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < _SIDE
        for value in values
    )


def _photo_folder(file: CocoFile) -> Path:
    """The folder that names of photos are relative to: the file's own, or one where such sets have their photos."""
    own, part = file.file.parent, file.file.stem.rpartition("_")[2]
    places = (own, own.parent, own.parent / part, own.parent / "images", own.parent / "images" / part, own / "images")
    names = _names(file)
    return next((place for name in names for place in places if (place / name).is_file()), own)


def _names(file: CocoFile, most: int = 1000) -> Sequence[str]:
    found: list[str] = []
    for entry, _, _ in file.images():
        if isinstance(entry.get("file_name"), str):
            found.append(entry["file_name"])
        if len(found) == most:
            break
    return found
