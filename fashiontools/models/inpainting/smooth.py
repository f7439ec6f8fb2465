"""A smooth first guess for a hole, differentiable and fast: pull the known pixels into a pyramid, push them back."""

import torch
from torch import Tensor
from torch.nn import functional


def push_pull(photo: Tensor, mask: Tensor) -> Tensor:
    """Fill a hole with the colours around it (Gortler, Grzeszczuk, Szeliski and Cohen, The Lumigraph, 1996, 3.4).

    Going down, each level averages the known pixels of 2 x 2; going up, the places that a level does not know take
    the coarser level's colour, interpolated. What is known is kept to the bit.

    Args:
        photo: (N, C, H, W) float; what lies in the hole is not looked at.
        mask: (N, 1, H, W) float, 1 = hole, 0 = known.

    Returns:
        (N, C, H, W) float. A photo that is all hole becomes 0.
    """
    known = 1 - mask
    weighted = torch.where(mask > 0.5, torch.zeros((), dtype=photo.dtype, device=photo.device), photo)
    return torch.where(mask > 0.5, _filled(weighted, known), photo)


def _filled(weighted: Tensor, known: Tensor) -> Tensor:
    height, width = known.shape[-2:]
    colour = weighted / known.clamp(min=torch.finfo(known.dtype).tiny)
    if height == 1 and width == 1:
        return colour
    pooled = [functional.avg_pool2d(part, 2, ceil_mode=True, count_include_pad=False) for part in (weighted, known)]
    coarser = functional.interpolate(_filled(*pooled), (height, width), mode="bilinear", align_corners=False)
    return known * colour + (1 - known) * coarser
