"""Photos and masks on disk: decoding to 8-bit sRGB, fitting to a square, writing without a torn file.

Decoded photos are uint8, (H, W, 3) in RGB order, or (H, W) for gray ones: EXIF orientation applied, alpha composed
on white, 16 bit scaled to 8, colour profiles converted to sRGB. Masks are (H, W) uint8, 255 = hole, 0 = keep.
"""

import os
from pathlib import Path
from types import ModuleType
from typing import Literal

import cv2
import numpy as np

from fashiontools.core.errors import BadRow
from fashiontools.core.files import read_bytes, write_atomically
from fashiontools.core.headers import Header, Pixels, plain_header

Fit = Literal["crop", "pad", "stretch"]
_REDUCED = {
    1: cv2.IMREAD_GRAYSCALE,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
"""The scales of OpenCV's decoder; with `IMREAD_COLOR_RGB` they are in colour (`IMREAD_REDUCED_COLOR_8` is BGR)."""


def decode(data: bytes, *, min_side: int | None = None, gray: bool = False) -> Pixels:
    """Decode a photo.

    Args:
        data: The whole file.
        min_side: Decode at the smallest of the scales 1, 1/2, 1/4, 1/8 that leaves the shorter side at least this
            long (pixels); None decodes at full size. JPEGs are decoded at the reduced scale, others reduced after.
        gray: Return (H, W) luma also for colour photos.

    Returns:
        (H, W, 3) uint8 RGB, or (H, W) uint8 for gray photos.

    Raises:
        BadRow: Corrupt, truncated, no image, or a decompression bomb.
    """
    return decode_with_header(data, min_side=min_side, gray=gray)[1]


def decode_with_header(data: bytes, *, min_side: int | None = None, gray: bool = False) -> tuple[Header, Pixels]:
    """Decode a photo as `decode` does, and tell what the file says of itself."""
    header = plain_header(data)
    if header is None:
        header = _any_image().header_of(data)
    scale = reduced_scale(header.height, header.width, min_side)
    if header.plain_jpeg:
        pixels = _decode_jpeg(data, scale, gray or header.gray)
        if pixels is not None:
            return header, pixels
    pixels = _any_image().decode_any(data)
    if gray and pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if scale > 1:
        size = (-(-pixels.shape[1] // scale), -(-pixels.shape[0] // scale))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return header, pixels


def reduced_scale(height: int, width: int, min_side: int | None) -> int:
    """The divisor among 1, 2, 4, 8 that leaves the shorter side at least `min_side` pixels."""
    if min_side is None:
        return 1
    return next((scale for scale in (8, 4, 2) if min(height, width) // scale >= min_side), 1)


def _any_image() -> ModuleType:
    """The decoder of all else, with Pillow: few photos need it, and it takes longer to load than thirty to decode."""
    from fashiontools.core import any_image

    return any_image


def _decode_jpeg(data: bytes, scale: int, gray: bool) -> Pixels | None:
    return cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[scale] | (0 if gray else cv2.IMREAD_COLOR_RGB))


# ---------------------------------------------------------------------------------------------------- in and out


def read_photo(path: str) -> Pixels:
    """Decode the photo of a path at full size.

    Raises:
        BadRow: As `read_bytes` and `decode`.
    """
    return decode(read_bytes(path))


def read_mask(path: str) -> Pixels:
    """Decode a mask to (H, W) uint8, 255 = hole (values of 128 and above), 0 = keep.

    Raises:
        BadRow: As `read_bytes` and `decode`, with the mask named.
    """
    try:
        return np.where(decode(read_bytes(path), gray=True) >= 128, np.uint8(255), np.uint8(0))
    except BadRow as error:
        raise BadRow(f"mask {os.path.basename(path)}: {error}") from None


def as_rgb(pixels: Pixels) -> Pixels:
    """(H, W, 3) uint8 RGB, whether the photo is gray or not."""
    return cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB) if pixels.ndim == 2 else pixels


def encode(pixels: Pixels, suffix: str, quality: int = 95) -> bytes:
    """Encode (H, W, 3) RGB or (H, W) gray uint8 pixels; the suffix names the format, `quality` (1-100) is JPEG's."""
    ordered = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    parameters = [cv2.IMWRITE_JPEG_QUALITY, quality] if suffix.lower() in (".jpg", ".jpeg") else []
    written, buffer = cv2.imencode(suffix, ordered, parameters)
    if not written:
        raise ValueError(f"OpenCV cannot write {suffix}")
    return buffer.tobytes()


def write_photo(path: str | Path, pixels: Pixels, quality: int = 95) -> None:
    """Encode and write: to a name of its own first, then renamed, so that no half photo is ever found."""
    write_atomically(path, encode(pixels, Path(path).suffix, quality))


def fit_square(pixels: Pixels, size: int, fit: Fit) -> Pixels:
    """Make a photo square.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.
        size: Side of the result, pixels.
        fit: `crop`: the shorter side to `size`, then the centre; `pad`: the longer side to `size`, white around;
            `stretch`: both sides to `size`.

    Returns:
        (size, size) or (size, size, 3) uint8.
    """
    height, width = pixels.shape[:2]
    if fit == "stretch":
        return resize(pixels, size, size)
    ratio = size / (min(height, width) if fit == "crop" else max(height, width))
    new_height, new_width = max(1, round(height * ratio)), max(1, round(width * ratio))
    pixels = resize(pixels, new_height, new_width)
    if fit == "crop":
        top, left = (new_height - size) // 2, (new_width - size) // 2
        return np.ascontiguousarray(pixels[top : top + size, left : left + size])
    square = np.full((size, size, *pixels.shape[2:]), 255, np.uint8)
    top, left = (size - new_height) // 2, (size - new_width) // 2
    square[top : top + new_height, left : left + new_width] = pixels
    return square


def resize(pixels: Pixels, height: int, width: int) -> Pixels:
    """Resize: area averaging where it shrinks, cubic where it grows."""
    if pixels.shape[:2] == (height, width):
        return pixels
    shrinks = height <= pixels.shape[0] and width <= pixels.shape[1]
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
