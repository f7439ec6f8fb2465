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
    """In 32 bits, since 16 hold no probability near 1. NaN for NaN, where torch's own function raises an error."""
    if not torch.isfinite(probability).all():
        return probability.sum() * torch.nan
    with torch.autocast(probability.device.type, enabled=False):
        return functional.binary_cross_entropy(probability.float(), label.float())


def hinge_real_loss(logits: Tensor) -> Tensor:
    """The hinge against real images: the mean of max(0, 1 - D) (Lim and Ye 2017; Miyato et al. 2018); a scalar."""
    return functional.relu(1 - logits).mean()


def hinge_fake_loss(logits: Tensor) -> Tensor:
    """The hinge against fakes: the mean of max(0, 1 + D); a scalar."""
    return functional.relu(1 + logits).mean()


def hinge_generator_loss(logits: Tensor) -> Tensor:
    """What the generator minimizes under the hinge: the mean of -D; a scalar."""
    return -logits.mean()
