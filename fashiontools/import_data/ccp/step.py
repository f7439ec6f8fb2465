"""The step of `import ccp`: photos where they lie, what is worn on them in words, garment masks."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from fashiontools.core.boxes import format_box
from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.files import read_bytes
from fashiontools.core.images import as_rgb, decode, write_photo
from fashiontools.core.inputs import select
from fashiontools.core.manifest import Row, Table
from fashiontools.core.names import is_image_name, stem
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.import_data.boxed import with_annotations
from fashiontools.import_data.ccp.annotations import KINDS, label_names, read_label_map, read_tags
from fashiontools.import_data.ccp.boxes import WornBox, worn_boxes
from fashiontools.import_data.ccp.colours import to_lab
from fashiontools.import_data.ccp.garments import GARMENTS
from fashiontools.import_data.ccp.looks import Look, look_of
from fashiontools.import_data.ccp.options import CcpOptions
from fashiontools.import_data.ccp.wording import describe
from fashiontools.import_data.sources import one_folder, refuse_inside
from fashiontools.import_data.splits import split_of

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
BOXES = ("category", "label", "box")
ABOUT = {
    "description": "Clothing Co-Parsing (CCP)",
    "url": "https://github.com/bearpaw/clothing-co-parsing",
    "licenses": [{"id": 1, "name": "Apache License 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}],
}
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
        One row per box, sorted, or per photo: `path` is the photo in the set; `annotation` says whether its labels are
        per `pixel` or per `image`; `labels` are their names. Rows of the second kind have no `garment` and no `box`,
        and a description without colours. `category` are the labels within the box, the largest first.

    Raises:
        UsageError: It is not the set's folder, or the output would lie within it.
    """
    folder = _folder_of(names)
    refuse_inside(out, folder)
    labels = label_names(folder)
    columns = tuple(c for column in COLUMNS for c in ((*BOXES, column) if column == "garment" else (column,)))
    listed = Table(columns if options.boxes else COLUMNS, list(_photos(folder, progress)))
    photos = select(listed, (), options.limit, options.seed)

    def work(row: Row) -> list[Row]:
        return _imported(row, labels, options, out.path(""))

    done = out.each(photos, work, progress, unit="photos")
    if not options.boxes:
        return done
    return with_annotations(done, out, progress, ABOUT, belongs=lambda row: row["annotation"] == "pixel")


def _folder_of(names: list[str]) -> Path:
    folder = one_folder(names, "import ccp", "photos, annotations and label_list.mat")
    if not (folder / PHOTOS).is_dir():
        raise UsageError(
            f"{folder / PHOTOS}: no such folder; expected the Clothing Co-Parsing set as it is distributed"
        )
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


def _imported(row: Row, labels: list[str], options: CcpOptions, folder: Path) -> list[Row]:
    data = read_bytes(row["path"])
    photo = as_rgb(decode(data))
    if not row["annotation"]:
        raise BadRow(f"no annotation: {row['id']}.mat is neither in {' nor in '.join(KINDS.values())}")
    boxes: list[WornBox] = []
    if row["annotation"] == "pixel":
        label_map = read_label_map(row["mask"], len(labels))
        looks, garment = _seen(photo, label_map, labels), str(folder / "garment" / f"{row.name}.png")
        clothing = [number for number, label in enumerate(labels) if label in GARMENTS and GARMENTS[label].clothing]
        write_photo(garment, np.isin(label_map, clothing).astype(np.uint8) * np.uint8(255))
        boxes = worn_boxes(label_map, labels) if options.boxes else []
    else:
        tags = (labels[tag] for tag in read_tags(row["mask"], len(labels)))
        looks, garment = {label: Look() for label in tags if label in GARMENTS}, ""
    digest = hashlib.sha256(data)
    found = row.having(
        description=describe(looks),
        labels=", ".join(looks),
        garment=garment,
        split=split_of(digest.digest(), options.seed, val=options.val, test=options.test),
        width=str(photo.shape[1]),
        height=str(photo.shape[0]),
        sha256=digest.hexdigest(),
    )
    return [found.having(category=each.category, label=each.label, box=format_box(each.box)) for each in boxes] or [
        found
    ]


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
