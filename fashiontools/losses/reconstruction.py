"""Objectives that compare an image with the one that it should be. Images are (N, C, H, W) float in [-1, 1]."""

import torch
from torch import Tensor
from torch.nn import functional


def pixel_loss(output: Tensor, truth: Tensor) -> Tensor:
    """Smooth L1 with a bend at 1: Kinli et al. 2020, equation 1, as a mean instead of a sum.

    Args:
        output: Images.
        truth: What they should be.

    Returns:
        A scalar.
    """
    return functional.smooth_l1_loss(output, truth)


def hole_log_error(output: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """The mean over images of the logarithm of the mean squared error inside the hole: PSNR there, but for a factor.

    A mean of squared errors is ruled by the few images that are hard; the score is a mean of logarithms.

    Args:
        output: Images.
        truth: What they should be.
        mask: (N, 1, H, W) float, 1 = hole.

    Returns:
        A scalar.
    """
    squares = ((output - truth).float().square().mean(dim=1, keepdim=True) * mask).sum(dim=(1, 2, 3))
    return (squares / mask.sum(dim=(1, 2, 3)).clamp(min=1) + 1e-4).log().mean()


def gram(features: Tensor) -> Tensor:
    """The Gram matrices of feature maps, over all places: Kinli et al. 2020, equation 3.

    Args:
        features: (N, C, H, W) float.

    Returns:
        (N, C, C) float32, divided by C * H * W.
    """
    flat = features.flatten(2).float()
    with torch.autocast(flat.device.type, enabled=False):  # sums of so many products need 32 bits
        return flat @ flat.transpose(1, 2) / features[0].numel()


def style_loss(output: Tensor, truth: Tensor) -> Tensor:
    """The squared distance of two maps' Gram matrices: Kinli et al. 2020, equation 2; a mean over images."""
    return (gram(output) - gram(truth)).square().sum(dim=(1, 2)).mean()


def content_loss(output: Tensor, truth: Tensor) -> Tensor:
    """The mean squared distance of two feature maps: Johnson, Alahi and Fei-Fei 2016, equation 2."""
    return functional.mse_loss(output, truth)


def total_variation(image: Tensor) -> Tensor:
    """The sum over pixels of absolute differences to the right and the lower neighbour; mean over images."""
    across = (image[..., 1:] - image[..., :-1]).abs().sum(dim=(1, 2, 3))
    down = (image[..., 1:, :] - image[..., :-1, :]).abs().sum(dim=(1, 2, 3))
    return (across + down).mean()
