"""The twelve COCO numbers against pycocotools, to the last digit, and by hand."""

import math
import subprocess
import sys

import numpy as np
import pytest
from coco_oracle import CLASSES, ON_THE_LIMITS, by_pycocotools, drawn_set

from fashiontools.evaluate.average_precision import NUMBERS, Detected, Truth, average_precision

NONE = np.zeros((0, 4)), np.zeros(0, int)


def box(*values: float) -> np.ndarray:
    return np.array([values], float)


def same(ours: float, theirs: float) -> bool:
    return math.isnan(ours) if theirs == -1 else ours == theirs


@pytest.mark.parametrize("seed", range(60))
def test_the_numbers_are_those_of_pycocotools_to_the_last_digit(seed: int) -> None:
    truths, detected, classes = drawn_set(seed)
    ours = average_precision(truths, detected, classes)
    theirs, precision, recall = by_pycocotools(truths, detected, classes)
    assert all(same(ours[name], value) for name, value in zip(NUMBERS, theirs, strict=True)), (ours, theirs)
    for label, name in enumerate(classes):
        tables = (
            precision[:, :, label, 0, 2],
            precision[0, :, label, 0, 2],
            precision[5, :, label, 0, 2],
            *(precision[:, :, label, size, 2] for size in (1, 2, 3)),
            *(recall[:, label, 0, most] for most in (0, 1, 2)),
            *(recall[:, label, size, 2] for size in (1, 2, 3)),
        )
        for number, table in zip(NUMBERS, tables, strict=True):
            defined = table[table > -1]
            assert same(ours[f"{number}/{name}"], float(np.mean(defined)) if defined.size else -1)


def test_the_drawn_sets_have_what_is_hard() -> None:
    sets = [drawn_set(seed) for seed in range(60)]
    truths = [truth for drawn, _, _ in sets for truth in drawn]
    found = [each for _, drawn, _ in sets for each in drawn]
    assert any(truth.crowd.any() for truth in truths if truth.crowd is not None)
    assert any(len(each.boxes) > 200 for each in found)
    assert any(len(truth.boxes) == 0 for truth in truths)
    assert any(len(each.boxes) == 0 for each in found)
    assert any(len(set(each.scores)) < len(each.scores) for each in found)
    assert any(area in truth.areas for area in ON_THE_LIMITS[:4] for truth in truths if truth.areas is not None)


def test_all_found_is_one_and_nothing_found_is_zero() -> None:
    two = np.array([[10, 10, 100, 100], [200, 10, 100, 100]], float), np.array([0, 0])
    truths = [Truth(*two), Truth(*NONE)]
    perfect = [Detected(*two, np.array([0.9, 0.8])), Detected(*NONE, np.zeros(0))]
    found = average_precision(truths, perfect, CLASSES)
    assert list(found) == [*NUMBERS, *(f"{number}/{name}" for name in CLASSES for number in NUMBERS)]
    assert [found[name] for name in ("ap", "ap50", "ap_large", "ar10", "ar100", "ap/upper")] == [1.0] * 6
    assert found["ar1"] == 0.5
    assert all(math.isnan(found[name]) for name in ("ap_small", "ap_medium", "ar_small", "ap/lower", "ap50/full"))
    nothing = average_precision(truths, [Detected(*NONE, np.zeros(0))] * 2, CLASSES)
    assert [nothing[name] for name in ("ap", "ap50", "ar100", "ap50/upper")] == [0.0] * 4


@pytest.mark.parametrize("images", [0, 2])
def test_without_a_box_every_number_is_undefined(images: int) -> None:
    found = average_precision([Truth(*NONE)] * images, [Detected(*NONE, np.zeros(0))] * images, CLASSES)
    assert all(map(math.isnan, found.values()))


@pytest.mark.parametrize(
    ("truths", "detected", "told"),
    [
        ([Truth(*NONE)], [], "1 images with truths, 0 with detections"),
        ([Truth(np.zeros((2, 4)), np.zeros(1, int))], [Detected(*NONE, np.zeros(0))], r"expected \(N, 4\)"),
        ([Truth(box(0, 0, 9, 9), np.array([3]))], [Detected(*NONE, np.zeros(0))], "labels 3 to 3 of 3"),
        ([Truth(*NONE)], [Detected(box(0, 0, 9, 9), np.array([0]), np.array([np.nan]))], "finite"),
    ],
)
def test_arrays_that_cannot_be_meant_are_refused(truths: list[Truth], detected: list[Detected], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        average_precision(truths, detected, CLASSES)


def test_nothing_is_printed() -> None:
    program = (
        "import numpy as np\n"
        "from fashiontools.evaluate.average_precision import Detected, Truth, average_precision\n"
        "one = np.array([[0., 0., 9., 9.]]), np.array([0])\n"
        "assert average_precision([Truth(*one)], [Detected(*one, np.ones(1))], ['upper'])['ar1'] == 1\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
