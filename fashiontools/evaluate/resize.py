"""Photos as a network takes them: square, at its size, antialiased and never rounded on the way.

Parmar, Zhang and Zhu ("On Aliased Resizing and Surprising Subtleties in GAN Evaluation", 2022) show that a resize
without a low-pass filter, or one that rounds to 8 bits, moves FID by more than most models differ. So: Pillow's
bicubic filter, which widens as it shrinks, on each channel in 32-bit floats, clipped to the range that it left.
"""

import numpy as np
from PIL import Image

from fashiontools.core.images import Fit

TOLD = "resize Pillow bicubic, antialiased, each channel in 32-bit floats, clipped"


def to_square(pixels: np.ndarray, size: int, fit: Fit) -> np.ndarray:
    """Make a photo square, at a network's size.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        size: Side of the result, pixels.
        fit: `crop`: the square in the centre; `pad`: white around; `stretch`: both sides to `size`.

    Returns:
        (3, size, size) float32 in [0, 255]; the photo's own values where it has that size already.
    """
    square = _square(pixels, fit)
    channels = []
    for channel in range(3):
        image = Image.fromarray(np.ascontiguousarray(square[..., channel], np.float32))
        channels.append(np.asarray(image.resize((size, size), Image.Resampling.BICUBIC)))
    return np.stack(channels).clip(0, 255)


def _square(pixels: np.ndarray, fit: Fit) -> np.ndarray:
    height, width = pixels.shape[:2]
    if fit == "stretch" or height == width:
        return pixels
    side = min(height, width) if fit == "crop" else max(height, width)
    top, left = abs(height - side) // 2, abs(width - side) // 2
    if fit == "crop":
        return pixels[top : top + side, left : left + side]
    square = np.full((side, side, 3), 255, np.uint8)
    square[top : top + height, left : left + width] = pixels
    return square
