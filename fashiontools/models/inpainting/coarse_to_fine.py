"""Kinli, Ozcan and Kirac, "Description-aware fashion image inpainting with convolutional neural networks in
coarse-to-fine manner", 2020: the coarse and the refinement network of section 3 and figure 2.

The paper gives kernels, the number of blocks, where they join and no channels; the channels are those of the
authors' released code. Where code and paper differ, the paper is followed, unless `released` asks for the code:

- The paper has six convolutional blocks, the code five and a pooling. Six halvings lead from 256 to 4 pixels, from
  which six decoder blocks lead back; the sixth block has as many values as the code's pooled vector (128, or 256
  without a text vector), as the code's decoder sees them: 256 numbers as 16 maps of 4 x 4.
- The fourth block reads the attention's output (the code's reads the third block's).
- Each dilated block has two dilated convolutions (the code's second is 1 x 1).
- The attention's gate is learned (the code's stays at 0).
"""

from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from fashiontools.models.inpainting.smooth import push_pull
from fashiontools.models.layers.attention import SelfAttention
from fashiontools.models.layers.blocks import DilatedBlock, Norm, Upsample, conv_block, double, up_block
from fashiontools.models.layers.initialization import initialize

HALVINGS = 6
SMALLEST = 2**HALVINGS
Hole = Literal["white", "smooth"]


class InpaintingNetwork(nn.Module):
    """A U-Net with dilated blocks and self-attention; with `text` the coarse network, without it the refinement.

    Args:
        size: Side of the images, pixels: 64, 128, 256 or 512.
        width: Channels of the first block; the paper's code has 32, all others follow.
        text: Length of the text vector that is joined to the bottleneck; 0: none.
        deep: Channels at the fifth block, in widths: 4 in the coarse, 8 in the refinement network.
        norm: Of every block.
        upsample: How the decoder doubles; a bottleneck of one pixel (at size 64) is always doubled by a transposed
            convolution.
        dropout: Share of maps that every block drops.
        attention: Whether the dilated blocks are followed by self-attention.
        mask_channel: Whether the mask is a fourth channel of the input.
        residual: The output is what the network sees plus a correction (which begins as none), instead of an image
            through tanh.
        released: Build what the released code has instead of the paper (five blocks and a pooling, and the above).

    Shape:
        seen (N, 3, S, S) float in [-1, 1], mask (N, 1, S, S) float with 1 = hole, text (N, text) float or None ->
        (N, 3, S, S) float: the raw output, known pixels included; in [-1, 1], or about so where it is `residual`.
    """

    def __init__(
        self,
        size: int = 256,
        width: int = 32,
        text: int = 0,
        deep: int = 4,
        norm: Norm = "instance",
        upsample: Upsample = "transpose",
        dropout: float = 0.3,
        *,
        attention: bool = True,
        mask_channel: bool = False,
        residual: bool = False,
        released: bool = False,
    ) -> None:
        super().__init__()
        w, self.text, self.residual, self.mask_channel, self.released = width, text, residual, mask_channel, released
        self.side = size // SMALLEST
        values = 4 * w if text else deep * w
        channels = (3 + mask_channel, w, 2 * w, 4 * w, 2 * w, deep * w)
        self.encoder = nn.ModuleList(
            conv_block(before, after, 5 if number else 7, norm=norm, dropout=dropout)
            for number, (before, after) in enumerate(pairwise(channels))
        )
        lonely = self.side == 1  # one pixel has no spread to be normalized by
        if released:  # the code pools the fifth block's maps; their number has to be that of the values
            self.squeeze: nn.Module = nn.AdaptiveAvgPool2d(1)
        else:
            self.squeeze = conv_block(
                deep * w, values // self.side**2, 5, norm=None if lonely else norm, dropout=dropout
            )
        self.dilated = nn.Sequential(
            *(DilatedBlock(4 * w, norm=norm, dropout=dropout, released=released) for _ in range(4))
        )
        self.attention = SelfAttention(4 * w, frozen=released) if attention else nn.Identity()
        first, joined = (w // 2, w) if deep == 4 else (w, 2 * w)
        ups = ((values + text) // self.side**2, first), (joined, joined), (4 * w, 4 * w), (2 * w, 2 * w), (w, w)
        # Interpolated, one pixel would be a constant, and the instance norms behind it leave nothing of a constant.
        ways = ["transpose" if lonely else upsample, *[upsample] * 4]
        self.decoder = nn.ModuleList(
            up_block(*up, upsample=way, norm=norm, dropout=dropout) for up, way in zip(ups, ways, strict=True)
        )
        beside = (deep * w, 2 * w, 8 * w if attention else 4 * w, 2 * w, w)
        merged = (joined, 4 * w, 2 * w, w, 2 * w)
        self.joins = nn.ModuleList(
            nn.Conv2d(up[1] + skip, after, 1) if number < 4 else nn.Identity()
            for number, (up, skip, after) in enumerate(zip(ups, beside, merged, strict=True))
        )
        self.last = double(2 * w, 3, upsample, kernel=2)
        self.apply(initialize)
        if residual:
            for parameter in self.last.parameters():
                nn.init.zeros_(parameter)

    def forward(self, seen: Tensor, mask: Tensor, text: Tensor | None = None) -> Tensor:
        """Fill; see the class for shapes."""
        features = torch.cat([seen, mask], dim=1) if self.mask_channel else seen
        skips = []
        for number, block in enumerate(self.encoder):
            features = block(features)
            skips.append(features)
            if number == 2:
                attended = self.attention(self.dilated(features))
                features = features if self.released else attended
        features = self.squeeze(features)
        if text is not None:
            features = torch.cat([features.flatten(1), text], dim=1)
        features = features.reshape(len(features), -1, self.side, self.side)
        with_attention = not isinstance(self.attention, nn.Identity)
        for number, (up, join) in enumerate(zip(self.decoder, self.joins, strict=True)):
            skip = skips[4 - number]
            beside = [skip, attended] if number == 2 and with_attention else [skip]
            features = join(torch.cat([up(features), *beside], dim=1))
        output = self.last(features)
        return seen + output if self.residual else output.tanh()


def begin_hole(photo: Tensor, mask: Tensor, hole: Hole) -> Tensor:
    """What the coarse network sees: the photo with its hole white (1) or filled smoothly; shapes as there."""
    return push_pull(photo, mask) if hole == "smooth" else paste(photo, torch.ones_like(photo), mask)


def paste(photo: Tensor, fill: Tensor, mask: Tensor) -> Tensor:
    """The fill inside the hole (mask 1), the photo outside, unchanged to the bit; all of them (N, C, H, W)."""
    return torch.where(mask > 0.5, fill, photo)


def coarse_to_fine(
    coarse: InpaintingNetwork,
    refinement: InpaintingNetwork,
    photo: Tensor,
    mask: Tensor,
    text: Tensor | None,
    *,
    hole: Hole,
    pasted: bool,
) -> tuple[Tensor, Tensor]:
    """Fill holes with both networks; the second one's gradient does not reach the first.

    Args:
        coarse: The first network.
        refinement: The second.
        photo: (N, 3, S, S) float in [-1, 1]; what lies in the hole is not looked at.
        mask: (N, 1, S, S) float, 1 = hole.
        text: (N, text) float, or None.
        hole: How the hole looks to the first network.
        pasted: Whether the second one sees the first one's output in the hole alone, and the photo around it; else
            all of the output, as the paper's figure 2 has it.

    Returns:
        Both outputs, (N, 3, S, S) float, as the networks make them (`paste` keeps the known pixels).
    """
    first = coarse(begin_hole(photo, mask, hole), mask, text)
    seen = first.detach()
    return first, refinement(paste(photo, seen, mask) if pasted else seen, mask)
