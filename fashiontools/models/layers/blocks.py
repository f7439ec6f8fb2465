"""Convolutional blocks with the choices of Kinli, Ozcan and Kirac's table 1: the norm and the way to upsample."""

from typing import Literal

from torch import Tensor, nn
from torch.nn import functional

Norm = Literal["instance", "batch"]
Upsample = Literal["transpose", "bilinear", "reflect"]
SLOPE = 0.2


class BatchNorm(nn.BatchNorm2d):
    """Batch norm (Ioffe and Szegedy 2015); one value alone, which has no spread, is normalized as in evaluation.

    Torch's own raises an error there: the last photo of an epoch, seen as a single pixel, would end a training.
    """

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) float -> the same."""
        if self.training and features.numel() == features.shape[1]:
            return functional.batch_norm(
                features, self.running_mean, self.running_var, self.weight, self.bias, training=False, eps=self.eps
            )
        return super().forward(features)


def normalize(norm: Norm, channels: int) -> nn.Module:
    """Instance norm (Ulyanov et al. 2016, with learned scale and shift) or batch norm."""
    return nn.InstanceNorm2d(channels, affine=True) if norm == "instance" else BatchNorm(channels)


def conv_block(
    before: int, after: int, kernel: int, *, stride: int = 2, norm: Norm | None = "instance", dropout: float = 0.0
) -> nn.Sequential:
    """Convolution, norm, leaky ReLU 0.2, dropout of whole maps: (N, before, H, W) -> (N, after, H/stride, W/stride).

    Args:
        before: Channels in.
        after: Channels out.
        kernel: Side of the kernel, odd; the padding keeps places where they are.
        stride: Of the convolution.
        norm: None leaves it out, which a map of one pixel needs.
        dropout: Share of maps that are dropped.
    """
    parts: list[nn.Module] = [nn.Conv2d(before, after, kernel, stride, kernel // 2)]
    if norm is not None:
        parts.append(normalize(norm, after))
    parts.append(nn.LeakyReLU(SLOPE, inplace=True))
    return nn.Sequential(*parts, *([nn.Dropout2d(dropout)] if dropout else []))


def double(before: int, after: int, upsample: Upsample, kernel: int = 4) -> nn.Module:
    """Twice the height and width: (N, before, H, W) -> (N, after, 2H, 2W).

    Args:
        before: Channels in.
        after: Channels out.
        upsample: `transpose`: a transposed convolution; `bilinear`: interpolation and a 1 x 1 convolution (the
            paper, section 5.3); `reflect`: interpolation and a 3 x 3 convolution over a mirrored border (the
            released code).
        kernel: Side of the transposed kernel, even.
    """
    if upsample == "transpose":
        return nn.ConvTranspose2d(before, after, kernel, 2, (kernel - 2) // 2)
    if upsample == "bilinear":
        convolution = nn.Conv2d(before, after, 1)
    else:
        convolution = nn.Conv2d(before, after, 3, padding=1, padding_mode="reflect")
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), convolution)


def up_block(before: int, after: int, *, upsample: Upsample, norm: Norm, dropout: float) -> nn.Sequential:
    """Doubling, norm, leaky ReLU 0.2, dropout of whole maps: (N, before, H, W) -> (N, after, 2H, 2W)."""
    parts = [double(before, after, upsample), normalize(norm, after), nn.LeakyReLU(SLOPE, inplace=True)]
    return nn.Sequential(*parts, *([nn.Dropout2d(dropout)] if dropout else []))


class DilatedBlock(nn.Module):
    """Two convolutions that see far, around which the input is added.

    Kinli et al., section 3.2: "2 residual-connected convolutional layers with dilation of 2", 5 x 5. The paper does
    not say where the norms and rectifiers are: conv, norm, ReLU, conv, norm, add, ReLU, dropout (He et al. 2015).

    Args:
        channels: In and out.
        norm: Which.
        dropout: Share of maps that are dropped.
        released: The second convolution is 1 x 1, as in the released code.

    Shape:
        (N, C, H, W) float -> the same.
    """

    def __init__(self, channels: int, *, norm: Norm, dropout: float, released: bool = False) -> None:
        super().__init__()
        second = nn.Conv2d(channels, channels, 1) if released else _dilated(channels)
        self.main = nn.Sequential(
            _dilated(channels),
            normalize(norm, channels),
            nn.ReLU(inplace=True),
            second,
            normalize(norm, channels),
        )
        self.last = nn.Sequential(nn.ReLU(inplace=True), *([nn.Dropout2d(dropout)] if dropout else []))

    def forward(self, features: Tensor) -> Tensor:
        """Compute; see the class for shapes."""
        return self.last(features + self.main(features))


def _dilated(channels: int) -> nn.Conv2d:
    return nn.Conv2d(channels, channels, 5, padding=4, dilation=2)
