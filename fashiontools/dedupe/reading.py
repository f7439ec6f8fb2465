"""Reads photos in blocks, one block per worker at a time: their bytes, facts, thumbnails and hashes."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import takewhile
from threading import Event
from typing import NamedTuple

import numpy as np

from fashiontools.core.errors import BadRow
from fashiontools.core.files import disk_reads, fetch, read_bytes
from fashiontools.core.headers import Header, Pixels
from fashiontools.core.images import decode_with_header, reduced_scale
from fashiontools.core.manifest import Row
from fashiontools.core.parallel import map_ahead, windows
from fashiontools.dedupe.alignment import luma
from fashiontools.dedupe.confirm import SIDE, thumbnail
from fashiontools.dedupe.hashing import hash_photos

_AT_ONCE = 64  # photos of a block: what costs the same for one and for many is shared
# Photos that take each step together, which spares a twentieth of the time: the processor keeps what one step needs.
_TOGETHER = 16
_BYTES_TOGETHER = 1 << 20  # of their files: decoding larger ones takes so long that nothing else counts


class Block(NamedTuple):
    """Some photos that were read.

    Attributes:
        rows: All rows of the block.
        facts: For each of them `width`, `height`, `sha256`, `phash`, `phash_scale`, or why it could not be read.
        thumbnails: Of those that could be read, uint8 of shape (n, 3, 48, 48).
        hashes: Their hashes in all windows, uint64 of shape (n, windows).
        mirrored: Their hashes mirrored, uint64 of shape (n,).
    """

    rows: list[Row]
    facts: list[dict[str, str] | BadRow]
    thumbnails: np.ndarray
    hashes: np.ndarray
    mirrored: np.ndarray


class _Photo(NamedTuple):
    """A photo that was decoded."""

    data: bytes
    header: Header
    pixels: Pixels


def read_blocks(rows: Iterable[Row], *, workers: int) -> Iterator[Block]:
    """Read photos, a few blocks ahead of whoever takes them.

    Args:
        rows: Their rows.
        workers: Blocks at a time.

    Yields:
        Blocks, in order.
    """
    stopped = Event()
    read = partial(_read_block, stopped=stopped)
    return map_ahead(read, _fetched(windows(rows, _AT_ONCE)), workers=workers, stopped=stopped)


def _fetched(blocks: Iterable[list[Row]]) -> Iterator[list[Row]]:
    """The blocks; the disk begins to read each as soon as a worker may want it, while it has anything to read at all.

    Asking for what is in memory costs a fiftieth of the time, and it is where no block needed the disk lately.
    """
    before = None
    for block in blocks:
        now = disk_reads()
        if now != before:
            fetch(row["path"] for row in block)
        before = now
        yield block


def _read_block(rows: list[Row], *, stopped: Event) -> Block:
    facts: list[dict[str, str] | BadRow] = []
    thumbnails = np.empty((len(rows), 3, SIDE, SIDE), np.uint8)
    count = 0
    wanted = partial(takewhile, lambda _: not stopped.is_set())  # after Ctrl-C nobody waits for the rest of a block
    for files in _files(wanted(rows)):
        photos = [file if isinstance(file, BadRow) else _decoded(file) for file in wanted(files)]
        facts += [photo if isinstance(photo, BadRow) else _facts(photo) for photo in photos]
        for photo in photos:
            if not isinstance(photo, BadRow):
                thumbnails[count] = thumbnail(photo.pixels)
                count += 1
    thumbnails = thumbnails[:count]
    hashes, mirrored = hash_photos(luma(thumbnails.astype(np.float32))[:, 0])
    good = (found for found in facts if not isinstance(found, BadRow))
    for found, whole in zip(good, hashes[:, 0].tolist(), strict=True):
        found["phash"] = f"{whole:016x}"
    return Block(rows, facts, thumbnails, hashes, mirrored)


def _files(rows: Iterable[Row]) -> Iterator[list[bytes | BadRow]]:
    """The bytes of the rows' files, or why they cannot be read, some files at a time."""
    files: list[bytes | BadRow] = []
    size = 0
    for row in rows:
        try:
            data = read_bytes(row["path"])
            files.append(data)
            size += len(data)
        except BadRow as error:
            files.append(error)
        if len(files) == _TOGETHER or size >= _BYTES_TOGETHER:
            yield files
            files, size = [], 0
    yield files


def _decoded(data: bytes) -> _Photo | BadRow:
    try:
        return _Photo(data, *decode_with_header(data, min_side=SIDE))
    except BadRow as error:
        return error


def _facts(photo: _Photo) -> dict[str, str]:
    """The facts of a photo, but for its hash."""
    height, width = photo.header.height, photo.header.width
    return {
        "width": str(width),
        "height": str(height),
        "sha256": hashlib.sha256(photo.data).hexdigest(),
        "phash_scale": str(reduced_scale(height, width, SIDE)),
    }
