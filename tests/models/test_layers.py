"""Layers that networks share, against plain numpy."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fashiontools.models.layers.attention import SelfAttention
from fashiontools.models.layers.blocks import BatchNorm, DilatedBlock, conv_block, double, up_block


def arrays(layer: nn.Conv2d) -> tuple[np.ndarray, np.ndarray]:
    return layer.weight.detach().double().numpy()[:, :, 0, 0], layer.bias.detach().double().numpy()


def by_hand(attention: SelfAttention, features: np.ndarray) -> np.ndarray:
    """SAGAN, equations 1 to 3, place by place, for one image (C, H, W)."""
    places = features.reshape(features.shape[0], -1).T.astype(np.float64)
    query, key, value = (
        places @ weight.T + bias for weight, bias in map(arrays, (attention.query, attention.key, attention.value))
    )
    output = np.empty_like(places)
    for number, one in enumerate(query):
        scores = np.array([one @ other for other in key])
        shares = np.exp(scores - scores.max())
        output[number] = sum(share * v for share, v in zip(shares / shares.sum(), value, strict=True))
    return (attention.gate.item() * output + places).T.reshape(features.shape)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_self_attention_is_the_papers(layout: torch.memory_format) -> None:
    torch.manual_seed(0)
    attention = SelfAttention(16)
    nn.init.constant_(attention.gate, 0.8)
    for layer in (attention.query, attention.key):
        nn.init.normal_(layer.weight)  # so that some places are looked at far more than others
    features = torch.randn(2, 16, 3, 5).contiguous(memory_format=layout)
    for image, found in zip(features.numpy(), attention(features).detach().numpy(), strict=True):
        assert np.allclose(found, by_hand(attention, image), atol=1e-5)


def test_a_closed_gate_changes_nothing_and_learns_unless_frozen() -> None:
    features = torch.randn(2, 8, 4, 4)
    attention = SelfAttention(8)
    assert torch.equal(attention(features), features)
    attention(features).square().sum().backward()
    assert attention.gate.grad.any()
    frozen = SelfAttention(8, frozen=True)
    assert torch.equal(frozen(features), features)
    assert "gate" in frozen.state_dict()
    assert "gate" not in dict(frozen.named_parameters())


def dilated_by_hand(layer: nn.Conv2d, features: Tensor) -> Tensor:
    """A 5 x 5 convolution whose taps are two places apart, tap by tap."""
    padded = nn.functional.pad(features, (4, 4, 4, 4))
    height, width = features.shape[2:]
    output = layer.bias.view(1, -1, 1, 1).expand(len(features), -1, height, width)
    for y in range(5):
        for x in range(5):
            seen = padded[:, :, 2 * y : 2 * y + height, 2 * x : 2 * x + width]
            output = output + torch.einsum("oc,nchw->nohw", layer.weight[:, :, y, x], seen)
    return output


def test_a_dilated_block_adds_two_dilated_convolutions_to_its_input() -> None:
    torch.manual_seed(0)
    block = DilatedBlock(4, norm="instance", dropout=0.0)
    features = torch.randn(2, 4, 9, 11)

    def normalized(values: Tensor) -> Tensor:
        mean, spread = values.mean(dim=(2, 3), keepdim=True), values.var(dim=(2, 3), keepdim=True, unbiased=False)
        return (values - mean) / (spread + 1e-5).sqrt()

    first, second = (layer for layer in block.main if isinstance(layer, nn.Conv2d))
    inner = normalized(dilated_by_hand(first, features)).relu()
    expected = (features + normalized(dilated_by_hand(second, inner))).relu()
    assert torch.allclose(block(features), expected, atol=1e-4)


def test_blocks_halve_and_double() -> None:
    features = torch.randn(2, 3, 16, 16)
    assert conv_block(3, 5, 7)(features).shape == (2, 5, 8, 8)
    assert conv_block(3, 5, 3, stride=1, norm=None)(features).shape == (2, 5, 16, 16)
    for upsample in ("transpose", "bilinear", "reflect"):
        assert up_block(3, 5, upsample=upsample, norm="batch", dropout=0.2)(features).shape == (2, 5, 32, 32)
        assert double(3, 2, upsample, kernel=2)(features).shape == (2, 2, 32, 32)


def test_batch_norm_is_torchs_but_for_one_value_alone() -> None:
    ours, torchs = BatchNorm(3), nn.BatchNorm2d(3)
    for shape in ((4, 3, 1, 1), (1, 3, 2, 2)):
        features = torch.randn(shape)
        assert torch.equal(ours(features), torchs(features))
    before = ours.running_mean.clone()
    alone = torch.randn(1, 3, 1, 1)
    with pytest.raises(ValueError, match="more than 1 value"):
        torchs(alone)
    assert torch.equal(ours(alone), torchs.eval()(alone))
    assert torch.equal(ours.running_mean, before)
