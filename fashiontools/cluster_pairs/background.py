"""What stands out from a photo's borders: no guess of what a person is, only of what lies beside one.

Shops photograph people in front of paper, walls with a floor, streets out of focus. What is behind a person at some
height is mostly what is to the left and right of the person at that height. So the colours of both borders a few rows
up and down are background, and so is what lies between the two borders' colours, and, where the borders agree with
it, a colour that changes smoothly over the photo, as the light of a studio does.
"""

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from fashiontools.core.headers import Pixels
from fashiontools.core.images import as_rgb, resize

SIDE = 96
"""The longer side of the picture that is looked at, pixels."""

_RIM = 0.03  # the border's width, as a share of the photo's
_ROWS = 5  # rows up and down whose border colours count
_UPPER, _ABOVE = 0.35, 8  # the share of rows in which the upper border's colours count, and how many of it
_LEVELS = (3.5, 8.0)  # CIELAB distance that is background still, on quiet and on busy backgrounds; 2.3 is just noticed
_SMOOTH_WITHIN = 8.0  # CIELAB distance at which a border pixel agrees with the smooth background
_SMOOTH_SHARE = 0.5  # of border pixels that must agree with it
_ROUNDS = 3


class Background(NamedTuple):
    """A photo against its background.

    Attributes:
        pixels: The photo with its longer side at 96 pixels, (H, W, 3) uint8 RGB.
        distance: How far each pixel's colour is from the nearest background colour, (H, W) float32, CIELAB.
        figure: How surely each pixel is no background, (H, W) float32 in [0, 1].
    """

    pixels: np.ndarray
    distance: np.ndarray
    figure: np.ndarray


def stands_out(pixels: Pixels) -> Background:
    """Find what stands out from a photo's borders.

    Args:
        pixels: (H, W, 3) or (H, W) uint8.
    """
    ratio = SIDE / max(pixels.shape[:2])
    height, width = (max(8, round(side * ratio)) for side in pixels.shape[:2])
    small = resize(as_rgb(pixels), height, width)
    lab = cv2.GaussianBlur(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), (3, 3), 0)
    rim = max(1, round(_RIM * width))
    squared = np.minimum(_from_borders(lab, rim), _squared(lab - _between_borders(lab, rim)))
    smooth = _smooth_background(lab, rim)
    if smooth is not None:
        squared = np.minimum(squared, _squared(lab - smooth))
    distance = np.sqrt(squared)
    # How far the strip beside the border is from it says how busy the background is.
    beside = np.concatenate([distance[:, rim : 3 * rim], distance[:, width - 3 * rim : width - rim]], axis=1)
    level = float(np.clip(2 + 1.5 * np.percentile(beside, 75), *_LEVELS))
    return Background(small, distance, np.clip((distance - level) / (2 * level), 0, 1))


def _squared(difference: np.ndarray) -> np.ndarray:
    return np.square(difference).sum(axis=2)


def _from_borders(lab: np.ndarray, rim: int) -> np.ndarray:
    """Squared distance to the nearest colour of either border in nearby rows, or of the upper one; (H, W) float32."""
    height = len(lab)
    borders = np.stack([lab[:, :rim].mean(axis=1), lab[:, -rim:].mean(axis=1)], axis=1)
    rows = np.clip(np.arange(height)[:, None] + np.arange(-_ROWS, _ROWS + 1), 0, height - 1)
    samples = borders[rows].reshape(height, -1, 3)
    nearest = _nearest(lab, samples)
    # A sky that houses hide at both borders is seen at the upper one.
    upper = round(_UPPER * height)
    above = cv2.resize(lab[:rim].mean(axis=0)[None], (_ABOVE, 1), interpolation=cv2.INTER_AREA)
    above = np.broadcast_to(above, (upper, _ABOVE, 3))
    nearest[:upper] = np.minimum(nearest[:upper], _nearest(lab[:upper], above))
    return nearest


def _nearest(lab: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Squared distance of each pixel to the nearest of its row's samples, (H, W) float32."""
    # |a - b|^2 = |a|^2 - 2 ab + |b|^2: one product of matrices a row instead of a pass for each sample.
    products = lab @ samples.transpose(0, 2, 1)
    nearest = (np.square(samples).sum(axis=2)[:, None] - 2 * products).min(axis=2)
    return np.maximum(nearest + np.square(lab).sum(axis=2), 0)


def _between_borders(lab: np.ndarray, rim: int) -> np.ndarray:
    """In each row a colour that changes evenly from the left border's to the right one's, (H, W, 3) float32."""
    left, right = lab[:, :rim].mean(axis=1)[:, None], lab[:, -rim:].mean(axis=1)[:, None]
    along = np.linspace(0, 1, lab.shape[1], dtype=np.float32)[None, :, None]
    return left * (1 - along) + right * along


def _smooth_background(lab: np.ndarray, rim: int) -> np.ndarray | None:
    """A colour of second degree in x and y that the left, right and upper border agree with; None where they do not."""
    height, width = lab.shape[:2]
    terms = _second_degree(height, width)
    border = np.zeros((height, width), bool)
    border[:, :rim] = border[:, -rim:] = border[:rim] = True  # feet stand on the lower one
    known, wanted = terms[border], lab[border]
    agrees = np.linalg.norm(wanted - np.median(wanted, axis=0), axis=1) < 2.5 * _SMOOTH_WITHIN
    for _ in range(_ROUNDS):
        if agrees.mean() < _SMOOTH_SHARE / 2:
            return None
        fit = np.linalg.lstsq(known[agrees], wanted[agrees], rcond=None)[0]
        agrees = np.linalg.norm(wanted - known @ fit, axis=1) < _SMOOTH_WITHIN
    return terms @ fit if agrees.mean() > _SMOOTH_SHARE else None


@lru_cache(maxsize=64)
def _second_degree(height: int, width: int) -> np.ndarray:
    """The terms of a function of second degree, (H, W, 6) float32; x and y go from -1 to 1."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=2)
