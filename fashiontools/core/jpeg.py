"""Reads the frame of a plain JPEG from its markers (ITU-T T.81, annex B), without a decoder.

Most photos need no more than their size before the fast decoder gets them, and Pillow's reading of a header takes as
long as a tenth of the decoding, with Python's lock held.
"""

from typing import Literal, NamedTuple

_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended and progressive, all with Huffman codes
_TABLES = (0xC4, 0xDB, 0xDD, 0xFE)  # Huffman, quantization, restart interval, comment
_APPLICATION = range(0xE0, 0xF0)
_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}  # how a TIFF header begins
_ORIENTATION, _SHORT, _UPRIGHT = 0x0112, 3, 1
_ENTRY = 12  # bytes of a TIFF entry: tag, type, count, value


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
        for one with a colour profile, or with EXIF data that turn it or cannot be read.
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
        end = place + 2 + (head[2] << 8 | head[3])
        if marker not in _TABLES and (marker not in _APPLICATION or not _says_nothing(data[place + 4 : end])):
            return None
        place = end
    return None


def _says_nothing(segment: bytes) -> bool:
    """Whether an application's segment has no bearing on the pixels: no colour profile, no turning."""
    return segment[:4] != b"ICC_" and (segment[:4] != b"Exif" or _is_upright(segment[6:]))


def _is_upright(exif: bytes) -> bool:
    """Whether EXIF data (a TIFF header and its first directory) leave a photo as it is stored; not if odd."""
    order = _ORDERS.get(exif[:4])
    if order is None:
        return False
    start = int.from_bytes(exif[4:8], order) + 2
    count = int.from_bytes(exif[start - 2 : start], order)
    if not 0 < count <= (len(exif) - start) // _ENTRY:
        return False
    entries = [exif[place : place + _ENTRY] for place in range(start, start + count * _ENTRY, _ENTRY)]
    upright = b"".join(number.to_bytes(size, order) for number, size in ((_SHORT, 2), (1, 4), (_UPRIGHT, 2)))
    return all(entry[2:10] == upright for entry in entries if int.from_bytes(entry[:2], order) == _ORIENTATION)
