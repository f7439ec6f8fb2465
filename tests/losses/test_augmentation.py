"""Differentiable augmentation: what each distortion does to an image, by hand, and that gradients pass."""

import numpy as np
import pytest
import torch
from torch import Tensor

from fashiontools.losses.augmentation import POLICIES, augment, brightness, contrast, cutout, saturation, translation

SIZE = 16


@pytest.fixture
def images() -> Tensor:
    torch.manual_seed(3)
    return torch.rand(64, 3, SIZE, SIZE) * 2 - 1


def test_brightness_adds_one_number_to_an_image(images: Tensor) -> None:
    added = (brightness(images) - images).flatten(1)
    assert torch.allclose(added, added[:, :1].expand_as(added), atol=1e-6)
    assert added.abs().max() <= 0.5 + 1e-6
    assert added[:, 0].std() == pytest.approx(1 / 12**0.5, rel=0.25)  # of U(-0.5, 0.5)


def test_saturation_scales_colours_around_their_grays(images: Tensor) -> None:
    gray, after = images.mean(dim=1, keepdim=True), saturation(images)
    assert torch.allclose(after.mean(dim=1, keepdim=True), gray, atol=1e-6)
    factor = ((after - gray) / (images - gray)).flatten(1).median(dim=1).values
    assert torch.allclose(after, gray + (images - gray) * factor[:, None, None, None], atol=1e-4)
    assert 0 <= factor.min() < 0.4 < 1.6 < factor.max() <= 2


def test_contrast_scales_an_image_around_its_mean(images: Tensor) -> None:
    mean, after = images.mean(dim=(1, 2, 3)), contrast(images)
    assert torch.allclose(after.mean(dim=(1, 2, 3)), mean, atol=1e-6)
    factor = after.std(dim=(1, 2, 3)) / images.std(dim=(1, 2, 3))
    assert 0.5 - 1e-4 <= factor.min() < 0.7 < 1.3 < factor.max() <= 1.5 + 1e-4


def shifted(image: np.ndarray, dy: int, dx: int) -> np.ndarray:
    """The image moved up by dy and left by dx, zeros behind it."""
    moved = np.zeros_like(image)
    for y in range(SIZE):
        for x in range(SIZE):
            if 0 <= y + dy < SIZE and 0 <= x + dx < SIZE:
                moved[:, y, x] = image[:, y + dy, x + dx]
    return moved


def test_translation_shifts_by_whole_pixels_and_fills_with_zeros(images: Tensor) -> None:
    found = set()
    for before, after in zip(images.numpy(), translation(images).numpy(), strict=True):
        fits = [
            (dy, dx) for dy in range(-2, 3) for dx in range(-2, 3) if np.array_equal(shifted(before, dy, dx), after)
        ]
        assert len(fits) == 1
        found.add(fits[0])
    assert {dy for dy, _ in found} == {dx for _, dx in found} == set(range(-2, 3)), "an eighth of 16 pixels"


def test_cutout_clears_a_square_of_half_the_side(images: Tensor) -> None:
    cleared = (cutout(images) == 0).all(dim=1)
    sides = set()
    for mask in cleared.numpy():
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        assert mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all(), "a rectangle without holes"
        assert mask.sum() == len(rows) * len(columns)
        sides |= {len(rows), len(columns)}
    assert max(sides) == SIZE // 2
    assert min(sides) < SIZE // 2, "some squares reach over the edge"


def test_gradients_pass_and_no_policy_is_no_change(images: Tensor) -> None:
    assert augment(images, ()) is images
    images.requires_grad_(True)
    augment(images, tuple(POLICIES)).sum().backward()
    assert images.grad is not None
    assert torch.isfinite(images.grad).all()
    assert (images.grad != 0).float().mean() > 0.5


def test_the_draws_are_those_of_the_global_generator(images: Tensor) -> None:
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(augment(images, tuple(POLICIES)))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])
