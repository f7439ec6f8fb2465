"""The global and the local discriminator of Kinli, Ozcan and Kirac 2020, section 3.3.

The paper says that there are two, one for the whole image and one for "only the missing part", and no more; the layers
are those of the authors' released code. The difference: each image of a batch has its own crop, cut and resized in a
way that gradients pass through (in the code the last image's alone reaches the discriminator, through a picture file).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from fashiontools.models.layers.blocks import SLOPE, BatchNorm
from fashiontools.models.layers.initialization import initialize

LOCAL_SIDE = 32


def crop_holes(image: Tensor, boxes: Tensor, side: int = LOCAL_SIDE) -> Tensor:
    """Cut a box out of each image and bring it to one size, bilinearly; gradients pass.

    Args:
        image: (N, C, H, W) float.
        boxes: (N, 4) float: top, left, bottom, right in parts of the height and width, 0 to 1.
        side: Of the result, pixels.

    Returns:
        (N, C, side, side) float.
    """
    top, left, bottom, right = (edge.to(image.dtype) for edge in boxes.unbind(dim=1))
    zero = torch.zeros_like(top)
    # From the crop's coordinates to the image's, both from -1 to 1 as `affine_grid` has them.
    across = torch.stack([right - left, zero, left + right - 1], dim=1)
    down = torch.stack([zero, bottom - top, top + bottom - 1], dim=1)
    grid = functional.affine_grid(
        torch.stack([across, down], dim=1), [len(image), image.shape[1], side, side], align_corners=False
    )
    return functional.grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=False)


class _Judge(nn.Module):
    """What both have in common: pooling, a linear layer, and how sure they are that an image is real."""

    def __init__(self, features: int, *, spectral: bool) -> None:
        super().__init__()
        self.spectral = spectral
        self.judge = nn.Linear(features, 1)

    def finish(self) -> None:
        """Initialize, and bound the layers' Lipschitz constants where asked for (Miyato et al. 2018)."""
        self.apply(initialize)
        if self.spectral:
            for module in list(self.modules()):
                if isinstance(module, nn.Conv2d | nn.Linear):
                    spectral_norm(module)

    def block(self, before: int, after: int, kernel: int, stride: int) -> nn.Sequential:
        """Convolution, batch norm (none under spectral norm), leaky ReLU 0.2."""
        norm = [] if self.spectral else [BatchNorm(after)]
        convolution = nn.Conv2d(before, after, kernel, stride, kernel // 2)
        return nn.Sequential(convolution, *norm, nn.LeakyReLU(SLOPE, inplace=True))

    def judged(self, features: Tensor) -> Tensor:
        """(N, C, H, W) -> (N,) float32 logits."""
        return self.judge(features.mean(dim=(2, 3))).flatten().float()


class GlobalDiscriminator(_Judge):
    """Judges whole images: 7 x 7, three 5 x 5 and two 3 x 3 convolutions, each of stride 2.

    Args:
        width: Channels of the first layer; the code has 32, all others follow.
        spectral: Spectral norm instead of batch norm.

    Shape:
        (N, 3, H, W) float in [-1, 1] -> (N,) float32 logits (a sigmoid of them is the paper's D).
    """

    def __init__(self, width: int = 32, *, spectral: bool = False) -> None:
        super().__init__(max(1, width // 2), spectral=spectral)
        channels = (3, width, 2 * width, 4 * width, 2 * width, width, max(1, width // 2))
        kernels = (7, 5, 5, 5, 3, 3)
        self.main = nn.Sequential(
            *(
                self.block(before, after, kernel, 2)
                for (before, after), kernel in zip(pairwise(channels), kernels, strict=True)
            )
        )
        self.finish()

    def forward(self, image: Tensor) -> Tensor:
        """Judge; see the class for shapes."""
        return self.judged(self.main(image))


class LocalDiscriminator(_Judge):
    """Judges holes brought to 32 x 32: six 3 x 3 convolutions, two of them joined with what they read.

    Args:
        width: Channels of the first layer; the code has 16, all others follow.
        spectral: Spectral norm instead of batch norm.

    Shape:
        (N, 3, 32, 32) float in [-1, 1] -> (N,) float32 logits (a sigmoid of them is the paper's D).
    """

    def __init__(self, width: int = 16, *, spectral: bool = False) -> None:
        super().__init__(4 * width, spectral=spectral)
        w = width
        self.first = nn.Sequential(self.block(3, w, 3, 1), self.block(w, 2 * w, 3, 2))
        self.second = self.block(2 * w, 4 * w, 3, 1)
        self.third = self.block(6 * w, 8 * w, 3, 2)
        self.fourth = self.block(8 * w, 4 * w, 3, 1)
        self.fifth = self.block(12 * w, 4 * w, 3, 2)
        self.finish()

    def forward(self, hole: Tensor) -> Tensor:
        """Judge; see the class for shapes."""
        features = self.first(hole)
        features = self.third(torch.cat([features, self.second(features)], dim=1))
        features = self.fifth(torch.cat([features, self.fourth(features)], dim=1))
        return self.judged(features)
