"""Matches, counts and kinds of errors against pycocotools, and by hand."""

import contextlib
import io

import numpy as np
import pytest
from coco_oracle import by_pycocotools, drawn_set
from pycocotools import mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from fashiontools.evaluate.average_precision import Detected, Truth
from fashiontools.evaluate.error_kinds import COUNTED, count
from fashiontools.evaluate.matching import match_classes, overlaps


@pytest.mark.parametrize("seed", range(40))
def test_average_precision_from_the_matches_is_that_of_pycocotools(seed: int) -> None:
    truths, detected, classes = drawn_set(seed)
    truths = [truth._replace(areas=np.ones(len(truth.boxes))) for truth in truths]  # the area decides on size alone
    _, precision, _ = by_pycocotools(truths, detected, classes)
    for label, matches in enumerate(match_classes(truths, detected, len(classes))):
        ours = matches.average_precision(np.ones(len(truths), int))
        theirs = precision[:, :, label, 0, 2].mean(axis=1)
        np.testing.assert_allclose(ours, np.where(theirs < 0, np.nan, theirs), rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(40, 60))
def test_a_weight_is_that_many_copies_of_the_image(seed: int) -> None:
    truths, detected, classes = drawn_set(seed)
    # Copies come one after the other, and equal scores of one image would be told apart by their order.
    detected = [each._replace(scores=np.linspace(0.9, 0.1, len(each.scores))) for each in detected]
    weights = np.random.default_rng(seed).integers(0, 4, len(truths))
    copies = np.repeat(np.arange(len(truths)), weights)
    if not len(copies):
        weights, copies = np.ones(len(truths), int), np.arange(len(truths))
    ours = match_classes(truths, detected, len(classes))
    copied = match_classes([truths[i] for i in copies], [detected[i] for i in copies], len(classes))
    for matches, each in zip(ours, copied, strict=True):
        np.testing.assert_allclose(
            matches.average_precision(weights), each.average_precision(np.ones(len(copies), int)), rtol=0, atol=1e-12
        )


@pytest.mark.parametrize("seed", range(20))
def test_overlaps_are_those_of_pycocotools(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found, boxes = (np.hstack([rng.integers(0, 9, (9, 2)), rng.integers(1, 9, (9, 2))]).astype(float) for _ in "ab")
    found[:4] += rng.random((4, 4))
    crowd = rng.random(9) < 0.3
    assert (overlaps(found, boxes, crowd) == mask.iou(found, boxes, crowd.astype(np.uint8))).all()


def boxes(*each: tuple[float, ...]) -> np.ndarray:
    return np.array(each, float).reshape(-1, 4)


def counted(truth: Truth, detected: Detected, score: float = 0.5, iou: float = 0.5) -> dict[str, list[int]]:
    found = count(truth, detected, 2, score, iou)
    told = {name: found.verdicts[:, place].tolist() for place, name in enumerate(COUNTED)}
    return {**told, "missed": found.missed.tolist(), "boxes": found.boxes.tolist()}


HUNDRED = (100.0, 100.0, 100.0, 100.0)


@pytest.mark.parametrize(
    ("box", "label", "kind"),
    [
        (HUNDRED, 0, "true_positives"),
        ((100, 100, 100, 50), 0, "true_positives"),  # an overlap of exactly 0.5
        ((100, 100, 100, 49), 0, "badly_placed"),
        ((100, 100, 100, 10), 0, "badly_placed"),  # of exactly 0.1
        ((100, 100, 100, 9), 0, "background"),
        (HUNDRED, 1, "wrong_class"),
        ((100, 100, 100, 50), 1, "wrong_class"),
        ((100, 100, 100, 49), 1, "wrong_both"),
        ((100, 100, 100, 9), 1, "background"),
        ((300, 300, 50, 50), 0, "background"),
    ],
)
def test_one_detection_is_of_one_kind(box: tuple[float, ...], label: int, kind: str) -> None:
    truth = Truth(boxes(HUNDRED), np.array([0]))
    found = counted(truth, Detected(boxes(box), np.array([label]), np.array([0.5])))
    assert {name: values for name, values in found.items() if name in COUNTED and any(values)} == {
        kind: [1 - label, label]
    }
    assert found["missed"] == [int(kind in ("background", "wrong_both")), 0]
    assert found["boxes"] == [1, 0]
    below = counted(truth, Detected(boxes(box), np.array([label]), np.array([0.49])))
    assert {name: values for name, values in below.items() if any(values)} == {"missed": [1, 0], "boxes": [1, 0]}


def test_the_surer_detection_finds_and_the_other_is_a_duplicate() -> None:
    truth = Truth(boxes(HUNDRED, HUNDRED), np.array([0, 1]))
    found = Detected(boxes((100, 100, 100, 60), HUNDRED, HUNDRED), np.array([0, 0, 1]), np.array([0.9, 0.8, 0.7]))
    assert counted(truth, found) == {
        "true_positives": [1, 1],
        "duplicate": [1, 0],
        "wrong_class": [0, 0],
        "badly_placed": [0, 0],
        "wrong_both": [0, 0],
        "background": [0, 0],
        "missed": [0, 0],
        "boxes": [1, 1],
    }


def test_a_crowd_is_neither_found_nor_missed() -> None:
    truth = Truth(boxes(HUNDRED, (300, 300, 10, 10)), np.array([0, 1]), None, np.array([True, False]))
    inside = Detected(boxes((120, 120, 10, 10), (150, 150, 10, 10)), np.array([0, 0]), np.array([0.9, 0.9]))
    found = counted(truth, inside)
    assert [name for name, values in found.items() if any(values)] == ["missed", "boxes"]
    assert found["missed"] == found["boxes"] == [0, 1]
    other = counted(truth, inside._replace(labels=np.array([1, 1])))
    assert other["background"] == [0, 2]


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize(("score", "iou"), [(0.0, 0.5), (0.4, 0.75)])
def test_counts_are_those_of_pycocotools_matches(seed: int, score: float, iou: float) -> None:
    truths, detected, classes = drawn_set(seed)
    kept = [Detected(*(value[each.scores >= score] for value in each)) for each in detected]
    ours = [count(truth, found, len(classes), score, iou) for truth, found in zip(truths, detected, strict=True)]
    sides = [COCO(), COCO()]
    shared = {"images": [{"id": number} for number in range(len(truths))], "categories": [{"id": i} for i in range(9)]}
    for side, images in zip(sides, (truths, kept), strict=True):
        rows = [
            {"image_id": number, "category_id": int(label), "bbox": box.tolist(), "area": 1.0, "score": 0.0}
            | ({"iscrowd": int(each.crowd[place])} if side is sides[0] else {"iscrowd": 0, "score": each.scores[place]})
            for number, each in enumerate(images)
            for place, (box, label) in enumerate(zip(each.boxes, each.labels, strict=True))
        ]
        side.dataset = {**shared, "annotations": [{"id": number, **row} for number, row in enumerate(rows, 1)]}
        with contextlib.redirect_stdout(io.StringIO()):
            side.createIndex()
    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCOeval(*sides, "bbox")
        judge.params.iouThrs, judge.params.maxDets = np.array([iou]), [1000]
        judge.params.areaRng, judge.params.areaRngLbl = [[0, 1e10]], ["all"]
        judge.evaluate()
    for number, counts in enumerate(ours):
        for label in range(len(classes)):
            (found,) = [
                each for each in judge.evalImgs
                if each and (each["image_id"], each["category_id"]) == (number, label)
            ] or [None]  # fmt: skip
            if found is None:
                assert counts.verdicts[label].sum() == counts.boxes[label] == 0
                continue
            looked_at = ~found["dtIgnore"][0].astype(bool)
            hits = int(np.sum((found["dtMatches"][0] > 0) & looked_at))
            assert counts.hits[label] == hits
            assert counts.wrong[label] == np.sum(looked_at) - hits
            assert counts.boxes[label] == np.sum(np.array(found["gtIgnore"]) == 0)
            assert counts.missed[label] <= counts.boxes[label] - hits
