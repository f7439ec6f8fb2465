"""What networks that were trained on ImageNet expect of an image."""

import torch
from torch import Tensor

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
"""Of the channels of its photos, values in [0, 1]."""


def normalized(images: Tensor) -> Tensor:
    """Images as such networks take them: less the mean, over the deviation.

    Args:
        images: (N, 3, H, W) float in [-1, 1].

    Returns:
        (N, 3, H, W) float.
    """
    mean, deviation = (
        torch.tensor(values, dtype=images.dtype, device=images.device)[:, None, None] for values in (MEAN, DEVIATION)
    )
    return ((images + 1) / 2 - mean) / deviation
