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

SIDE = 48
"""Pixels of a thumbnail on each side, and the least that is decoded for it on the shorter side of a photo."""

_BLOCKS = 8  # blocks on each side
_WORST = 2  # blocks whose mean is the score: one alone is at the mercy of one JPEG artefact
_NOISE = 80.0  # variance in squared gray levels that is no structure: a flat block shows JPEG noise of about 5 levels
_MAX_GAIN = 1.5  # more is another garment rather than another exposure
_BLACK, _WHITE = 6.0, 249.0  # gray levels that are not clipped lie between these, with a margin for JPEG
_FEW = 0.02  # with a smaller share of unclipped levels the fit uses all
_MAX_BIAS = 36.0  # gray levels: a tenth of the range, and room for the contrast that goes with it
_HOPELESS = -0.5  # score below which nobody aligns: 15 of 16 look-alikes have less, of 2,400 copies none that matters
CLEAR = 0.7
"""Score from which a pair is not aligned. Most copies are whole: of 2,400 nine in ten score this much as they stand."""
_AT_ONCE = 64  # fewer, and threads wait for Python's lock between operations; more fall out of the cache


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
        Planes of a square picture, uint8 of shape (3, 48, 48); gray photos have three equal planes. They are smoothed
        by (1, 2, 1) / 4 on each axis, so that fine cloth looks alike between pixels and on them.
    """
    # Area averaging keeps fine cloth from aliasing. Below twice the side, as most photos are that are decoded at the
    # scale that just suffices, two neighbours of each pixel do it too, in a third of the time.
    shrinks = max(photo.shape[:2]) >= 2 * SIDE
    small = cv2.resize(photo, (SIDE, SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    small = cv2.GaussianBlur(small, (3, 3), 0)
    if small.ndim == 2:
        return np.repeat(small[None], 3, axis=0)
    return small.transpose(2, 0, 1)


def _match_exposure(first: np.ndarray, second: np.ndarray) -> None:
    """Gives the darker of two photos the exposure of the other: one gain and one bias for all colours.

    A gain per colour would turn a red shirt into a blue one. Brightening clips highlights, so the darker photo is
    brightened and clipped in the same way, and levels that are clipped already do not count in the fit.

    Args:
        first: Planes in [0, 255], float32 of shape (n, 3, side, side); in place becomes the brighter of each pair.
        second: Same shape; in place becomes the other one, brightened.
    """
    # The pictures are smooth, so every third pixel tells as much about the levels as all of them.
    x, y = (planes[..., 1::3, 1::3].reshape(len(planes), -1) for planes in (first, second))
    counts = ((np.minimum(x, y) > _BLACK) & (np.maximum(x, y) < _WHITE)).astype(np.float32)
    counts[counts.sum(axis=1) < _FEW * counts.shape[1]] = 1.0
    total = counts.sum(axis=1)
    # `vecdot` sums each row alone; `einsum` rounds it differently beside others, on which no result may depend.
    mean_x, mean_y = np.vecdot(x, counts) / total, np.vecdot(y, counts) / total
    spread_x = np.vecdot(x * x, counts) / total - mean_x * mean_x
    spread_y = np.vecdot(y * y, counts) / total - mean_y * mean_y
    gain = np.sqrt((np.maximum(spread_x, 0) + 1.0) / (np.maximum(spread_y, 0) + 1.0))
    swap = gain < 1.0
    mean_bright, mean_dark = np.where(swap, mean_y, mean_x), np.where(swap, mean_x, mean_y)
    gain = np.minimum(np.where(swap, 1.0 / gain, gain), _MAX_GAIN)
    bias = np.clip(mean_bright - gain * mean_dark, -_MAX_BIAS, _MAX_BIAS)
    first[swap], second[swap] = second[swap], first[swap]
    second *= gain[:, None, None, None]
    second += bias[:, None, None, None]
    np.clip(second, 0, 255, out=second)


def _worst_blocks(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compares two photos block by block.

    A block scores 1 - |x - y|^2 / (|x - m|^2 + |y - m|^2 + noise), m being the mean of both in each colour: the
    correlation of the two where their means and contrasts agree, and -1 where they are flat and of unlike colours.

    Args:
        first: Planes in [0, 255], float32 of shape (n, 3, side, side); used up.
        second: Same shape.

    Returns:
        Mean score of the worst blocks, float32 of shape (n,), in [-1, 1].
    """
    pixels = np.float32((first.shape[-1] // _BLOCKS) ** 2)
    both = first + second
    total = _pooled(both)
    missed = _pooled(_squares(np.subtract(first, second, out=first)))
    power = (_pooled(_squares(both)) + missed) / 2  # x^2 + y^2 = ((x + y)^2 + (x - y)^2) / 2
    structure = power - np.square(total).sum(axis=1) / (2 * pixels)
    scores = 1.0 - missed / (np.maximum(structure, 0) + 3 * pixels * np.float32(_NOISE))
    return np.partition(scores.reshape(len(scores), -1), _WORST, axis=1)[:, :_WORST].mean(axis=1)


def score_pairs(
    first: np.ndarray, second: np.ndarray, windows: np.ndarray, mirrored: np.ndarray, enough: float
) -> tuple[np.ndarray, np.ndarray]:
    """Scores pairs of photos, each for one proposed window.

    Args:
        first: Thumbnails of photos that may be copies, uint8 of shape (n, 3, 48, 48).
        second: Thumbnails of the photos that they may be copies of, same shape.
        windows: Fractions (left, top, right, bottom) of the second photos, float of shape (n, 4).
        mirrored: Whether the first photo is to be mirrored, bool of shape (n,).
        enough: Pairs that score this much in the proposed window are not aligned.

    Returns:
        Scores in [-1, 1], float32 of shape (n,), and the windows after alignment, float32 of shape (n, 4), which leaves
        out what is clear and what is hopeless. What a pair gets does not depend on the pairs beside it.
    """
    moved = windows.astype(np.float32)
    scores = np.empty(len(first), np.float32)
    for some in _blocks(np.arange(len(first))):
        x, y = _planes(first[some], mirrored[some]), _planes(second[some])
        cut = np.flatnonzero((windows[some] != WINDOWS[0]).any(axis=1))
        y[cut] = sample(y[cut], moved[some[cut]])
        scores[some] = _score_shown(x, y)
    for some in _blocks(np.flatnonzero((scores >= _HOPELESS) & (scores < enough))):
        x, y = _planes(first[some], mirrored[some]), _planes(second[some])
        aligned = align(luma(x), luma(y), moved[some])
        found = _score_shown(x, sample(y, aligned))
        better = found > scores[some]
        scores[some[better]], moved[some[better]] = found[better], aligned[better]
    return scores, moved


def _squares(pictures: np.ndarray) -> np.ndarray:
    """Squares (n, 3, side, side) in place, and adds the planes up: shape (n, side, side)."""
    return np.square(pictures, out=pictures).sum(axis=1)


def _blocks(numbers: np.ndarray) -> list[np.ndarray]:
    """Cuts a list of pairs evenly into blocks that stay in the cache."""
    return np.array_split(numbers, -(-len(numbers) // _AT_ONCE)) if len(numbers) else []


def _planes(thumbnails: np.ndarray, mirrored: np.ndarray | None = None) -> np.ndarray:
    """Thumbnails in float32, some of them mirrored."""
    planes = thumbnails.astype(np.float32)
    if mirrored is not None:
        planes[mirrored] = planes[mirrored, ..., ::-1]
    return planes


def _score_shown(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The scores of pictures that lie over each other, float32 of shape (n,); the pictures are used up."""
    _match_exposure(first, second)
    return _worst_blocks(first, second)


def _pooled(pictures: np.ndarray) -> np.ndarray:
    """Sums the blocks of (..., side, side): shape (..., blocks, blocks)."""
    pool = np.repeat(np.eye(_BLOCKS, dtype=np.float32), pictures.shape[-1] // _BLOCKS, axis=1)
    return pool @ pictures @ pool.T


def compare(first: np.ndarray, second: np.ndarray) -> Comparison:
    """Finds how two photos match best: each in all windows of the other, straight and mirrored.

    Args:
        first: The thumbnail of a photo, uint8 of shape (3, 48, 48).
        second: That of another one.

    Returns:
        The best match, all of them aligned; of equal ones the first in the order unswapped, unmirrored, `WINDOWS`.
    """
    photos = np.stack([first, second])
    count = len(WINDOWS)
    swapped, mirrored = np.repeat([0, 0, 1, 1], count), np.repeat([0, 1, 0, 1], count) == 1
    scores, moved = score_pairs(photos[swapped], photos[1 - swapped], np.tile(WINDOWS, (4, 1)), mirrored, 1.0)
    best = int(scores.argmax())
    left, top, right, bottom = (float(edge) for edge in moved[best].clip(0, 1))
    return Comparison(float(scores[best]), (left, top, right, bottom), bool(mirrored[best]), bool(swapped[best]))
