"""`train pix2pix` against a copy of its input and against the mean image, on products that it has not seen.

Run: python tests/benchmarks/pix2pix_quality.py RUN PAIRS [HOUSE]

RUN is a finished run, PAIRS what it was trained on: rows of split test are new to it. HOUSE, the lookbook that PAIRS
came from, tells by its garment masks where on the worn photo the product is. Prints PSNR and SSIM of the images, of
copies of the product photos and of the mean of the worn photos that were trained on, with 95 % bootstrap intervals; the
paired gain over the mean image; and, as a test of whether an image follows its own product, in how many pairs of test
products of one category the image is nearer to its own worn photo than to the other's (chance: a half; pixels of the
garment alone where HOUSE tells them). Everything is kept in ./pix2pix_quality.
"""

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fashiontools.core.images import fit_square, read_mask, read_photo, write_photo
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Row
from fashiontools.core.output import write_table
from fashiontools.evaluate.statistics import bootstrap_interval
from fashiontools.train.shapes import Square

FOLDER = Path("pix2pix_quality")
Scores = dict[str, np.ndarray]


def fashiontools(*words: object) -> None:
    """Run a command; what it prints as data goes nowhere."""
    subprocess.run(
        [sys.executable, "-m", "fashiontools", *map(str, words), "-q"], check=True, stdout=subprocess.DEVNULL
    )


def scores_of(rows: Sequence[Row], name: str) -> Scores:
    """PSNR and SSIM of `path` against `target`, over the image and over `mask` where there is one, by row."""
    manifest, per_image = FOLDER / f"{name}.csv", FOLDER / f"{name}-scores.csv"
    write_table(manifest, ("path", "target", "mask"), rows)
    fashiontools("evaluate", manifest, "--metrics", "psnr,ssim", "--per-image", per_image)
    with open(per_image, encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    metrics = [name for name in ("psnr", "ssim", "psnr_hole", "ssim_hole") if name in found[0]]
    return {metric: np.array([float(row[metric]) for row in found]) for metric in metrics}


def told(values: np.ndarray) -> str:
    """A mean with its interval."""
    low, high = bootstrap_interval(values, seed=0)
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def garments_of(house: Path, targets: Sequence[str], square: Square) -> list[str]:
    """Masks of the garments on worn photos, squares like the images; nothing around the photo is garment."""
    garments = {row["path"]: row["garment"] for row in open_inputs([str(house)]).rows}
    files = []
    for number, target in enumerate(targets):
        mask = 255 - fit_square(255 - read_mask(garments[target]), square.size, square.fit)
        file = FOLDER / "garments" / f"{number}.png"
        write_photo(file, (mask > 127).astype(np.uint8) * 255)
        files.append(str(file.resolve()))
    return files


def followed(rows: Sequence[Row], groups: Sequence[str]) -> np.ndarray:
    """For each image and each other product of its category: whether it is nearer to its own worn photo."""
    images, targets = (np.stack([read_photo(row[c]) for row in rows]).astype(float) for c in ("path", "target"))
    wins = []
    for number, row in enumerate(rows):
        seen = read_mask(row["mask"]) > 0 if row.get("mask") else np.ones(images.shape[1:3], bool)
        if not seen.any():
            continue
        distances = np.square(targets - images[number])[:, seen].mean(axis=(1, 2))
        others = [at for at, group in enumerate(groups) if group == groups[number] and at != number]
        if others:
            wins.append(np.mean([distances[number] < distances[at] for at in others]))
    return np.array(wins)


def main(run: Path, pairs: Path, house: Path | None) -> None:
    """Sample, compare, print."""
    options = json.loads((run / "run.json").read_text(encoding="utf-8"))["options"]
    square = Square(options["size"], options["fit"])
    fashiontools("sample", run, "--input", pairs, "--where", "split=test", "--overwrite", "-o", FOLDER / "worn")
    made = list(open_inputs([str(FOLDER / "worn")]).rows)
    before = [row for row in open_inputs([str(pairs)]).rows]
    tested = [row for row in before if row["split"] == "test"]
    masks = garments_of(house, [row["target"] for row in tested], square) if house else [""] * len(made)
    mean = np.mean([square.read(row["target"]) for row in before if row["split"] == "train"], axis=0)
    write_photo(FOLDER / "mean.png", mean.round().astype(np.uint8))
    for number, row in enumerate(tested):
        write_photo(FOLDER / "copies" / f"{number}.png", square.read(row["path"]))
    kinds = {
        "images": [row["path"] for row in made],
        "copies of the input": [str((FOLDER / "copies" / f"{n}.png").resolve()) for n in range(len(made))],
        "mean image": [str((FOLDER / "mean.png").resolve())] * len(made),
    }
    found = {}
    for kind, paths in kinds.items():
        rows = [
            Row({"path": path, "target": row["target"], "mask": mask}, str(number))
            for number, (path, row, mask) in enumerate(zip(paths, made, masks, strict=True))
        ]
        found[kind] = scores_of(rows, kind.split()[0])
        print(f"{kind}: " + ", ".join(f"{metric} {told(values)}" for metric, values in found[kind].items()))
        if kind == "images":
            categories = {row["path"]: row.get("category", "") for row in tested}
            wins = followed(rows, [categories.get(row["parent"], "") for row in made])
            print(f"images nearer to their own worn photo than to another's of the category: {told(wins)}")
    for metric, values in found["images"].items():
        print(f"gain over the mean image, {metric}: {told(values - found['mean image'][metric])}; n {len(values)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
