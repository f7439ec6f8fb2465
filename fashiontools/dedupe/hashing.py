"""64-bit perceptual hashes of photos, of their mirror images and of windows inside them.

A hash holds the signs of the 63 lowest spatial frequencies of a gray picture (the 8 x 8 corner of its cosine
transform without the mean) against their median, so that it keeps the layout of the picture and forgets size,
compression, brightness and contrast. A photo that was cut at its borders has the hash of a window of its original:
every photo is hashed in `WINDOWS`, a grid of cuts so fine that a cut between two grid points still differs in few bits.

All windows are integrals of the same pixels, so they cost two matrix products together, need no resampling, and
their borders may lie inside a pixel.
"""

from functools import lru_cache

import numpy as np

FREQUENCIES = 8
"""Cosine frequencies kept on each axis: 8 x 8 coefficients, of which the mean is not used."""

CUTS = (0.03, 0.055, 0.085)
"""Fractions cut from each cut side. Of cuts that lie 0.0125 beside the grid, 91 % or more differ in at most 6 bits."""

_MARGIN = 1e-3  # gray levels by which a coefficient must exceed the median: flat pictures hold rounding noise
_PHOTOS_AT_ONCE = 64  # 64 photos x 80 x 80 coefficients in float32: 1.6 MB, which stays in the cache


def _window_grid(cuts: tuple[float, ...]) -> np.ndarray:
    """Lists the whole photo, then for each cut the centre (four sides cut) and the corners (two sides cut).

    Args:
        cuts: Fractions of the width and height that are cut from each cut side, each in (0, 0.5).

    Returns:
        Fractions (left, top, right, bottom) of the photo, float64 of shape (1 + 5 * len(cuts), 4).
    """
    rows = [(0.0, 0.0, 1.0, 1.0)]
    for cut in cuts:
        rest = 1.0 - cut
        rows.append((cut, cut, rest, rest))
        rows += [(left, top, left + rest, top + rest) for top in (0.0, cut) for left in (0.0, cut)]
    return np.array(rows)


WINDOWS = _window_grid(CUTS)
"""The hashed windows: fractions (left, top, right, bottom), float64 of shape (16, 4). Row 0 is the whole photo."""


def cosine_basis(pixels: int, low: float, high: float) -> np.ndarray:
    """Integrates the cosines of a window over each pixel of an axis.

    Args:
        pixels: Number of pixels on the axis.
        low: Where the window begins, as a fraction of the axis in [0, 1).
        high: Where the window ends, as a fraction of the axis in (low, 1].

    Returns:
        Orthonormal functions of the window as rows, float32 of shape (8, pixels): multiplied by an axis of gray
        levels they give cosine coefficients in gray levels. Pixels that the border cuts count in part.
    """
    place = np.clip((np.linspace(0.0, 1.0, pixels + 1) - low) / (high - low), 0.0, 1.0)
    frequency = np.arange(1, FREQUENCIES)[:, None]
    sines = np.sqrt(2.0) * np.sin(np.pi * frequency * place) / (np.pi * frequency)
    return np.diff(np.vstack([place, sines]), axis=1).astype(np.float32)


@lru_cache(maxsize=256)
def _cosines(pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Lists the cosine functions of the windows along one axis.

    Args:
        pixels: Number of pixels on the axis.

    Returns:
        Functions of the whole photo and of the centres, float32 of shape (1 + cuts, 8, pixels), and of the corners,
        float32 of shape (cuts, 16, pixels): of the interval that is cut at its end, then of that cut at its beginning.
    """
    centres = [cosine_basis(pixels, cut, 1.0 - cut) for cut in (0.0, *CUTS)]
    corners = [np.vstack([cosine_basis(pixels, 0.0, 1.0 - cut), cosine_basis(pixels, cut, 1.0)]) for cut in CUTS]
    return np.stack(centres), np.stack(corners)


def _coefficients(grays: np.ndarray) -> np.ndarray:
    """Takes the cosine coefficients of photos of one size in all windows.

    Args:
        grays: Gray levels in [0, 255], float32 of shape (photos, height, width).

    Returns:
        Coefficients in the order of `WINDOWS`, vertical frequency first, float32 of shape (photos, 16, 64).
    """
    count, height, width = grays.shape
    down, across = _cosines(height), _cosines(width)
    rows = np.concatenate([functions.reshape(-1, height) for functions in down]) @ grays
    ends = down[0].size // height
    centres = rows[:, :ends].reshape(count, *down[0].shape[:2], width) @ across[0].transpose(0, 2, 1)
    # The four corners of a cut are two intervals down times two across.
    corners = rows[:, ends:].reshape(count, *down[1].shape[:2], width) @ across[1].transpose(0, 2, 1)
    corners = corners.reshape(count, len(CUTS), 2, FREQUENCIES, 2, FREQUENCIES).swapaxes(3, 4)
    found = np.empty((count, len(WINDOWS), FREQUENCIES * FREQUENCIES), np.float32)
    found[:, 0] = centres[:, 0].reshape(count, -1)
    of_cuts = found[:, 1:].reshape(count, len(CUTS), 5, FREQUENCIES, FREQUENCIES)
    of_cuts[:, :, 0] = centres[:, 1:]
    of_cuts[:, :, 1:] = corners.reshape(count, len(CUTS), 4, FREQUENCIES, FREQUENCIES)
    return found


def pack_signs(coefficients: np.ndarray) -> np.ndarray:
    """Turns cosine coefficients into hashes.

    Args:
        coefficients: Float array of shape (..., 64): 8 x 8 coefficients, vertical frequency first, the mean in front.

    Returns:
        Hashes, uint64 of shape (...): bit i is set where coefficient i is above the median of coefficients 1 to 63;
        bit 0, the mean's, is never set. A flat picture has hash 0.
    """
    middle = np.partition(coefficients[..., 1:], 31, axis=-1)[..., 31:32]
    signs = coefficients > middle + _MARGIN
    signs[..., 0] = False
    octets = np.packbits(signs.reshape(-1), bitorder="little")  # three times as fast as along the last axis
    return octets.view("<u8").astype(np.uint64).reshape(signs.shape[:-1])


def hash_photos(grays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hashes photos of one size in all windows, and their mirror images as a whole.

    Args:
        grays: Gray levels in [0, 255], any real dtype, shape (photos, height, width).

    Returns:
        Hashes of the windows, uint64 of shape (photos, 16) in the order of `WINDOWS`, and hashes of the photos
        mirrored left to right, uint64 of shape (photos,).
    """
    # Mirroring a photo changes the sign of the cosines that are odd about its middle, and of nothing else.
    mirroring = np.tile(np.where(np.arange(FREQUENCIES) % 2, np.float32(-1), np.float32(1)), FREQUENCIES)
    hashes = np.empty((len(grays), len(WINDOWS)), np.uint64)
    mirrored = np.empty(len(grays), np.uint64)
    for start in range(0, len(grays), _PHOTOS_AT_ONCE):
        part = slice(start, start + _PHOTOS_AT_ONCE)
        coefficients = _coefficients(grays[part].astype(np.float32))
        hashes[part] = pack_signs(coefficients)
        mirrored[part] = pack_signs(coefficients[:, 0] * mirroring)
    return hashes, mirrored
