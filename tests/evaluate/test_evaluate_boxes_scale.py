"""`evaluate --metrics ap` on 100,000 detections on 20,000 photos: the numbers of pycocotools, in bounded memory."""

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from box_commands import LABELS, scores_of
from manifests import write_manifest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

PHOTOS, DETECTIONS = 20_000, 100_000
SIDE = 300
MOST_MIB = 1_000
TWELVE = (
    "ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large",
    "ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large",
)  # fmt: skip
MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""
"""A small process between: a new process counts the memory of the one that started it as its own."""


def drawn_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    sides = rng.choice([20.0, 32.0, 60.0, 96.0, 140.0], (count, 2))
    return np.hstack([np.floor(rng.random((count, 2)) * (SIDE - sides)), sides])


def write_truth(file: Path, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """COCO's JSON of photos that are not there, none to three boxes each; the boxes, their photos and labels."""
    photos = np.repeat(np.arange(PHOTOS), rng.integers(0, 4, PHOTOS))
    boxes, labels = drawn_boxes(rng, len(photos)), rng.integers(0, len(LABELS), len(photos))
    images = [
        {"id": n + 1, "file_name": f"photos/{n:05}.jpg", "width": SIDE, "height": SIDE, "split": "val"}
        for n in range(PHOTOS)
    ]
    annotations = [
        {"id": n, "image_id": int(photo) + 1, "category_id": int(label) + 1, "bbox": box.tolist(), "iscrowd": 0}
        | {"area": float(box[2] * box[3])}
        for n, (photo, label, box) in enumerate(zip(photos, labels, boxes, strict=True), 1)
    ]
    categories = [{"id": n, "name": label} for n, label in enumerate(LABELS, 1)]
    content = {"info": {}, "images": images, "annotations": annotations, "categories": categories}
    file.write_text(json.dumps(content), encoding="utf-8")
    return photos, boxes, labels


def detections(rng: np.random.Generator, photos: np.ndarray, boxes: np.ndarray, labels: np.ndarray) -> list[list[str]]:
    """Photo, box, label and score of each, by photo: two of three near a true box, one anywhere."""
    near = rng.integers(0, len(boxes), 2 * DETECTIONS // 3)
    close = boxes[near] + rng.normal(0, 5, (len(near), 4))
    far = drawn_boxes(rng, DETECTIONS - len(near))
    everything = np.vstack([close, far])
    everything[:, 2:] = np.maximum(everything[:, 2:], 2)
    on = np.concatenate([photos[near], rng.integers(0, PHOTOS, len(far))])
    told = np.where(rng.random(DETECTIONS) < 0.8, np.concatenate([labels[near], rng.integers(0, 3, len(far))]), 2)
    scores = np.round(rng.random(DETECTIONS), 3)  # many are equal
    return [
        [f"{on[n]:05}.jpg", " ".join(f"{value:.2f}" for value in everything[n]), LABELS[told[n]], f"{scores[n]}"]
        for n in np.argsort(on, kind="stable")
    ]


def by_pycocotools(truth_file: Path, found: list[list[str]]) -> list[float]:
    """Its twelve numbers."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(truth_file))
        results = [
            {
                "image_id": int(name[:5]) + 1,
                "category_id": LABELS.index(label) + 1,
                "bbox": list(map(float, box.split())),
                "score": float(score),
            }
            for name, box, label, score in found
        ]
        judge = COCOeval(truth, truth.loadRes(results), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return [float(value) for value in judge.stats]


@pytest.mark.slow
def test_a_hundred_thousand_detections_have_pycocotools_numbers(environment: dict[str, str], tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    found = detections(rng, *write_truth(tmp_path / "annotations.json", rng))
    (tmp_path / "found").mkdir()
    rows = [
        {"path": f"../photos/{name}", "box": box, "label": label, "score": score} for name, box, label, score in found
    ]
    write_manifest(tmp_path / "found", rows)
    words = ("evaluate", tmp_path / "found", "--metrics", "ap", "--reference", tmp_path / "annotations.json")
    with open(tmp_path / "scores.csv", "w") as stdout, open(tmp_path / "told.txt", "w") as stderr:
        command = [sys.executable, "-c", MEASURED, tmp_path / "peak", sys.executable, "-m", "fashiontools", *words]
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
    told = (tmp_path / "told.txt").read_text()
    texts = ((tmp_path / "scores.csv").read_text(), told)
    scores = scores_of(subprocess.CompletedProcess(words, done.returncode, *texts))
    assert [float(scores[name, "all"]["mean"]) for name in TWELVE] == by_pycocotools(
        tmp_path / "annotations.json", found
    )
    recipe = scores["ap", "all"]["recipe"]
    assert f"reference {PHOTOS} photos" in recipe
    assert f"{DETECTIONS:,} rows" in told
    assert int((tmp_path / "peak").read_text()) / 1024 < MOST_MIB
