"""Windows: what a network sees of a photo, for any photo and hole."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashiontools.core.images import fit_square
from fashiontools.inpaint.windows import Window, enlarge, shrink, window_of

SIDES = st.integers(1, 90)
SEEDS = st.integers(0, 2**32)


def hole_of(height: int, width: int, seed: int) -> np.ndarray:
    """One to three rectangles, anywhere; never all of the photo unless it is a single pixel."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((height, width), np.uint8)
    for _ in range(rng.integers(1, 4)):
        top, left = rng.integers(height), rng.integers(width)
        mask[top : top + rng.integers(1, height + 1), left : left + rng.integers(1, width + 1)] = 255
    return mask


def ends(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


@settings(max_examples=200)
@given(SIDES, SIDES, SEEDS, st.sampled_from(["crop", "pad", "stretch"]))
def test_a_window_holds_the_whole_hole(height: int, width: int, seed: int, fit: str) -> None:
    mask = hole_of(height, width, seed)
    window = window_of(mask, fit)
    top, left, bottom, right = ends(mask)
    assert window.top <= top
    assert window.left <= left
    assert bottom <= window.top + window.height
    assert right <= window.left + window.width
    if fit == "stretch":
        assert window == Window(0, 0, height, width)
        return
    assert window.height == window.width
    fits = max(bottom - top, right - left) <= min(height, width)
    assert window.width == (min if fit == "crop" and fits else max)(height, width)
    if fit == "crop" and fits:
        assert window.top >= 0
        assert window.left >= 0
        assert window.top + window.height <= height
        assert window.left + window.width <= width


@settings(max_examples=100)
@given(SIDES, SIDES, SEEDS)
def test_a_crop_is_moved_no_further_than_the_hole_wants(height: int, width: int, seed: int) -> None:
    """It is in the middle, where training saw photos, or it ends with the hole on one side."""
    mask = hole_of(height, width, seed)
    top, left, bottom, right = ends(mask)
    side = min(height, width)
    if max(bottom - top, right - left) > side:
        return
    window = window_of(mask, "crop")
    for start, low, high, length in ((window.top, top, bottom, height), (window.left, left, right, width)):
        middle = (length - side) // 2
        if middle <= low and high <= middle + side:
            assert start == middle
        else:
            assert low == start or high == start + side


@pytest.mark.parametrize("size", [(40, 70), (70, 40), (33, 33)])
def test_without_a_hole_the_window_is_where_training_cut(size: tuple[int, int]) -> None:
    mask = np.zeros(size, np.uint8)
    for fit, side in (("crop", min(size)), ("pad", max(size))):
        window = window_of(mask, fit)
        assert (window.top, window.left) == ((size[0] - side) // 2, (size[1] - side) // 2)
        assert window.height == window.width == side


@settings(max_examples=100)
@given(SIDES, SIDES, SEEDS, st.sampled_from(["crop", "pad", "stretch"]), st.booleans())
def test_what_is_cut_and_put_back_is_the_photo(height: int, width: int, seed: int, fit: str, gray: bool) -> None:
    rng = np.random.default_rng(seed)
    photo = rng.integers(0, 200, (height, width) if gray else (height, width, 3), np.uint8)
    window = window_of(hole_of(height, width, seed), fit)
    part = window.cut(photo, 255)
    assert part.shape[:2] == (window.height, window.width)
    inside = window.cut(np.full((height, width), 1, np.uint8), 0) > 0
    assert (part[~inside] == 255).all()
    assert np.array_equal(window.put(photo, part), photo)
    blank = window.put(np.zeros_like(photo), part)
    assert np.array_equal(blank[blank > 0], photo[blank > 0])
    assert np.count_nonzero(inside) == min(window.height, height) * min(window.width, width)


@settings(max_examples=200)
@given(SIDES, SIDES, SEEDS, st.sampled_from(["crop", "pad", "stretch"]), st.sampled_from([16, 64]))
def test_nothing_of_the_hole_gets_out_of_it(height: int, width: int, seed: int, fit: str, size: int) -> None:
    """Two photos that differ in the hole alone are the same outside of the small hole, to the bit."""
    mask = hole_of(height, width, seed)
    rng = np.random.default_rng(seed)
    photo = rng.integers(0, 256, (height, width, 3), np.uint8)
    other = np.where(mask[..., None] > 0, 255 - photo // 2, photo).astype(np.uint8)
    window = window_of(mask, fit)
    small, hole = shrink(window.cut(photo, 255), window.cut(mask, 0), size)
    changed, again = shrink(window.cut(other, 255), window.cut(mask, 0), size)
    assert small.shape == (size, size, 3)
    assert hole.shape == (size, size)
    assert set(np.unique(hole)) <= {0, 255}
    assert hole.any()
    assert np.array_equal(hole, again)
    assert np.array_equal(small[hole == 0], changed[hole == 0])


def test_the_small_hole_is_no_larger_than_it_must_be() -> None:
    mask = np.zeros((128, 128), np.uint8)
    mask[32:64, 40:80] = 255
    small, hole = shrink(np.zeros((128, 128, 3), np.uint8), mask, 64)
    expected = np.zeros((64, 64), np.uint8)
    expected[16:32, 20:40] = 255
    assert np.array_equal(hole, expected)
    assert np.array_equal(shrink(small, hole, 64)[1], hole)


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("size", [(160, 96), (100, 150), (64, 64)])
def test_photos_come_to_the_network_as_in_training(size: tuple[int, int], fit: str) -> None:
    """With the hole in the middle the window is the square that training saw; both shrink by areas."""
    photo = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    photo = cv2.GaussianBlur(photo, (0, 0), 3)
    mask = np.zeros(size, np.uint8)
    mask[size[0] // 2, size[1] // 2] = 255
    window = window_of(mask, fit)
    small, _ = shrink(window.cut(photo, 255), window.cut(mask, 0), 64)
    assert np.abs(small.astype(int) - fit_square(photo, 64, fit)).mean() < 4


def test_enlarged_fills_have_the_windows_shape() -> None:
    fill = np.full((64, 64, 3), 7.5, np.float32)
    for height, width in ((200, 200), (20, 20), (64, 64), (10, 300)):
        large = enlarge(fill, height, width)
        assert large.shape == (height, width, 3)
        assert large.dtype == np.float32
        assert np.allclose(large, 7.5)
