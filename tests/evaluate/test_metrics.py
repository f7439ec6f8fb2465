"""Paired metrics on arrays: SSIM and PSNR against scikit-image, L1 and L2 by hand, each over image and hole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from fashiontools.evaluate.metrics import l1, l2, psnr, ssim

BOUND = 5e-5


def oracle(image: np.ndarray, target: np.ndarray, *, full: bool = False) -> float | np.ndarray:
    """Wang et al.'s SSIM as scikit-image computes it in 64 bits; the mean, or the map (H, W) over channels."""
    found = structural_similarity(
        image,
        target,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        channel_axis=2 if image.ndim == 3 else None,
        data_range=255,
        full=full,
    )
    if not full:
        return float(found)
    return found[1].mean(axis=2) if image.ndim == 3 else found[1]


def picture(kind: str, size: tuple[int, ...], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if kind == "noise":
        return rng.integers(0, 256, size, np.uint8)
    if kind == "gradient":
        ramp = np.add.outer(np.linspace(0, 120, size[0]), np.linspace(0, 135, size[1]))
        return np.broadcast_to(ramp.reshape(*size[:2], *[1] * (len(size) - 2)), size).astype(np.uint8)
    if kind == "checker":
        board = np.add.outer(np.arange(size[0]), np.arange(size[1])) % 2 * 255
        return np.broadcast_to(board.reshape(*size[:2], *[1] * (len(size) - 2)), size).astype(np.uint8)
    return np.full(size, {"black": 0, "dark": 3, "gray": 127, "light": 252, "white": 255}[kind], np.uint8)


KINDS = ("noise", "gradient", "checker", "black", "dark", "gray", "light", "white")


def disturbed(image: np.ndarray, sigma: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [(64, 48, 3), (64, 48), (11, 11, 3), (11, 200, 3), (257, 131, 3)], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_ssim_is_within_its_bound_of_scikit_image(kind: str, size: tuple[int, ...]) -> None:
    target = picture(kind, size)
    for image in (target, disturbed(target, 2, 1), disturbed(target, 40, 2), 255 - target, picture("noise", size, 9)):
        assert abs(ssim(image, target) - oracle(image, target)) <= BOUND


@settings(max_examples=60)
@given(
    st.integers(11, 60),
    st.integers(11, 60),
    st.booleans(),
    st.sampled_from(KINDS),
    st.floats(0, 80),
    st.integers(0, 2**32),
)
def test_all_metrics_agree_with_their_oracles(
    height: int, width: int, gray: bool, kind: str, sigma: float, seed: int
) -> None:
    target = picture(kind, (height, width) if gray else (height, width, 3), seed)
    image = disturbed(target, sigma, seed + 1)
    difference = image.astype(float) - target
    assert abs(ssim(image, target) - oracle(image, target)) <= BOUND
    assert l1(image, target) == pytest.approx(100 * np.abs(difference).mean() / 255)
    assert l2(image, target) == pytest.approx(100 * (difference**2).mean() / 255**2)
    if difference.any():
        assert psnr(image, target) == pytest.approx(peak_signal_noise_ratio(target, image, data_range=255), abs=1e-9)
    else:
        assert psnr(image, target) == np.inf


@settings(max_examples=40)
@given(st.integers(11, 50), st.integers(11, 50), st.booleans(), st.floats(0.001, 1), st.integers(0, 2**32))
def test_over_the_hole_alone(height: int, width: int, gray: bool, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = picture("noise", (height, width) if gray else (height, width, 3), seed)
    image = disturbed(target, 30, seed + 1)
    hole = np.where(rng.random((height, width)) < share, np.uint8(255), np.uint8(0))
    hole[rng.integers(height), rng.integers(width)] = 255
    inside = hole > 0
    difference = (image.astype(float) - target)[inside]
    assert abs(ssim(image, target, hole) - oracle(image, target, full=True)[inside].mean()) <= BOUND
    assert l1(image, target, hole) == pytest.approx(100 * np.abs(difference).mean() / 255)
    assert l2(image, target, hole) == pytest.approx(100 * (difference**2).mean() / 255**2)
    if difference.any():
        assert psnr(image, target, hole) == pytest.approx(10 * np.log10(255**2 / (difference**2).mean()))


def test_l1_and_l2_by_hand() -> None:
    target = np.zeros((2, 2, 3), np.uint8)
    image = target.copy()
    image[0, 0] = 255
    image[1, 1, 0] = 51
    assert l1(image, target) == pytest.approx(100 * (3 + 0.2) / 12)
    assert l2(image, target) == pytest.approx(100 * (3 + 0.04) / 12)
    assert psnr(image, target) == pytest.approx(-10 * np.log10(3.04 / 12))


@pytest.mark.parametrize(("metric", "best"), [(l1, 0.0), (l2, 0.0), (ssim, 1.0), (psnr, np.inf)])
def test_identical_images_have_the_best_value(metric, best: float) -> None:
    image = picture("noise", (30, 30, 3))
    assert metric(image, image.copy()) == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("metric", [l1, l2, ssim, psnr])
def test_metrics_are_symmetric(metric) -> None:
    a, b = picture("noise", (40, 30, 3), 1), picture("noise", (40, 30, 3), 2)
    assert metric(a, b) == pytest.approx(metric(b, a), abs=1e-6)


def test_black_against_white_is_the_worst() -> None:
    black, white = picture("black", (20, 20, 3)), picture("white", (20, 20, 3))
    assert l1(black, white) == pytest.approx(100)
    assert l2(black, white) == pytest.approx(100)
    assert psnr(black, white) == pytest.approx(0)
