"""DCGAN's networks: the thesis's figures to the layer, shapes for every option, gradients, initialization."""

from itertools import pairwise, product

import pytest
import torch
from torch import nn

from fashiontools.models.gan.dcgan import Discriminator, Generator, draw_latent
from fashiontools.models.gan.depth import blocks_of
from fashiontools.models.registry import MODELS

# Chiaretti's thesis (2020), figures 4.9 and 4.10, as printed there.
FIGURE_4_9 = """
ConvTranspose2d(100, 512, kernel_size=(4, 4), stride=(1, 1), bias=False)
BatchNorm2d(512, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
ReLU(inplace=True)
ConvTranspose2d(512, 256, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
BatchNorm2d(256, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
ReLU(inplace=True)
ConvTranspose2d(256, 128, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
BatchNorm2d(128, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
ReLU(inplace=True)
ConvTranspose2d(128, 64, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
BatchNorm2d(64, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
ReLU(inplace=True)
ConvTranspose2d(64, 3, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
Tanh()
"""
FIGURE_4_10 = """
Conv2d(3, 64, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
LeakyReLU(negative_slope=0.2, inplace=True)
Conv2d(64, 128, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
BatchNorm2d(128, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
LeakyReLU(negative_slope=0.2, inplace=True)
Conv2d(128, 256, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
BatchNorm2d(256, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
LeakyReLU(negative_slope=0.2, inplace=True)
Conv2d(256, 512, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
BatchNorm2d(512, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
LeakyReLU(negative_slope=0.2, inplace=True)
Conv2d(512, 1, kernel_size=(4, 4), stride=(1, 1), bias=False)
Sigmoid()
"""


def printed(figure: str) -> list[str]:
    """The layers of a figure as this version of torch prints them."""
    return [repr(eval(line, vars(nn))) for line in figure.split("\n") if line]


def test_networks_are_those_of_the_thesis() -> None:
    """The discriminator's sigmoid, its figure's last line, is taken in 32 bits and so outside of the list of layers."""
    assert [repr(layer) for layer in Generator().main] == printed(FIGURE_4_9)
    discriminator, image = Discriminator().eval(), torch.randn(2, 3, 64, 64)
    assert [*(repr(layer) for layer in discriminator.main), "Sigmoid()"] == printed(FIGURE_4_10)
    assert torch.equal(discriminator(image), discriminator.main(image).flatten().sigmoid())


def parameters_of(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_parameter_counts_of_the_thesis() -> None:
    generator = 16 * (100 * 512 + 512 * 256 + 256 * 128 + 128 * 64 + 64 * 3) + 2 * (512 + 256 + 128 + 64)
    discriminator = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512) + 2 * (128 + 256 + 512)
    assert parameters_of(Generator()) == generator == 3_576_704
    assert parameters_of(Discriminator()) == discriminator == 2_765_568


@pytest.mark.parametrize(("size", "kernel", "width", "latent"), [(32, 3, 8, 20), (64, 5, 4, 7), (128, 6, 2, 50)])
def test_parameter_counts_by_closed_form(size: int, kernel: int, width: int, latent: int) -> None:
    widths = {32: [4, 2, 1], 64: [8, 4, 2, 1], 128: [16, 8, 4, 2, 1]}[size]
    inner = [width * times for times in widths]
    between = sum(a * b for a, b in pairwise(inner))
    generator = 16 * latent * inner[0] + kernel**2 * (between + 3 * width) + 2 * sum(inner)
    discriminator = kernel**2 * (3 * width + between) + 16 * inner[0] + 2 * sum(inner[:-1])
    assert parameters_of(Generator(size, latent, width, kernel=kernel)) == generator
    assert parameters_of(Discriminator(size, width, kernel=kernel)) == discriminator


@pytest.mark.parametrize(
    ("size", "kernel", "layers"),
    [
        *product((32, 64, 128), (2, 3, 4, 5, 6, 9), (None,)),
        *product((64,), (3, 4), (1, 2, 5)),
        (48, 4, None),
        (48, 5, 3),
        (96, 3, None),
    ],
)
def test_shapes_and_gradients(size: int, kernel: int, layers: int | None) -> None:
    """Images of the size come out, one probability each comes back, and every parameter gets a gradient."""
    torch.manual_seed(0)
    generator = Generator(size, latent=10, width=2, layers=layers, kernel=kernel)
    discriminator = Discriminator(size, width=2, layers=layers, kernel=kernel)
    images = generator(draw_latent(3, 10))
    assert images.shape == (3, 3, size, size)
    assert images.abs().max() <= 1
    probability = discriminator(images)
    assert probability.shape == (3,)
    assert ((probability > 0) & (probability < 1)).all()
    probability.log().sum().backward()
    for network in (generator, discriminator):
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.abs().sum() > 0, name


def test_latents_of_both_shapes_are_taken() -> None:
    generator = Generator(16, latent=10, width=4).eval()
    latent = draw_latent(2, 10)
    assert torch.equal(generator(latent), generator(latent[..., None, None]))


@pytest.mark.parametrize("network", [Generator(), Discriminator()], ids=["generator", "discriminator"])
def test_initialization_is_that_of_the_paper(network: nn.Module) -> None:
    """Convolutions N(0, 0.02), batch norm N(1, 0.02) with bias 0: to five standard errors."""
    for layer in network.modules():
        if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
            continue
        weight, mean = layer.weight.detach(), 1.0 if isinstance(layer, nn.BatchNorm2d) else 0.0
        error = 0.02 / weight.numel() ** 0.5
        assert abs(weight.mean().item() - mean) < 5 * error
        assert abs(weight.std().item() - 0.02) < 5 * error / 2**0.5
        if layer.bias is not None:
            assert not layer.bias.any()


def test_dropout_follows_each_hidden_block_of_the_generator_only() -> None:
    layers = [type(layer).__name__ for layer in Generator(32, width=4, dropout=0.5).main]
    assert layers.count("Dropout2d") == 3
    assert all(layers[place - 1] == "ReLU" for place, name in enumerate(layers) if name == "Dropout2d")
    assert not any(isinstance(layer, nn.modules.dropout._DropoutNd) for layer in Generator(32, width=4).main)


def test_dropout_is_off_in_evaluation() -> None:
    generator, latent = Generator(16, 10, 4, dropout=0.5).eval(), draw_latent(2, 10)
    assert torch.equal(generator(latent), generator(latent))


@pytest.mark.parametrize(
    ("size", "layers", "blocks"), [(64, None, 4), (32, None, 3), (128, None, 5), (48, None, 3), (64, 5, 5), (8, 1, 1)]
)
def test_depth(size: int, layers: int | None, blocks: int) -> None:
    assert blocks_of(size, layers) == blocks


@pytest.mark.parametrize(("size", "layers"), [(65, None), (64, 6), (50, 2), (64, 0), (6, 2)])
def test_a_size_that_cannot_be_halved_that_often_is_refused(size: int, layers: int | None) -> None:
    with pytest.raises(ValueError, match=str(size)):
        blocks_of(size, layers)


def test_the_registry_builds_them() -> None:
    assert {name: entry.load() for name, entry in MODELS.items() if name.startswith("dcgan")} == {
        "dcgan-generator": Generator,
        "dcgan-discriminator": Discriminator,
    }


def test_latents_are_standard_normal_and_the_seeds() -> None:
    latent = draw_latent(200, 100, torch.Generator().manual_seed(1))
    assert latent.shape == (200, 100)
    assert abs(latent.mean().item()) < 5 / 20_000**0.5
    assert abs(latent.std().item() - 1) < 5 / 40_000**0.5
    assert torch.equal(latent, draw_latent(200, 100, torch.Generator().manual_seed(1)))
