"""Between pixels, as files have them, and images, as networks take and make them."""

import numpy as np
import torch
from torch import Tensor


def to_images(pixels: np.ndarray | Tensor) -> Tensor:
    """(N, H, W, 3) uint8 RGB to (N, 3, H, W) float in [-1, 1]; channels-last in memory, on the pixels' device."""
    given = torch.from_numpy(pixels) if isinstance(pixels, np.ndarray) else pixels
    return given.permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)


def to_pixels(images: Tensor) -> np.ndarray:
    """(N, 3, H, W) float in [-1, 1] to (N, H, W, 3) uint8 RGB, rounded."""
    scaled = ((images.detach().float().cpu() + 1) * 127.5).round().clamp(0, 255)
    return scaled.byte().permute(0, 2, 3, 1).contiguous().numpy()
