"""What a COCO file says: images in their order with their boxes, joined in a temporary file."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fashiontools.core.errors import UsageError
from fashiontools.import_data.coco.json_stream import stream_object

_KEPT = ("id", "bbox", "category_id", "area", "iscrowd", "category", "score")
"""The keys of an annotation that are looked at; outlines, which are most of a file, are not kept."""


class CocoFile:
    """A COCO file, read once; images and boxes wait in a file that SQLite keeps, so that a large set costs no memory.

    Args:
        file: The JSON file.

    Attributes:
        file: It.
        categories: Names by number.
        info: Its `info`.
        licenses: Its `licenses`.

    Raises:
        UsageError: It is not there, is damaged, or is no COCO file.
    """

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise UsageError(f"{file}: no such file; expected COCO's JSON")
        self.file = file
        self.categories: dict[int, str] = {}
        self.info: dict[str, Any] = {}
        self.licenses: list[dict[str, Any]] = []
        self._table = sqlite3.connect("", isolation_level=None)
        self._table.execute("PRAGMA journal_mode=OFF")
        self._table.execute("CREATE TABLE images (place INTEGER PRIMARY KEY, id TEXT, data TEXT)")
        self._table.execute("CREATE TABLE boxes (place INTEGER PRIMARY KEY, image TEXT, data TEXT)")
        self._table.execute("BEGIN")
        missing = {"images", "annotations", "categories"}
        for key, value, listed in stream_object(file):
            missing.discard(key)
            self._take(key, value, listed)
        if missing:
            raise UsageError(f"{file} is no COCO file of boxes: it has no {min(missing)!r}")
        self._table.execute("CREATE INDEX of_image ON boxes (image, place)")
        self._table.execute("CREATE INDEX of_id ON images (id)")

    def _take(self, key: str, value: Any, listed: bool) -> None:
        if key == "info" and isinstance(value, dict):
            self.info = value
        if not listed or not isinstance(value, dict):
            return
        if key == "licenses":
            self.licenses.append(value)
        elif key == "categories" and isinstance(value.get("id"), int) and isinstance(value.get("name"), str):
            self.categories[value["id"]] = value["name"]
        elif key == "images":
            self._insert("images", value.get("id"), value)
        elif key == "annotations":
            self._insert("boxes", value.get("image_id"), {name: value[name] for name in _KEPT if name in value})

    def _insert(self, table: str, identity: Any, value: dict[str, Any]) -> None:
        column = "id" if table == "images" else "image"
        row = (json.dumps(identity), json.dumps(value))
        self._table.execute(f"INSERT INTO {table} ({column}, data) VALUES (?, ?)", row)

    def images(self) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]], bool]]:
        """Images in the file's order, each with its boxes, and whether its number was there before."""
        for place, identity, data in self._table.execute("SELECT place, id, data FROM images ORDER BY place"):
            again = self._table.execute("SELECT min(place) FROM images WHERE id = ?", (identity,)).fetchone()[0] < place
            boxes = self._table.execute("SELECT data FROM boxes WHERE image = ? ORDER BY place", (identity,))
            yield json.loads(data), [] if again else [json.loads(text) for (text,) in boxes], again

    def lonely(self) -> Iterator[dict[str, Any]]:
        """Boxes whose image is not in the file."""
        found = self._table.execute("SELECT image, data FROM boxes WHERE image NOT IN (SELECT id FROM images)")
        yield from ({**json.loads(data), "image_id": json.loads(image)} for image, data in found)
