"""Prints what examples/table1.sh measured beside the paper's table, and draws the curves of section 5.3.

Run: python examples/table1.py OUT
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np

from fashiontools.evaluate.statistics import bootstrap_interval

# Kinli, Ozcan and Kirac 2020, table 1: l1 %, l2 %, SSIM, PSNR.
PAPER = {
    "bn-us": ("BN + US", 3.38, 1.14, 0.927, 19.56),
    "in-us": ("IN + US", 3.35, 1.11, 0.932, 19.61),
    "bn-tc": ("BN + TC", 3.31, 1.08, 0.942, 19.78),
    "in-tc": ("IN + TC", 3.21, 0.99, 0.946, 19.86),
    "in-tc-cl": ("IN + TC + CL", 3.20, 0.97, 0.943, 19.78),
    "in-tc-d": ("IN + TC - D", 3.31, 1.07, 0.936, 19.74),
    "in-tc-sa": ("IN + TC - SA", 3.37, 1.12, 0.931, 19.59),
}
METRICS = ("l1", "l2", "ssim", "psnr")
BASE = "in-tc"  # the row that the paper's other rows change one thing of


def scores_of(file: Path) -> dict[tuple[str, str], dict[str, float]]:
    """The scores of an evaluation by metric and region."""
    found = json.loads(file.read_text(encoding="utf-8"))["scores"]
    return {(score["metric"], score["region"]): score for score in found}


def told(score: dict[str, float]) -> str:
    """A mean with its interval."""
    return f"{score['mean']:7.3f} [{score['low']:.3f}, {score['high']:.3f}]"


def differences(out: Path, name: str, column: str) -> str:
    """Mean difference of a row's raw output from `BASE`, paired by photo, with its 95 % bootstrap interval."""
    ours, base = (values_of(out / row / "raw.csv", column) for row in (name, BASE))
    found = np.array([ours[photo] - base[photo] for photo in ours])
    low, high = bootstrap_interval(found[np.isfinite(found)], seed=0)
    return f"{found[np.isfinite(found)].mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def values_of(file: Path, column: str) -> dict[str, float]:
    """One metric of each photo."""
    with open(file, newline="", encoding="utf-8") as stream:
        return {Path(row["target"]).name: float(row[column]) for row in csv.DictReader(stream)}


def cost_of(run: Path) -> tuple[float, float]:
    """Seconds a step, and peak memory in GiB."""
    sessions = json.loads((run / "run.json").read_text(encoding="utf-8"))["sessions"]
    steps = sum(session.get("steps", 0) for session in sessions)
    peak = max(session.get("peak_memory", 0) for session in sessions)
    return sum(session["seconds"] for session in sessions) / max(1, steps), peak / 2**30


def draw_curves(out: Path) -> None:
    """Draw the held-out loss of the refinement network with and without descriptions."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(7, 4))
    for name in ("in-tc", "in-tc-d"):
        with open(out / name / "run" / "metrics.csv", newline="", encoding="utf-8") as stream:
            lines = list(csv.DictReader(stream))
        steps = [int(line["step"]) for line in lines]
        axis.plot(steps, [float(line["val_loss_refined"]) for line in lines], label=PAPER[name][0], marker=".")
    axis.set_xlabel("step")
    axis.set_ylabel("held-out smooth L1, refinement")
    axis.legend()
    axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(out / "descriptions.png", dpi=100, metadata={"Software": None})


def main(out: Path) -> None:
    """Print the table in Markdown."""
    print("The raw output over the whole image, as the paper scores it; means with 95 % bootstrap intervals.\n")
    print("| model | paper: l1 %, l2 %, SSIM, PSNR | " + " | ".join(METRICS) + " |")
    print("| --- " * (2 + len(METRICS)) + "|")
    for name, (title, *paper) in PAPER.items():
        raw = scores_of(out / name / "raw.json")
        print(
            f"| {title} | {paper[0]:.2f}, {paper[1]:.2f}, {paper[2]:.3f}, {paper[3]:.2f} | "
            + " | ".join(told(raw[m, "image"]) for m in METRICS)
            + " |"
        )
    print(f"\nThe raw output: each row minus {PAPER[BASE][0]}, paired by photo, with 95 % bootstrap intervals.\n")
    columns = {"l1": "image: l1 %", "ssim": "image: SSIM", "psnr": "image: PSNR", "psnr_hole": "hole: PSNR"}
    print(f"| model | {' | '.join(columns.values())} |")
    print("| --- " * (1 + len(columns)) + "|")
    for name, (title, *_) in PAPER.items():
        if name != BASE:
            print(f"| {title} | {' | '.join(differences(out, name, column) for column in columns)} |")
    print("\nThe fill pasted into the photo, the hole alone, and the cost.\n")
    keys = [*((metric, "image") for metric in METRICS), ("l1", "hole"), ("psnr", "hole")]
    names = [f"{'pasted' if region == 'image' else region}: {metric}" for metric, region in keys]
    print(f"| model | {' | '.join(names)} | seconds a step | peak GiB |")
    print("| --- " * (3 + len(names)) + "|")
    for name, (title, *_) in PAPER.items():
        pasted = scores_of(out / name / "pasted.json")
        cells = [told(pasted[key]) for key in keys]
        seconds, peak = cost_of(out / name / "run")
        print(f"| {title} | {' | '.join(cells)} | {seconds:.3f} | {peak:.1f} |")
    draw_curves(out)
    print(
        "\nTwo of the paper's rows contradict themselves: a mean of PSNRs cannot lie below the PSNR of the mean\n"
        "squared error (Jensen), and 0.99 % and 0.97 % are 20.04 and 20.13 dB, not 19.86 and 19.78.\n"
        f"Curves: {out / 'descriptions.png'}; pictures: {out}/ROW/pasted/preview.png"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
