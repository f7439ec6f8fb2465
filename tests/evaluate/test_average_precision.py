"""The twelve COCO numbers against pycocotools, to the last digit, and by hand."""

import contextlib
import io
import math
import subprocess
import sys

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from fashiontools.evaluate.average_precision import (
    NUMBERS,
    PER_CLASS,
    Detected,
    Truth,
    average_precision,
)

CLASSES = ("upper", "lower", "full")
NONE = np.zeros((0, 4)), np.zeros(0, int)
ON_THE_LIMITS = (32.0**2, 96.0**2, math.nextafter(32.0**2, 0), math.nextafter(96.0**2, 1e9), 0.0, 1e10)


def box(*values: float) -> np.ndarray:
    return np.array([values], float)


def drawn_truth(rng: np.random.Generator, classes: int) -> Truth:
    count = int(rng.choice([0, 1, 2, 5, 12]))
    sides = rng.choice([8.0, 32.0, 50.5, 96.0, 200.0], (count, 2))
    boxes = np.hstack([rng.integers(0, 200, (count, 2)).astype(float), sides])
    areas = boxes[:, 2] * boxes[:, 3]
    if rng.random() < 0.5:
        areas = np.where(rng.random(count) < 0.5, rng.choice(ON_THE_LIMITS, count), areas)
    labels = rng.integers(0, max(1, classes - 1), count)  # the last class has no boxes
    return Truth(boxes, labels, areas, rng.random(count) < 0.15)


def drawn_detected(rng: np.random.Generator, truth: Truth, classes: int) -> Detected:
    """Boxes near the true ones, many more than 100 on some images, with many equal scores."""
    near = np.repeat(truth.boxes, rng.integers(0, 4), axis=0)
    near = near + rng.choice([0.0, 1.0, 4.0, 15.0], near.shape) * rng.choice([-1, 1], near.shape)
    count = int(rng.choice([0, 3, 260], p=[0.4, 0.4, 0.2]))
    far = np.hstack([rng.uniform(0, 250, (count, 2)), rng.choice([16.0, 32.0, 96.0, 120.0], (count, 2))])
    boxes = np.vstack([near, far])
    boxes[:, 2:] = np.maximum(boxes[:, 2:], 1)
    order = rng.permutation(len(boxes))
    scores = rng.choice(np.round(rng.random(6), 2), len(boxes)) if rng.random() < 0.5 else rng.random(len(boxes))
    return Detected(boxes[order], rng.integers(0, classes, len(boxes)), scores)


def drawn_set(seed: int) -> tuple[list[Truth], list[Detected], tuple[str, ...]]:
    rng = np.random.default_rng(seed)
    classes = CLASSES[: rng.integers(1, 4)]
    truths = [drawn_truth(rng, len(classes)) for _ in range(rng.integers(1, 15))]
    return truths, [drawn_detected(rng, truth, len(classes)) for truth in truths], classes


def by_pycocotools(
    truths: list[Truth], detected: list[Detected], classes: tuple[str, ...]
) -> tuple[list[float], np.ndarray, np.ndarray]:
    """The twelve numbers with -1, and the tables of precision and recall."""
    images = [{"id": 7 + number, "width": 999, "height": 999} for number in range(len(truths))]
    categories = [{"id": 3 + number, "name": name} for number, name in enumerate(classes)]
    annotations = [
        {
            "id": 1,
            "image_id": 7 + number,
            "category_id": 3 + int(label),
            "bbox": one.tolist(),
            "area": float(area),
            "iscrowd": int(crowd),
        }
        for number, truth in enumerate(truths)
        for one, label, area, crowd in zip(*truth, strict=True)
    ]
    for number, annotation in enumerate(annotations, 1):
        annotation["id"] = number
    results = [
        {"image_id": 7 + number, "category_id": 3 + int(label), "bbox": one.tolist(), "score": float(score)}
        for number, found in enumerate(detected)
        for one, label, score in zip(*found, strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {"info": {}, "images": images, "annotations": annotations, "categories": categories}
        truth.createIndex()
        judge = COCOeval(truth, truth.loadRes(results), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return list(judge.stats), judge.eval["precision"], judge.eval["recall"]


def same(ours: float, theirs: float) -> bool:
    return math.isnan(ours) if theirs == -1 else ours == theirs


@pytest.mark.parametrize("seed", range(60))
def test_the_numbers_are_those_of_pycocotools_to_the_last_digit(seed: int) -> None:
    truths, detected, classes = drawn_set(seed)
    if not any(len(found.boxes) for found in detected):
        pytest.skip("pycocotools cannot load no results at all")
    ours = average_precision(truths, detected, classes)
    theirs, precision, recall = by_pycocotools(truths, detected, classes)
    assert all(same(ours[name], value) for name, value in zip(NUMBERS, theirs, strict=True)), (ours, theirs)
    for label, name in enumerate(classes):
        for number, table in (
            ("ap", precision[:, :, label, 0, 2]),
            ("ap50", precision[0, :, label, 0, 2]),
            ("ar100", recall[:, label, 0, 2]),
        ):
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
    assert list(found) == [*NUMBERS, *(f"{number}/{name}" for name in CLASSES for number in PER_CLASS)]
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
