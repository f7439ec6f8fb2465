"""Confirms that one photo is a copy of another, or of a window of it, by laying their pixels over each other.

Garments that are shot the same way have near hashes, so a near hash only proposes a pair. Here the window of the one
photo is moved onto the other (the hashed windows are a coarse grid), one gain and one bias are fitted for all colours,
and the two are compared block by block: the score is that of the worst blocks, because two white shirts on one
background differ in a few places only. All pairs of a batch go through the same few array operations.

Thumbnails are squares whatever the shape of the photo: copies have the same shape, and fractions of a photo mean the
same in every thumbnail.
"""

from typing import NamedTuple

import cv2
import numpy as np

from fashiontools.dedupe.alignment import align, luma, sample
from fashiontools.dedupe.hashing import WINDOWS

SIDE = 64
"""Pixels of a thumbnail on each side."""

_BLOCKS = 8  # blocks on each side
_WORST = 2  # blocks whose mean is the score: one alone is at the mercy of one JPEG artefact
_NOISE = 80.0  # variance in squared gray levels that is no structure: a flat block shows JPEG noise of about 5 levels
_MAX_GAIN = 1.5  # more is another garment rather than another exposure
_BLACK, _WHITE = 6.0, 249.0  # gray levels that are not clipped lie between these, with a margin for JPEG
_FEW = 0.02  # with a smaller share of unclipped levels the fit uses all
_MAX_BIAS = 36.0  # gray levels: a tenth of the range, and room for the contrast that goes with it
_ALIKE = 0.9  # coarse correlation below which nobody looks closer: all of 2,400 copies had 0.93, half of the others
PAIRS_AT_ONCE = 16  # 16 pairs in float32: 0.8 MB for each side, which stays in the cache


class Comparison(NamedTuple):
    """How two photos compare at best.

    Attributes:
        score: Similarity in [-1, 1]; from `--threshold` on they are the same.
        window: Fractions (left, top, right, bottom) of the larger view that the other photo shows.
        mirrored: Whether one is the mirror image of the other.
        swapped: False where the first photo is a cut of the second, True where the second is a cut of the first.
    """

    score: float
    window: tuple[float, float, float, float]
    mirrored: bool
    swapped: bool


def thumbnail(photo: np.ndarray) -> np.ndarray:
    """Shrinks a photo to the form in which photos are confirmed.

    Args:
        photo: RGB of shape (height, width, 3) or gray of shape (height, width), uint8.

    Returns:
        Planes of a square picture, uint8 of shape (3, 64, 64); gray photos have three equal planes.
    """
    # Area averaging keeps fine cloth from aliasing; it has nothing to average in photos that are smaller.
    shrinks = min(photo.shape[:2]) >= SIDE
    small = cv2.resize(photo, (SIDE, SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    if small.ndim == 2:
        return np.repeat(small[None], 3, axis=0)
    return np.ascontiguousarray(small.transpose(2, 0, 1))


def _same_exposure(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives the darker of two photos the exposure of the other: one gain and one bias for all colours.

    A gain per colour would turn a red shirt into a blue one. Brightening clips highlights, so the darker photo is
    brightened and clipped in the same way, and levels that are clipped already do not count in the fit.

    Args:
        first: Planes in [0, 255], float32 of shape (n, 3, side, side).
        second: Same shape.

    Returns:
        Both photos, in either order, same shape.
    """
    x, y = first.reshape(len(first), -1), second.reshape(len(second), -1)
    counts = ((np.minimum(x, y) > _BLACK) & (np.maximum(x, y) < _WHITE)).astype(np.float32)
    counts[counts.sum(axis=1) < _FEW * counts.shape[1]] = 1.0
    total = counts.sum(axis=1)
    # `vecdot` sums each row alone; `einsum` rounds it differently beside others, on which no result may depend.
    mean_x, mean_y = np.vecdot(x, counts) / total, np.vecdot(y, counts) / total
    spread_x = np.vecdot(x * x, counts) / total - mean_x * mean_x
    spread_y = np.vecdot(y * y, counts) / total - mean_y * mean_y
    gain = np.sqrt((np.maximum(spread_x, 0) + 1.0) / (np.maximum(spread_y, 0) + 1.0))
    swap = gain < 1.0
    bright, dark = np.where(swap[:, None], y, x), np.where(swap[:, None], x, y)
    mean_bright, mean_dark = np.where(swap, mean_y, mean_x), np.where(swap, mean_x, mean_y)
    gain = np.minimum(np.where(swap, 1.0 / gain, gain), _MAX_GAIN)
    bias = np.clip(mean_bright - gain * mean_dark, -_MAX_BIAS, _MAX_BIAS)
    dark = np.clip(gain[:, None] * dark + bias[:, None], 0, 255)
    return bright.reshape(first.shape), dark.reshape(first.shape)


def _worst_blocks(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compares two photos block by block.

    A block scores 1 - |x - y|^2 / (|x - m|^2 + |y - m|^2 + noise), m being the mean of both in each colour: the
    correlation of the two where their means and contrasts agree, and -1 where they are flat and of unlike colours.

    Args:
        first: Planes in [0, 255], float32 of shape (n, 3, side, side).
        second: Same shape.

    Returns:
        Mean score of the worst blocks, float32 of shape (n,), in [-1, 1].
    """
    side = first.shape[-1]
    pool = np.repeat(np.eye(_BLOCKS, dtype=np.float32), side // _BLOCKS, axis=1)
    pixels = np.float32((side // _BLOCKS) ** 2)
    total = pool @ (first + second) @ pool.T
    power = pool @ (first * first + second * second) @ pool.T
    missed = pool @ np.square(first - second) @ pool.T
    structure = (power - total * total / (2 * pixels)).sum(axis=1)
    scores = 1.0 - missed.sum(axis=1) / (np.maximum(structure, 0) + 3 * pixels * np.float32(_NOISE))
    return np.partition(scores.reshape(len(scores), -1), _WORST, axis=1)[:, :_WORST].mean(axis=1)


def score_pairs(
    first: np.ndarray, second: np.ndarray, windows: np.ndarray, mirrored: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Scores pairs of photos, each for one proposed window.

    Args:
        first: Thumbnails of photos that may be copies, uint8 of shape (n, 3, 64, 64).
        second: Thumbnails of the photos that they may be copies of, same shape.
        windows: Fractions (left, top, right, bottom) of the second photos, float of shape (n, 4).
        mirrored: Whether the first photo is to be mirrored, bool of shape (n,).

    Returns:
        Scores in [-1, 1], float32 of shape (n,), negative for pairs that do not even agree coarsely, and the windows
        after alignment, float32 of shape (n, 4). What a pair gets does not depend on the pairs beside it.
    """
    scores = np.empty(len(first), np.float32)
    moved = windows.astype(np.float32)
    for start in range(0, len(first), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        x, y = first[part].astype(np.float32), second[part].astype(np.float32)
        x = np.where(mirrored[part, None, None, None], x[..., ::-1], x)
        agreement = _agreement(sample(_quartered(luma(x)), _wholes(len(x))), sample(_quartered(luma(y)), moved[part]))
        scores[part] = np.maximum(agreement - 1, -1)
        alike = np.flatnonzero(agreement >= _ALIKE)
        if len(alike):
            x, y, places = x[alike], y[alike], start + alike
            moved[places] = align(luma(x), luma(y), moved[places])
            shown = sample(y, moved[places])
            scores[places] = _worst_blocks(*_same_exposure(sample(x, _wholes(len(x))), shown))
    return scores, moved


def _wholes(count: int) -> np.ndarray:
    """The window that is the whole picture, float32 of shape (count, 4)."""
    return np.tile(np.array([0, 0, 1, 1], np.float32), (count, 1))


def _quartered(pictures: np.ndarray) -> np.ndarray:
    """Averages four by four pixels of (n, 1, side, side): shape (n, 1, side / 4, side / 4)."""
    side = pictures.shape[-1] // 4
    return pictures.reshape(-1, 1, side, 4, side, 4).mean(axis=(3, 5))


def _agreement(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Correlates pictures coarsely, before the alignment, which costs most: near hashes alone are often look-alikes.

    Args:
        first: Gray pictures, float32 of shape (n, 1, side, side).
        second: Others, same shape, unaligned.

    Returns:
        Correlation, float32 of shape (n,), in [-1, 1]; 1 where both are flat.
    """
    x, y = first.reshape(len(first), -1), second.reshape(len(first), -1)
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    flat = np.float32(x.shape[1])  # a variance of one gray level: noise, not a picture
    return (np.vecdot(x, y) + flat) / np.sqrt((np.vecdot(x, x) + flat) * (np.vecdot(y, y) + flat))


def compare(first: np.ndarray, second: np.ndarray) -> Comparison:
    """Finds how two photos match best: each in all windows of the other, straight and mirrored.

    Args:
        first: RGB of shape (height, width, 3) or gray of shape (height, width), uint8, any size.
        second: Another photo in the same form; sizes may differ.

    Returns:
        The best match; of equal ones the first in the order unswapped, unmirrored, `WINDOWS`.
    """
    photos = np.stack([thumbnail(first), thumbnail(second)])
    count = len(WINDOWS)
    swapped, mirrored = np.repeat([0, 0, 1, 1], count), np.repeat([0, 1, 0, 1], count) == 1
    scores, moved = score_pairs(photos[swapped], photos[1 - swapped], np.tile(WINDOWS, (4, 1)), mirrored)
    best = int(scores.argmax())
    left, top, right, bottom = (float(edge) for edge in moved[best].clip(0, 1))
    return Comparison(float(scores[best]), (left, top, right, bottom), bool(mirrored[best]), bool(swapped[best]))
