"""The set's annotations: a JSON file per photo, with `item1`, `item2` and so on."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fashiontools.core.errors import BadRow
from fashiontools.core.files import read_bytes
from fashiontools.import_data.boxed import PROBLEM, corner_box

CATEGORIES = {
    1: ("short sleeve top", "upper"),
    2: ("long sleeve top", "upper"),
    3: ("short sleeve outwear", "upper"),
    4: ("long sleeve outwear", "upper"),
    5: ("vest", "upper"),
    6: ("sling", "upper"),
    7: ("shorts", "lower"),
    8: ("trousers", "lower"),
    9: ("skirt", "lower"),
    10: ("short sleeve dress", "full"),
    11: ("long sleeve dress", "full"),
    12: ("vest dress", "full"),
    13: ("sling dress", "full"),
}
"""The thirteen categories by number: name, and which of the detector's classes it is; the numbering is the set's."""

GRADES = ("scale", "occlusion", "zoom_in", "viewpoint")
_LARGEST = 1e9  # no photo is larger, and NaN is not below it
_ITEM = re.compile(r"item ?(\d+)")


def read_garments(file: Path) -> Iterator[dict[str, str]]:
    """The garments of a photo, as columns, in the order of their numbers.

    Args:
        file: The JSON file.

    Yields:
        For each: `category`, `label`, `box`, `group`, `domain` (shop or user) and the grades; or why it cannot be used.

    Raises:
        BadRow: The file is no such annotation.
    """
    try:
        found = json.loads(read_bytes(str(file)))
    except (ValueError, RecursionError) as error:
        raise BadRow(f"damaged annotation: {file.name} is not JSON ({str(error)[:80]})") from None
    if not isinstance(found, dict):
        raise BadRow(f"damaged annotation: {file.name} holds no object of items")
    items = {int(match[1]): value for key, value in found.items() if (match := _ITEM.fullmatch(key))}
    shared = {"domain": found["source"]} if found.get("source") in ("shop", "user") else {}
    for number in sorted(items):
        try:
            yield shared | _garment(items[number], found.get("pair_id"))
        except BadRow as error:
            yield shared | {PROBLEM: f"{error} (item{number} of {file.name})"}


def _garment(item: Any, pair: Any) -> dict[str, str]:
    if not isinstance(item, dict):
        raise BadRow("damaged annotation: no object")
    number = item.get("category_id")
    if not _is_whole(number) or number not in CATEGORIES:
        raise BadRow(f"unknown category: {_shown(number)}, of {len(CATEGORIES)}")
    category, label = CATEGORIES[number]
    if item.get("category_name", category) != category:
        raise BadRow(f"unknown category: {number} is {category!r}, and is named {_shown(item['category_name'])}")
    corners = item.get("bounding_box")
    if not isinstance(corners, list) or len(corners) != 4 or not all(map(_is_pixels, corners)):
        raise BadRow(f"damaged box: {_shown(corners)}; expected [x1, y1, x2, y2]")
    style = item.get("style")
    group = f"{pair}-{style}" if _is_whole(pair) and _is_whole(style) and style > 0 else ""
    grades = {grade: str(item[grade]) for grade in GRADES if _is_whole(item.get(grade))}
    return {"category": category, "label": label, "box": corner_box(*corners), "group": group, **grades}


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_pixels(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _shown(value: Any) -> str:
    return json.dumps(value)[:60]
