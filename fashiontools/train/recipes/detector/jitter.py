"""Photos that vary in scale, place and colours, and their boxes with them.

Random scale and place are what SSD's and YOLO's trainings vary (Liu et al. 2015; Redmon et al. 2015); the ranges are
ours.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

_LEAST_SEEN = 0.3
"""Share of a box that has to be left of it; less of a garment is none."""
_GRAY = 0.0


def draw_jitter(count: int, amount: float, generator: torch.Generator) -> Tensor:
    """What becomes of photos: (count, 6) float; scale, shift in x and y (shares of the photo), three of colours.

    Args:
        count: Photos.
        amount: How much they vary, 0 to 0.9; the scale between 1 - amount and its inverse.
        generator: Where it is drawn from.
    """
    uniform = torch.rand((count, 6), generator=generator) * 2 - 1
    scale = torch.exp(uniform[:, :1] * -math.log(1 - amount))
    return torch.cat([scale, uniform[:, 1:3] * amount / 2, 1 + uniform[:, 3:] * amount], dim=1)


def jittered(photo: Tensor, extents: Tensor, boxes: Tensor, labels: Tensor, drawn: Tensor) -> tuple[Tensor, ...]:
    """Vary photos.

    Args:
        photo: (N, 3, H, W) float in [-1, 1], each at the upper left.
        extents: (N, 2) int64, height and width of each.
        boxes: (N, M, 4) float, left, top, right, bottom, pixels.
        labels: (N, M) int64, -1 where there is no box.
        drawn: As `draw_jitter` has them.

    Returns:
        Photos, boxes and labels of the same shapes. What comes from outside of a photo is gray; a box of which less
        than 0.3 is left is none.
    """
    scale, shift = drawn[:, :1], drawn[:, 1:3]
    sides = extents.flip(1).float()  # width, height
    middle, moved = sides / 2, shift * sides
    sampled = _resampled(photo, sides, middle, scale, moved)
    placed = (boxes.unflatten(2, (2, 2)) - middle[:, None, None]) * scale[:, None, None] + (middle + moved)[
        :, None, None
    ]
    cut = torch.minimum(placed.clamp(min=0), sides[:, None, None]).flatten(2)
    left = _areas(cut) / _areas(placed.flatten(2)).clamp(min=1e-6)
    seen = (left >= _LEAST_SEEN) & ((cut[..., 2:] - cut[..., :2]).amin(dim=2) >= 1)
    return _coloured(sampled, drawn[:, 3:]), cut, torch.where(seen, labels, -1)


def _resampled(photo: Tensor, sides: Tensor, middle: Tensor, scale: Tensor, moved: Tensor) -> Tensor:
    height, width = photo.shape[2:]
    x = torch.arange(width, device=photo.device) + 0.5
    y = torch.arange(height, device=photo.device) + 0.5
    source_x = (x[None] - middle[:, :1] - moved[:, :1]) / scale + middle[:, :1]  # (N, W)
    source_y = (y[None] - middle[:, 1:] - moved[:, 1:]) / scale + middle[:, 1:]  # (N, H)
    grid = torch.stack(
        [
            (source_x * 2 / width - 1)[:, None].expand(-1, height, -1),
            (source_y * 2 / height - 1)[:, :, None].expand(-1, -1, width),
        ],
        dim=3,
    )
    found = functional.grid_sample(photo, grid, align_corners=False)
    inside_x = (source_x >= 0) & (source_x <= sides[:, :1]) & (x < sides[:, :1])
    inside_y = (source_y >= 0) & (source_y <= sides[:, 1:]) & (y < sides[:, 1:])
    return torch.where((inside_y[:, None, :, None] & inside_x[:, None, None]), found, _GRAY)


def _coloured(photo: Tensor, factors: Tensor) -> Tensor:
    brightness, contrast, saturation = (factors[:, n, None, None, None] for n in range(3))
    light = (photo + 1) * brightness - 1
    gray = light.mean(dim=1, keepdim=True)
    saturated = gray + (light - gray) * saturation
    middle = saturated.mean(dim=(1, 2, 3), keepdim=True)
    varied = ((saturated - middle) * contrast + middle).clamp(-1, 1)
    return varied.contiguous(memory_format=torch.channels_last)


def _areas(boxes: Tensor) -> Tensor:
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
