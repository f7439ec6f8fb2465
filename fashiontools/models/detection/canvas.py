"""The canvas of a detector: photos are scaled until their shorter side has a length, and filled up to a stride.

Girshick's scales (Fast R-CNN, 2015): one scale, the shorter side given, the longer one bounded.
"""

STRIDE = 32
"""Sides of a batch of photos are multiples of this, the stride of the deepest features, pixels."""


def scaled_size(height: int, width: int, shorter: int, longer: int) -> tuple[int, int]:
    """The size at which a detector sees a photo.

    Args:
        height: Of the photo, pixels.
        width: Of the photo, pixels.
        shorter: Length of its shorter side then.
        longer: Most that its longer side may have; the photo is made smaller where that needs it.

    Returns:
        Height and width, pixels, neither below 1.
    """
    scale = min(shorter / min(height, width), longer / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def canvas_of(height: int, width: int) -> tuple[int, int]:
    """The smallest canvas that holds a scaled photo: height and width, multiples of `STRIDE`."""
    return -(-height // STRIDE) * STRIDE, -(-width // STRIDE) * STRIDE
