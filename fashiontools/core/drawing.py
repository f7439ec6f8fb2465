"""Boxes drawn on pictures, to look at."""

from collections.abc import Sequence

import cv2
import numpy as np

from fashiontools.core.images import Pixels, as_rgb

COLOURS = ((228, 26, 28), (55, 126, 184), (77, 175, 74), (152, 78, 163), (255, 127, 0), (166, 86, 40))
"""Of classes, RGB; told apart by people who do not see all colours (ColorBrewer's Set 1)."""
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_WHITE = (255, 255, 255)


def draw_boxes(
    pixels: Pixels, boxes: np.ndarray, captions: Sequence[str], classes: Sequence[int] | np.ndarray
) -> Pixels:
    """A copy of a picture with boxes on it.

    Args:
        pixels: (H, W, 3) or (H, W) uint8.
        boxes: (M, 4), x, y, width, height in pixels.
        captions: A few words for each, in ASCII.
        classes: The number of each one's colour.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    drawn = as_rgb(pixels).copy()
    height, width = drawn.shape[:2]
    scale = max(height, width) / 640  # lines and letters are as wide as they look right on a contact sheet
    thick = max(1, round(2 * scale))
    for (x, y, across, down), caption, number in zip(boxes, captions, classes, strict=True):
        colour = COLOURS[int(number) % len(COLOURS)]
        corner = round(float(x)), round(float(y))
        cv2.rectangle(drawn, corner, (round(float(x + across)), round(float(y + down))), colour, thick)
        (wide, high), base = cv2.getTextSize(caption, _FONT, 0.6 * scale, max(1, thick // 2))
        left = min(max(0, corner[0]), max(0, width - wide))
        bottom = max(high + base, corner[1])
        cv2.rectangle(drawn, (left, bottom - high - base), (left + wide, bottom), colour, -1)
        cv2.putText(drawn, caption, (left, bottom - base), _FONT, 0.6 * scale, _WHITE, max(1, thick // 2), cv2.LINE_AA)
    return drawn
