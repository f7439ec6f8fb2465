"""The networks of Kinli, Ozcan and Kirac 2020: the paper's and its code's figures, every option, where things join."""

import pytest
import torch
from torch import Tensor, nn

from fashiontools.models.inpainting.coarse_to_fine import (
    InpaintingNetwork,
    begin_hole,
    coarse_to_fine,
    paste,
)
from fashiontools.models.layers.attention import SelfAttention
from fashiontools.models.layers.blocks import DilatedBlock
from fashiontools.models.registry import MODELS

# Channels and side after each part at 256 x 256: the table of the released code where the paper gives no figure. The
# sixth block has the code's pooled vector, 128 (256) numbers, as maps of 4 x 4, and so have the 128 of the text.
ENCODER = [(32, 128), (64, 64), (128, 32), (64, 16)]
COARSE = {
    "encoder": [*ENCODER, (128, 8)],
    "squeeze": (8, 4),
    "decoder reads": [(16, 4), (32, 8), (128, 16), (64, 32), (32, 64)],
    "decoder": [(16, 8), (32, 16), (128, 32), (64, 64), (32, 128)],
    "joins read": [(16 + 128, 8), (32 + 64, 16), (128 + 128 + 128, 32), (64 + 64, 64), (32 + 32, 128)],
    "joins": [(32, 8), (128, 16), (64, 32), (32, 64), (64, 128)],
}
REFINEMENT = {
    "encoder": [*ENCODER, (256, 8)],
    "squeeze": (16, 4),
    "decoder reads": [(16, 4), (64, 8), (128, 16), (64, 32), (32, 64)],
    "decoder": [(32, 8), (64, 16), (128, 32), (64, 64), (32, 128)],
    "joins read": [(32 + 256, 8), (64 + 64, 16), (128 + 128 + 128, 32), (64 + 64, 64), (32 + 32, 128)],
    "joins": [(64, 8), (128, 16), (64, 32), (32, 64), (64, 128)],
}


def place(tensor: Tensor) -> tuple[int, int]:
    assert tensor.shape[2] == tensor.shape[3]
    return tensor.shape[1], tensor.shape[2]


def traced(network: InpaintingNetwork, *inputs: Tensor | None) -> tuple[Tensor, dict[nn.Module, tuple[Tensor, Tensor]]]:
    """The output, and what each module read and gave."""
    seen: dict[nn.Module, tuple[Tensor, Tensor]] = {}
    hooks = [
        module.register_forward_hook(lambda module, read, gave: seen.update({module: (read[0], gave)}))
        for module in network.modules()
    ]
    output = network(*inputs)
    for hook in hooks:
        hook.remove()
    return output, seen


def inputs_of(size: int, count: int = 2, text: int = 0) -> tuple[Tensor, Tensor, Tensor | None]:
    mask = torch.zeros(count, 1, size, size)
    mask[..., size // 4 : size // 2, size // 4 : size // 2] = 1
    return torch.rand(count, 3, size, size) * 2 - 1, mask, torch.rand(count, text) if text else None


def small(**settings: object) -> InpaintingNetwork:
    torch.manual_seed(0)
    return InpaintingNetwork(**{"size": 64, "width": 8, "dropout": 0.0} | settings)


# ------------------------------------------------------------------------------------------------------- the figures


@pytest.mark.parametrize(
    ("settings", "table"), [({"text": 128}, COARSE), ({"deep": 8}, REFINEMENT)], ids=["coarse", "refinement"]
)
def test_maps_at_256_are_those_of_the_table(settings: dict[str, int], table: dict) -> None:
    with torch.device("meta"):
        network = InpaintingNetwork(**settings)
        output, seen = traced(network, *inputs_of(256, text=settings.get("text", 0)))
    assert [place(seen[block][1]) for block in network.encoder] == table["encoder"]
    assert place(seen[network.squeeze][1]) == table["squeeze"]
    assert [place(seen[block][0]) for block in network.decoder] == table["decoder reads"]
    assert [place(seen[block][1]) for block in network.decoder] == table["decoder"]
    assert [place(seen[join][0]) for join in network.joins] == table["joins read"]
    assert [place(seen[join][1]) for join in network.joins] == table["joins"]
    assert output.shape == (2, 3, 256, 256)
    assert {place(seen[block][1]) for block in network.dilated} == {(128, 32)}
    assert place(seen[network.attention][1]) == (128, 32)


@pytest.mark.parametrize("settings", [{"text": 128}, {"deep": 8}], ids=["coarse", "refinement"])
def test_blocks_are_those_of_section_3_2(settings: dict[str, int]) -> None:
    """Six encoder blocks, 7 x 7 and then 5 x 5, all of stride 2; six decoder blocks of stride 2; 1 x 1 joins."""
    network = InpaintingNetwork(**settings)
    encoder = [block[0] for block in (*network.encoder, network.squeeze)]
    assert [layer.kernel_size for layer in encoder] == [(7, 7)] + [(5, 5)] * 5
    assert [layer.stride for layer in encoder] == [(2, 2)] * 6
    decoder = [*(block[0] for block in network.decoder), network.last]
    assert all(isinstance(layer, nn.ConvTranspose2d) for layer in decoder)
    assert [layer.kernel_size for layer in decoder] == [(4, 4)] * 5 + [(2, 2)]
    assert [layer.stride for layer in decoder] == [(2, 2)] * 6
    assert [layer.kernel_size for layer in network.joins if isinstance(layer, nn.Conv2d)] == [(1, 1)] * 4
    for block in (*network.encoder, network.squeeze, *network.decoder):
        assert [type(layer) for layer in block][1:] == [nn.InstanceNorm2d, nn.LeakyReLU, nn.Dropout2d]
        assert (block[1].affine, block[2].negative_slope, block[3].p) == (True, 0.2, 0.3)


def test_four_dilated_blocks_of_two_dilated_convolutions_between_third_and_fourth_block() -> None:
    network = InpaintingNetwork(text=128)
    assert [type(block) for block in network.dilated] == [DilatedBlock] * 4
    for block in network.dilated:
        layers = [layer for layer in block.modules() if isinstance(layer, nn.Conv2d)]
        assert [(one.kernel_size, one.dilation, one.stride) for one in layers] == [((5, 5), (2, 2), (1, 1))] * 2
        assert [layer.p for layer in block.modules() if isinstance(layer, nn.Dropout2d)] == [0.3]
    assert isinstance(network.attention, SelfAttention)
    assert network.attention.query.out_channels == network.attention.key.out_channels == 128 // 8
    assert network.attention.value.out_channels == 128


def test_what_is_joined_where() -> None:
    """The third decoder block is joined with the third block's output and the attention map; the fourth reads it."""
    network = small(text=16)
    nn.init.constant_(network.attention.gate, 0.7)
    photo, mask, text = inputs_of(64, text=16)
    _, seen = traced(network, photo, mask, text)
    encoder = [seen[block][1] for block in network.encoder]
    attended = seen[network.attention][1]
    assert not torch.equal(attended, seen[network.attention][0])
    assert torch.equal(seen[network.dilated][0], encoder[2])
    assert torch.equal(seen[network.attention][0], seen[network.dilated][1])
    assert torch.equal(seen[network.encoder[3]][0], attended)
    for number, (up, join) in enumerate(zip(network.decoder, network.joins, strict=True)):
        beside = [encoder[4 - number], attended] if number == 2 else [encoder[4 - number]]
        assert torch.equal(seen[join][0], torch.cat([seen[up][1], *beside], dim=1))
    bottleneck = torch.cat([seen[network.squeeze][1].flatten(1), text], dim=1)
    assert torch.equal(seen[network.decoder[0]][0].flatten(1), bottleneck)


def test_without_attention_the_dilated_blocks_go_on() -> None:
    network = small(attention=False)
    _, seen = traced(network, *inputs_of(64))
    assert torch.equal(seen[network.encoder[3]][0], seen[network.dilated][1])
    assert seen[network.joins[2]][0].shape[1] == 32 + 32
    assert not any(isinstance(module, SelfAttention) for module in network.modules())


def test_the_released_layout_pools_and_its_fourth_block_reads_the_third() -> None:
    with torch.device("meta"):
        network = InpaintingNetwork(text=128, released=True)
        output, seen = traced(network, *inputs_of(256, text=128))
        assert output.shape == (2, 3, 256, 256)
    assert len(network.encoder) == 5
    assert seen[network.squeeze][1].shape == (2, 128, 1, 1)
    assert place(seen[network.decoder[0]][0]) == (16, 4)
    assert seen[network.encoder[3]][0] is seen[network.encoder[2]][1]
    assert [block.main[3].kernel_size for block in network.dilated] == [(1, 1)] * 4
    assert "gate" not in dict(network.attention.named_parameters())


def test_initialization_is_the_released_codes() -> None:
    network = InpaintingNetwork(text=128, norm="batch")
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
            weight, mean = layer.weight.detach(), float(isinstance(layer, nn.BatchNorm2d))
            error = 0.02 / weight.numel() ** 0.5
            assert abs(weight.mean().item() - mean) < 5 * error
            assert abs(weight.std().item() - 0.02) < 5 * error / 2**0.5
            assert not layer.bias.any()


# ------------------------------------------------------------------------------------------------------- the options


# Any two options meet in any two of their values.
MET = [
    ("instance", "transpose", True, 128, True, True),
    ("instance", "bilinear", False, 0, True, False),
    ("batch", "transpose", False, 128, False, False),
    ("batch", "bilinear", True, 0, False, True),
    ("instance", "bilinear", True, 128, False, False),
    ("batch", "transpose", True, 0, True, False),
    ("instance", "transpose", False, 0, False, True),
    ("batch", "bilinear", False, 128, True, True),
]


@pytest.mark.parametrize("size", [64, 128, 256, 512])
@pytest.mark.parametrize(("norm", "upsample", "attention", "text", "mask_channel", "residual"), MET)
def test_every_size_and_option_gives_images_of_the_size(
    size: int, norm: str, upsample: str, attention: bool, text: int, mask_channel: bool, residual: bool
) -> None:
    with torch.device("meta"):
        network = InpaintingNetwork(
            size, 16, text, norm=norm, upsample=upsample, attention=attention, mask_channel=mask_channel,
            residual=residual, deep=4 if text else 8,
        )  # fmt: skip
        assert network(*inputs_of(size, text=text)).shape == (2, 3, size, size)


@pytest.mark.parametrize("upsample", ["transpose", "bilinear"])
@pytest.mark.parametrize("norm", ["instance", "batch"])
@pytest.mark.parametrize("size", [64, 128])
def test_the_norm_does_not_wipe_out_the_description(size: int, norm: str, upsample: str) -> None:
    """At 64 the bottleneck is one pixel: interpolated it is a constant, of which instance norms leave nothing."""
    network = small(size=size, norm=norm, upsample=upsample, text=16)
    photo, mask, text = inputs_of(size, text=16)
    text.requires_grad_()
    (network(photo, mask, text) * torch.randn(2, 3, size, size)).sum().backward()
    assert text.grad.abs().max() > 1e-7


@pytest.mark.parametrize("released", [False, True])
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("norm", ["instance", "batch"])
@pytest.mark.parametrize("upsample", ["transpose", "bilinear", "reflect"])
def test_every_weight_learns(norm: str, upsample: str, count: int, released: bool) -> None:
    network = small(norm=norm, upsample=upsample, text=16, mask_channel=True, dropout=0.1, released=released)
    if not released:
        nn.init.constant_(network.attention.gate, 0.5)
    output = network(*inputs_of(64, count, text=16))
    assert output.abs().max() <= 1
    (output * torch.randn(output.shape)).sum().backward()
    for name, parameter in network.named_parameters():
        if released and name.startswith("attention."):
            continue  # the code's attention never acts
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert not name.endswith("weight") or parameter.grad.any(), name


def test_norm_and_upsample_are_what_they_are_called() -> None:
    network = small(size=128, norm="batch", upsample="bilinear")
    assert not any(isinstance(layer, nn.InstanceNorm2d | nn.ConvTranspose2d) for layer in network.modules())
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in network.modules()) == 6 + 4 * 2 + 5
    for up in (*(block[0] for block in network.decoder), network.last):
        assert (up[0].mode, up[0].scale_factor, up[1].kernel_size) == ("bilinear", 2.0, (1, 1))
    one_pixel = small(size=64, upsample="bilinear")
    assert [isinstance(block[0], nn.ConvTranspose2d) for block in one_pixel.decoder] == [True] + [False] * 4


def test_dropout_drops_whole_maps_and_not_in_evaluation() -> None:
    network, given = small(dropout=0.3), inputs_of(64)
    assert not torch.equal(network(*given), network(*given))
    network.eval()
    assert torch.equal(network(*given), network(*given))
    assert not any(isinstance(layer, nn.Dropout2d) for layer in small(dropout=0.0).modules())


def test_the_text_and_the_mask_are_looked_at() -> None:
    network = small(text=16, mask_channel=True).eval()
    photo, mask, text = inputs_of(64, text=16)
    before = network(photo, mask, text)
    assert not torch.equal(before, network(photo, mask, -text))
    assert not torch.equal(before, network(photo, 1 - mask, text))
    assert torch.equal(small().eval()(photo, mask), small().eval()(photo, 1 - mask))


def test_a_residual_network_begins_with_what_it_sees() -> None:
    photo, mask, _ = inputs_of(64)
    assert torch.equal(small(residual=True)(photo, mask), photo)


def test_the_registry_builds_it() -> None:
    assert MODELS["inpainting-network"].load() is InpaintingNetwork


# ------------------------------------------------------------------------------------------------------ one after one


@pytest.mark.parametrize("hole", ["white", "smooth"])
@pytest.mark.parametrize("pasted", [False, True])
def test_what_lies_in_the_hole_is_not_looked_at(hole: str, pasted: bool) -> None:
    coarse, refinement = small(text=16).eval(), small(deep=8, mask_channel=True).eval()
    photo, mask, text = inputs_of(64, text=16)
    spoiled = torch.where(mask > 0.5, torch.nan, photo)
    for clean, other in zip(
        coarse_to_fine(coarse, refinement, photo, mask, text, hole=hole, pasted=pasted),
        coarse_to_fine(coarse, refinement, spoiled, mask, text, hole=hole, pasted=pasted),
        strict=True,
    ):
        assert torch.isfinite(clean).all()
        assert torch.equal(clean, other)


@pytest.mark.parametrize("pasted", [False, True])
def test_the_second_reads_the_firsts_output_and_sends_no_gradient_back(pasted: bool) -> None:
    coarse, refinement = small(), small(deep=8)
    photo, mask, _ = inputs_of(64)
    read = []
    refinement.register_forward_pre_hook(lambda module, given: read.append(given[0]))
    first, second = coarse_to_fine(coarse, refinement, photo, mask, None, hole="white", pasted=pasted)
    assert torch.equal(read[0], torch.where(mask > 0.5, first, photo) if pasted else first)
    second.sum().backward()
    assert all(parameter.grad is None for parameter in coarse.parameters())
    assert refinement.last.weight.grad.any()


def test_the_hole_is_white_or_smooth_and_the_rest_the_photo() -> None:
    photo, mask, _ = inputs_of(64)
    inside = mask.expand_as(photo) > 0.5
    white, smooth = begin_hole(photo, mask, "white"), begin_hole(photo, mask, "smooth")
    assert (white[inside] == 1).all()
    assert (smooth[inside].abs() < 1).all()
    for begun in (white, smooth, paste(photo, torch.full_like(photo, torch.nan), mask)):
        assert torch.equal(begun[~inside], photo[~inside])
