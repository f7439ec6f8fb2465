"""Latent vectors by number, and walks between them."""

import math
from itertools import pairwise

import pytest
import torch

from fashiontools.sample.latents import between, latent_of, path_latent


def test_a_latent_hangs_on_seed_and_number_alone() -> None:
    assert torch.equal(latent_of(3, 7, 100, None), latent_of(3, 7, 100, None))
    different = {tuple(latent_of(seed, number, 5, None).tolist()) for seed in range(4) for number in range(50)}
    assert len(different) == 200


def test_latents_are_standard_normal() -> None:
    values = torch.stack([latent_of(0, number, 100, None) for number in range(300)]).flatten()
    assert abs(values.mean().item()) < 5 / len(values) ** 0.5
    assert abs(values.std().item() - 1) < 5 / (2 * len(values)) ** 0.5
    assert values.abs().max() > 3


@pytest.mark.parametrize("bound", [0.01, 0.5, 1.0, 2.0])
def test_truncation_bounds_every_value(bound: float) -> None:
    values = torch.stack([latent_of(1, number, 100, bound) for number in range(50)])
    assert values.abs().max() <= bound


def test_truncation_draws_again_instead_of_clamping() -> None:
    """A clamped normal piles up at the bound; a truncated one has the variance of the truncated density."""
    values = torch.stack([latent_of(1, number, 100, 1.0) for number in range(200)]).flatten()
    assert (values.abs() == 1.0).sum() == 0
    inside = math.erf(1 / math.sqrt(2))
    variance = 1 - 2 * math.exp(-0.5) / math.sqrt(2 * math.pi) / inside
    assert values.var().item() == pytest.approx(variance, rel=0.05)


def test_truncation_leaves_small_values_alone() -> None:
    plain, cut = latent_of(0, 0, 100, None), latent_of(0, 0, 100, 1.5)
    assert torch.equal(plain[plain.abs() <= 1.5], cut[plain.abs() <= 1.5])


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.9, 1.0])
def test_spherical_interpolation_of_a_right_angle(share: float) -> None:
    point = between(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), share)
    assert point.tolist() == pytest.approx([math.cos(share * math.pi / 2), math.sin(share * math.pi / 2)], abs=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_lengths_are_interpolated_linearly(share: float) -> None:
    start, end = torch.tensor([3.0, 0.0, 0.0]), torch.tensor([0.0, 0.0, 5.0])
    assert between(start, end, share).norm().item() == pytest.approx(3 + share * 2, rel=1e-6)


def test_equal_and_nearly_equal_ends() -> None:
    start = latent_of(0, 0, 100, None)
    assert torch.allclose(between(start, start.clone(), 0.4), start, atol=1e-6)
    assert torch.allclose(between(start, start * (1 + 1e-6), 0.5), start, atol=1e-4)


@pytest.mark.parametrize("length", [1, 2, 100])
def test_no_point_of_a_walk_is_longer_than_its_ends(length: int) -> None:
    """Also between opposite vectors, which a latent of length 1 often has: no sphere leads from one to the other."""
    for seed in range(20):
        ends = [latent_of(seed, number, length, None).norm().item() for number in (0, 1)]
        for number in range(9):
            point = path_latent(seed, number, length, None, 8)
            assert torch.isfinite(point).all()
            assert point.norm().item() <= max(ends) * 1.0001


@pytest.mark.parametrize("steps", [2, 5, 16])
def test_a_walk_passes_through_its_keys_and_its_length_is_monotone(steps: int) -> None:
    keys = [latent_of(4, number, 100, None) for number in range(4)]
    for number, key in enumerate(keys):
        assert torch.equal(path_latent(4, number * steps, 100, None, steps), key)
    for number in range(3):
        lengths = [path_latent(4, number * steps + i, 100, None, steps).norm().item() for i in range(steps)]
        lengths.append(keys[number + 1].norm().item())
        rising = keys[number].norm() < keys[number + 1].norm()
        assert lengths == sorted(lengths, reverse=not rising)


def test_a_walk_takes_equal_steps() -> None:
    points = [path_latent(4, number, 100, None, 10) for number in range(11)]
    angles = [torch.arccos(torch.cosine_similarity(a, b, dim=0)).item() for a, b in pairwise(points)]
    assert max(angles) == pytest.approx(min(angles), rel=1e-3)
