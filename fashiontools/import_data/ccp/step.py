"""The step of `import ccp`: photos where they lie, what is worn on them in words, garment masks."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.images import as_rgb, decode, read_bytes, write_photo
from fashiontools.core.inputs import select
from fashiontools.core.manifest import Row, Table
from fashiontools.core.names import is_image_name, stem
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.core.random import generator_of
from fashiontools.import_data.ccp.annotations import KINDS, label_names, read_label_map, read_tags
from fashiontools.import_data.ccp.colours import to_lab
from fashiontools.import_data.ccp.garments import GARMENTS
from fashiontools.import_data.ccp.looks import Look, look_of
from fashiontools.import_data.ccp.options import CcpOptions
from fashiontools.import_data.ccp.wording import describe

COLUMNS = (
    "path",
    "id",
    "source",
    "description",
    "labels",
    "annotation",
    "garment",
    "split",
    "width",
    "height",
    "sha256",
)
PHOTOS = "photos"
_SPECK = 1 / 4000
"""Labels on less than this part of a photo (114 pixels of 550 x 830) are slips of the annotators."""


def ccp(names: list[str], options: CcpOptions, out: Output, progress: Progress) -> Table:
    """Import the Clothing Co-Parsing set.

    Args:
        names: The one folder of the set.
        options: How it is split.
        out: Where the garment masks go, as `garment/NNNN.jpg.png`: (H, W) uint8, 255 = clothing, which is all that is
            worn but jewellery and glasses, 0 = elsewhere.
        progress: Where progress goes.

    Returns:
        One row per photo, sorted: `path` is the photo in the set; `annotation` says whether its labels are per `pixel`
        or per `image`; `labels` are their names. Rows of the second kind have no `garment`, and a description without
        colours.

    Raises:
        UsageError: It is not the set's folder, or the output would lie within it.
    """
    folder = _folder_of(names)
    if out.folder is not None and out.folder.is_relative_to(os.path.realpath(folder)):
        raise UsageError(f"{out.folder} is in the set, which is never written to: name another output folder with -o")
    labels = label_names(folder)
    photos = select(Table(COLUMNS, list(_photos(folder, progress))), (), options.limit, options.seed)

    def work(row: Row) -> list[Row]:
        return [_imported(row, labels, options, out.path(""))]

    return out.each(photos, work, progress, unit="photos")


def _folder_of(names: list[str]) -> Path:
    if len(names) != 1:
        raise UsageError("import ccp reads one folder: name the one that holds photos, annotations and label_list.mat")
    folder = Path(os.path.abspath(names[0]))
    for place in (folder, folder / PHOTOS):
        if not place.is_dir():
            raise UsageError(f"{place}: no such folder; expected the Clothing Co-Parsing set as it is distributed")
    return folder


def _photos(folder: Path, progress: Progress) -> Iterator[Row]:
    """The photos of the set, sorted; those that annotations without a photo speak of are counted."""
    found = sorted(entry.name for entry in os.scandir(folder / PHOTOS) if is_image_name(entry.name))
    annotations = {
        kind: {file.stem for file in (folder / place).glob("*.mat") if file.name[0] != "."}
        for kind, place in KINDS.items()
    }
    for name in found:
        number = stem(name)
        kind = next((kind for kind in KINDS if number in annotations[kind]), "")
        # `mask` is no column of the output: a path in it makes a second run see that the annotation has changed.
        mask = str(folder / KINDS[kind] / f"{number}.mat") if kind else ""
        path = str(folder / PHOTOS / name)
        yield Row({"path": path, "id": number, "source": f"{PHOTOS}/{name}", "annotation": kind, "mask": mask}, name)
    lonely = set().union(*annotations.values()) - {stem(name) for name in found}
    if lonely:
        progress.note(f"{len(lonely):,} annotations have no photo in {folder / PHOTOS}; {min(lonely)} is the first")


def _imported(row: Row, labels: list[str], options: CcpOptions, folder: Path) -> Row:
    data = read_bytes(row["path"])
    photo = as_rgb(decode(data))
    if not row["annotation"]:
        raise BadRow(f"no annotation: {row['id']}.mat is neither in {' nor in '.join(KINDS.values())}")
    if row["annotation"] == "pixel":
        label_map = read_label_map(row["mask"], len(labels))
        looks, garment = _seen(photo, label_map, labels), str(folder / "garment" / f"{row.name}.png")
        clothing = [number for number, label in enumerate(labels) if label in GARMENTS and GARMENTS[label].clothing]
        write_photo(garment, np.isin(label_map, clothing).astype(np.uint8) * np.uint8(255))
    else:
        tags = (labels[tag] for tag in read_tags(row["mask"], len(labels)))
        looks, garment = {label: Look() for label in tags if label in GARMENTS}, ""
    return row.having(
        description=describe(looks),
        labels=", ".join(looks),
        garment=garment,
        split=_split_of(data, options),
        width=str(photo.shape[1]),
        height=str(photo.shape[0]),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _seen(photo: np.ndarray, label_map: np.ndarray, labels: list[str]) -> dict[str, Look]:
    """What is worn on a photo (H, W, 3) with a label per pixel (H, W), and how it looks."""
    if label_map.shape != photo.shape[:2]:
        sizes = (f"{pixels.shape[1]} x {pixels.shape[0]}" for pixels in (label_map, photo))
        raise BadRow("the label map is {}, the photo {}".format(*sizes))
    if not label_map.any():
        raise BadRow("its label map is empty")
    lab = to_lab(photo)
    counts = np.bincount(label_map.ravel(), minlength=len(labels))
    looks = {}
    for number in np.flatnonzero(counts >= _SPECK * label_map.size):
        if (garment := GARMENTS.get(labels[number])) is not None:
            region = (label_map == number).astype(np.uint8)
            x, y, width, height = cv2.boundingRect(region)
            box = np.s_[y : y + height, x : x + width]
            looks[labels[number]] = look_of(lab[box], region[box] > 0, garment)
    return looks


def _split_of(data: bytes, options: CcpOptions) -> str:
    """Drawn for the bytes of the photo, so that copies of one photo are never on two sides."""
    drawn = generator_of(options.seed, hashlib.sha256(data).digest(), 0).random()
    return "test" if drawn < options.test else "val" if drawn < options.test + options.val else "train"
