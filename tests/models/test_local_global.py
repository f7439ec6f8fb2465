"""The two discriminators: the released code's layers, crops of holes, spectral norm."""

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fashiontools.models.inpainting.local_global import GlobalDiscriminator, LocalDiscriminator, crop_holes
from fashiontools.models.registry import MODELS

Layer = tuple[int, int, int, int]


def convolutions(network: nn.Module) -> list[Layer]:
    """(channels in, channels out, kernel, stride) of every convolution, in order."""
    layers = (layer for layer in network.modules() if isinstance(layer, nn.Conv2d))
    return [(one.in_channels, one.out_channels, one.kernel_size[0], one.stride[0]) for one in layers]


def test_the_layers_are_the_released_codes() -> None:
    assert convolutions(GlobalDiscriminator()) == [
        (3, 32, 7, 2), (32, 64, 5, 2), (64, 128, 5, 2), (128, 64, 5, 2), (64, 32, 3, 2), (32, 16, 3, 2),
    ]  # fmt: skip
    assert convolutions(LocalDiscriminator()) == [
        (3, 16, 3, 1), (16, 32, 3, 2), (32, 64, 3, 1), (96, 128, 3, 2), (128, 64, 3, 1), (192, 64, 3, 2),
    ]  # fmt: skip
    for network in (GlobalDiscriminator(), LocalDiscriminator()):
        kinds = [type(layer).__name__ for layer in network.modules()]
        assert kinds.count("BatchNorm") == kinds.count("Conv2d") == kinds.count("LeakyReLU") == 6
        assert kinds.count("Linear") == 1


@pytest.mark.parametrize("spectral", [False, True])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("kind", "side"), [(GlobalDiscriminator, 64), (GlobalDiscriminator, 256), (LocalDiscriminator, 32)]
)
def test_one_logit_an_image_and_every_weight_learns(
    kind: type[nn.Module], side: int, count: int, spectral: bool
) -> None:
    """Also of one image alone, the rest of an epoch, of which the global one sees a single pixel at 64."""
    torch.manual_seed(0)
    network = kind(8, spectral=spectral)
    image = torch.randn(count, 3, side, side, requires_grad=True)
    logits = network(image)
    assert logits.shape == (count,)
    assert logits.dtype == torch.float32
    (logits * torch.arange(1.0, count + 1)).sum().backward()
    assert image.grad.any()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


def test_the_local_ones_joins_are_read() -> None:
    network = LocalDiscriminator(4).eval()
    read: dict[nn.Module, Tensor] = {}
    gave: dict[nn.Module, Tensor] = {}

    def keep(module: nn.Module, given: tuple[Tensor], out: Tensor) -> None:
        read[module], gave[module] = given[0], out

    for block in (network.first, network.second, network.third, network.fourth, network.fifth):
        block.register_forward_hook(keep)
    network(torch.randn(2, 3, 32, 32))
    assert torch.equal(read[network.third], torch.cat([gave[network.first], gave[network.second]], dim=1))
    assert torch.equal(read[network.fifth], torch.cat([gave[network.third], gave[network.fourth]], dim=1))


@pytest.mark.parametrize("kind", [GlobalDiscriminator, LocalDiscriminator])
def test_spectral_norm_bounds_every_layer(kind: type[nn.Module]) -> None:
    torch.manual_seed(0)
    network = kind(8, spectral=True)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(30)
        for _ in range(100):
            network(torch.randn(2, 3, 64, 64))
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert len(layers) == 7
    for layer in layers:
        assert torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2).item() == pytest.approx(1, abs=0.02)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in network.modules())


def test_the_registry_builds_them() -> None:
    assert MODELS["global-discriminator"].load() is GlobalDiscriminator
    assert MODELS["local-discriminator"].load() is LocalDiscriminator


# --------------------------------------------------------------------------------------------------------- crops


def photo_of(height: int, width: int) -> np.ndarray:
    smooth = cv2.GaussianBlur(np.random.default_rng(0).normal(size=(height, width, 3)), (0, 0), 1.5)
    return smooth.astype(np.float32)


def cropped(photo: np.ndarray, box: tuple[int, int, int, int], side: int) -> np.ndarray:
    height, width = photo.shape[:2]
    parts = torch.tensor([box], dtype=torch.float32) / torch.tensor([height, width, height, width])
    return crop_holes(torch.from_numpy(photo).permute(2, 0, 1)[None], parts, side)[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize("box", [(0, 0, 16, 16), (20, 31, 36, 47), (48, 64, 64, 80)])
def test_a_hole_of_the_right_size_is_cut_out_as_it_is(box: tuple[int, int, int, int]) -> None:
    photo = photo_of(64, 80)
    top, left, bottom, right = box
    assert np.allclose(cropped(photo, box, 16), photo[top:bottom, left:right], atol=1e-4)


@pytest.mark.parametrize("box", [(10, 20, 34, 36), (5, 8, 17, 60), (0, 0, 64, 80), (30, 30, 38, 38)])
def test_other_holes_are_resized_bilinearly_as_opencv_does(box: tuple[int, int, int, int]) -> None:
    """But at the rim, where OpenCV repeats the crop's border and ours looks at what lies beyond it."""
    photo = photo_of(64, 80)
    top, left, bottom, right = box
    expected = cv2.resize(photo[top:bottom, left:right], (32, 32), interpolation=cv2.INTER_LINEAR)
    found = cropped(photo, box, 32)
    assert np.allclose(found[3:-3, 3:-3], expected[3:-3, 3:-3], atol=1e-3)
    whole = box == (0, 0, 64, 80)
    assert not whole or np.allclose(found, expected, atol=1e-3)


def test_each_image_has_its_own_hole_and_gradients_reach_nothing_but_it() -> None:
    images = torch.randn(2, 3, 64, 64, requires_grad=True)
    boxes = torch.tensor([[8, 8, 24, 24], [32, 16, 64, 40]]) / 64
    crops = crop_holes(images, boxes, 16)
    assert torch.allclose(crops[0], images[0, :, 8:24, 8:24], atol=1e-4)
    crops.sum().backward()
    for gradient, (top, left, bottom, right) in zip(images.grad, [(8, 8, 24, 24), (32, 16, 64, 40)], strict=True):
        inside = torch.zeros(64, 64, dtype=torch.bool)
        inside[top:bottom, left:right] = True
        assert gradient[:, inside].abs().sum() > 100
        near = nn.functional.max_pool2d(inside[None, None].float(), 3, 1, 1)[0, 0] > 0
        assert gradient[:, ~near].abs().max() < 1e-3
