"""`dedupe` against imagededup's PHash: recall by kind of copy, photos dropped wrongly, wall time of whole processes.

Run: python tests/benchmarks/dedupe_speed.py PHOTOS [ROUNDS]        (needs the extra `bench`)

PHOTOS is a folder of photos without copies (but for those that it is known to have). 400 of them are copied: JPEG
quality 30, half size, brighter by 10 %, mirrored, and cropped by U(2 %, 10 %) of each cut side, centred (four sides)
and at a corner drawn at random (two sides). The bars: at least 8 times as fast; recall at least 0.97 over all copies
that are not cropped beyond 5 %, at least 0.9 for each kind and each bin of crops up to 5 %; at most one original in a
thousand dropped wrongly.
"""

import csv
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from fashiontools.core.contact_sheet import contact_sheet
from fashiontools.core.images import read_photo, write_photo
from fashiontools.core.inputs import open_inputs

COPIED = 400
KINDS = ("quality 30", "half size", "brighter", "mirrored", "centre crop", "corner crop")
PEER = """
import sys
from imagededup.methods import PHash
hasher = PHash(verbose=False)
hasher.find_duplicates(image_dir=sys.argv[1], max_distance_threshold=10, num_enc_workers=2, num_dist_workers=2)
"""


def crop(photo: np.ndarray, cut: float, corner: int | None) -> np.ndarray:
    """Cut a share from all four sides, or from the two sides away from a corner."""
    height, width = photo.shape[:2]
    y, x = round(height * cut), round(width * cut)
    if corner is None:
        return photo[y : height - y, x : width - x]
    top, left = (y if corner & 1 else 0), (x if corner & 2 else 0)
    return photo[top : top + height - y, left : left + width - x]


def copy_of(photo: np.ndarray, kind: str, rng: np.random.Generator) -> tuple[np.ndarray, int, float]:
    """One copy: its pixels, its JPEG quality, and the share that was cut from each cut side (0 for none)."""
    cut = float(rng.uniform(0.02, 0.1))
    corner = int(rng.integers(4))
    if kind == "quality 30":
        return photo, 30, 0.0
    if kind == "half size":
        size = (photo.shape[1] // 2, photo.shape[0] // 2)
        return cv2.resize(photo, size, interpolation=cv2.INTER_AREA), 92, 0.0
    if kind == "brighter":
        return cv2.convertScaleAbs(photo, alpha=1.1), 92, 0.0
    if kind == "mirrored":
        return np.ascontiguousarray(photo[:, ::-1]), 92, 0.0
    return np.ascontiguousarray(crop(photo, cut, None if kind == "centre crop" else corner)), 92, cut


def make_set(source: Path, folder: Path) -> dict[str, tuple[str, str, float]]:
    """Copy the originals, write the copies of some; returns copy name -> (original name, kind, cut)."""
    rng = np.random.default_rng(0)
    names = []
    for number, row in enumerate(open_inputs([str(source)]).rows):
        names.append(f"o{number:05d}{Path(row['path']).suffix}")
        shutil.copyfile(row["path"], folder / names[-1])
    truth = {}
    for number in sorted(rng.choice(len(names), min(COPIED, len(names)), replace=False)):
        photo = read_photo(str(folder / names[number]))
        for index, kind in enumerate(KINDS):
            pixels, quality, cut = copy_of(photo, kind, rng)
            name = f"z{number:05d}-{index}.jpg"
            write_photo(folder / name, pixels, quality)
            truth[name] = (names[number], kind, cut)
    return truth


def seconds(*command: str) -> float:
    """Wall time of one whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def tell_recall(found: dict[str, str], truth: dict[str, tuple[str, str, float]]) -> None:
    """Print recall by kind and by bin of 2 %, and the bar over all copies not cropped beyond 5 %."""
    hits: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for name, (original, kind, cut) in truth.items():
        groups = [kind, "all not cropped beyond 5 %"] if cut <= 0.05 else [f"{kind} beyond 5 %"]
        if cut:
            low = int(cut * 50) * 2
            groups.append(f"{kind} {low}-{low + 2} %")
            if low == 4 and cut <= 0.05:
                groups.append(f"{kind} 4-5 %")
        for group in groups:
            counts[group] += 1
            hits[group] += found.get(name) == original
    for group in sorted(counts):
        print(f"recall {group:28} {hits[group] / counts[group]:.3f}   of {counts[group]}")


def tell_wrong(folder: Path, found: dict[str, str], truth: dict[str, tuple[str, str, float]], sheet: Path) -> None:
    """Print originals that were dropped and copies of the wrong photo, and draw them to be looked at."""
    wrong = [(name, kept) for name, kept in found.items() if truth.get(name, ("",))[0] != kept]
    originals = sum(name not in truth for name, _ in wrong)
    print(f"originals dropped: {originals}; copies given to another original: {len(wrong) - originals}; see {sheet}")
    if wrong:
        write_photo(sheet, contact_sheet([[read_photo(str(folder / name)) for name in pair] for pair in wrong]))


def main(source: Path, rounds: int) -> None:
    """Make the set, measure, print."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "photos")
        folder.mkdir()
        truth = make_set(source, folder)
        out = Path(temporary, "out")
        ours = (sys.executable, "-m", "fashiontools", "dedupe", str(folder), "-o", str(out))
        peer = (sys.executable, "-c", PEER, str(folder))
        seconds(*ours)
        with open(out / "duplicates.csv", encoding="utf-8", newline="") as stream:
            found = {Path(row["path"]).name: Path(row["kept"]).name for row in csv.DictReader(stream)}
        print(json.dumps({"cores": os.cpu_count(), "machine": platform.machine(), "photos": len(os.listdir(folder))}))
        tell_recall(found, truth)
        tell_wrong(folder, found, truth, Path(tempfile.gettempdir(), "dedupe-wrong.png"))
        times = [(seconds(*peer), seconds(*ours)) for _ in range(rounds)]
        medians = [statistics.median(column) for column in zip(*times, strict=True)]
        ratio = statistics.median(a / b for a, b in times)
        print(f"imagededup {medians[0]:.2f} s, fashiontools {medians[1]:.2f} s, ratio {ratio:.1f} ({rounds} rounds)")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5)
