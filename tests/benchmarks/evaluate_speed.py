"""`evaluate`'s ssim, psnr, l1 and l2 against scikit-image (and NumPy for l1 and l2) over 500 pairs at 256 x 256.

Run: python tests/benchmarks/evaluate_speed.py [PHOTOS]        (needs the extra `bench`)

PHOTOS is a folder of photos; without it a lookbook is drawn. A pair is a photo, cropped to a square, and the same
photo saved as a JPEG of quality 30. The bar: at least 5 times as fast, in one process, from arrays. The second line
is of whole processes that read the same PNG files: the command line, and a script over scikit-image.
"""

import inspect
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from fashiontools.core.images import as_rgb, decode, encode, fit_square, read_photo, write_photo
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Row
from fashiontools.core.output import write_table
from fashiontools.core.parallel import map_window, usable_cores, windows
from fashiontools.evaluate.options import METRICS

PAIRS, SIDE, ROUNDS = 500, 256, 5
NAMES = ("ssim", "psnr", "l1", "l2")
Pair = tuple[np.ndarray, np.ndarray]


def of_scikit_image(pair: Pair) -> list[float]:
    """The four metrics of a pair as a careful user of scikit-image computes them."""
    image, target = pair
    similarity = structural_similarity(
        target, image, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, channel_axis=2, data_range=255
    )
    difference = (image.astype(np.float64) - target) / 255
    noise = peak_signal_noise_ratio(target, image, data_range=255)
    return [similarity, noise, 100 * np.abs(difference).mean(), 100 * np.square(difference).mean()]


def peer_script() -> str:
    """A program that reads the pairs of a manifest and scores them with scikit-image, without anything of ours."""
    return f"""
import csv, sys
from pathlib import Path
import numpy as np
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
Pair = tuple
{inspect.getsource(of_scikit_image)}
folder = Path(sys.argv[1])
values = []
with open(folder / "manifest.csv", newline="") as stream:
    for row in csv.DictReader(stream):
        values.append(of_scikit_image([np.asarray(Image.open(folder / row[c])) for c in ("path", "target")]))
print(np.mean(values, axis=0))
"""


def of_ours(pairs: list[Pair], workers: int) -> list[list[float]]:
    """The four metrics of all pairs as the step computes them."""
    functions = [METRICS[name].load() for name in NAMES]
    return [
        values
        for window in windows(pairs)
        for values in map_window(lambda pair: [metric(*pair) for metric in functions], window, workers=workers)
    ]


def pairs_of(photos: str) -> list[Pair]:
    """500 pairs of (SIDE, SIDE, 3) uint8; where there are fewer photos they come again."""
    squares = [
        fit_square(as_rgb(read_photo(row["path"])), SIDE, "crop")
        for row in islice((row for row in open_inputs([photos]).rows if not row.is_bad), PAIRS)
    ]
    return [(decode(encode(square, ".jpg", 30)), square) for square in islice(cycle(squares), PAIRS)]


def write_pairs(pairs: list[Pair], folder: Path) -> None:
    """Write the pairs as PNG with a manifest."""
    rows = []
    for number, pair in enumerate(pairs):
        files = [folder / kind / f"{number:03d}.png" for kind in ("made", "real")]
        for file, pixels in zip(files, pair, strict=True):
            write_photo(file, pixels)
        rows.append(Row({"path": str(files[0]), "target": str(files[1])}))
    write_table(folder / "manifest.csv", ("path", "target"), rows)


def alternate(runs: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """The seconds of each run in each of the alternating rounds."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return times


def process(*command: str) -> Callable[[], object]:
    """A whole process, to be timed."""
    return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def told(what: str, times: dict[str, list[float]], peer: str) -> None:
    """Print how many times as fast each run is as the peer: the median of the rounds' ratios."""
    theirs = statistics.median(times[peer])
    for name in (name for name in times if name != peer):
        ratio = statistics.median(b / a for a, b in zip(times[name], times[peer], strict=True))
        ours = statistics.median(times[name])
        print(f"{what}: {name} {ours:.2f} s, {peer} {theirs:.2f} s: {ratio:.1f} times as fast", flush=True)


def lookbook(folder: str) -> str:
    """Draw photos where none are given."""
    command = (sys.executable, "-m", "fashiontools", "import", "lookbook", "--products", "60", "-q", "-o", folder)
    process(*command)()
    return folder


def main(arguments: list[str]) -> None:
    """Time both, and check that they agree."""
    with tempfile.TemporaryDirectory() as scratch:
        pairs = pairs_of(arguments[0] if arguments else lookbook(f"{scratch}/lookbook"))
        write_pairs(pairs, Path(scratch, "pairs"))
        cores, peer = usable_cores(), "scikit-image"
        libraries = ", ".join(f"{name} {version(name)}" for name in ("opencv-python-headless", "scikit-image", "numpy"))
        print(f"{cores} cores of {platform.machine()}, Python {platform.python_version()}, {libraries}")
        apart = np.abs(np.array(of_ours(pairs, cores)) - [of_scikit_image(pair) for pair in pairs]).max(axis=0)
        print("largest difference of an image's value: " + ", ".join(map("{} {:.1e}".format, NAMES, apart)))
        arrays = {
            "ours": lambda: of_ours(pairs, cores),
            "ours on one core": lambda: of_ours(pairs, 1),
            peer: lambda: [of_scikit_image(pair) for pair in pairs],
        }
        told(f"{len(pairs)} pairs at {SIDE} x {SIDE} from arrays", alternate(arrays), peer)
        ours = (sys.executable, "-m", "fashiontools", "evaluate", f"{scratch}/pairs", "--metrics", ",".join(NAMES))
        theirs = (sys.executable, "-c", peer_script(), f"{scratch}/pairs")
        told("whole processes from files", alternate({"ours": process(*ours), peer: process(*theirs)}), peer)


if __name__ == "__main__":
    main(sys.argv[1:])
