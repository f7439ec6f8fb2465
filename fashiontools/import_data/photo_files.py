"""What an importer asks of a photo: that it is there and whole, its size, its SHA-256. Its pixels are not decoded."""

import hashlib
from functools import lru_cache
from typing import NamedTuple

from fashiontools.core.files import read_bytes
from fashiontools.core.headers import is_whole_jpeg, plain_header
from fashiontools.core.images import decode

_JPEG = b"\xff\xd8"


class PhotoFile(NamedTuple):
    """A photo on disk.

    Attributes:
        width: Pixels, upright.
        height: Pixels, upright.
        digest: SHA-256 of the file.
    """

    width: int
    height: int
    digest: bytes


@lru_cache(maxsize=64)  # a photo with several boxes has several rows, one after the other
def photo_file(path: str) -> PhotoFile:
    """Read a file and its header.

    Raises:
        BadRow: There is no such file, it is no image, or a JPEG that is cut off.
    """
    data = read_bytes(path)
    header = plain_header(data)
    if header is None:
        from fashiontools.core.any_image import header_of  # with Pillow, which plain JPEGs do not need

        header = header_of(data)
        if data.startswith(_JPEG) and not is_whole_jpeg(data):
            decode(data)  # cut off, or with something after its end: only the decoder knows
    return PhotoFile(header.width, header.height, hashlib.sha256(data).digest())
