"""Metrics over pairs of images: functions of two uint8 arrays of one shape, per image."""

import cv2
import numpy as np

SSIM_WINDOW = 11
_SSIM_SIGMA = 1.5
_RANGE = 255.0
_SMALL = 128 * 128  # pixels up to which SSIM is computed in 64 bits


def l1(image: np.ndarray, target: np.ndarray, hole: np.ndarray | None = None) -> float:
    """Mean absolute difference, in percent of the range, as in table 1 of Kinli, Ozcan and Kirac.

    Args:
        image: (H, W, 3) or (H, W) uint8.
        target: The same shape.
        hole: (H, W) uint8; where given, the mean is over its pixels of 255 alone.

    Returns:
        0 for identical images, at most 100.
    """
    return float(100 / _RANGE * _selected(cv2.absdiff(image, target), hole).mean())


def l2(image: np.ndarray, target: np.ndarray, hole: np.ndarray | None = None) -> float:
    """Mean squared difference of values in [0, 1], in percent, as in table 1 of Kinli, Ozcan and Kirac.

    Arguments and range as for `l1`.
    """
    return 100 * _mean_square(image, target, hole) / _RANGE**2


def psnr(image: np.ndarray, target: np.ndarray, hole: np.ndarray | None = None) -> float:
    """Peak signal-to-noise ratio in decibels, 10 log10(255^2 / MSE); infinite for identical images.

    Arguments as for `l1`. Averages are over the values of the images, not of their errors.
    """
    error = _mean_square(image, target, hole)
    return float("inf") if error == 0 else float(10 * np.log10(_RANGE**2 / error))


def ssim(image: np.ndarray, target: np.ndarray, hole: np.ndarray | None = None) -> float:
    """Structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004), at most 1.

    Gaussian window of 11 x 11 pixels and sigma 1.5, population covariance, K1 = 0.01, K2 = 0.03, per channel, then
    the mean over channels. It is computed in 32-bit floats around the target's mean (small images: in 64-bit ones),
    within 5e-5 of the 64-bit value.

    Args:
        image: (H, W, 3) or (H, W) uint8, no side under 11 pixels.
        target: The same shape.
        hole: (H, W) uint8; where given, the mean of the map over its pixels of 255. Over the whole image the map's
            border of 5 pixels, where the window leaves the image, is left out, as usual.

    Returns:
        The mean of the map.
    """
    similarity = _ssim_map(image, target)
    if hole is not None:
        return float(similarity[hole > 0].mean(dtype=np.float64))
    border = SSIM_WINDOW // 2
    return float(similarity[border:-border, border:-border].mean(dtype=np.float64))


def _ssim_map(image: np.ndarray, target: np.ndarray) -> np.ndarray:
    # Variances do not change when a constant is taken off, and 32-bit squares of smaller numbers lose less. A small
    # image has too few pixels for the rest of the loss to average out, and 64 bits cost it nothing.
    precision = np.float64 if image.shape[0] * image.shape[1] <= _SMALL else np.float32
    middle = precision(round(float(target.mean())))
    a, b = (x.astype(precision) - middle for x in (image, target))
    mean_a, mean_b, mean_aa, mean_bb, mean_ab = (
        cv2.GaussianBlur(x, (SSIM_WINDOW, SSIM_WINDOW), _SSIM_SIGMA, borderType=cv2.BORDER_REFLECT)
        for x in (a, b, a * a, b * b, a * b)
    )
    covariance = mean_ab - mean_a * mean_b
    variances = mean_aa + mean_bb - mean_a * mean_a - mean_b * mean_b
    mean_a += middle
    mean_b += middle
    c1, c2 = (0.01 * _RANGE) ** 2, (0.03 * _RANGE) ** 2
    luminance = (2 * mean_a * mean_b + c1) / (mean_a * mean_a + mean_b * mean_b + c1)
    return luminance * ((2 * covariance + c2) / (variances + c2))


def _mean_square(image: np.ndarray, target: np.ndarray, hole: np.ndarray | None) -> float:
    if hole is None:
        return float(cv2.norm(image, target, cv2.NORM_L2SQR)) / image.size
    difference = _selected(cv2.absdiff(image, target), hole).astype(np.float64)
    return float((difference * difference).mean())


def _selected(difference: np.ndarray, hole: np.ndarray | None) -> np.ndarray:
    return difference if hole is None else difference[hole > 0]
