"""Photo-like pictures drawn from a seed, for the tests of dedupe."""

import cv2
import numpy as np

from fashiontools.dedupe.confirm import score_pairs, thumbnail
from fashiontools.dedupe.hashing import hash_photos


def draw_photo(seed: int, height: int = 266, width: int = 200) -> np.ndarray:
    """Draws smooth coloured noise with a few shapes on it.

    Args:
        seed: Which picture.
        height: Pixels.
        width: Pixels.

    Returns:
        RGB, uint8 of shape (height, width, 3).
    """
    rng = np.random.default_rng(seed)
    noise = cv2.resize(rng.normal(0, 1, (9, 7, 3)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    photo = np.clip(128 + 40 * noise, 0, 255).astype(np.uint8)
    for _ in range(12):
        middle = tuple(int(x) for x in rng.integers((0, 0), (width, height)))
        axes = tuple(int(x) for x in rng.integers(width // 20, width // 4, 2))
        colour = tuple(int(x) for x in rng.integers(20, 235, 3))
        cv2.ellipse(photo, middle, axes, int(rng.integers(180)), 0, 360, colour, -1, cv2.LINE_AA)
    return photo


def draw_packshot(colour: tuple[int, int, int], seed: int = 0, size: int = 200) -> np.ndarray:
    """Draws a product on pure white.

    Args:
        colour: RGB levels of the product.
        seed: Which outline.
        size: Height and width in pixels.

    Returns:
        RGB, uint8 of shape (size, size, 3).
    """
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    reach = size * rng.uniform(0.15, 0.4, 12)
    outline = size / 2 + reach[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    photo = np.full((size, size, 3), 255, np.uint8)
    cv2.fillPoly(photo, [outline.round().astype(np.int32)], colour, cv2.LINE_AA)
    return photo


def recompress(photo: np.ndarray, quality: int) -> np.ndarray:
    """Sends a picture through JPEG.

    Args:
        photo: RGB, uint8 of shape (height, width, 3).
        quality: In [1, 100].

    Returns:
        What is left of it, same shape.
    """
    return cv2.imdecode(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def hash_windows(gray: np.ndarray) -> np.ndarray:
    """The hashes of one gray photo in all windows, uint64."""
    return hash_photos(gray[None])[0][0]


def hash_mirrored(gray: np.ndarray) -> int:
    """The hash of one gray photo mirrored."""
    return int(hash_photos(gray[None])[1][0])


def score(first: np.ndarray, second: np.ndarray, window: tuple[float, float, float, float], mirrored: bool) -> float:
    """The score of one photo against a window of another."""
    pair = (thumbnail(first)[None], thumbnail(second)[None])
    return float(score_pairs(*pair, np.array([window]), np.array([mirrored]), 1.0)[0][0])
