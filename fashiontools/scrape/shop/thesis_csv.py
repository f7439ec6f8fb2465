"""`data.csv` and the names of photos as seed 003's scraper had them: a folder per category, worn photos numbered."""

import csv
import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from pathlib import Path

from fashiontools.core.manifest import Row

COLUMNS = (
    "attributes", "brand", "category", "color", "id", "img_path", "img_url", "model_img_urls", "name", "product_url",
)  # fmt: skip
DATA = "data.csv"

_LONGEST = 80  # characters of an id or a category that may become a name as it is
_KEPT = 40  # characters of one that may not, before its mark
_MARK = 12  # hexadecimal digits
_PLAIN_ID = re.compile(rf"[A-Za-z0-9_-][A-Za-z0-9_.-]{{0,{_LONGEST - 1}}}")
_PLAIN_FOLDER = re.compile(rf"[A-Za-z0-9_-]{{1,{_LONGEST}}}")  # without a dot: `run.json` is no folder
_MARKED = re.compile(rf"-[0-9a-f]{{{_MARK}}}\Z")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def group_of(shop: str, product_id: str) -> str:
    """What the photos of a product share in the column `group`."""
    return f"{shop}:{product_id}"


def names_of(rows: Sequence[Row], home: str) -> list[str]:
    """Where the photos of a product lie, without suffix: `dresses/A-1`, and `dresses/A-1@0` for the first worn one.

    All characters of a name but its `/` and `@` are of `[A-Za-z0-9_.-]`. An id or a category that has others, begins
    with a dot or is too long, and an id of another shop, gets a mark that tells it from all that look like it: names
    depend on nothing but shop, id and category, and two products never share one.

    Args:
        rows: The product's photos, in the order of its page. Of several that are not worn the first is the packshot,
            and the others are `A-1@more-0` and so on.
        home: The shop whose ids are taken as they are.
    """
    packshot = _packshot(rows)
    names, worn, more = [], 0, 0
    for at, row in enumerate(rows):
        base = f"{_folder(row['category'])}/{_stem(row['group'], home)}"
        if at == packshot:
            names.append(base)
        elif row["view"] == "model":
            names.append(f"{base}@{worn}")
            worn += 1
        else:
            names.append(f"{base}@more-{more}")
            more += 1
    return names


def with_data_csv(rows: Iterable[Row], folder: Path) -> Iterator[Row]:
    """Pass finished rows on, and write `data.csv` of them: a line as soon as the last photo of a product has come.

    It is written aside, and renamed when all rows have come. A product whose packshot could not be had has no line.

    Args:
        rows: One a photo, the photos of a product one after the other.
        folder: The output folder.
    """
    aside = folder / f".{DATA}.part"
    waiting = iter(rows)
    first = list(islice(waiting, 1))  # with the first row the folder is there
    try:
        with open(aside, "w", encoding="utf-8", newline="") as stream:
            stream.write(_line(COLUMNS))
            for _, photos in groupby(chain(first, waiting), key=lambda row: row["group"]):
                product = []
                for row in photos:
                    product.append(row)
                    yield row
                values = _values(product, folder)
                if values is not None:
                    stream.write(_line(values))
        os.replace(aside, folder / DATA)
    finally:
        aside.unlink(missing_ok=True)


def _values(rows: Sequence[Row], folder: Path) -> tuple[str, ...] | None:
    """The fields of a product, in the order of `COLUMNS`."""
    at = _packshot(rows)
    if at is None or rows[at].is_bad or not rows[at]["path"]:
        return None
    row = rows[at]
    path = Path(row["path"]).relative_to(folder).as_posix()
    worn = ", ".join(other["source"] for other in rows if other["view"] == "model")
    product_id = row["group"].partition(":")[2]
    facts = (row["attributes"], row["brand"], row["category"], row["color"])
    return (*facts, product_id, path, row["source"], worn, row["name"], row["page"])


def _line(values: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow(values)  # so it quotes both in a field
    return line.getvalue().removesuffix("\r\n") + "\n"


def _packshot(rows: Sequence[Row]) -> int | None:
    """Which photo shows the garment alone: the first that says so, else the first that does not say that it is worn."""
    for view in ("product", ""):
        for at, row in enumerate(rows):
            if row["view"] == view:
                return at
    return None


def _stem(group: str, home: str) -> str:
    shop, _, product_id = group.partition(":")
    if shop == home and _PLAIN_ID.fullmatch(product_id) and not _MARKED.search(product_id):
        return product_id
    return _marked(product_id, group, "id")


def _folder(category: str) -> str:
    if _PLAIN_FOLDER.fullmatch(category) and not _MARKED.search(category):
        return category
    return _marked(category, category, "unsorted") if category else "unsorted"


def _marked(text: str, told_by: str, otherwise: str) -> str:
    """What is safe of a text, and a mark by which it differs from every other."""
    safe = _UNSAFE.sub("-", text)[:_KEPT].strip("-")
    return f"{safe or otherwise}-{hashlib.sha256(told_by.encode('utf-8', 'surrogatepass')).hexdigest()[:_MARK]}"
