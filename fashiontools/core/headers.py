"""What an image file says of itself before its pixels are decoded."""

from dataclasses import dataclass

import numpy as np

from fashiontools.core.jpeg import read_plain_frame

MAX_PIXELS = 178_956_970
"""More pixels than this in one file are taken for a decompression bomb (Pillow's own hard limit)."""

Pixels = np.ndarray


@dataclass(frozen=True)
class Header:
    """What a file says of itself.

    Attributes:
        height: Pixels, after EXIF orientation.
        width: Pixels, after EXIF orientation.
        gray: Whether the photo has one channel.
        plain_jpeg: A complete 8-bit JPEG in gray or sRGB, which the fast decoder reads right.
    """

    height: int
    width: int
    gray: bool
    plain_jpeg: bool


def plain_header(data: bytes) -> Header | None:
    """The header of a photo of the most common kind, read without Pillow; None for every other."""
    frame = read_plain_frame(data) if is_whole_jpeg(data) else None
    if frame is None or frame.height * frame.width > MAX_PIXELS:
        return None
    return Header(frame.height, frame.width, frame.gray, plain_jpeg=True)


def is_whole_jpeg(data: bytes) -> bool:
    """A truncated JPEG decodes to half a photo without an error in OpenCV; a whole one ends with the EOI marker."""
    return b"\xff\xd9" in data[-32:]
