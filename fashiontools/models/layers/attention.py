"""Self-attention over the places of a feature map."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class SelfAttention(nn.Module):
    """Every place of a map looks at every other: Zhang, Goodfellow, Metaxas and Odena, SAGAN, 2018, equations 1 to 3.

    Differences from the paper: none in the formulas (softmax without a scale, output = gate * attention + input, the
    gate a learned scalar that starts at 0). Values have all channels and no second 1 x 1 convolution, as in the
    first version of the paper.

    Args:
        channels: Of the map; queries and keys have an eighth of them.
        frozen: Keep the gate at 0: attention never acts (what the released code of Kinli et al. does).

    Shape:
        (N, C, H, W) float -> the same.
    """

    def __init__(self, channels: int, *, frozen: bool = False) -> None:
        super().__init__()
        small = max(1, channels // 8)
        self.query = nn.Conv2d(channels, small, 1)
        self.key = nn.Conv2d(channels, small, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        if frozen:
            self.register_buffer("gate", torch.zeros(1))
        else:
            self.gate = nn.Parameter(torch.zeros(1))

    def forward(self, features: Tensor) -> Tensor:
        """Attend; see the class for shapes."""
        query, key, value = (
            layer(features).flatten(2).transpose(1, 2).unsqueeze(1) for layer in (self.query, self.key, self.value)
        )
        attended = functional.scaled_dot_product_attention(query, key, value, scale=1.0)
        return self.gate * attended.squeeze(1).transpose(1, 2).reshape(features.shape) + features
