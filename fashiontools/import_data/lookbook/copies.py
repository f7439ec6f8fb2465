"""What happens to photos on the web: copies that look the same, and files that no longer open."""

from dataclasses import dataclass

import cv2
import numpy as np

KINDS = ("recompressed", "resized", "cropped", "mirrored")
BROKEN = ("truncated", "empty", "a web page", "overwritten")


@dataclass(frozen=True)
class Copy:
    """A copy of a photo.

    Attributes:
        kind: One of `KINDS`.
        image: (H, W, 3) uint8 RGB.
        garment: (H, W) uint8, 255 = garment, changed in the same way.
        quality: Of the JPEG that it is saved as, 1-100.
    """

    kind: str
    image: np.ndarray
    garment: np.ndarray
    quality: int


def draw_copy(image: np.ndarray, garment: np.ndarray, rng: np.random.Generator) -> Copy:
    """Draw a copy: JPEG quality 30, half to nine tenths of the size, 2 to 5 % cut from each side, or mirrored.

    Args:
        image: (H, W, 3) uint8 RGB.
        garment: (H, W) uint8, 255 = garment.
        rng: Where the randomness comes from.
    """
    kind = str(rng.choice(KINDS))
    if kind == "recompressed":
        return Copy(kind, image, garment, 30)
    if kind == "mirrored":
        return Copy(kind, np.ascontiguousarray(image[:, ::-1]), np.ascontiguousarray(garment[:, ::-1]), 90)
    height, width = garment.shape
    if kind == "resized":
        ratio = rng.uniform(0.5, 0.9)
        size = (max(16, round(width * ratio)), max(16, round(height * ratio)))
        smaller = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        return Copy(kind, smaller, cv2.resize(garment, size, interpolation=cv2.INTER_NEAREST), 90)
    cut = rng.uniform(0.02, 0.05)
    y, x = round(height * cut), round(width * cut)
    inside = (slice(y, height - y), slice(x, width - x))
    return Copy(kind, np.ascontiguousarray(image[inside]), np.ascontiguousarray(garment[inside]), 90)


def broken_file(jpeg: bytes, rng: np.random.Generator) -> bytes:
    """The bytes of a file that does not open: cut off, empty, a web page that says 404, or overwritten with zeros."""
    kind = str(rng.choice(BROKEN))
    if kind == "truncated":
        return jpeg[: int(len(jpeg) * rng.uniform(0.2, 0.8))]
    if kind == "empty":
        return b""
    if kind == "a web page":
        return b"<!DOCTYPE html><title>404 Not Found</title>\n"
    return bytes(len(jpeg))
