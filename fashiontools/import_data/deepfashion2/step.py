"""The step of `import deepfashion2`: photos where they lie, a row for each garment on them."""

import os
from collections.abc import Iterator
from pathlib import Path

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.manifest import Row, Table
from fashiontools.core.names import is_image_name
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.import_data.boxed import PROBLEM, import_rows
from fashiontools.import_data.deepfashion2.annotations import GRADES, read_garments
from fashiontools.import_data.deepfashion2.options import Deepfashion2Options
from fashiontools.import_data.sources import one_folder, refuse_inside

COLUMNS = ("path", "id", "source", "group", "domain", "category", "label", "box", *GRADES, "split")
ABOUT = {
    "description": "DeepFashion2",
    "url": "https://github.com/switchablenorms/DeepFashion2",
}
_SPLITS = {"train": "train", "validation": "val", "test": "test"}
_PHOTOS, _ANNOTATIONS = "image", "annos"


def deepfashion2(names: list[str], options: Deepfashion2Options, out: Output, progress: Progress) -> Table:
    """Import DeepFashion2.

    Args:
        names: The one folder of the set, or one of its parts.
        options: What to keep.
        out: Where the manifest, `annotations.json` and the charts go.
        progress: Where progress and the summary go.

    Returns:
        One row per garment, those of a photo adjacent; a photo without any has one row without `box`.

    Raises:
        UsageError: It is not the set's folder, or the output would lie within it.
    """
    folder = one_folder(names, "import deepfashion2", "train, validation and test, each with image and annos")
    refuse_inside(out, folder)
    parts = {part: split for part, split in _SPLITS.items() if (folder / part / _PHOTOS).is_dir()}
    if not parts and (folder / _PHOTOS).is_dir():
        parts = {"": _SPLITS.get(folder.name, "")}
    if not parts:
        raise UsageError(f"{folder}: no train/image, validation/image or test/image; expected DeepFashion2, unpacked")
    if not any((folder / part / _ANNOTATIONS).is_dir() for part in parts):
        raise UsageError(f"{folder}: photos, but no annotations; expected {next(iter(parts)) or '.'}/annos")
    rows = (row for part, split in parts.items() for row in _part(folder, part, split, progress))
    return import_rows(Table(COLUMNS, rows), options, out, progress, ABOUT)


def _part(folder: Path, part: str, split: str, progress: Progress) -> Iterator[Row]:
    """The garments of one part of the set, photos sorted."""
    photos = {entry.name for entry in os.scandir(folder / part / _PHOTOS) if is_image_name(entry.name)}
    place = folder / part / _ANNOTATIONS
    if not place.is_dir():
        progress.note(f"{part or folder.name}: {len(photos):,} photos without annotations are left out")
        return
    stems = {name.rpartition(".")[0] for name in photos}
    listed = photos | {f"{file.stem}.jpg" for file in place.glob("*.json") if file.stem not in stems}
    for name in sorted(listed):
        stem = name.rpartition(".")[0]
        source = "/".join(filter(None, (part, _PHOTOS, name)))
        facts = {"path": str(folder / source), "id": stem, "source": source, "split": split}
        yield from (Row(facts | garment, source) for garment in _garments(place / f"{stem}.json"))


def _garments(file: Path) -> list[dict[str, str]]:
    """The garments of a photo; where there are none, or none can be read, one that says so."""
    try:
        return list(read_garments(file)) or [{}]
    except BadRow as error:
        if not file.exists():
            return [{PROBLEM: f"no annotation: {file.parent.name}/{file.name} is not there"}]
        return [{PROBLEM: str(error)}]
