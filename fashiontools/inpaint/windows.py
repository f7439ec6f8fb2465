"""Between a photo of any size and the square that a network fills: which part it sees, and how the fill comes back."""

from dataclasses import dataclass

import cv2
import numpy as np

from fashiontools.core.images import Fit, resize

_REACH = 2  # pixels around a place that cubic interpolation looks at


@dataclass(frozen=True)
class Window:
    """A rectangle of a photo, in its pixels; what lies beyond the photo is white.

    Attributes:
        top: First row; negative above the photo.
        left: First column; negative left of it.
        height: Rows.
        width: Columns.
    """

    top: int
    left: int
    height: int
    width: int

    def cut(self, pixels: np.ndarray, outside: int) -> np.ndarray:
        """The part of (H, W) or (H, W, C) pixels, with `outside` beyond their edges."""
        cut = np.full((self.height, self.width, *pixels.shape[2:]), outside, pixels.dtype)
        target, source = self._overlap(pixels.shape)
        cut[target] = pixels[source]
        return cut

    def put(self, pixels: np.ndarray, part: np.ndarray) -> np.ndarray:
        """A copy of the pixels with the part in its place."""
        result = pixels.copy()
        target, source = self._overlap(pixels.shape)
        result[source] = part[target]
        return result

    def _overlap(self, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """The slices in the window, and in the photo, of what they have in common."""
        inside, outside = [], []
        for start, length, side in ((self.top, self.height, shape[0]), (self.left, self.width, shape[1])):
            low, high = max(0, start), min(side, start + length)
            inside.append(slice(low - start, high - start))
            outside.append(slice(low, high))
        return (inside[0], inside[1]), (outside[0], outside[1])


def window_of(mask: np.ndarray, fit: Fit) -> Window:
    """The part of a photo that a network should see to fill its hole.

    Args:
        mask: (H, W) uint8, 255 = hole; without a hole the window is where the network's photos were cut.
        fit: How the network's photos became square. `crop`: the square in the middle, moved along the longer side as
            little as lets it hold the hole; where it cannot hold it, as `pad`. `pad`: the square around the photo.
            `stretch`: the photo.
    """
    height, width = mask.shape
    if fit == "stretch":
        return Window(0, 0, height, width)
    if fit == "crop":
        side = min(height, width)
        starts = []
        for axis, length in ((1, height), (0, width)):
            middle = (length - side) // 2
            hole = np.flatnonzero(mask.any(axis=axis)) if mask.any() else np.array([middle])
            if hole[-1] - hole[0] >= side:
                break
            starts.append(min(max(middle, int(hole[-1]) + 1 - side), int(hole[0])))
        if len(starts) == 2:
            return Window(starts[0], starts[1], side, side)
    side = max(height, width)
    return Window(-((side - height) // 2), -((side - width) // 2), side, side)


def shrink(photo: np.ndarray, mask: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Bring a window to the network's size; nothing of what lies in the hole gets out of it.

    Args:
        photo: (H, W, 3) uint8.
        mask: (H, W) uint8, 255 = hole.
        size: Side of the result, pixels.

    Returns:
        (size, size, 3) uint8 and (size, size) uint8 with 255 = hole: every pixel that any pixel of the hole reaches.
    """
    if mask.shape == (size, size):
        return photo, mask
    reached = mask
    if size > min(mask.shape):
        reached = cv2.dilate(mask, np.ones((2 * _REACH + 1, 2 * _REACH + 1), np.uint8))
    # As floats: a hundredth of a hole pixel is no longer zero after rounding.
    small = resize(reached.astype(np.float32), size, size)
    return resize(photo, size, size), np.where(np.abs(small) > 1e-3, 255, 0).astype(np.uint8)


def enlarge(fill: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bring a network's output, (S, S, 3) float32, to a window's size; returns (height, width, 3) float32."""
    return resize(fill, height, width)
