"""Classical fills on arrays, against hand arithmetic, a dense solver, and OpenCV called on its own."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashiontools.core.errors import BadRow
from fashiontools.inpaint import fills

CLASSICAL = ("mean", "telea", "navier_stokes", "harmonic")
PLACES = {
    "corner": (slice(0, 3), slice(0, 3)),
    "left edge, one wide": (slice(None), slice(0, 1)),
    "bottom edge, one high": (slice(-1, None), slice(None)),
    "inside": (slice(4, 8), slice(3, 9)),
    "all but one line": (slice(1, None), slice(None)),
    "last pixel": (slice(-1, None), slice(-1, None)),
}


def photo_of(size: tuple[int, int], *, gray: bool, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, size if gray else (*size, 3), np.uint8)


def hole_at(size: tuple[int, int], place: tuple[slice, slice]) -> np.ndarray:
    mask = np.zeros(size, np.uint8)
    mask[place] = 255
    return mask


@pytest.mark.parametrize("gray", [False, True], ids=["colour", "gray"])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("name", [*CLASSICAL, "patchmatch"])
def test_known_pixels_come_back_to_the_bit(name: str, place: tuple[slice, slice], gray: bool) -> None:
    photo, mask = photo_of((17, 23), gray=gray), hole_at((17, 23), place)
    before = photo.copy()
    try:
        filled = getattr(fills, name)(photo, mask)
    except BadRow:
        assert name == "patchmatch"  # where there is no whole patch to copy from, it may say so
        return
    assert filled.shape == photo.shape
    assert filled.dtype == np.uint8
    assert np.array_equal(filled[mask == 0], photo[mask == 0])
    assert np.array_equal(photo, before), "the photo given was changed"


@settings(max_examples=50)
@given(st.integers(1, 14), st.integers(1, 14), st.integers(0, 2**32), st.sampled_from(CLASSICAL), st.booleans())
def test_any_size_and_any_hole_can_be_filled(height: int, width: int, seed: int, name: str, gray: bool) -> None:
    rng = np.random.default_rng(seed)
    mask = np.where(rng.random((height, width)) < rng.random(), np.uint8(255), np.uint8(0))
    mask.flat[rng.integers(mask.size)] = 0
    photo = photo_of((height, width), gray=gray, seed=seed)
    if not mask.any():
        return
    filled = getattr(fills, name)(photo, mask)
    assert filled.shape == photo.shape
    assert np.array_equal(filled[mask == 0], photo[mask == 0])


@pytest.mark.parametrize("size", [(1, 2), (3, 3), (4, 40), (33, 61)])
def test_patchmatch_fills_or_says_that_the_photo_is_too_small(size: tuple[int, int]) -> None:
    """Nothing but a bad row may come of a photo in which no patch fits: anything else stops the whole run."""
    mask = np.full(size, 255, np.uint8)
    mask[0, 0] = 0
    photo = photo_of(size, gray=False)
    try:
        filled = fills.patchmatch(photo, mask)
    except BadRow:
        return
    assert np.array_equal(filled[0, 0], photo[0, 0])


# -------------------------------------------------------------------------------------------------------------- mean


def test_mean_is_the_mean_of_the_known_pixels() -> None:
    photo = np.array([[[0, 10, 255], [2, 20, 255]], [[7, 99, 0], [4, 31, 255]]], np.uint8)
    mask = np.array([[0, 0], [255, 0]], np.uint8)
    filled = fills.mean(photo, mask)
    assert filled[1, 0].tolist() == [2, 20, 255]  # (0+2+4)/3, 61/3 = 20.33, 255


def test_mean_of_a_gray_photo_is_rounded() -> None:
    photo = np.array([[0, 1, 1, 200]], np.uint8)
    assert fills.mean(photo, np.array([[0, 0, 0, 255]], np.uint8)).tolist() == [[0, 1, 1, 1]]  # 2/3


# ---------------------------------------------------------------------------------------------------------- harmonic


def dense_laplace(channel: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """The same equations, written down pixel by pixel and solved as a full matrix."""
    height, width = channel.shape
    matrix, known = np.eye(height * width), channel.astype(float).ravel().copy()
    for y, x in np.argwhere(hole):
        line = y * width + x
        around = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
        around = [(b, a) for b, a in around if 0 <= b < height and 0 <= a < width]
        matrix[line, line], known[line] = len(around), 0
        for b, a in around:
            matrix[line, b * width + a] = -1
    return np.linalg.solve(matrix, known).reshape(height, width)


def ragged_hole(size: tuple[int, int], seed: int) -> np.ndarray:
    """A hole of several pieces that touches edges and corners."""
    mask = np.where(np.random.default_rng(seed).random(size) < 0.5, np.uint8(255), np.uint8(0))
    mask[:3, :4] = 255
    mask[5:, -2:] = 255
    return mask


@pytest.mark.parametrize("seed", range(3))
def test_harmonic_solves_the_laplace_equation(seed: int) -> None:
    photo, mask = photo_of((12, 15), gray=False, seed=seed), ragged_hole((12, 15), seed)
    filled = fills.harmonic(photo, mask)
    for channel in range(3):
        exact = dense_laplace(photo[..., channel], mask > 0)
        assert np.abs(filled[..., channel] - exact).max() <= 0.5 + 1e-6


def test_harmonic_fills_a_ramp_with_the_ramp() -> None:
    """A linear ramp is harmonic, so a hole inside it comes back exactly."""
    photo = np.repeat(np.arange(0, 200, 10, dtype=np.uint8)[None], 15, axis=0)
    mask = hole_at(photo.shape, (slice(3, 12), slice(4, 16)))
    holed = np.where(mask > 0, np.uint8(255), photo)
    assert np.array_equal(fills.harmonic(holed, mask), photo)


def test_the_edge_of_the_photo_is_a_mirror() -> None:
    """Beyond the edge there is nothing to be drawn towards: a hole at the edge takes the colour beside it."""
    photo = np.full((9, 9), 40, np.uint8)
    photo[:, :4] = 0
    mask = hole_at((9, 9), (slice(None), slice(0, 4)))
    assert (fills.harmonic(photo, mask) == 40).all()


def test_harmonic_stays_between_what_surrounds_the_hole() -> None:
    photo = photo_of((40, 30), gray=True)
    photo[photo < 60] = 60
    photo[photo > 190] = 190
    mask = hole_at((40, 30), (slice(5, 35), slice(5, 25)))
    inside = fills.harmonic(photo, mask)[mask > 0]
    assert inside.min() >= 60
    assert inside.max() <= 190


# ------------------------------------------------------------------------------------------------------------ OpenCV


@pytest.mark.parametrize("gray", [False, True], ids=["colour", "gray"])
@pytest.mark.parametrize(("name", "flag"), [("telea", cv2.INPAINT_TELEA), ("navier_stokes", cv2.INPAINT_NS)])
def test_opencv_fills_are_opencvs(name: str, flag: int, gray: bool) -> None:
    photo, mask = photo_of((40, 31), gray=gray), ragged_hole((40, 31), 2)
    expected = cv2.inpaint(photo, mask, 3, flag)
    assert np.array_equal(getattr(fills, name)(photo, mask)[mask > 0], expected[mask > 0])


# -------------------------------------------------------------------------------------------------------- patchmatch


def test_patchmatch_continues_a_texture_better_than_the_mean() -> None:
    stripes = np.where((np.arange(48) // 4) % 2, np.uint8(230), np.uint8(30))
    photo = np.repeat(np.repeat(stripes[None, :, None], 48, axis=0), 3, axis=2)
    mask = hole_at((48, 48), (slice(18, 30), slice(18, 30)))
    holed = photo.copy()
    holed[mask > 0] = 0

    def error(filled: np.ndarray) -> float:
        return float(np.abs(filled[mask > 0].astype(int) - photo[mask > 0]).mean())

    assert error(fills.patchmatch(holed, mask)) < 0.5 * error(fills.mean(holed, mask))
