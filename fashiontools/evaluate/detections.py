"""The detections that are scored: the rows of a manifest, by photo."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from fashiontools.core.boxes import Box
from fashiontools.core.errors import BadRow
from fashiontools.core.manifest import Row, failed
from fashiontools.core.totals import Totals
from fashiontools.evaluate.box_reference import box_photo, checked_box
from fashiontools.evaluate.same_photos import real_path


@dataclass
class DetectedPhoto:
    """A photo that a detector looked at.

    Attributes:
        path: Absolute.
        digest: Its SHA-256 where a row says it, in hex.
        rows: How many good rows it has, those without a box too.
        boxes: What was found, in pixels of the photo.
        labels: Of each.
        scores: Of each.
    """

    path: str
    digest: str
    rows: int = 0
    boxes: list[Box] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)


def read_detections(rows: Iterable[Row], totals: Totals) -> list[DetectedPhoto]:
    """Read rows with `box`, `label` and `score`.

    Args:
        rows: A row without a box says that nothing was found on its photo.
        totals: Counts bad rows and those passed over; good ones are counted once their photos are found.

    Returns:
        The photos, in the order in which they are met.
    """
    photos: dict[str, DetectedPhoto] = {}
    for row in rows:
        if row.is_bad:
            totals.passed += 1
            continue
        try:
            found = _checked(row) if row.get("box") else None
            path, digest = box_photo(row)
        except BadRow as error:
            totals.count(failed(row, error))
            continue
        photo = photos.setdefault(real_path(path), DetectedPhoto(path, digest))
        photo.rows += 1
        if found is not None:
            for values, value in zip((photo.boxes, photo.labels, photo.scores), found, strict=True):
                values.append(value)  # type: ignore[attr-defined]
    return list(photos.values())


def _checked(row: Row) -> tuple[Box, str, float]:
    box = checked_box(row["box"])
    label, told = row.get("label", ""), row.get("score", "")
    if not label:
        raise BadRow("no label: the row has a box")
    if not told:
        raise BadRow("no score: the row has a box")
    try:
        score = float(told)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise BadRow(f"damaged score: {told[:80]!r}; expected a number")
    return box, label, score
