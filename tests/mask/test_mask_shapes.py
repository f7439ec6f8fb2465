"""Hole shapes as pure functions: areas, sides, places, and their distributions against SciPy."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from fashiontools.core.errors import BadRow
from fashiontools.mask.shapes import Garment, Range, draw_boxes, draw_center, draw_strokes

PAPER_AREA, PAPER_ASPECT = Range(1 / 32, 1 / 16), Range(0.75, 1.25)
DRAWS = 300
SIDE = 512
CHANCE = 0.001  # a right sampler fails such a check once in a thousand seeds; the seed is fixed


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, width, height of the only hole; it has to be a full rectangle."""
    x, y, width, height = cv2.boundingRect(mask)
    assert cv2.countNonZero(mask) == width * height
    return x, y, width, height


def share(mask: np.ndarray) -> float:
    return cv2.countNonZero(mask) / mask.size


def garment_at(size: tuple[int, int], top: int, left: int, height: int, width: int) -> np.ndarray:
    mask = np.zeros(size, np.uint8)
    mask[top : top + height, left : left + width] = 255
    return mask


@pytest.fixture(scope="module")
def paper_boxes() -> np.ndarray:
    """(300, 4): left, top, width, height of the paper's rectangles on a photo of 512 x 512."""
    masks = (draw_boxes(np.random.default_rng([7, n]), (SIDE, SIDE), PAPER_AREA, PAPER_ASPECT) for n in range(DRAWS))
    return np.array([box_of(mask) for mask in masks], dtype=float)


def test_paper_rectangle_area_is_uniform(paper_boxes: np.ndarray) -> None:
    areas = paper_boxes[:, 2] * paper_boxes[:, 3] / SIDE**2
    assert kstest(areas, "uniform", args=(1 / 32, 1 / 32)).pvalue > CHANCE


def test_paper_rectangle_aspect_is_uniform(paper_boxes: np.ndarray) -> None:
    assert kstest(paper_boxes[:, 2] / paper_boxes[:, 3], "uniform", args=(0.75, 0.5)).pvalue > CHANCE


@pytest.mark.parametrize("axis", [0, 1])
def test_paper_rectangle_lies_uniformly_in_the_central_three_fifths(paper_boxes: np.ndarray, axis: int) -> None:
    margin = round(SIDE / 5)
    room = SIDE - 2 * margin - paper_boxes[:, axis + 2]
    places = (paper_boxes[:, axis] - margin) / room
    assert places.min() >= 0
    assert places.max() <= 1
    assert kstest(places, "uniform").pvalue > CHANCE


def test_the_uniformity_check_can_fail(paper_boxes: np.ndarray) -> None:
    areas = paper_boxes[:, 2] * paper_boxes[:, 3] / SIDE**2
    assert kstest(areas, "uniform", args=(1 / 32, 1 / 16)).pvalue < CHANCE


@settings(max_examples=60)
@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(0, 2**32),
    st.booleans(),
    st.floats(0.01, 0.3),
    st.integers(1, 4),
)
def test_boxes_are_never_empty_and_stay_inside(
    height: int, width: int, seed: int, central: bool, area: float, count: int
) -> None:
    rng = np.random.default_rng(seed)
    mask = draw_boxes(rng, (height, width), Range(area, area), Range(0.5, 2), count=count, central=central)
    assert mask.shape == (height, width)
    assert set(np.unique(mask)) <= {0, 255}
    assert mask.any()
    if central and min(height, width) >= 10:  # a photo of a few pixels has no middle
        x, y, box_width, box_height = cv2.boundingRect(mask)
        margin_y, margin_x = round(height / 5), round(width / 5)
        assert margin_y <= y
        assert y + box_height <= height - margin_y
        assert margin_x <= x
        assert x + box_width <= width - margin_x


def test_a_box_that_is_too_wide_becomes_taller_and_keeps_its_area() -> None:
    mask = draw_boxes(np.random.default_rng(0), (400, 40), Range(0.2, 0.2), Range(4, 4), central=False)
    _, _, width, height = box_of(mask)
    assert width == 40
    assert height == 80


def test_a_box_that_does_not_fit_is_a_bad_row() -> None:
    with pytest.raises(BadRow, match="does not fit"):
        draw_boxes(np.random.default_rng(0), (100, 100), Range(0.5, 0.5), Range(1, 1), central=True)


def test_unequal_boxes_cover_what_was_asked_for() -> None:
    """`--area` is the share of the image that the hole covers, whether its boxes overlap or not."""
    area, aspect = Range(0.25, 0.3), Range(0.5, 2)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        mask = draw_boxes(rng, (200, 200), area, aspect, count=4, central=False, unequal=True)
        assert 0.25 - 0.01 <= share(mask) <= 0.3 + 0.01, f"seed {seed}"


# ------------------------------------------------------------------------------------------------------- the garment


@pytest.mark.parametrize("seed", range(20))
def test_a_box_hits_a_small_far_garment(seed: int) -> None:
    """Uniform places miss these 16 pixels nearly always: they lie in a corner of the central three fifths."""
    size = (1000, 1000)
    cloth = garment_at(size, 205, 205, 4, 4)
    mask = draw_boxes(
        np.random.default_rng(seed), size, Range(0.0005, 0.001), PAPER_ASPECT, garment=Garment(cloth, pixels=8)
    )
    assert cv2.countNonZero(cv2.bitwise_and(mask, cloth)) >= 8


def test_places_on_a_small_garment_vary() -> None:
    size = (1000, 1000)
    garment = Garment(garment_at(size, 205, 205, 4, 4), pixels=8)
    places = {
        box_of(draw_boxes(np.random.default_rng(seed), size, Range(0.001, 0.001), Range(1, 1), garment=garment))
        for seed in range(20)
    }
    assert len(places) > 5


def test_each_of_several_boxes_touches_the_garment() -> None:
    size = (400, 400)
    cloth = garment_at(size, 100, 100, 60, 200)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        mask = draw_boxes(rng, size, Range(0.02, 0.02), Range(1, 1), count=3, garment=Garment(cloth, pixels=8))
        count, labels = cv2.connectedComponents(mask)
        for number in range(1, count):
            assert np.count_nonzero(cloth[labels == number]) >= 8


@pytest.mark.parametrize(
    "cloth",
    [
        pytest.param(garment_at((100, 100), 0, 0, 15, 15), id="outside the central part"),
        pytest.param(garment_at((100, 100), 50, 50, 1, 7), id="too few pixels"),
        pytest.param(np.zeros((100, 100), np.uint8), id="none"),
    ],
)
def test_a_garment_that_cannot_be_touched_is_a_bad_row(cloth: np.ndarray) -> None:
    with pytest.raises(BadRow, match="garment"):
        draw_boxes(np.random.default_rng(0), (100, 100), PAPER_AREA, PAPER_ASPECT, garment=Garment(cloth, pixels=8))


def test_the_smallest_garment_that_can_be_touched_is() -> None:
    cloth = garment_at((100, 100), 50, 50, 1, 8)
    mask = draw_boxes(np.random.default_rng(0), (100, 100), PAPER_AREA, PAPER_ASPECT, garment=Garment(cloth, pixels=8))
    assert np.count_nonzero(mask[cloth > 0]) == 8


# ------------------------------------------------------------------------------------------------ center and strokes


@pytest.mark.parametrize("size", [(160, 120), (33, 64), (7, 7), (2, 90)])
def test_center_is_the_middle_half_of_both_sides(size: tuple[int, int]) -> None:
    mask = draw_center(np.random.default_rng(0), size, Range(0.25, 0.25), None)
    x, y, width, height = box_of(mask)
    assert height == pytest.approx(size[0] / 2, abs=0.51)
    assert width == pytest.approx(size[1] / 2, abs=0.51)
    assert abs(y - (size[0] - y - height)) <= 1
    assert abs(x - (size[1] - x - width)) <= 1


@pytest.mark.parametrize("count", [1, 4, 9])
@pytest.mark.parametrize("size", [(64, 64), (160, 120), (40, 400)])
@pytest.mark.parametrize("area", [(0.1, 0.25), (0.02, 0.03), (0.5, 0.6)])
def test_strokes_stay_inside_their_area(size: tuple[int, int], area: tuple[float, float], count: int) -> None:
    for seed in range(15):
        mask = draw_strokes(np.random.default_rng(seed), size, Range(*area), count=count)
        assert area[0] <= share(mask) <= area[1], f"seed {seed}"


@settings(max_examples=25)
@given(st.integers(1, 80), st.integers(1, 80), st.integers(0, 2**32), st.floats(0.001, 0.9), st.floats(0, 0.1))
def test_strokes_never_cover_more_than_the_high_area(
    height: int, width: int, seed: int, low: float, extra: float
) -> None:
    try:
        mask = draw_strokes(np.random.default_rng(seed), (height, width), Range(low, low + extra), count=3)
    except BadRow:
        assert (low + extra) * height * width < 20  # the thinnest stroke is too much of a few pixels alone
        return
    assert share(mask) <= low + extra


@pytest.mark.parametrize("seed", range(10))
def test_strokes_of_one_exact_area_come_near_it(seed: int) -> None:
    mask = draw_strokes(np.random.default_rng(seed), (128, 128), Range(0.2, 0.2), count=4)
    assert 0.18 <= share(mask) <= 0.2


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 3), (8, 8)])
def test_strokes_on_tiny_photos_leave_a_hole_or_say_why(size: tuple[int, int]) -> None:
    """A mask without a hole is no mask: either something is drawn or the row is bad."""
    for seed in range(10):
        try:
            mask = draw_strokes(np.random.default_rng(seed), size, Range(0.1, 0.25), count=4)
        except BadRow:
            continue
        assert mask.any()


def test_strokes_are_not_boxes() -> None:
    mask = draw_strokes(np.random.default_rng(3), (256, 256), Range(0.1, 0.25), count=4)
    _, _, width, height = cv2.boundingRect(mask)
    assert cv2.countNonZero(mask) < 0.8 * width * height
