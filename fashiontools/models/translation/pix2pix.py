"""pix2pix: Isola, Zhu, Zhou and Efros, "Image-to-image translation with conditional adversarial networks", 2016.

The appendix's layers. What is other than in the paper, or left open there:

- Instance norm is the default instead of batch norm. The paper trains with a batch of one and makes images with the
  statistics of the test batch, one image again: that is instance norm (its section 3.4 says so), and only written as
  such does it stay the same when images are made in larger batches.
- The innermost map, a single pixel at the paper's 256, is not normalized (the authors' erratum to the paper).
- Fewer than eight levels for smaller images: as many as lead to a map of one to three pixels. Noise, in the form of
  dropout, is on the first three levels of the decoder whatever their number.
- Images whose sides the levels do not halve evenly are padded with their own border, and the padding is cut off.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from fashiontools.models.layers.blocks import SLOPE, Norm, normalize
from fashiontools.models.layers.initialization import initialize

MOST_LEVELS = 8
_NOISY = 3
_WIDEST = 8


class UNetGenerator(nn.Module):
    """Makes an image of an image: an encoder, a decoder, and skips between maps of one size.

    Args:
        size: Side of the images that it is built for, pixels; larger and smaller ones go through it too.
        width: Channels of the first layer; each further one has twice as many, up to eight times.
        norm: Of all layers but the first, the innermost and the last.
        dropout: Share of values that the noise drops.

    Attributes:
        levels: How often the encoder halves an image.
    """

    def __init__(self, size: int = 256, width: int = 64, norm: Norm = "instance", dropout: float = 0.5) -> None:
        super().__init__()
        self.levels = levels_of(size)
        self.dropout = dropout
        widths = [width * min(2**level, _WIDEST) for level in range(self.levels)]
        self.down = nn.ModuleList(
            _down(before, after, norm if 0 < level < self.levels - 1 else None)
            for level, (before, after) in enumerate(pairwise([3, *widths]))
        )
        inwards = widths[::-1]
        self.up = nn.ModuleList(
            _up(before if level == 0 else 2 * before, after, norm)
            for level, (before, after) in enumerate(pairwise(inwards))
        )
        last = width if self.levels == 1 else 2 * width
        self.last = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(last, 3, 4, 2, 1), nn.Tanh())
        self.noisy = inwards[1 : 1 + _NOISY]
        self.apply(initialize)

    def forward(self, image: Tensor, noise: Sequence[Tensor] | None = None) -> Tensor:
        """Translate images.

        Args:
            image: (N, 3, H, W) float in [-1, 1].
            noise: From `draw_noise`; None draws anew in training and has none in evaluation, which gives the middle
                of what the network would make.

        Returns:
            (N, 3, H, W) float in [-1, 1].
        """
        features, (top, left) = _padded(image, 1 << self.levels)
        skips = []
        for block in self.down:
            features = block(features)
            skips.append(features)
        features = skips.pop()
        for level, block in enumerate(self.up):
            features = block(features)
            if level < len(self.noisy):
                features = self._disturbed(features, None if noise is None else noise[level])
            features = torch.cat([features, skips.pop()], dim=1)
        made = self.last(features)
        return made[..., top : top + image.shape[2], left : left + image.shape[3]]

    def _disturbed(self, features: Tensor, kept: Tensor | None) -> Tensor:
        if kept is None:
            return functional.dropout(features, self.dropout, self.training)
        return features * kept.to(features) / (1 - self.dropout)

    def draw_noise(self, height: int, width: int, generators: Sequence[torch.Generator]) -> list[Tensor]:
        """The noise of some images: which values dropout keeps, on the CPU so that all devices get the same.

        Args:
            height: Of the images, pixels.
            width: Of the images, pixels.
            generators: One for each image, whose noise depends on nothing else.

        Returns:
            For each noisy level (N, C, h, w) bool, true = kept.
        """
        sides = [-(-side // (1 << self.levels)) for side in (height, width)]
        shapes = [(channels, *(side << level + 1 for side in sides)) for level, channels in enumerate(self.noisy)]
        drawn = [[torch.rand(shape, generator=one) >= self.dropout for shape in shapes] for one in generators]
        return [torch.stack(level) for level in zip(*drawn, strict=True)]


class PatchDiscriminator(nn.Module):
    """Says of each patch of an image how probably it is real, given the image that it was made of.

    The paper's discriminators by the side of their patches: 1 pixel, 16, 70 (its default) and 286; 34 and 142 lie
    between. All but the last two convolutions of 4 x 4 halve the map.

    Args:
        patch: Side of the patches, one of `PATCHES`, pixels.
        width: Channels of the first layer; each further one has twice as many, up to eight times.
        norm: Of all layers but the first and the last.
    """

    def __init__(self, patch: int = 70, width: int = 64, norm: Norm = "instance") -> None:
        super().__init__()
        halvings = PATCHES[patch]
        kernel, padding = (4, 1) if halvings else (1, 0)
        widths = [width * min(2**layer, _WIDEST) for layer in range(halvings + 1 if halvings else 2)]
        parts: list[nn.Module] = []
        for layer, (before, after) in enumerate(pairwise([6, *widths])):
            parts.append(nn.Conv2d(before, after, kernel, 2 if layer < halvings else 1, padding))
            parts += [normalize(norm, after)] if layer else []
            parts.append(nn.LeakyReLU(SLOPE, inplace=True))
        self.main = nn.Sequential(*parts, nn.Conv2d(widths[-1], 1, kernel, 1, padding))
        self.apply(initialize)

    def forward(self, condition: Tensor, image: Tensor) -> Tensor:
        """Judge.

        Args:
            condition: (N, 3, H, W) float in [-1, 1], what the image was made of.
            image: (N, 3, H, W) float in [-1, 1].

        Returns:
            (N, 1, h, w) float32 in (0, 1), one for each patch.
        """
        return self.main(torch.cat([condition, image], dim=1)).float().sigmoid()


PATCHES = {1: 0, 16: 1, 34: 2, 70: 3, 142: 4, 286: 5}
"""How many layers of the discriminator halve its map, by the side of its patches."""


def smallest_side(patch: int) -> int:
    """The least side of images that a discriminator with such patches can judge, pixels."""
    # The last two convolutions take a pixel off each and leave one; an instance norm needs more than one before.
    return 3 << PATCHES[patch] if PATCHES[patch] else 2


def levels_of(size: int) -> int:
    """How often images of this side are halved: down to a single pixel or a few, eight times at most."""
    return min(size.bit_length() - 1, MOST_LEVELS)


def _down(before: int, after: int, norm: Norm | None) -> nn.Sequential:
    """Half the height and width: (N, before, H, W) -> (N, after, H/2, W/2)."""
    convolution = nn.Conv2d(before, after, 4, 2, 1, bias=norm is None)
    normalized = [normalize(norm, after)] if norm is not None else []
    return nn.Sequential(convolution, *normalized, nn.LeakyReLU(SLOPE))


def _up(before: int, after: int, norm: Norm) -> nn.Sequential:
    """Twice the height and width: (N, before, H, W) -> (N, after, 2H, 2W)."""
    return nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False), normalize(norm, after))


def _padded(image: Tensor, multiple: int) -> tuple[Tensor, tuple[int, int]]:
    """The image with sides that are multiples, its border repeated, and how much was added above and on the left."""
    rest = [-side % multiple for side in image.shape[2:]]
    if not any(rest):
        return image, (0, 0)
    top, left = rest[0] // 2, rest[1] // 2
    return functional.pad(image, (left, rest[1] - left, top, rest[0] - top), mode="replicate"), (top, left)
