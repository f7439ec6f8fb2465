"""Photos with boxes, made-up detections on them, and `evaluate --metrics ap` through the real command line."""

import csv
import io
import os
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
from manifests import Rows, rows_of, write_manifest
from PIL import Image

Run = Callable[..., "CompletedProcess[str]"]
Scores = dict[tuple[str, str], dict[str, str]]
LABELS = ("upper", "lower", "full")
PHOTOS, SIDE = 14, 160


def text_of(box: np.ndarray) -> str:
    return " ".join(f"{value:.2f}" for value in box)


def make_clothes(folder: Path, run: Run) -> None:
    """Fill a folder: `set`, photos with boxes, imported; `found`, what a made-up detector found on them."""
    rng = np.random.default_rng(11)
    rows, found = [], []
    for number in range(PHOTOS):
        file = folder / "listed" / "photos" / f"{number:02}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)).save(file)
        shared = {"path": f"photos/{file.name}", "split": "val" if number % 2 else "train"}
        count = int(rng.integers(1, 4)) if number else 0
        rows += [{**shared, "box": "", "label": ""}] * (count == 0)
        for _ in range(count):
            sides = rng.choice([20, 32, 60, 110], 2)
            box = np.concatenate([rng.integers(0, SIDE - sides), sides]).astype(float)
            label = str(rng.choice(LABELS))
            rows.append({**shared, "box": text_of(box), "label": label})
            for _ in range(int(rng.integers(0, 3))):
                near = np.maximum(box + rng.normal(0, 6, 4), 1)
                told = label if rng.random() < 0.8 else str(rng.choice(LABELS))
                found.append({**shared, "box": text_of(near), "label": told, "score": f"{rng.random():.2f}"})
        if rng.random() < 0.4:
            far = np.concatenate([rng.integers(0, 80, 2), rng.integers(10, 70, 2)]).astype(float)
            found.append({**shared, "box": text_of(far), "label": "full", "score": f"{rng.random():.2f}"})
    write_manifest(folder / "listed", rows)
    done = run("import", "coco", folder / "listed", "-o", folder / "set")
    assert done.returncode == 0, done.stderr
    (folder / "found").mkdir()
    write_found(folder / "found", found, folder / "listed")


def write_found(folder: Path, found: Rows, photos: Path) -> None:
    write_manifest(folder, [{**row, "path": os.path.relpath(photos / row["path"], folder)} for row in found])


def found_rows(clothes: Path) -> Rows:
    """The detections with absolute paths."""
    rows = rows_of(clothes / "found")
    return [{**row, "path": os.path.normpath(clothes / "found" / row["path"])} for row in rows]


def ap(run: Run, clothes: Path, *words: str | Path, found: Path | str | None = None, **more: object) -> Scores:
    return scores_of(evaluate(run, clothes, *words, found=found, **more))


def evaluate(
    run: Run, clothes: Path, *words: str | Path, found: Path | str | None = None, **more: object
) -> "CompletedProcess[str]":
    reference = () if "--reference" in words else ("--reference", clothes / "set" / "annotations.json")
    return run("evaluate", found or clothes / "found", "--metrics", "ap", *reference, *words, **more)


def scores_of(done: "CompletedProcess[str]") -> Scores:
    assert done.returncode == 0, done.stderr
    return {(row["metric"], row["region"]): row for row in csv.DictReader(io.StringIO(done.stdout))}


def one_line(done: "CompletedProcess[str]", code: int, *words: str | Path) -> None:
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    (line,) = done.stderr.splitlines()
    for word in words:
        assert str(word) in line
