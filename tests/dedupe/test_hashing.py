"""Hashes: against ImageHash, against themselves on copies, and in closed form."""

import cv2
import imagehash
import numpy as np
import pytest
from dedupe_pictures import draw_photo, hash_mirrored, hash_windows, recompress
from PIL import Image

from fashiontools.dedupe.hashing import (
    WINDOWS,
    cosine_basis,
    hash_photos,
    pack_signs,
)


def _gray(seed: int) -> np.ndarray:
    return cv2.cvtColor(draw_photo(seed), cv2.COLOR_RGB2GRAY)


def _distance(first: np.integer | int, second: np.integer | int) -> int:
    return (int(first) ^ int(second)).bit_count()


@pytest.mark.parametrize("seed", range(12))
def test_agrees_with_imagehash(seed: int) -> None:
    gray = _gray(seed)
    theirs = imagehash.phash(Image.fromarray(gray)).hash.ravel()
    ours = np.unpackbits(hash_windows(gray)[:1].astype("<u8").view(np.uint8), bitorder="little").astype(bool)
    assert (ours[1:] != theirs[1:]).sum() <= 4


def test_unlike_pictures_are_far_apart() -> None:
    hashes = [hash_windows(_gray(seed))[0] for seed in range(12)]
    distances = [_distance(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(distances) > 12
    assert np.mean(distances) == pytest.approx(31.5, abs=3)


def test_windows_lie_inside_and_begin_with_the_whole() -> None:
    assert WINDOWS.shape == (16, 4)
    assert WINDOWS[0].tolist() == [0, 0, 1, 1]
    assert (WINDOWS[:, :2] >= 0).all()
    assert (WINDOWS[:, 2:] <= 1).all()
    assert (WINDOWS[:, :2] < WINDOWS[:, 2:]).all()
    assert len(np.unique(WINDOWS, axis=0)) == 16


def test_basis_of_the_whole_axis_is_nearly_orthonormal() -> None:
    basis = cosine_basis(64, 0.0, 1.0).astype(np.float64)
    assert np.abs(basis @ basis.T * 64 - np.eye(8)).max() < 0.02
    assert basis[0].sum() == pytest.approx(1.0)
    assert np.abs(basis[1:].sum(axis=1)).max() < 1e-6


def test_a_cosine_has_one_coefficient() -> None:
    edges = np.linspace(0, 1, 101)
    axis = np.diff(np.sin(3 * np.pi * edges)) / (3 * np.pi) * 100
    expected = np.zeros(8)
    expected[3] = np.sqrt(0.5)
    assert cosine_basis(100, 0.0, 1.0) @ axis == pytest.approx(expected, abs=0.02)


def test_window_on_whole_pixels_is_the_cropped_picture() -> None:
    rng = np.random.default_rng(0)
    axis = rng.normal(size=50)
    assert cosine_basis(50, 0.2, 0.9) @ axis == pytest.approx(cosine_basis(35, 0.0, 1.0) @ axis[10:45], abs=1e-5)


def test_window_border_inside_a_pixel_counts_it_in_part() -> None:
    assert cosine_basis(4, 0.125, 1.0)[0] == pytest.approx(np.array([0.5, 1, 1, 1]) / 3.5)


@pytest.mark.parametrize("row", range(1, 16))
def test_window_hash_is_the_hash_of_the_cut_photo(row: int) -> None:
    photo = cv2.cvtColor(draw_photo(row, 1000, 1000), cv2.COLOR_RGB2GRAY)
    left, top, right, bottom = (WINDOWS[row] * 1000).round().astype(int)
    assert _distance(hash_windows(photo)[row], hash_windows(photo[top:bottom, left:right])[0]) <= 2


@pytest.mark.parametrize("seed", range(6))
def test_copies_keep_the_hash(seed: int) -> None:
    photo = draw_photo(seed)
    whole = hash_windows(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY))[0]
    half = cv2.resize(photo, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for copy in (recompress(photo, 30), half, cv2.convertScaleAbs(photo, alpha=1.1)):
        assert _distance(whole, hash_windows(cv2.cvtColor(copy, cv2.COLOR_RGB2GRAY))[0]) <= 6


@pytest.mark.parametrize("seed", range(6))
def test_mirrored_hash_is_the_hash_of_the_mirror_image(seed: int) -> None:
    gray = _gray(seed)
    assert _distance(hash_mirrored(gray), hash_windows(gray[:, ::-1])[0]) <= 2


def test_brightness_and_contrast_do_not_count() -> None:
    gray = _gray(1).astype(np.float32)
    assert (hash_windows(gray) == hash_windows(0.25 * gray + 50)).all()


@pytest.mark.parametrize("level", [0, 7, 128, 255])
def test_flat_pictures_have_hash_zero(level: int) -> None:
    flat = np.full((70, 53), level, np.uint8)
    assert not hash_windows(flat).any()
    assert hash_mirrored(flat) == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 2), (64, 300)])
def test_any_size_is_hashed(shape: tuple[int, int]) -> None:
    gray = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    hashes = hash_windows(gray)
    assert hashes.dtype == np.uint64
    assert hashes.shape == (16,)


def test_batches_are_hashed_like_single_photos() -> None:
    grays = np.stack([_gray(seed) for seed in range(70)])
    hashes, mirrored = hash_photos(grays)
    assert (hashes == np.stack([hash_windows(gray) for gray in grays])).all()
    assert mirrored.tolist() == [hash_mirrored(gray) for gray in grays]


def test_no_photos_give_no_hashes() -> None:
    hashes, mirrored = hash_photos(np.empty((0, 64, 64), np.uint8))
    assert hashes.shape == (0, 16)
    assert mirrored.shape == (0,)


def test_signs_are_packed_in_order_without_the_mean() -> None:
    coefficients = np.zeros(64)
    coefficients[[0, 1, 8, 63]] = 9.0
    assert int(pack_signs(coefficients[None])[0]) == (1 << 1) | (1 << 8) | (1 << 63)
