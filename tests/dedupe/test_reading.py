"""Blocks of photos: which of them are asked for ahead of the need, and that each keeps what is its own."""

import hashlib
from itertools import chain, repeat
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from dedupe_pictures import draw_photo
from PIL import Image

from fashiontools.core.errors import BadRow
from fashiontools.core.images import decode
from fashiontools.core.manifest import Row
from fashiontools.dedupe import reading
from fashiontools.dedupe.confirm import SIDE, thumbnail

MISSING, BROKEN = "no such file", "not an image that can be read (JPEG, PNG, WebP, TIFF, BMP)"
BAD = {3: MISSING, 17: BROKEN, 18: BROKEN, 40: MISSING}
LARGE = (5, 19, 20, 50)  # files of over a megabyte


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Photos of as many sizes, some of them large, broken or missing: more than go through a step together."""
    noise = np.random.default_rng(0)
    paths = [tmp_path / f"{number}.{'png' if number in LARGE else 'jpg'}" for number in range(62)]
    for number, path in enumerate(paths):
        if number in LARGE:
            Image.fromarray(noise.integers(0, 256, (700, 600 + number, 3), np.uint8)).save(path)
        elif number not in BAD:
            Image.fromarray(draw_photo(number, 90 + number, 80)).save(path)
        elif BAD[number] == BROKEN:
            path.write_bytes(b"\xff\xd8 this is not a photo")
    return paths


@pytest.mark.parametrize("workers", [1, 3])
def test_each_photo_keeps_what_is_its_own(photos: list[Path], workers: int) -> None:
    assert min(photos[number].stat().st_size for number in LARGE) > reading._BYTES_TOGETHER
    rows = [Row({"path": str(path)}) for path in photos]
    blocks = list(reading.read_blocks(rows, workers=workers))
    assert [row for block in blocks for row in block.rows] == rows
    facts = [found for block in blocks for found in block.facts]
    assert {number: str(found) for number, found in enumerate(facts) if isinstance(found, BadRow)} == BAD
    good = [number for number in range(len(photos)) if number not in BAD]
    for number in good:
        data = photos[number].read_bytes()
        width, height = Image.open(photos[number]).size
        assert (facts[number]["width"], facts[number]["height"]) == (str(width), str(height))
        assert facts[number]["sha256"] == hashlib.sha256(data).hexdigest()
    expected = [thumbnail(decode(photos[number].read_bytes(), min_side=SIDE)) for number in good]
    assert np.array_equal(np.concatenate([block.thumbnails for block in blocks]), expected)
    hashes = np.concatenate([block.hashes for block in blocks])[:, 0].tolist()
    assert [facts[number]["phash"] for number in good] == [f"{whole:016x}" for whole in hashes]


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


def test_few_bytes_are_in_memory_at_once(photos: list[Path]) -> None:
    rows = [Row({"path": str(path)}) for path in photos]
    together = list(reading._files(rows))
    assert sum(map(len, together)) == len(photos)
    assert max(map(len, together)) == reading._TOGETHER
    for files in together:
        *others, _ = [len(file) for file in files if isinstance(file, bytes)]
        assert sum(others) < reading._BYTES_TOGETHER


def test_after_ctrl_c_no_further_photo_is_decoded(photos: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    stopped, decode, decoded = Event(), reading.decode_with_header, []

    def decode_and_stop(data: bytes, **words: int) -> object:
        decoded.append(data)
        if len(decoded) == 2:
            stopped.set()
        return decode(data, **words)

    monkeypatch.setattr(reading, "decode_with_header", decode_and_stop)
    reading._read_block([Row({"path": str(path)}) for path in photos[:40]], stopped=stopped)
    assert decoded == [path.read_bytes() for path in photos[:2]]
