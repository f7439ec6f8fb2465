"""Adversarial objectives, on the probabilities that a discriminator gives."""

import torch
from torch import Tensor
from torch.nn import functional


def real_loss(probability: Tensor) -> Tensor:
    """Binary cross-entropy against the label 1 (real): the mean of -log D.

    Goodfellow et al. 2014. For the generator this is the non-saturating form, which the paper recommends over
    log(1 - D(G(z))).

    Args:
        probability: (N,) float in [0, 1], the discriminator's output; logarithms are cut off at -100.

    Returns:
        A scalar.
    """
    return _cross_entropy(probability, torch.ones_like(probability))


def fake_loss(probability: Tensor) -> Tensor:
    """Binary cross-entropy against the label 0 (fake): the mean of -log(1 - D). Arguments as for `real_loss`."""
    return _cross_entropy(probability, torch.zeros_like(probability))


def _cross_entropy(probability: Tensor, label: Tensor) -> Tensor:
    """NaN for NaN: torch's own function raises an error that says nothing of a training that has gone wrong."""
    if not torch.isfinite(probability).all():
        return probability.sum() * torch.nan
    return functional.binary_cross_entropy(probability, label)
