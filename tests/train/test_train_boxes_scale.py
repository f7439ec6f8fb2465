"""The boxes of 100,000 rows: counted right, in memory that a laptop has."""

import tracemalloc
from collections.abc import Iterator

import pytest

from fashiontools.core.manifest import Row
from fashiontools.core.progress import Progress
from fashiontools.train.boxes import read_boxes

PHOTOS = 50_000
MOST_BYTES = 2_000  # of a row, with Python's own: what is read and what comes of it


def rows() -> Iterator[Row]:
    """Two rows a photo. A box of every 100th photo is none, both of every 1,000th; every 10th photo is empty."""
    for number in range(PHOTOS):
        shared = {"width": "120", "height": "160", "sha256": f"{number:064x}"}
        for place, label in enumerate(("upper", "lower")):
            box = f"{4 + number % 7} {8 + 60 * place} 50 60"
            if number % 1000 == 0 or (number % 100 == 0 and place):
                box = "130 10 20 20"
            elif number % 10 == 1:
                box = label = ""
            yield Row({"path": f"/nowhere/{number:06}.jpg", "box": box, "label": label} | shared, f"{number:06}.jpg")


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_read_and_counted() -> None:
    tracemalloc.start()
    try:
        found = read_boxes(rows(), workers=2, progress=Progress("train", quiet=True))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    gone, spoilt, empty = PHOTOS // 1000, PHOTOS // 100 - PHOTOS // 1000, PHOTOS // 10
    assert len(found.bad) == 2 * gone + spoilt
    assert all("box outside the photo" in reason for _, reason in found.bad)
    assert len(found.rows) == len(found.boxes) == PHOTOS - gone
    kept = [number for number in range(PHOTOS) if number % 1000]
    assert [row["path"] for row in found.rows] == [f"/nowhere/{number:06}.jpg" for number in kept]
    assert [int(one.sha256, 16) for one in found.boxes] == kept
    counts = [len(one.labels) for one in found.boxes]
    assert (counts.count(0), counts.count(1)) == (empty, spoilt)
    assert counts.count(2) == PHOTOS - gone - spoilt - empty
    assert all(one.boxes.shape == (len(one.labels), 4) for one in found.boxes)
    two = found.boxes[kept.index(12_345)]
    assert (two.width, two.height, two.labels) == (120, 160, ("upper", "lower"))
    assert two.boxes.tolist() == [[8, 8, 50, 60], [8, 68, 50, 60]]
    assert peak < 2 * PHOTOS * MOST_BYTES, f"{peak / 2**20:.0f} MiB"
