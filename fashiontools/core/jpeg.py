"""Reads the frame of a plain JPEG from its markers (ITU-T T.81, annex B), without a decoder.

Most photos need no more than their size before the fast decoder gets them, and Pillow's reading of a header takes as
long as a tenth of the decoding, with Python's lock held.
"""

from typing import NamedTuple

_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended and progressive, all with Huffman codes
_TABLES = (0xC4, 0xDB, 0xDD, 0xFE)  # Huffman, quantization, restart interval, comment
_APPLICATION = range(0xE0, 0xF0)
_CARRIES_MORE = (b"Exif", b"ICC_")  # an orientation, a profile


class Frame(NamedTuple):
    """What a JPEG's frame header says.

    Attributes:
        height: Pixels.
        width: Pixels.
        gray: Whether it has one component; else it has three.
    """

    height: int
    width: int
    gray: bool


def read_plain_frame(data: bytes) -> Frame | None:
    """Read the frame of a JPEG about which there is nothing more to know.

    Args:
        data: The whole file.

    Returns:
        The frame, or None for whatever is not an 8-bit JPEG of one or three components with well-formed segments, and
        for one with EXIF data (it may be turned) or a colour profile.
    """
    if data[:2] != b"\xff\xd8":
        return None
    place = 2
    while len(head := data[place : place + 10]) == 10 and head[0] == 0xFF:
        marker = head[1]
        if marker in _FRAMES:
            height, width = head[5] << 8 | head[6], head[7] << 8 | head[8]
            plain = head[4] == 8 and head[9] in (1, 3) and height and width
            return Frame(height, width, head[9] == 1) if plain else None
        if marker not in _TABLES and (marker not in _APPLICATION or head[4:8] in _CARRIES_MORE):
            return None
        place += 2 + (head[2] << 8 | head[3])
    return None
