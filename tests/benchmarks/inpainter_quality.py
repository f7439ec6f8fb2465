"""`train coarse-to-fine` against the best classical fill, in the hole, on photos that it has not seen.

Run: python tests/benchmarks/inpainter_quality.py TRAIN HELD_OUT [FLAG...]

Trains the modern preset at 64 x 64 on TRAIN for at most 30 minutes (further flags go to `train`), fills two sets of
holes in the photos of HELD_OUT, and prints PSNR in the hole of both fills and the mean gain, paired per photo, with its
95 % bootstrap interval. The holes: 10 to 25 % of the photo anywhere (aspect 0.75 to 1.33), where the bar is a gain of
1 dB; and the paper's own (1/32 to 1/16, central), where it is a gain above zero. Everything is kept in
./inpainter_quality, so that the training is continued where it is stopped.
"""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np

from fashiontools.evaluate.statistics import bootstrap_interval

FOLDER = Path("inpainter_quality")
SETTINGS = (
    "--preset", "modern", "--no-descriptions", "--size", "64", "--width", "16", "--area", "0.03", "0.25",
    "--aspect", "0.75", "1.33", "--position", "anywhere", "--epochs", "30", "--time-limit", "30m", "--seed", "1",
)  # fmt: skip
HOLES = {
    "10 to 25 %, anywhere": ("--area", "0.10", "0.25", "--aspect", "0.75", "1.33", "--position", "anywhere"),
    "the paper's": (),
}
CLASSICAL = "harmonic"


def fashiontools(*words: object) -> None:
    """Run a command; what it prints as data goes nowhere."""
    subprocess.run([sys.executable, "-m", "fashiontools", *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def psnr_of(holes: Path, model: str, out: Path) -> dict[str, float]:
    """PSNR in the hole of a model's fill, by photo."""
    scores = out.with_suffix(".csv")
    fashiontools("inpaint", holes, "--model", model, "-o", out, "-q")
    fashiontools("evaluate", out, "--metrics", "psnr", "--per-image", scores, "-q")
    with open(scores, encoding="utf-8", newline="") as stream:
        return {Path(row["target"]).name: float(row["psnr_hole"]) for row in csv.DictReader(stream)}


def main(train: Path, held_out: Path, flags: list[str]) -> None:
    """Train, fill, compare, print."""
    run = FOLDER / "run"
    fashiontools("train", "coarse-to-fine", train, *SETTINGS, *flags, "-o", run)
    photos = FOLDER / "photos"
    fashiontools("export", held_out, "--size", 64, "--fit", "crop", "-o", photos, "-q")
    for number, (title, holes_flags) in enumerate(HOLES.items()):
        holes = FOLDER / f"holes{number}"
        fashiontools("mask", photos, "--shape", "rectangle", *holes_flags, "--seed", 1, "-o", holes, "-q")
        classical = psnr_of(holes, CLASSICAL, FOLDER / f"{CLASSICAL}{number}")
        trained = psnr_of(holes, str(run), FOLDER / f"trained{number}")
        pairs = np.array([(classical[name], trained[name]) for name in classical])
        pairs = pairs[np.isfinite(pairs).all(axis=1)]  # a plain hole that is filled without any error has no PSNR
        gain = pairs[:, 1] - pairs[:, 0]
        low, high = bootstrap_interval(gain, seed=0)
        means = pairs.mean(axis=0)
        print(
            f"holes {title}: {CLASSICAL} {means[0]:.2f} dB, trained {means[1]:.2f} dB; gain {gain.mean():.2f} dB "
            f"[{low:.2f}, {high:.2f}], better on {(gain > 0).mean():.0%} of {len(gain)} photos"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
