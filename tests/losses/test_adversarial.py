"""Adversarial objectives against closed-form arithmetic."""

import math

import pytest
import torch

from fashiontools.losses.adversarial import fake_loss, real_loss

PROBABILITIES = [0.01, 0.25, 0.5, 0.9, 0.999]


def test_real_loss_is_the_mean_of_minus_log_d() -> None:
    expected = -sum(math.log(p) for p in PROBABILITIES) / len(PROBABILITIES)
    assert real_loss(torch.tensor(PROBABILITIES)).item() == pytest.approx(expected, rel=1e-5)


def test_fake_loss_is_the_mean_of_minus_log_one_minus_d() -> None:
    expected = -sum(math.log(1 - p) for p in PROBABILITIES) / len(PROBABILITIES)
    assert fake_loss(torch.tensor(PROBABILITIES, dtype=torch.float64)).item() == pytest.approx(expected)


def test_a_discriminator_that_cannot_tell_loses_two_log_two() -> None:
    half = torch.full((7,), 0.5)
    assert (real_loss(half) + fake_loss(half)).item() == pytest.approx(2 * math.log(2))


@pytest.mark.parametrize(("loss", "worst", "best"), [(real_loss, 0.0, 1.0), (fake_loss, 1.0, 0.0)])
def test_the_ends_are_finite(loss, worst: float, best: float) -> None:
    probability = torch.tensor([worst], requires_grad=True)
    value = loss(probability)
    assert value.item() == 100  # the logarithm is cut off there
    value.backward()
    assert torch.isfinite(probability.grad).all()
    assert loss(torch.tensor([best])).item() == 0


@pytest.mark.parametrize(("loss", "slope"), [(real_loss, lambda p: -1 / p), (fake_loss, lambda p: 1 / (1 - p))])
def test_gradients_by_hand(loss, slope) -> None:
    """The generator's form is the non-saturating one: its slope is steepest where the discriminator is sure."""
    probability = torch.tensor([0.1, 0.6], dtype=torch.float64, requires_grad=True)
    loss(probability).backward()
    assert probability.grad.tolist() == pytest.approx([slope(0.1) / 2, slope(0.6) / 2])
