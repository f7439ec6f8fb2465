"""The presets of `train dcgan` at equal time: KID and a classifier's confidence, on photos that none of them has seen.

Run: python tests/benchmarks/dcgan_quality.py TRAIN HELD_OUT [MINUTES]

Trains a classifier on TRAIN (a folder with a subfolder for each class), then both presets on TRAIN side by side, each
on half of the cores for MINUTES (60, which is 30 minutes of all cores each), and draws 2,000 images from each. Prints
the scores against HELD_OUT, on the classifier's features: KID of `thesis`, of `modern` and their difference with its
interval, and how confident the classifier is beside real photos. The bars: the difference of KID is above zero; the
confidence on `modern` is at least 0.6 of that on photos. Works in ./dcgan_quality and goes on where it was stopped;
dcgan_quality/PRESET-grid/grid.png are 64 images of each, as they are.
"""

import csv
import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path("dcgan_quality")
PRESETS = ("thesis", "modern")
IMAGES = 2000
SIZE = ("--size", "64", "--seed", "1", "--cache", FOLDER / "cache")


def start(*words: object, threads: int, out: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a command on some of the cores; what it prints as data goes to a file, or nowhere."""
    stdout = open(out, "wb") if out is not None else subprocess.DEVNULL  # noqa: SIM115 - the child has it
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    return subprocess.Popen([sys.executable, "-m", "fashiontools", *map(str, words)], stdout=stdout, env=environment)


def finish(*started: subprocess.Popen[bytes]) -> None:
    """Wait for commands; any that failed ends the benchmark."""
    if any([one.wait() for one in started]):
        sys.exit("a command failed")


def main(train: Path, held_out: Path, minutes: float) -> None:
    """Train, draw, judge, print."""
    cores = os.cpu_count() or 1
    FOLDER.mkdir(exist_ok=True)
    judge = FOLDER / "classifier"
    finish(start("train", "classifier", train, *SIZE, "--epochs", 25, "-o", judge, threads=cores))
    limit = ("--epochs", 1_000_000, "--time-limit", f"{minutes:g}m")
    finish(
        *(
            start("train", "dcgan", train, *SIZE, *limit, "--preset", name, "-o", FOLDER / name, threads=cores // 2)
            for name in PRESETS
        )
    )
    for name in PRESETS:
        for count, seed, out in ((IMAGES, 0, FOLDER / f"{name}-images"), (64, 1, FOLDER / f"{name}-grid")):
            finish(start("sample", FOLDER / name, "-n", count, "--seed", seed, "-o", out, "-q", threads=cores))
    scores = FOLDER / "scores.csv"
    thesis, modern = (FOLDER / f"{name}-images" for name in PRESETS)
    words = ("evaluate", thesis, "--reference", held_out, "--against", modern, "--features", judge)
    finish(start(*words, "--metrics", "kid,fid,confidence", "-q", threads=cores, out=scores))
    names = {"set": "thesis", "against": "modern", "difference": "thesis minus modern", "reference": "photos"}
    with open(scores, encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            interval = f" [{float(row['low']):.3f}, {float(row['high']):.3f}]" if row["low"] else ""
            print(f"{row['metric']:10} {names.get(row['region'], row['region']):20} {float(row['mean']):.3f}{interval}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 60.0)
