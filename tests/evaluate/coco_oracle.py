"""Boxes and detections that are drawn, with all that is hard about them, and pycocotools to judge them."""

import contextlib
import io
import math

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from fashiontools.evaluate.average_precision import Detected, Truth

CLASSES = ("upper", "lower", "full")
ON_THE_LIMITS = (32.0**2, 96.0**2, math.nextafter(32.0**2, 0), math.nextafter(96.0**2, 1e9), 0.0, 1e10)


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
        found = truth.loadRes(results) if results else COCO()
        if not results:  # which loadRes cannot load
            found.dataset = {**truth.dataset, "annotations": []}
            found.createIndex()
        judge = COCOeval(truth, found, "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return list(judge.stats), judge.eval["precision"], judge.eval["recall"]
