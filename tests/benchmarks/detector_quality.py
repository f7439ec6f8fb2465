"""A run of `train detector` on photos that it has not seen, beside the constant box of each class: COCO's AP50 and AP.

Run: python tests/benchmarks/detector_quality.py RUN SET [SPLITS]

SET is the folder of an import with boxes (`manifest.csv`, `annotations.json`) that RUN was trained on; SPLITS are those
that it has not seen, `val,test` where none is named. The constant box of a class is the median of its boxes on photos
of split train, in shares of the photo, put on every photo, as sure as photos have one. The bars: AP50 at least 0.6, and
at least 0.15 above the constant box, over all classes and for each.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from fashiontools.core.boxes import Box, format_box
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Row
from fashiontools.core.output import write_table
from fashiontools.core.progress import Progress
from fashiontools.train.boxes import BoxedPhotos, read_boxes

BAR, ABOVE = 0.6, 0.15
Scores = dict[tuple[str, str], dict[str, float]]


def boxes_of(folder: str, splits: set[str]) -> BoxedPhotos:
    """The photos of some splits with their boxes."""
    rows = [row for row in open_inputs([folder]).rows if not row.is_bad and row["split"] in splits]
    return read_boxes(rows, workers=1, progress=Progress("", quiet=True))


def constant_boxes(photos: BoxedPhotos) -> dict[str, tuple[np.ndarray, float]]:
    """Of each class the median box, (4,) x y w h in shares of the photo, and boxes per photo."""
    shares: dict[str, list[np.ndarray]] = {}
    for on in photos.boxes:
        for box, label in zip(on.boxes, on.labels, strict=True):
            shares.setdefault(label, []).append(box / [on.width, on.height, on.width, on.height])
    return {label: (np.median(found, axis=0), len(found) / len(photos.rows)) for label, found in shares.items()}


def write_constant(folder: Path, constant: dict[str, tuple[np.ndarray, float]], photos: BoxedPhotos) -> None:
    """A manifest of the constant boxes on photos."""
    rows = [
        Row({
            "path": row["path"],
            "box": format_box(Box(*(share * [on.width, on.height, on.width, on.height]))),
            "label": label,
            "score": f"{min(1.0, often):.6f}",
        })
        for row, on in zip(photos.rows, photos.boxes, strict=True)
        for label, (share, often) in constant.items()
    ]  # fmt: skip
    write_table(folder / "manifest.csv", ("path", "box", "label", "score"), rows)


def scores_of(detections: Path, folder: str, splits: str) -> Scores:
    """What `evaluate` says of detections."""
    words = ["evaluate", str(detections), "--reference", f"{folder}/annotations.json", "--reference-split", splits]
    done = subprocess.run(
        [sys.executable, "-m", "fashiontools", *words, "--metrics", "ap", "--json", "-q"],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return {(score["metric"], score["region"]): score for score in json.loads(done.stdout)["scores"]}


def main(run: str, folder: str, splits: str) -> None:
    """Print the table; exit code 1 where a bar is missed."""
    constant, unseen = constant_boxes(boxes_of(folder, {"train"})), boxes_of(folder, set(splits.split(",")))
    with tempfile.TemporaryDirectory() as scratch:
        write_constant(Path(scratch), constant, unseen)
        fixed = scores_of(Path(scratch), folder, splits)
        found = Path(scratch, "found")
        words = [
            "detect-crop",
            folder,
            "--model",
            run,
            "--all",
            "--min-score",
            "0.05",
            "--boxes-only",
            "-q",
            "-o",
            found,
        ]
        subprocess.run([sys.executable, "-m", "fashiontools", *words], check=True, stdout=subprocess.DEVNULL)
        trained = scores_of(found, folder, splits)
    print(f"{len(unseen.rows)} photos of split {splits}; the best weights of {run}; 95 % intervals over photos\n")
    print("| class | constant box: AP50 | AP50 | AP |\n| --- | --- | --- | --- |")
    passed = True
    for name in ("all", *constant):
        ap50, ap, base = trained["ap50", name], trained["ap", name], fixed["ap50", name]["mean"]
        told = " | ".join(f"{one['mean']:.3f} [{one['low']:.3f}, {one['high']:.3f}]" for one in (ap50, ap))
        print(f"| {name} | {base:.3f} | {told} |")
        passed &= ap50["mean"] >= base + ABOVE
    print(f"\nbars: AP50 {BAR} over all classes, and {ABOVE} above the constant box everywhere")
    sys.exit(0 if passed and trained["ap50", "all"]["mean"] >= BAR else 1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "val,test")
