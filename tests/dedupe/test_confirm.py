"""The score: closed cases, every kind of copy, and look-alikes that must not match."""

import cv2
import numpy as np
import pytest
from dedupe_pictures import draw_packshot, draw_photo, recompress, score

from fashiontools.dedupe.alignment import align, luma
from fashiontools.dedupe.confirm import compare, score_pairs, thumbnail
from fashiontools.dedupe.hashing import WINDOWS
from fashiontools.dedupe.options import THRESHOLD

WHOLE = (0.0, 0.0, 1.0, 1.0)


def _cut(photo: np.ndarray, left: float, top: float, right: float, bottom: float) -> np.ndarray:
    height, width = photo.shape[:2]
    return photo[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]


@pytest.mark.parametrize("seed", range(4))
def test_the_same_photo_scores_one(seed: int) -> None:
    assert score(draw_photo(seed), draw_photo(seed), WHOLE, False) == pytest.approx(1.0, abs=1e-5)


def test_the_mirror_image_scores_one_when_mirrored() -> None:
    photo = draw_photo(0, 256, 192)
    assert score(photo[:, ::-1], photo, WHOLE, True) == pytest.approx(1.0, abs=1e-5)
    assert score(photo[:, ::-1], photo, WHOLE, False) < 0.0


def test_the_inverted_photo_scores_below_zero() -> None:
    photo = draw_photo(1)
    assert -1.0 <= score(255 - photo, photo, WHOLE, False) < -0.7


@pytest.mark.parametrize("seed", range(8))
def test_unlike_photos_score_low(seed: int) -> None:
    assert score(draw_photo(seed), draw_photo(seed + 100), WHOLE, False) < 0.2


def test_red_is_not_blue() -> None:
    photo = draw_photo(2)
    assert score(photo, np.ascontiguousarray(photo[..., ::-1]), WHOLE, False) < 0.2


@pytest.mark.parametrize("level", [0, 90, 255])
def test_equal_flat_photos_are_the_same(level: int) -> None:
    flat = np.full((50, 80), level, np.uint8)
    assert score(flat, flat, WHOLE, False) == 1.0
    assert score(flat, flat, WHOLE, True) == 1.0


def test_flat_photos_of_unlike_colours_differ() -> None:
    white, black = np.full((70, 70, 3), 255, np.uint8), np.zeros((70, 70, 3), np.uint8)
    red = np.full((70, 70, 3), (200, 30, 30), np.uint8)
    for first, second in ((white, black), (black, white), (white, red), (red, black)):
        assert score(first, second, WHOLE, False) < 0.0


def test_flat_photo_against_a_structured_one() -> None:
    assert score(np.full((200, 150, 3), 128, np.uint8), draw_photo(0), WHOLE, False) < 0.2


@pytest.mark.parametrize("seed", range(6))
def test_copies_are_confirmed(seed: int) -> None:
    photo = draw_photo(seed)
    half = cv2.resize(photo, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    copies = [recompress(photo, 30), half, cv2.convertScaleAbs(photo, alpha=1.1), cv2.add(photo, (15, 15, 15, 0))]
    for copy in copies:
        assert score(copy, photo, WHOLE, False) > THRESHOLD
        assert score(photo, copy, WHOLE, False) > THRESHOLD


@pytest.mark.parametrize("row", range(1, 16))
@pytest.mark.parametrize("off", [-0.01, 0.0, 0.01])
def test_cuts_beside_the_grid_are_aligned(row: int, off: float) -> None:
    photo = draw_photo(row, 400, 300)
    inside = (WINDOWS[row] > 0) & (WINDOWS[row] < 1)
    window = WINDOWS[row] + inside * np.array([off, off, -off, -off])
    cut, whole = thumbnail(_cut(photo, *window))[None], thumbnail(photo)[None]
    assert score_pairs(cut, whole, WINDOWS[row : row + 1], np.array([False]), 1.0)[0][0] > THRESHOLD
    moved = align(*(luma(picture.astype(np.float32)) for picture in (cut, whole)), WINDOWS[row : row + 1])
    assert moved[0] == pytest.approx(window, abs=0.006)


def test_a_shift_that_alignment_cannot_reach_scores_low() -> None:
    photo = draw_photo(3)
    assert score(_cut(photo, 0.25, 0.25, 1, 1), photo, WHOLE, False) < 0.2


def test_packshots_on_white() -> None:
    shirt, other = draw_packshot((60, 70, 160), 0), draw_packshot((60, 70, 160), 1)
    assert score(recompress(shirt, 30), shirt, WHOLE, False) > THRESHOLD
    assert score(other, shirt, WHOLE, False) < 0.0


@pytest.mark.parametrize("colour", [(160, 70, 60), (60, 160, 70), (130, 130, 130), (230, 220, 60)])
def test_another_colour_of_one_product_differs(colour: tuple[int, int, int]) -> None:
    assert score(draw_packshot(colour), draw_packshot((20, 25, 30)), WHOLE, False) < THRESHOLD


def test_a_print_makes_another_shirt() -> None:
    plain = draw_packshot((215, 215, 220))
    printed = plain.copy()
    cv2.circle(printed, (100, 100), 14, (60, 60, 150), -1, cv2.LINE_AA)
    assert score(printed, plain, WHOLE, False) < 0.3


def test_noise_in_flat_places_does_not_count() -> None:
    shirt = draw_packshot((60, 70, 160))
    noise = np.random.default_rng(0).normal(0, 5, shirt.shape)
    assert score(np.clip(shirt + noise, 0, 255).astype(np.uint8), shirt, WHOLE, False) > 0.9


def test_gray_photos() -> None:
    gray = cv2.cvtColor(draw_photo(5), cv2.COLOR_RGB2GRAY)
    assert score(gray, gray, WHOLE, False) == pytest.approx(1.0, abs=1e-5)
    assert score(gray, np.repeat(gray[..., None], 3, axis=2), WHOLE, False) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 5), (20, 20), (64, 1000)])
def test_tiny_and_long_photos(shape: tuple[int, int]) -> None:
    photo = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    assert thumbnail(photo).shape == (3, 48, 48)
    assert score(photo, photo, WHOLE, False) == pytest.approx(1.0, abs=1e-5)


def test_scores_do_not_depend_on_the_batch() -> None:
    photos = np.stack([thumbnail(draw_photo(seed % 7)) for seed in range(40)])
    others = np.stack([thumbnail(draw_photo(seed % 5)) for seed in range(40)])
    windows, mirrored = WINDOWS[np.arange(40) % 16], np.arange(40) % 3 == 0
    scores, moved = score_pairs(photos, others, windows, mirrored, 0.7)
    single = [score_pairs(*(x[i : i + 1] for x in (photos, others, windows, mirrored)), 0.7) for i in range(40)]
    assert scores.tolist() == [float(one[0][0]) for one in single]
    assert moved.tolist() == [one[1][0].tolist() for one in single]
    assert ((scores >= -1) & (scores <= 1)).all()


def test_only_what_is_not_clear_is_aligned() -> None:
    photo = draw_photo(8, 400, 300)
    pair = thumbnail(_cut(photo, 0.02, 0.02, 0.98, 0.98))[None], thumbnail(photo)[None]
    whole, straight = np.array([WHOLE]), np.array([False])
    (rough,), (unmoved,) = score_pairs(*pair, whole, straight, 0.0)
    (fine,), (moved,) = score_pairs(*pair, whole, straight, 1.0)
    assert 0.0 < rough < fine
    assert tuple(unmoved) == WHOLE
    assert moved == pytest.approx([0.02, 0.02, 0.98, 0.98], abs=0.006)


def test_no_pairs() -> None:
    none = np.empty((0, 3, 48, 48), np.uint8)
    scores, moved = score_pairs(none, none, np.empty((0, 4)), np.empty(0, bool), 1.0)
    assert (scores.shape, moved.shape) == ((0,), (0, 4))


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
def test_compare_finds_the_cut(mirrored: bool, swapped: bool) -> None:
    photo = draw_photo(9, 400, 300)
    window = (0.0, 0.0, 0.92, 0.92)
    cut = _cut(photo, *window)
    cut = np.ascontiguousarray(cut[:, ::-1]) if mirrored else cut
    thumbnails = thumbnail(cut), thumbnail(photo)
    found = compare(*thumbnails[::-1]) if swapped else compare(*thumbnails)
    assert found.score > THRESHOLD
    assert (found.mirrored, found.swapped) == (mirrored, swapped)
    assert found.window == pytest.approx(window, abs=0.006)


def test_compare_of_equal_and_of_unlike_photos() -> None:
    one, other = thumbnail(draw_photo(1)), thumbnail(draw_photo(2))
    same = compare(one, one)
    assert same.score == pytest.approx(1.0, abs=1e-4)
    assert same.window == pytest.approx(WHOLE, abs=0.003)
    assert not same.mirrored
    assert compare(one, other).score < 0.3
