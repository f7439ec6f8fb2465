"""DCGAN: Radford, Metz and Chintala, "Unsupervised representation learning with deep convolutional generative
adversarial networks", 2015, as Chiaretti's thesis has it ("Computer vision for fashion", 2020, figures 4.9, 4.10).

Differences from the 2015 paper, all of them the thesis's: 512 instead of 1,024 channels at 4 x 4, kernels of 4 x 4
instead of 5 x 5. With the default arguments the networks are the thesis's to the layer; the arguments are what its
last chapter wished to try: more layers, other sizes and kernels, another latent length, more feature maps, dropout.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from fashiontools.models.gan.depth import blocks_of
from fashiontools.models.layers.initialization import initialize

_WIDEST = 16


def _widths(width: int, blocks: int) -> list[int]:
    """Channels of the blocks from the image inwards: doubled at each, up to 16 times the first."""
    return [width * min(2**block, _WIDEST) for block in range(blocks)]


class Generator(nn.Module):
    """Maps latent vectors to images.

    Args:
        size: Side of the images, pixels.
        latent: Length of the latent vector.
        width: Channels of the last hidden layer; each earlier one has twice as many.
        layers: Blocks of stride 2; None: as many as lead from 4 x 4 to `size`.
        kernel: Side of the kernels of these blocks.
        dropout: Probability of dropping a feature map after each hidden block.

    Shape:
        (N, latent, 1, 1) or (N, latent) float, standard normal -> (N, 3, size, size) float in [-1, 1].
    """

    def __init__(
        self,
        size: int = 64,
        latent: int = 100,
        width: int = 64,
        layers: int | None = None,
        kernel: int = 4,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        blocks = blocks_of(size, layers)
        widths = _widths(width, blocks)[::-1]
        padding = (kernel - 1) // 2
        odd = kernel % 2  # an odd kernel falls one pixel short of doubling
        parts: list[nn.Module] = [
            nn.ConvTranspose2d(latent, widths[0], size >> blocks, 1, 0, bias=False),
            *_activated(widths[0], dropout),
        ]
        for before, after in pairwise(widths):
            parts += [
                nn.ConvTranspose2d(before, after, kernel, 2, padding, output_padding=odd, bias=False),
                *_activated(after, dropout),
            ]
        parts += [nn.ConvTranspose2d(widths[-1], 3, kernel, 2, padding, output_padding=odd, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*parts)
        self.latent = latent
        self.apply(initialize)

    def forward(self, latent: Tensor) -> Tensor:
        """Generate; see the class for shapes."""
        return self.main(latent.reshape(len(latent), self.latent, 1, 1))


def _activated(channels: int, dropout: float) -> list[nn.Module]:
    parts: list[nn.Module] = [nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]
    return [*parts, nn.Dropout2d(dropout)] if dropout else parts


class Discriminator(nn.Module):
    """Says how probably an image is real.

    Args:
        size: Side of the images, pixels.
        width: Channels of the first layer; each later one has twice as many.
        layers: Blocks of stride 2; None: as many as lead from `size` to 4 x 4.
        kernel: Side of the kernels of these blocks.

    Shape:
        (N, 3, size, size) float in [-1, 1] -> (N,) float in (0, 1).
    """

    def __init__(self, size: int = 64, width: int = 64, layers: int | None = None, kernel: int = 4) -> None:
        super().__init__()
        blocks = blocks_of(size, layers)
        widths = _widths(width, blocks)
        padding = (kernel - 1) // 2
        parts: list[nn.Module] = [
            nn.Conv2d(3, widths[0], kernel, 2, padding, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
        ]
        for before, after in pairwise(widths):
            parts += [
                nn.Conv2d(before, after, kernel, 2, padding, bias=False),
                nn.BatchNorm2d(after),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        parts.append(nn.Conv2d(widths[-1], 1, size >> blocks, 1, 0, bias=False))
        self.main = nn.Sequential(*parts)
        self.apply(initialize)

    def forward(self, image: Tensor) -> Tensor:
        """Judge; see the class for shapes."""
        return self.main(image).flatten().float().sigmoid()


def draw_latent(count: int, length: int, generator: torch.Generator | None = None) -> Tensor:
    """Standard normal latent vectors, (count, length) float32, drawn on the CPU so that all devices get the same."""
    return torch.randn(count, length, generator=generator)
