"""Objectives that compare images, against loops in numpy and closed forms."""

import numpy as np
import pytest
import torch

from fashiontools.losses.reconstruction import (
    content_loss,
    gram,
    hole_log_error,
    pixel_loss,
    style_loss,
    total_variation,
)

RNG = np.random.default_rng(0)


def images(*shape: int) -> torch.Tensor:
    return torch.from_numpy(RNG.uniform(-1, 1, shape).astype(np.float32))


def smooth(difference: float) -> float:
    """Smooth L1 with a bend at 1."""
    return difference**2 / 2 if abs(difference) < 1 else abs(difference) - 0.5


# -------------------------------------------------------------------------------------------------- pixels and places


def test_pixel_loss_is_the_mean_of_smooth_l1() -> None:
    output, truth = images(2, 3, 4, 5), images(2, 3, 4, 5)
    differences = (output - truth).flatten().tolist()
    assert max(map(abs, differences)) > 1 > min(map(abs, differences)), "both of its branches"
    assert pixel_loss(output, truth).item() == pytest.approx(sum(map(smooth, differences)) / 120, rel=1e-5)


def test_log_error_is_that_of_the_hole_and_a_mean_over_images() -> None:
    output, truth = images(3, 3, 6, 6), images(3, 3, 6, 6)
    mask = torch.zeros(3, 1, 6, 6)
    logs = []
    for number, side in enumerate((1, 3, 5)):
        mask[number, :, :side, 1 : side + 1] = 1
        hole = (output - truth)[number, :, :side, 1 : side + 1]
        logs.append(np.log(hole.double().square().mean().item() + 1e-4))
    assert hole_log_error(output, truth, mask).item() == pytest.approx(np.mean(logs), rel=1e-5)
    changed = torch.where(mask > 0, output, 0.3)
    assert torch.equal(hole_log_error(changed, truth, mask), hole_log_error(output, truth, mask))


def test_a_perfect_fill_has_a_finite_log_error_and_gradient() -> None:
    truth = images(1, 3, 4, 4)
    output = truth.clone().requires_grad_()
    loss = hole_log_error(output, truth, torch.ones(1, 1, 4, 4))
    loss.backward()
    assert loss.item() == pytest.approx(np.log(1e-4))
    assert torch.isfinite(output.grad).all()


def test_total_variation_by_loops() -> None:
    picture = images(2, 3, 4, 5)
    total = 0.0
    for n, c, y, x in np.ndindex(2, 3, 4, 5):
        here = picture[n, c, y, x].item()
        total += abs(picture[n, c, y, x + 1].item() - here) if x < 4 else 0
        total += abs(picture[n, c, y + 1, x].item() - here) if y < 3 else 0
    assert total_variation(picture).item() == pytest.approx(total / 2, rel=1e-5)
    assert total_variation(torch.full((1, 3, 4, 4), 0.3)).item() == 0


# ---------------------------------------------------------------------------------------------------------- features


def gram_by_loops(features: np.ndarray) -> np.ndarray:
    """Equation 3 of Kinli et al., term by term, for one image (C, H, W)."""
    channels, height, width = features.shape
    matrix = np.zeros((channels, channels))
    for one in range(channels):
        for other in range(channels):
            for y in range(height):
                for x in range(width):
                    matrix[one, other] += float(features[one, y, x]) * float(features[other, y, x])
    return matrix / (channels * height * width)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_gram_matrices_are_equation_3(layout: torch.memory_format) -> None:
    features = images(2, 3, 4, 5).contiguous(memory_format=layout)
    for one, found in zip(features.numpy(), gram(features), strict=True):
        assert np.allclose(found, gram_by_loops(one), atol=1e-6)


def test_style_loss_is_equation_2() -> None:
    output, truth = images(2, 3, 4, 5), images(2, 3, 4, 5)
    distances = [
        np.square(gram_by_loops(a) - gram_by_loops(b)).sum() for a, b in zip(output.numpy(), truth.numpy(), strict=True)
    ]
    assert style_loss(output, truth).item() == pytest.approx(np.mean(distances), rel=1e-4)


def test_style_does_not_know_places_and_content_does() -> None:
    features = images(1, 4, 6, 6)
    shuffled = features.flatten(2)[..., torch.randperm(36)].reshape(features.shape)
    assert style_loss(features, shuffled).item() == pytest.approx(0, abs=1e-10)
    assert content_loss(features, shuffled).item() > 0.1


def test_the_style_loss_trains() -> None:
    """The released code detaches both matrices, so that it trains nothing."""
    output = images(1, 3, 4, 4).requires_grad_()
    style_loss(output, images(1, 3, 4, 4)).backward()
    assert output.grad.abs().sum() > 0


def test_content_loss_is_the_mean_squared_distance() -> None:
    output, truth = images(2, 4, 3, 3), images(2, 4, 3, 3)
    expected = np.square(output.double().numpy() - truth.double().numpy()).mean()
    assert content_loss(output, truth).item() == pytest.approx(expected, rel=1e-5)


def test_gram_matrices_are_summed_in_32_bits() -> None:
    """The sum of 4,096 products of 1.1 in bfloat16 would be off by percents."""
    features = torch.full((1, 2, 64, 64), 1.1, dtype=torch.bfloat16)
    with torch.autocast("cpu", torch.bfloat16):
        found = gram(features)
    assert found.dtype == torch.float32
    assert torch.allclose(found, features[0, 0, 0, 0].float() ** 2 / 2, rtol=1e-5)


@pytest.mark.parametrize("loss", [pixel_loss, style_loss, content_loss])
def test_no_number_in_no_number_out_and_no_difference_is_nothing(loss) -> None:
    truth = images(1, 3, 4, 4)
    spoiled = truth.clone()
    spoiled[0, 0, 0, 0] = torch.nan
    assert loss(spoiled, truth).isnan()
    assert loss(truth, truth).item() == 0
