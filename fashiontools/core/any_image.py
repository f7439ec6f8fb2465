"""Decoding with Pillow: every format, depth and colour space, and no half-read file.

The careful way, for what is no plain JPEG: EXIF orientation applied, alpha composed on white, 16 bit scaled to 8,
colour profiles converted to sRGB.
"""

import io
import warnings

import cv2
import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from fashiontools.core.errors import BadRow
from fashiontools.core.headers import MAX_PIXELS, Header, Pixels, is_whole_jpeg

_ORIENTATION_TAG = 274
_PNG_GRAY_WITH_ALPHA = b"\x04"
warnings.filterwarnings("ignore", module=r"PIL\.")  # odd metadata is no news: the pixels are good or the row is bad
Image.MAX_IMAGE_PIXELS = None  # the bound is ours, checked on the header: one rule, one message


def header_of(data: bytes) -> Header:
    """What a file says of itself.

    Raises:
        BadRow: No image, or a decompression bomb.
    """
    image = _open(data)
    turned = _orientation(image) in (5, 6, 7, 8)
    is_jpeg = image.format in ("JPEG", "MPO") and image.mode in ("RGB", "L")
    plain = is_jpeg and is_whole_jpeg(data) and _is_srgb(image)
    width, height = (image.height, image.width) if turned else image.size
    return Header(height, width, image.mode in ("L", "1", "LA", "I;16", "I", "F"), plain)


def _open(data: bytes) -> Image.Image:
    """The image with its header read and its pixels not yet."""
    if not data:
        raise BadRow("the file is empty")
    try:
        image = Image.open(io.BytesIO(data))
    except UnidentifiedImageError:
        raise BadRow("not an image that can be read (JPEG, PNG, WebP, TIFF, BMP)") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise BadRow(f"corrupt image: {error}") from None
    if image.width * image.height > MAX_PIXELS:
        raise BadRow(f"{image.width} x {image.height} pixels: larger than {MAX_PIXELS:,}, taken for a bomb")
    return image


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1, which is upright, where none can be read."""
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except (OSError, ValueError, SyntaxError, TypeError, KeyError):
        return 1


def _turned(pixels: Pixels, orientation: int) -> Pixels:
    """The pixels as the EXIF orientation wants them shown."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _is_srgb(image: Image.Image) -> bool:
    """Whether the numbers of the pixels are sRGB: there is no colour profile, or that one."""
    profile = image.info.get("icc_profile")
    return not profile or b"sRGB" in profile[:1024] or b"s\0R\0G\0B" in profile[:1024]


def decode_any(data: bytes) -> Pixels:
    """Decode at full size.

    Args:
        data: The whole file.

    Returns:
        (H, W, 3) uint8 RGB, or (H, W) uint8 for gray photos.

    Raises:
        BadRow: Corrupt, truncated, no image, or a decompression bomb.
    """
    image = _open(data)
    try:
        image.load()
        if image.mode.startswith("I") or image.mode == "F" or _is_16_bit(data):
            return _turned(_decode_deep(data), _orientation(image))
        image = ImageOps.exif_transpose(image)
        return np.asarray(_to_srgb(image))
    except BadRow:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, ImageCms.PyCMSError, IndexError) as error:
        raise BadRow(f"corrupt image: {error}") from None


def _is_16_bit(data: bytes) -> bool:
    """Pillow cuts 16-bit colour PNGs to 8 bits without a word; the depth stands in byte 24 of the file."""
    return data[:8] == b"\x89PNG\r\n\x1a\n" and data[24:25] == b"\x10"


def _decode_deep(data: bytes) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise BadRow("corrupt image: its deep pixels cannot be decoded")
    full = 65535.0 if pixels.dtype == np.uint16 else 255.0 if pixels.dtype == np.uint8 else 1.0
    values = np.clip(pixels.astype(np.float64) / full, 0, 1)
    if values.ndim == 3 and values.shape[2] == 4:
        alpha = values[..., 3:]
        values = values[..., :3] * alpha + (1 - alpha)
    eight = np.rint(values * 255).astype(np.uint8)
    if eight.ndim == 3 and _is_16_bit(data) and data[25:26] == _PNG_GRAY_WITH_ALPHA:
        eight = eight[..., 0]
    return eight if eight.ndim == 2 else np.ascontiguousarray(eight[..., ::-1])


def _to_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if "transparency" in image.info and image.mode in ("P", "L", "RGB"):
        image = image.convert("LA" if image.mode == "L" else "RGBA")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        gray = image.mode in ("LA", "La")
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("L" if gray else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    if profile and not _is_srgb(image) and image.mode in ("RGB", "CMYK", "L"):
        image = _convert_profile(image, profile)
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _convert_profile(image: Image.Image, profile: bytes) -> Image.Image:
    mode = "L" if image.mode == "L" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image  # a damaged profile is no reason to lose the photo: its numbers are taken as sRGB
    return image if converted is None else converted.convert(mode)
