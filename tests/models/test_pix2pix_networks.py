"""pix2pix's networks: the paper's layers, patches of the sizes it names, any size of image, noise by itself."""

import pytest
import torch
from torch import nn

from fashiontools.models.registry import MODELS
from fashiontools.models.translation.pix2pix import (
    PATCHES,
    PatchDiscriminator,
    UNetGenerator,
    levels_of,
    smallest_side,
)


def parameters_of(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def convolutions_of(network: nn.Module) -> list[tuple[int, int]]:
    """Channels in and out of each convolution, in order."""
    kinds = nn.Conv2d | nn.ConvTranspose2d
    return [(one.in_channels, one.out_channels) for one in network.modules() if isinstance(one, kinds)]


def noise_of(generator: UNetGenerator, side: int, seeds: list[int]) -> list[torch.Tensor]:
    return generator.draw_noise(side, side, [torch.Generator().manual_seed(seed) for seed in seeds])


def test_the_generator_at_256_is_the_appendix() -> None:
    """C64-C128-C256-C512-C512-C512-C512-C512; the U-Net decoder CD512-CD1024-CD1024-C1024-C1024-C512-C256-C128."""
    generator = UNetGenerator()
    encoder = [(3, 64), (64, 128), (128, 256), (256, 512), *[(512, 512)] * 4]
    decoder = [(512, 512), *[(1024, 512)] * 3, (1024, 256), (512, 128), (256, 64), (128, 3)]
    assert convolutions_of(generator) == encoder + decoder
    assert all(one.kernel_size == (4, 4) for one in generator.modules() if isinstance(one, nn.Conv2d))
    joined = [block[1].in_channels for block in generator.up] + [generator.last[1].in_channels]
    assert joined == [512, 1024, 1024, 1024, 1024, 512, 256, 128]
    assert [channels.shape[1:] for channels in noise_of(generator, 256, [0])] == [
        (512, 2, 2), (512, 4, 4), (512, 8, 8),
    ]  # fmt: skip
    kernels = 16 * sum(before * after for before, after in encoder + decoder)
    norms = 2 * (128 + 256 + 4 * 512) + 2 * (4 * 512 + 256 + 128 + 64)
    # The first, the innermost and the last layer have biases.
    assert parameters_of(generator) == kernels + norms + 64 + 512 + 3 == 54_414_531
    assert parameters_of(PatchDiscriminator()) == 2_769_601


def test_the_first_the_innermost_and_the_last_layer_have_no_norm() -> None:
    generator = UNetGenerator(64, 4)
    kinds = [any(isinstance(part, nn.InstanceNorm2d) for part in block) for block in generator.down]
    assert kinds == [False, True, True, True, True, False]
    assert all(isinstance(block[2], nn.InstanceNorm2d) for block in generator.up)


def test_instance_norm_is_the_papers_batch_norm_of_one_image() -> None:
    torch.manual_seed(0)
    one, other = UNetGenerator(32, 4).eval(), UNetGenerator(32, 4, norm="batch").train()
    weights = {name: value for name, value in other.state_dict().items() if name in one.state_dict()}
    one.load_state_dict(weights)
    image, noise = torch.rand(1, 3, 32, 32) * 2 - 1, noise_of(one, 32, [3])
    assert torch.allclose(one(image, noise), other(image, noise), atol=1e-5)


@pytest.mark.parametrize(("size", "levels"), [(16, 4), (64, 6), (100, 6), (128, 7), (256, 8), (512, 8)])
def test_levels_lead_to_a_single_pixel_or_a_few(size: int, levels: int) -> None:
    assert levels_of(size) == levels
    assert UNetGenerator(size, 1).levels == levels


@pytest.mark.parametrize(("height", "width"), [(64, 64), (50, 50), (33, 70), (100, 64)])
def test_images_of_any_size_keep_it(height: int, width: int) -> None:
    torch.manual_seed(0)
    generator = UNetGenerator(64, 2).eval()
    image = torch.rand(2, 3, height, width) * 2 - 1
    noise = generator.draw_noise(height, width, [torch.Generator().manual_seed(seed) for seed in (0, 1)])
    made = generator(image, noise)
    assert made.shape == image.shape
    assert made.abs().max() <= 1


def test_padding_is_the_border_repeated_and_cut_off() -> None:
    torch.manual_seed(0)
    generator = UNetGenerator(32, 2).eval()
    image = torch.rand(1, 3, 50, 44) * 2 - 1
    padded = nn.functional.pad(image, (10, 10, 7, 7), mode="replicate")
    assert torch.equal(generator(image), generator(padded)[..., 7:57, 10:54])


def test_noise_is_dropout_that_is_drawn_for_each_image() -> None:
    torch.manual_seed(0)
    generator = UNetGenerator(32, 4).eval()
    image = (torch.rand(1, 3, 32, 32) * 2 - 1).expand(3, -1, -1, -1)
    made = generator(image, noise_of(generator, 32, [5, 6, 5]))
    assert torch.equal(made[0], made[2])
    assert not torch.equal(made[0], made[1])
    alone = generator(image[:1], noise_of(generator, 32, [6]))
    assert torch.allclose(alone[0], made[1], atol=1e-6)
    (kept, *_) = noise_of(UNetGenerator(64, 64, dropout=0.25), 64, list(range(50)))
    assert kept.float().mean().item() == pytest.approx(0.75, abs=0.01)


def test_training_draws_noise_and_evaluation_without_any_has_none() -> None:
    torch.manual_seed(0)
    generator, image = UNetGenerator(32, 4), torch.rand(1, 3, 32, 32)
    assert not torch.equal(generator(image), generator(image))
    generator.eval()
    assert torch.equal(generator(image), generator(image))
    silent = UNetGenerator(32, 4, dropout=0.0)
    assert torch.equal(silent(image), silent(image))


def test_noise_keeps_the_mean_as_dropout_does() -> None:
    generator = UNetGenerator(32, 4, dropout=0.5)
    features = torch.ones(1, 4, 2, 2)
    kept = torch.tensor([True, False]).repeat(8).reshape(1, 4, 2, 2)
    assert generator._disturbed(features, kept).mean() == 1
    assert set(generator._disturbed(features, kept).unique().tolist()) == {0.0, 2.0}


@pytest.mark.parametrize("patch", PATCHES)
def test_a_patch_is_as_large_as_its_name(patch: int) -> None:
    """Which pixels one value of the map hangs on: by the gradient, without norms, which look at all of them."""
    torch.manual_seed(0)
    discriminator = PatchDiscriminator(patch, 2)
    layers = [layer for layer in discriminator.main if not isinstance(layer, nn.InstanceNorm2d)]
    image = torch.rand(1, 6, 320, 320, requires_grad=True)
    judged = nn.Sequential(*layers)(image)
    middle = judged.shape[2] // 2
    judged[0, 0, middle, middle].backward()
    touched = image.grad.abs().sum(dim=(0, 1)) > 0
    assert (touched.any(dim=1).sum().item(), touched.any(dim=0).sum().item()) == (patch, patch)


def test_the_discriminators_of_the_paper() -> None:
    assert convolutions_of(PatchDiscriminator()) == [(6, 64), (64, 128), (128, 256), (256, 512), (512, 1)]
    assert convolutions_of(PatchDiscriminator(1)) == [(6, 64), (64, 128), (128, 1)]
    assert convolutions_of(PatchDiscriminator(16)) == [(6, 64), (64, 128), (128, 1)]
    wide = [(6, 64), (64, 128), (128, 256), (256, 512), (512, 512), (512, 512), (512, 1)]
    assert convolutions_of(PatchDiscriminator(286)) == wide


@pytest.mark.parametrize("patch", PATCHES)
def test_the_smallest_images_that_a_discriminator_judges(patch: int) -> None:
    discriminator, side = PatchDiscriminator(patch, 2), smallest_side(patch)
    judged = discriminator(torch.rand(2, 3, side, side), torch.rand(2, 3, side, side))
    assert judged.shape[:2] == (2, 1)
    assert ((judged > 0) & (judged < 1)).all()
    with pytest.raises((RuntimeError, ValueError)):
        discriminator(torch.rand(2, 3, side - 1, side - 1), torch.rand(2, 3, side - 1, side - 1))


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_every_weight_learns(norm: str) -> None:
    torch.manual_seed(0)
    generator = MODELS["unet-generator"].load()(size=32, width=4, norm=norm)
    discriminator = MODELS["patch-discriminator"].load()(patch=16, width=4, norm=norm)
    image = torch.rand(2, 3, 32, 32) * 2 - 1
    (discriminator(image, generator(image)) * torch.rand(2, 1, 14, 14)).sum().backward()
    for network in (generator, discriminator):
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.abs().sum() > 0, name


def test_both_images_are_looked_at() -> None:
    torch.manual_seed(0)
    discriminator = PatchDiscriminator(16, 4)
    one, other = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    assert not torch.allclose(discriminator(one, other), discriminator(other, other))
    assert not torch.allclose(discriminator(one, other), discriminator(one, one))
