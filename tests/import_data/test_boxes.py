"""Boxes as the manifest holds them, and as a photo allows them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.cocoeval import Params

from fashiontools.core.boxes import Box, fitted, format_box, parse_box, size_of
from fashiontools.core.errors import BadRow

PIXELS = st.floats(-1e5, 1e5)


@given(PIXELS, PIXELS, PIXELS, PIXELS)
def test_what_is_written_is_read_again(x: float, y: float, width: float, height: float) -> None:
    box = Box(x, y, width, height)
    again = parse_box(format_box(box))
    assert all(abs(a - b) <= 0.005 + 1e-9 for a, b in zip(again, box, strict=True))
    assert parse_box(format_box(again)) == again


def test_whole_pixels_are_written_whole() -> None:
    assert format_box(Box(10, 20.0, 0.5, 100)) == "10 20 0.5 100"
    assert format_box(Box(-0.001, 1200, 1.005, 3.999)) == "0 1200 1 4"


@pytest.mark.parametrize("text", ["", "1 2 3", "1 2 3 4 5", "a b c d", "1 2 nan 4", "1 2 inf 4", "1,2,3,4"])
def test_what_is_no_box_is_told(text: str) -> None:
    with pytest.raises(BadRow, match=r"damaged box: .*; expected x y w h in pixels"):
        parse_box(text)


@given(PIXELS, PIXELS, st.floats(0, 1e5), st.floats(0, 1e5), st.integers(1, 500), st.integers(1, 500))
def test_a_clipped_box_is_what_is_on_the_photo(x: float, y: float, w: float, h: float, width: int, height: int) -> None:
    left, top, right, bottom = Box(x, y, w, h).clipped(width, height).corners
    assert 0 <= left <= right <= width + 1e-9
    assert 0 <= top <= bottom <= height + 1e-9
    across = max(0.0, min(x + w, width) - max(x, 0))
    down = max(0.0, min(y + h, height) - max(y, 0))
    assert math.isclose(Box(x, y, w, h).clipped(width, height).area, across * down, rel_tol=1e-6, abs_tol=1e-4)


def test_a_box_is_fitted_to_its_photo() -> None:
    assert fitted(Box(0, 0, 90, 120), 90, 120) == (0, 0, 90, 120)
    assert fitted(Box(-1, 5, 92, 10), 90, 120) == (0, 5, 90, 10)
    with pytest.raises(BadRow, match=r"box outside the photo: -1.5 5 20 10 on 90 x 120 pixels"):
        fitted(Box(-1.5, 5, 20, 10), 90, 120)
    assert fitted(Box(-50, 5, 60, 10), 90, 120, clip=True) == (0, 5, 10, 10)
    for outside in (Box(90, 5, 20, 20), Box(-20, 5, 20.5, 20), Box(5, 500, 20, 20)):
        with pytest.raises(BadRow, match="box outside the photo"):
            fitted(outside, 90, 120, clip=True)
    for empty in (Box(5, 5, 0, 10), Box(5, 5, 10, -3), Box(5, 5, 0.9, 10)):
        with pytest.raises(BadRow, match="empty box"):
            fitted(empty, 90, 120)


@pytest.mark.parametrize("area", [1, 1000, 1023, 1025, 5000, 9215, 9217, 1e6])
def test_sizes_are_coco_s(area: float) -> None:
    rules = Params(iouType="bbox")
    ranges = dict(zip(rules.areaRngLbl, rules.areaRng, strict=True))
    low, high = ranges[size_of(area)]
    assert low <= area <= high
    assert (size_of(32**2), size_of(96**2)) == ("medium", "large")
