"""Blocks of photos: which of them are asked for ahead of the need."""

from itertools import chain, repeat

import pytest

from fashiontools.core.manifest import Row
from fashiontools.dedupe import reading


def test_the_disk_is_asked_for_the_next_block_only_while_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    reads = chain([70, 70, 70, 90, 91], repeat(91))  # the photos of the third block were not in memory
    monkeypatch.setattr(reading, "fetch", lambda paths: asked.append(list(paths)))
    monkeypatch.setattr(reading, "disk_reads", lambda: next(reads))
    rows = [Row({"path": f"missing {number}.jpg"}) for number in range(200)]
    blocks = list(reading.read_blocks(rows, workers=2))
    assert [row for block in blocks for row in block.rows] == rows
    first, *_ = shown = [[row["path"] for row in block.rows] for block in blocks]
    assert len(blocks) > 6
    assert asked == [first, shown[3], shown[4]]
