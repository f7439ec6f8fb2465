"""COCO's JSON for object detection, written row by row: info, licenses, images, annotations, categories.

Lin et al. 2014, and cocodataset.org/#format-data.
"""

import json
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import IO, Any

from fashiontools import __version__
from fashiontools.core.boxes import LABELS, format_box, parse_box
from fashiontools.core.manifest import Row
from fashiontools.core.names import relative_path
from fashiontools.import_data.photo_files import photo_file

ANNOTATIONS = "annotations.json"
_MEMORY = 16 << 20


class CocoWriter:
    """Collects the rows of a manifest, and writes them as one COCO file.

    Boxes wait in a temporary file, so that a million rows cost no memory. Rows of one photo need not be adjacent; a box
    that comes back later on the same photo, as the row of a copy has it, is written once. The categories are upper,
    lower and full, numbered 1, 2 and 3; other labels follow in the order in which they appear. Further keys, which
    COCO's readers pass over: `split` of an image, `category` (the fine one) and `score` of an annotation.

    Args:
        file: The file to write; photos are named relative to its folder.
        info: Facts for `info`.
        licenses: COCO's `licenses`.
    """

    def __init__(self, file: Path, info: dict[str, Any], licenses: list[dict[str, Any]] | None = None) -> None:
        self._file = file
        self._folder = os.path.realpath(file.parent)
        self._info = {**info, "version": __version__}
        self._licenses = licenses or []
        self._images, self._annotations = _Lines(), _Lines()
        self._categories: dict[str, int] = {}
        self._path, self._image_id, self._again = "", 0, False
        self._seen = sqlite3.connect("", isolation_level=None)
        self._seen.execute("PRAGMA journal_mode=OFF")
        self._seen.execute("CREATE TABLE images (path TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID")
        self._seen.execute("CREATE TABLE boxes (box TEXT PRIMARY KEY) WITHOUT ROWID")
        self._seen.execute("BEGIN")

    def add(self, row: Row) -> None:
        """Take a good row: its photo, where it is not the one before, and its box, where it has one.

        Raises:
            BadRow: The row does not say the size of its photo, and the photo cannot be read; or its box is damaged.
        """
        # A box is in pixels of `parent` where that is set: then that is the photo, and the row's size is the crop's.
        path = row.get("parent") if row.get("box") and row.get("parent") else row["path"]
        if path != self._path:
            self._turn_to(path, row)
        if row.get("box"):
            key = f"{self._image_id} {row.get('label', '')} {row['box']}"
            is_new = self._seen.execute("INSERT OR IGNORE INTO boxes VALUES (?)", (key,)).rowcount
            if is_new or not self._again:
                self._annotations.add(self._annotation(row))

    def _turn_to(self, path: str, row: Row) -> None:
        """Make a photo the one that boxes are on; it is an image of its own where it is met for the first time."""
        found = self._seen.execute("SELECT id FROM images WHERE path = ?", (path,)).fetchone()
        if found is None:
            self._images.add(self._image(path, row))
            self._seen.execute("INSERT INTO images VALUES (?, ?)", (path, self._images.count))
        self._path, self._again = path, found is not None
        self._image_id = found[0] if found else self._images.count

    def _image(self, path: str, row: Row) -> dict[str, Any]:
        if path == row["path"] and row.get("width") and row.get("height"):
            width, height = int(row["width"]), int(row["height"])
        else:
            width, height, _ = photo_file(path)
        name = relative_path(path, self._folder).replace(os.sep, "/")
        image: dict[str, Any] = {"id": self._images.count + 1, "file_name": name, "width": width, "height": height}
        if len(self._licenses) == 1:
            image["license"] = self._licenses[0]["id"]
        return image | ({"split": row["split"]} if row.get("split") else {})

    def _annotation(self, row: Row) -> dict[str, Any]:
        box = parse_box(row["box"])
        area = float(row["area"]) if row.get("area") else round(box.area, 2)
        annotation: dict[str, Any] = {
            "id": self._annotations.count + 1,
            "image_id": self._image_id,
            "category_id": self._category(row.get("label") or "object"),
            "bbox": [json.loads(value) for value in format_box(box).split()],
            "area": int(area) if area == int(area) else area,
            "iscrowd": 0,
        }
        if row.get("category"):
            annotation["category"] = row["category"]
        return annotation | ({"score": float(row["score"])} if row.get("score") else {})

    def _category(self, label: str) -> int:
        if label in LABELS:
            return 1 + LABELS.index(label)
        return self._categories.setdefault(label, 1 + len(LABELS) + len(self._categories))

    def write(self) -> None:
        """Write the file, aside and renamed."""
        numbered = {label: number for number, label in enumerate(LABELS, 1)} | self._categories
        categories = [
            {"id": number, "name": label, "supercategory": "clothes" if label in LABELS else ""}
            for label, number in numbered.items()
        ]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        aside = self._file.with_name(f".{self._file.name}.part")
        with open(aside, "w", encoding="utf-8") as stream:
            stream.write(f'{{\n"info": {_plain(self._info)},\n"licenses": {_plain(self._licenses)},\n"images": [')
            self._images.pour(stream)
            stream.write('],\n"annotations": [')
            self._annotations.pour(stream)
            stream.write(f'],\n"categories": {_plain(categories)}\n}}\n')
        os.replace(aside, self._file)


class _Lines:
    """Objects of a JSON array, one a line, on their way into a file."""

    def __init__(self) -> None:
        self.count = 0
        # Closed by pour(), or with the run.
        self._stream: IO[str] = tempfile.SpooledTemporaryFile(_MEMORY, "w+", encoding="utf-8", newline="")  # noqa: SIM115

    def add(self, value: dict[str, Any]) -> None:
        self._stream.write((",\n" if self.count else "\n") + _plain(value))
        self.count += 1

    def pour(self, stream: IO[str]) -> None:
        self._stream.seek(0)
        shutil.copyfileobj(self._stream, stream)
        self._stream.close()
        stream.write("\n" if self.count else "")


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
