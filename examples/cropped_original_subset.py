"""Prints what examples/cropped_original_subset.sh measured beside the thesis's table 5.2.

Run: python examples/cropped_original_subset.py OUT
"""

import json
import sys
from pathlib import Path
from typing import Any

from fashiontools.core.inputs import open_inputs

# Chiaretti 2020, chapter 5.2: photos, loss of the generator, of the discriminator, D(x), at the best epoch.
THESIS = {
    "cropped": (5328, 2.0062, 0.5139, 0.6736),
    "original": (9940, 2.2091, 0.5668, 0.6509),
    "subset": (5328, 2.7983, 0.6572, 0.6469),
}


def count(crops: Path) -> int:
    """How many garments were cut out."""
    return sum(not row.is_bad for row in open_inputs([str(crops)]).rows)


def distances(file: Path) -> str:
    """FID, and KID times 1000 with its interval."""
    scores = {score["metric"]: score for score in json.loads(file.read_text(encoding="utf-8"))["scores"]}
    kid = scores["kid"]
    low, mean, high = (1000 * kid[name] for name in ("low", "mean", "high"))
    return f"{scores['fid']['mean']:.1f} | {mean:.1f} [{low:.1f}, {high:.1f}]"


def row(out: Path, name: str) -> str:
    """A line of the table."""
    totals: dict[str, Any] = json.loads((out / name / "run" / "run.json").read_text(encoding="utf-8"))["totals"]
    best, (photos, *thesis) = totals["best_epoch"], THESIS[name]
    ours = [best[column] for column in ("loss_g", "loss_d", "d_x")]
    cells = [f"{a:.4f} / {b:.4f}" for a, b in zip(thesis, ours, strict=True)]
    own, crops = (distances(out / name / file) for file in ("own.json", "crops.json"))
    return f"| {name} | {photos:,} / {totals['photos']:,} | {' | '.join(cells)} | {own} | {crops} |"


def main(out: Path) -> None:
    """Print the table in Markdown."""
    print("\nThesis / ours at the best epoch; FID and 1000 KID (95 % interval) of as many new images as crops.\n")
    titles = ["photos of", "photos", "loss G", "loss D", "D(x)", "FID own", "KID own", "FID crops", "KID crops"]
    print(f"| {' | '.join(titles)} |")
    print("| --- " * len(titles) + "|")
    for name in THESIS:
        print(row(out, name))
    print(
        "\nOwn: against the photos that the GAN was trained on. Crops: against the cut-out garments, which is\n"
        "what one wants new ones of. The losses of three games can not be compared, the distances can.\n"
        f"Pictures: {out}/crops/preview.png, {out}/*/samples/grid.png"
    )


if __name__ == "__main__":
    if sys.argv[1] == "--count":
        print(count(Path(sys.argv[2])))
    else:
        main(Path(sys.argv[1]))
