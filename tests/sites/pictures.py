"""The bytes of pictures, good and bad. What a picture shows depends on its name alone: one name, one picture."""

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 96, 128  # px
TYPES = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"
}  # fmt: skip
BIG_BYTES = 40_000_000
BOMB_SIDE = 50_000  # px
LONGEST_COMMENT = 65_533  # bytes of text in one comment of a JPEG


@lru_cache(maxsize=4096)
def picture(name: str, extension: str = "jpg", width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """Soft blobs of colour, in the format of the extension; names that begin with `same-` show the same."""
    shown = "same" if name.startswith("same-") else name
    generator = np.random.default_rng(np.frombuffer(hashlib.sha256(shown.encode()).digest(), np.uint32))
    coarse = Image.fromarray(generator.integers(0, 256, (8, 6, 3), np.uint8))
    stream = io.BytesIO()
    format_name = TYPES[extension].removeprefix("image/")
    coarse.resize((width, height), Image.Resampling.BICUBIC).save(stream, format_name)
    return stream.getvalue()


def big(name: str, size: int = BIG_BYTES) -> Iterator[bytes]:
    """A JPEG of `size` bytes or a little more that any decoder opens: most of it are comments."""
    good = picture(name)
    yield good[:2]
    comment = b"\xff\xfe" + struct.pack(">H", LONGEST_COMMENT + 2) + bytes(LONGEST_COMMENT)
    for _ in range(big_comments(size)):
        yield comment
    yield good[2:]


def big_comments(size: int) -> int:
    return -(-size // (LONGEST_COMMENT + 4))


def big_length(name: str, size: int = BIG_BYTES) -> int:
    """The number of bytes of `big`."""
    return len(picture(name)) + big_comments(size) * (LONGEST_COMMENT + 4)


def bomb() -> bytes:
    """A PNG of some hundred bytes that claims to have 50,000 x 50,000 pixels."""
    header = struct.pack(">IIBBBBB", BOMB_SIDE, BOMB_SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
