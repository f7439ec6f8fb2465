"""Differentiable augmentation: a discriminator sees real and generated images through the same distortions."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


def brightness(images: Tensor) -> Tensor:
    """Add U(-0.5, 0.5) to each image."""
    return images + (_uniform(images) - 0.5)


def saturation(images: Tensor) -> Tensor:
    """Scale the distance of each image's colours to its grays by U(0, 2)."""
    gray = images.mean(dim=1, keepdim=True)
    return gray + (images - gray) * (2 * _uniform(images))


def contrast(images: Tensor) -> Tensor:
    """Scale the distance of each image to its mean by U(0.5, 1.5)."""
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (images - mean) * (0.5 + _uniform(images))


def translation(images: Tensor, most: float = 0.125) -> Tensor:
    """Shift each image by up to an eighth of its sides in whole pixels; what comes in is 0."""
    count, _, height, width = images.shape
    reach_y, reach_x = int(height * most + 0.5), int(width * most + 0.5)
    dy = torch.randint(-reach_y, reach_y + 1, (count, 1), device=images.device)
    dx = torch.randint(-reach_x, reach_x + 1, (count, 1), device=images.device)
    rows = (torch.arange(height, device=images.device) + dy + 1).clamp(0, height + 1)
    columns = (torch.arange(width, device=images.device) + dx + 1).clamp(0, width + 1)
    padded = functional.pad(images, (1, 1, 1, 1)).permute(0, 2, 3, 1)
    number = torch.arange(count, device=images.device)[:, None, None]
    return padded[number, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def cutout(images: Tensor, side: float = 0.5) -> Tensor:
    """Set a square of half the side, anywhere (also half outside), of each image to 0."""
    count, _, height, width = images.shape
    tall, wide = int(height * side + 0.5), int(width * side + 0.5)
    top = torch.randint(0, height + (1 - tall % 2), (count, 1), device=images.device) - tall // 2
    left = torch.randint(0, width + (1 - wide % 2), (count, 1), device=images.device) - wide // 2
    rows, columns = torch.arange(height, device=images.device), torch.arange(width, device=images.device)
    inside_y, inside_x = (rows >= top) & (rows < top + tall), (columns >= left) & (columns < left + wide)
    return images.masked_fill((inside_y[:, :, None] & inside_x[:, None, :])[:, None], 0.0)


POLICIES: dict[str, tuple[Callable[[Tensor], Tensor], ...]] = {
    "color": (brightness, saturation, contrast),
    "translation": (translation,),
    "cutout": (cutout,),
}


def augment(images: Tensor, policy: tuple[str, ...]) -> Tensor:
    """Distort images, each one in its own way, so that gradients pass.

    Zhao, Liu, Lin, Zhu and Han, "Differentiable augmentation for data-efficient GAN training", 2020; their ranges.

    Args:
        images: (N, 3, H, W) float in [-1, 1].
        policy: Names in `POLICIES`, applied in this order.

    Returns:
        (N, 3, H, W) float; colours may leave the range.
    """
    for name in policy:
        for distort in POLICIES[name]:
            images = distort(images)
    return images


def _uniform(images: Tensor) -> Tensor:
    """(N, 1, 1, 1) from U(0, 1), by the global generator, which the loop sets at each step."""
    return torch.rand(len(images), 1, 1, 1, dtype=images.dtype, device=images.device)
