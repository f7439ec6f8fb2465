"""Adversarial objectives against closed-form arithmetic."""

import math

import pytest
import torch

from fashiontools.losses.adversarial import (
    fake_loss,
    hinge_fake_loss,
    hinge_generator_loss,
    hinge_real_loss,
    real_loss,
)

PROBABILITIES = [0.01, 0.25, 0.5, 0.9, 0.999]


def test_real_loss_is_the_mean_of_minus_log_d() -> None:
    expected = -sum(math.log(p) for p in PROBABILITIES) / len(PROBABILITIES)
    assert real_loss(torch.tensor(PROBABILITIES)).item() == pytest.approx(expected, rel=1e-5)


def test_fake_loss_is_the_mean_of_minus_log_one_minus_d() -> None:
    expected = -sum(math.log(1 - p) for p in PROBABILITIES) / len(PROBABILITIES)
    assert fake_loss(torch.tensor(PROBABILITIES)).item() == pytest.approx(expected, rel=1e-5)


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


@pytest.mark.parametrize("loss", [real_loss, fake_loss])
@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_no_number_in_is_no_number_out(loss, wrong: float) -> None:
    """Torch's own function raises an error, which would hide that a training diverged."""
    probability = torch.tensor([0.5, wrong], requires_grad=True)
    value = loss(probability)
    assert value.isnan()
    value.backward()


@pytest.mark.parametrize("loss", [real_loss, fake_loss])
def test_logarithms_are_taken_in_32_bits(loss) -> None:
    """16 bits hold no probability between 0.996 and 1."""
    probability = torch.tensor([0.25, 0.75], dtype=torch.bfloat16)
    with torch.autocast("cpu", torch.bfloat16):
        value = loss(probability)
    assert value.dtype == torch.float32
    assert value.item() == pytest.approx(-(math.log(0.25) + math.log(0.75)) / 2, rel=1e-6)


def test_hinges_by_hand() -> None:
    logits = torch.tensor([-3.0, -0.5, 0.25, 2.0])
    assert hinge_real_loss(logits).item() == pytest.approx((4 + 1.5 + 0.75 + 0) / 4)
    assert hinge_fake_loss(logits).item() == pytest.approx((0 + 0.5 + 1.25 + 3) / 4)
    assert hinge_generator_loss(logits).item() == pytest.approx(1.25 / 4)


def test_a_hinge_pulls_no_further_than_its_margin() -> None:
    logits = torch.tensor([-2.0, 0.0, 2.0], requires_grad=True)
    (hinge_real_loss(logits) * 3).backward()
    assert logits.grad.tolist() == [-1, -1, 0]
    logits.grad = None
    (hinge_fake_loss(logits) * 3).backward()
    assert logits.grad.tolist() == [0, 1, 1]
