"""Moves a window of one picture until what it shows lies on another picture, to a fraction of a pixel.

Gauss-Newton steps on the four borders of the window: cuts and shrinking move nothing else. Batches of pictures go
through the same few matrix products.
"""

import numpy as np

REACH = 0.04
"""Fraction of the photo by which a border of the window may move: more than the gap between two hashed windows."""

_LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)  # ITU-R BT.601
_STRIDE = 0.02  # the most that one step may move a border: a pixel of 48, as far as slopes can be trusted
_STEPS_SMALL = 3  # steps on pictures of half the side: a quarter of the work for most of the way
_STEPS_FULL = 1


def _sampling(low: np.ndarray, high: np.ndarray, side: int) -> np.ndarray:
    """Builds matrices that stretch an interval of an axis over the whole axis.

    Samples between two pixels are interpolated, which blurs a little: the pictures should be smooth already, so that
    this makes no difference between the whole of one photo and a window of another.

    Args:
        low: Where the intervals begin, as fractions, float32 of shape (n,).
        high: Where the intervals end, float32 of shape (n,).
        side: Pixels of the axis.

    Returns:
        Weights, float32 of shape (n, side, side): output pixel, input pixel; each row sums to 1.
    """
    middles = (np.arange(side, dtype=np.float32) + 0.5) / side
    places = np.clip((low[:, None] + (high - low)[:, None] * middles) * side - 0.5, 0, side - 1).ravel()
    before = np.minimum(places.astype(np.int64), side - 2)
    weights = np.zeros((len(low), side, side), np.float32)
    flat = weights.reshape(-1)
    position = np.arange(0, flat.size, side) + before
    flat[position + 1] = part = places - before.astype(np.float32)
    flat[position] = 1.0 - part
    return weights


def sample(pictures: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Cuts a window out of each picture and stretches it over the picture.

    Args:
        pictures: Float32 of shape (n, planes, side, side).
        windows: Fractions (left, top, right, bottom), float32 of shape (n, 4).

    Returns:
        The windows, float32 of shape (n, planes, side, side).
    """
    side = pictures.shape[-1]
    rows = _sampling(windows[:, 1], windows[:, 3], side)
    # A transposed view takes the product twice as long as a transposed copy.
    columns = np.ascontiguousarray(_sampling(windows[:, 0], windows[:, 2], side).transpose(0, 2, 1))
    return rows[:, None] @ pictures @ columns[:, None]


def luma(pictures: np.ndarray) -> np.ndarray:
    """Weighs red, green and blue planes into luma.

    Args:
        pictures: Float32 of shape (n, 3, side, side).

    Returns:
        Gray levels, float32 of shape (n, 1, side, side).
    """
    count, _, height, width = pictures.shape
    return (_LUMA @ pictures.reshape(count, 3, height * width)).reshape(count, 1, height, width)


def _halved(pictures: np.ndarray) -> np.ndarray:
    """Averages two by two pixels of (n, 1, side, side): shape (n, 1, side / 2, side / 2)."""
    rows = pictures[:, :, ::2] + pictures[:, :, 1::2]
    return (rows[..., ::2] + rows[..., 1::2]) * 0.25


def _slopes(fixed: np.ndarray, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Finds how gray levels change with each border of the window.

    Args:
        fixed: The picture that stays, float32 of shape (n, 1, side, side).
        windows: Fractions (left, top, right, bottom), float32 of shape (n, 4).

    Returns:
        Derivatives of the zero-mean picture, float32 of shape (n, 4, side * side), and the inverses of their damped
        products, float32 of shape (n, 4, 4).
    """
    side = fixed.shape[-1]
    along = (np.arange(side, dtype=np.float32) + 0.5) / side
    down = np.gradient(fixed[:, 0], axis=1) * side / (windows[:, 3] - windows[:, 1])[:, None, None]
    across = np.gradient(fixed[:, 0], axis=2) * side / (windows[:, 2] - windows[:, 0])[:, None, None]
    columns, rows = along, along[:, None]
    slopes = np.stack([across * (1 - columns), down * (1 - rows), across * columns, down * rows], axis=1)
    slopes = slopes.reshape(len(fixed), 4, -1)
    slopes -= slopes.mean(axis=2, keepdims=True)
    products = slopes @ slopes.transpose(0, 2, 1)
    # Damping: a picture of stripes or of nothing at all says nothing about some border, which then stays.
    damping = 1e-3 * np.trace(products, axis1=1, axis2=2) + 1.0
    return slopes, np.linalg.inv(products + damping[:, None, None] * np.eye(4, dtype=np.float32))


def _descend(fixed: np.ndarray, moving: np.ndarray, windows: np.ndarray, start: np.ndarray, steps: int) -> np.ndarray:
    """Takes Gauss-Newton steps towards the least squared difference between two gray pictures.

    Args:
        fixed: The pictures that stay, float32 of shape (n, 1, side, side).
        moving: The pictures that the windows are cut out of, same shape.
        windows: Where the descent is now, float32 of shape (n, 4).
        start: Where it began, float32 of shape (n, 4); no border goes further than `REACH` from it.
        steps: Number of steps.

    Returns:
        The windows with the least difference of all that were tried, float32 of shape (n, 4).
    """
    slopes, inverse = _slopes(fixed, windows)
    target = fixed.reshape(len(fixed), -1)
    target = target - target.mean(axis=1, keepdims=True)
    best, least = windows, np.full(len(fixed), np.inf, np.float32)
    for number in range(steps + 1):
        shown = sample(moving, windows).reshape(len(fixed), -1)
        shown -= shown.mean(axis=1, keepdims=True)
        # Exposures differ by a gain, which the difference must not be blamed for.
        # `vecdot` sums each row alone; `einsum` rounds it differently beside others, on which no result may depend.
        gain = np.clip(np.vecdot(target, shown) / (np.vecdot(shown, shown) + 1.0), 0.5, 2.0)
        missing = target - gain[:, None] * shown
        error = np.vecdot(missing, missing)
        better = error < least
        best, least = np.where(better[:, None], windows, best), np.where(better, error, least)
        if number < steps:
            move = np.clip((inverse @ (slopes @ missing[:, :, None]))[:, :, 0], -_STRIDE, _STRIDE)
            # The slopes are those of the fixed picture, so a step can miss, most of all in stripes: go half way back.
            ahead = np.clip(windows + move, start - REACH, start + REACH)
            windows = np.where(better[:, None], ahead, (best + windows) / 2)
    return best


def align(fixed: np.ndarray, moving: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Moves the borders of windows until they show what other pictures show.

    Args:
        fixed: Gray pictures that stay, float32 of shape (n, 1, side, side) with an even side, levels in [0, 255].
        moving: Gray pictures that the windows are cut out of, same shape.
        windows: Fractions (left, top, right, bottom) to begin with, float of shape (n, 4).

    Returns:
        The moved windows, float32 of shape (n, 4); they may leave the picture by a little.
    """
    start = windows.astype(np.float32)
    near = _descend(_halved(fixed), _halved(moving), start, start, _STEPS_SMALL)
    return _descend(fixed, moving, near, start, _STEPS_FULL)
