"""The foreground estimate, against the true garments of drawn packshots and hand-made pictures."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashiontools.mask.foreground import estimate_foreground


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two masks."""
    return np.count_nonzero((a > 0) & (b > 0)) / np.count_nonzero((a > 0) | (b > 0))


def packshots(lookbook: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    with open(lookbook / "manifest.csv", encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["view"] == "product"]
    return [
        (np.asarray(Image.open(lookbook / r["path"])), np.asarray(Image.open(lookbook / r["garment"]))) for r in rows
    ]


def test_packshots_overlap_with_their_true_garments(lookbook: Path) -> None:
    overlaps = [overlap(estimate_foreground(photo), garment) for photo, garment in packshots(lookbook)]
    assert len(overlaps) >= 5
    assert np.mean(overlaps) > 0.6
    assert min(overlaps) > 0.3


def square_on(background: np.ndarray, colour: int | tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    photo, truth = background.copy(), np.zeros(background.shape[:2], np.uint8)
    height, width = truth.shape
    inside = (slice(height // 4, 3 * height // 4), slice(width // 3, 2 * width // 3))
    photo[inside], truth[inside] = colour, 255
    return photo, truth


@pytest.mark.parametrize(
    ("background", "colour"),
    [
        (np.full((120, 90, 3), 255, np.uint8), (200, 30, 40)),
        (np.full((120, 90, 3), 255, np.uint8), (236, 234, 230)),  # white on white
        (np.full((120, 90), 40, np.uint8), 200),
        (np.full((700, 500, 3), 128, np.uint8), (0, 0, 90)),
    ],
    ids=["red on white", "off-white on white", "gray photo", "larger than the working size"],
)
def test_a_square_on_a_plain_ground_is_found(background: np.ndarray, colour: int | tuple[int, int, int]) -> None:
    photo, truth = square_on(background, colour)
    assert overlap(estimate_foreground(photo), truth) > 0.9


def test_a_square_on_a_busy_ground_is_found() -> None:
    rng = np.random.default_rng(1)
    ground = np.clip(rng.normal((60, 140, 60), 45, (150, 120, 3)), 0, 255).astype(np.uint8)
    photo, truth = square_on(ground, (230, 20, 20))
    assert overlap(estimate_foreground(photo), truth) > 0.7


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (9, 9), (64, 64)])
def test_an_empty_photo_has_its_middle_as_foreground(size: tuple[int, int]) -> None:
    found = estimate_foreground(np.full((*size, 3), 250, np.uint8))
    assert found.shape == size
    assert set(np.unique(found)) <= {0, 255}
    assert found.any()


def test_the_same_photo_gives_the_same_estimate(lookbook: Path) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (90, 70, 3), np.uint8)
    assert np.array_equal(estimate_foreground(photo), estimate_foreground(photo))
