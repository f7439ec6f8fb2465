"""The step of `import coco`: photos where they lie, a row for each box."""

import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fashiontools.core.boxes import Box, format_box
from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.import_data.boxed import PROBLEM, import_rows
from fashiontools.import_data.coco.annotations import CocoFile
from fashiontools.import_data.coco.options import CocoOptions
from fashiontools.import_data.coco_json import ANNOTATIONS
from fashiontools.import_data.sources import refuse_inside
from fashiontools.import_data.splits import SPLITS

COLUMNS = ("path", "id", "source", "category", "label", "box", "area", "score", "split")
_SPLIT = re.compile(r"(?<![a-z])(train|val|test)(?:id|idation)?(?![a-z])")
_LARGEST = 1e9


def coco(names: list[str], options: CocoOptions, out: Output, progress: Progress) -> Table:
    """Import COCO files, or write manifests as one.

    Args:
        names: The JSON files, or manifests with `box` and `label`.
        options: Where the photos are, how categories are labelled, where COCO's file goes.
        out: Where the manifest, `annotations.json` and the charts go.
        progress: Where progress and the summary go.

    Returns:
        One row per box, those of a photo adjacent; a photo without any has one row without `box`. `area` is that of
        the outline, where the file tells one. Rows of manifests keep their columns.

    Raises:
        UsageError: A file is not there or is no COCO file, or its photos are not found.
    """
    if not names:
        raise UsageError("import coco reads COCO's JSON files, or manifests: name instances_train2017.json or its like")
    file = Path(os.path.abspath(options.coco)) if options.coco else out.path(ANNOTATIONS)
    manifests = [name for name in names if name == "-" or name.endswith(".csv") or os.path.isdir(name)]
    if manifests and len(manifests) < len(names):
        raise UsageError(f"{manifests[0]} is a manifest, and other inputs are COCO's JSON: import them one by one")
    for name in names:
        if name != "-" and os.path.realpath(name) in (str(out.folder), os.path.realpath(file)):
            raise UsageError(f"{name} would be written over: name another output with -o and --coco")
    if manifests:
        return _from_manifests(names, options, out, progress, file)
    return _from_json([CocoFile(Path(os.path.abspath(name))) for name in names], options, out, progress, file)


def _from_manifests(names: list[str], options: CocoOptions, out: Output, progress: Progress, file: Path) -> Table:
    """The rows of manifests, with their boxes checked."""
    labels = options.labels()
    table = open_inputs(names, leave_out=out.folder)
    table.require("box", "label", why="import coco writes boxes and their labels")

    def labelled(row: Row) -> Row:
        if row.get("box") and not row.get("label"):
            return Row({**row, PROBLEM: "no label: the row has a box"}, row.name)
        return Row({**row, "label": labels.get(row.get("label", ""), row.get("label", ""))}, row.name)

    rows = map(labelled, table.rows)
    about = {"description": ", ".join(os.path.basename(os.path.realpath(name)) for name in names)}
    return import_rows(Table(table.columns, rows), options, out, progress, about, file=file, draws_split=False)


def _from_json(files: list[CocoFile], options: CocoOptions, out: Output, progress: Progress, file: Path) -> Table:
    """The boxes of COCO files."""
    labels = options.labels()
    folders = [_photo_folder(each, options.photos) for each in files]
    for each, folder in zip(files, folders, strict=True):
        if out.folder == Path(os.path.realpath(each.file.parent)):
            raise UsageError(f"{each.file} lies in {out.folder}: name another output folder with -o")
        if not folder.samefile(each.file.parent):  # beside its own photos' folders a file leaves room for others
            refuse_inside(out, folder)
    known = {name for each in files for name in each.categories.values()}
    for category in sorted(set(labels) - known)[:1]:
        raise UsageError(f"--map {category}: no such category; known: {', '.join(sorted(known))}")
    rows = (
        row
        for each, folder in zip(files, folders, strict=True)
        for row in _rows(each, folder, labels, f"{each.file.stem}/" if len(files) > 1 else "", progress)
    )
    about: dict[str, Any] = {"description": ", ".join(each.file.name for each in files)}
    if len(files) == 1:
        about |= files[0].info | {"licenses": files[0].licenses}
    return import_rows(Table(COLUMNS, rows), options, out, progress, about, file=file)


def _photo_folder(file: CocoFile, wanted: Path | None) -> Path:
    """The folder that the file's names of photos are relative to: one where the first of them is there."""
    if wanted is not None:
        if not wanted.is_dir():
            raise UsageError(f"--photos {wanted}: no such folder")
        return Path(os.path.abspath(wanted))
    own = file.file.parent
    part = file.file.stem.rpartition("_")[2]
    places = (own, own.parent, own.parent / part, own.parent / "images", own.parent / "images" / part, own / "images")
    names = [name for image, _, _ in file.images() if (name := _text(image.get("file_name")))]
    found = next((place for name in names[:1000] for place in places if (place / name).is_file()), None)
    if found is None and names:
        raise UsageError(f"{file.file}: its photos ({names[0]} is the first) are not found: give --photos DIR")
    return found or own


def _rows(file: CocoFile, folder: Path, labels: Mapping[str, str], prefix: str, progress: Progress) -> Iterator[Row]:
    found = _SPLIT.search(file.file.stem.lower())
    crowds = 0
    for image, boxes, again in file.images():
        name = _text(image.get("file_name"))
        split = image["split"] if image.get("split") in SPLITS else found[1] if found else ""
        facts = {
            "path": os.path.normpath(folder / name) if name else "",
            "id": _text(image.get("id")),
            "source": name,
            "split": split,
        }
        wrong = f"image {facts['id']} is there twice" if again else "" if name else "an image without file_name"
        single = [box for box in boxes if not box.get("iscrowd")]
        crowds += len(boxes) - len(single)
        named = prefix + (name or f"image {facts['id']}")
        if wrong:
            yield Row(facts | {PROBLEM: f"damaged annotation: {wrong}"}, named)
        else:
            yield from (Row(facts | _box(box, file.categories, labels), named) for box in single or [{}])
    for box in file.lonely():
        told = (
            f"damaged annotation: {_text(box.get('id'))} is on image {_text(box['image_id'])}, which is not in the file"
        )
        yield Row({"path": "", "id": _text(box["image_id"]), PROBLEM: told}, f"{prefix}{_text(box.get('id'))}")
    if crowds:
        progress.note(f"{crowds:,} crowds of {file.file.name} are left out")


def _box(annotation: dict[str, Any], categories: Mapping[int, str], labels: Mapping[str, str]) -> dict[str, str]:
    if not annotation:
        return {}
    number = annotation.get("category_id")
    try:
        if not isinstance(number, int) or number not in categories:
            raise BadRow(f"unknown category: {_text(number)}, of {len(categories)}")
        box = annotation.get("bbox")
        if not isinstance(box, list) or len(box) != 4 or not all(map(_is_number, box)):
            raise BadRow(f"damaged box: {_text(box)}; expected [x, y, width, height]")
    except BadRow as error:
        return {PROBLEM: f"{error} (annotation {_text(annotation.get('id'))})"}
    name = categories[number]
    area, score = annotation.get("area"), annotation.get("score")
    own = _is_number(area) and area > 0 and not math.isclose(area, box[2] * box[3], abs_tol=0.5)
    return {
        "category": _text(annotation.get("category")) or name,
        "label": labels.get(name, name),
        "box": format_box(Box(*box)),
        "area": f"{area:.10g}" if own else "",
        "score": f"{score:.10g}" if _is_number(score) else "",
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _text(value: Any) -> str:
    """A value as a cell of the manifest holds it: what UTF-8 cannot hold is escaped."""
    text = "" if value is None else str(value)
    return text.replace("\0", " ").encode("utf-8", "backslashreplace").decode()[:1000]
