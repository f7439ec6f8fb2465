"""The memory and the time of `cluster-pairs`: 10,000 and 100,000 photos, ten of each product, drawn on the spot.

Run: python tests/benchmarks/cluster_memory.py [PHOTOS [FLAG...]]

Files are 64 x 64 JPEGs in a temporary folder, removed at the end: cloth of random patches that stands, fills the
frame or goes beyond it. The command runs as a user types it, with the flags (--split 0.8 0.1 0.1 looks for copies too,
of which drawn photos seem to have many); RssAnon of the process and its children is sampled ten times a second, and
their processor time is taken at the end, so that other work on the machine does not count. The bars: under 1 GB of
anonymous memory, and a photo of the 100,000 takes at most 1.3 times what one of the 10,000 takes. What decoding alone
and the features alone cost is told beside it.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2
import numpy as np

from fashiontools.cluster_pairs.options import DEFAULT_FEATURES, FEATURES
from fashiontools.cluster_pairs.photo import SQUARE, Photo
from fashiontools.cluster_pairs.views import front_score
from fashiontools.core.files import read_bytes
from fashiontools.core.images import decode

EACH, SIDE = 10, 64
MOST_BYTES, MOST_GROWTH = 1_000_000_000, 1.3
SAMPLE = 1000


def draw(rng: np.random.Generator, kind: int) -> np.ndarray:
    """A photo of something that stands, fills the frame or goes beyond it; 0 is a product photo on white."""
    paper = rng.integers(150, 230, (2, 2, 3)).astype(np.float32)
    if kind == 0:
        paper[:] = 255
    # Cloth in large patches: pictures that are no copies of each other, as photos of a shop are not.
    cloth = cv2.resize(rng.integers(0, 256, (7, 7, 3)).astype(np.float32), (SIDE, SIDE))
    shape = np.zeros((SIDE, SIDE), np.uint8)
    centre = tuple(map(int, rng.integers(28, 36, 2)))
    axes = [(18, 22), (9, 29), (9, 29), (26, 34), (44, 44)][min(kind, 4)]
    cv2.ellipse(shape, centre, axes, float(rng.uniform(-6, 6)), 0, 360, 1, -1)
    photo = np.where(shape[..., None] > 0, cloth, cv2.resize(paper, (SIDE, SIDE)))
    return np.clip(photo + rng.normal(0, 3, photo.shape), 0, 255).astype(np.uint8)


def write_photos(folder: Path, photos: int) -> Path:
    """Draw photos and list them in a manifest."""
    rng = np.random.default_rng(0)
    with open(folder / "manifest.csv", "w", encoding="utf-8") as manifest:
        manifest.write("path,group,view,name,description\n")
        for number in range(photos):
            product, kind = divmod(number, EACH)
            name = f"{product // 500:03d}/{product:06d}@{kind}.jpg"
            (folder / name).parent.mkdir(exist_ok=True)
            cv2.imwrite(str(folder / name), draw(rng, kind), [cv2.IMWRITE_JPEG_QUALITY, 85])
            view = "product" if kind == 0 else "model"
            manifest.write(f"{name},{product:06d},{view},Kleid Nummer {product},a dress that is drawn\n")
    return folder


def anonymous_bytes(process: int) -> int:
    """RssAnon of a process and its children."""
    total, waiting = 0, [process]
    while waiting:
        number = waiting.pop()
        try:
            status = Path(f"/proc/{number}/status").read_text()
            children = Path(f"/proc/{number}/task/{number}/children").read_text()
        except OSError:
            continue
        total += sum(1024 * int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))
        waiting += map(int, children.split())
    return total


def measure(photos: int, flags: list[str]) -> tuple[float, int]:
    """Run the command; returns processor seconds per photo, and the most anonymous memory in bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_photos(Path(scratch), photos)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began, most = time.perf_counter(), 0
        words = ["cluster-pairs", str(folder), *flags, "-o", str(folder / "out")]
        with subprocess.Popen(
            [sys.executable, "-m", "fashiontools", *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        ) as command:
            while command.poll() is None:
                most = max(most, anonymous_bytes(command.pid))
                time.sleep(0.1)
        if command.returncode:
            sys.exit(f"cluster-pairs ended with {command.returncode}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(
            f"{photos:,} photos of {photos // EACH:,} products: {seconds:,.0f} s of processor time, "
            f"{1000 * seconds / photos:.2f} ms a photo, {time.perf_counter() - began:,.0f} s by the clock, "
            f"most anonymous memory {most / 1e6:,.0f} MB",
            flush=True,
        )
        if photos == SAMPLE * EACH:
            tell_parts(folder)
        return seconds / photos, most


def tell_parts(folder: Path) -> None:
    """Print what decoding, the feature and the view cost on some photos."""
    cv2.setNumThreads(1)
    paths = sorted(folder.glob("*/*.jpg"))[:SAMPLE]
    steps = FEATURES[DEFAULT_FEATURES].load()
    times = [time.process_time()]
    photos = [Photo(decode(read_bytes(str(path)), min_side=SQUARE)) for path in paths]
    times.append(time.process_time())
    for photo in photos:
        steps(photo)
    times.append(time.process_time())
    for photo in photos:
        front_score(photo)
    times.append(time.process_time())
    decoding, feature, view = (1000 * part / len(paths) for part in np.diff(times))
    print(f"  of which decoding {decoding:.2f} ms, {DEFAULT_FEATURES} {feature:.2f} ms, front or back {view:.2f} ms")


def main(photos: int, flags: list[str]) -> None:
    """Print both; exit code 1 where a bar is missed."""
    few, _ = measure(photos // 10, flags)
    many, most = measure(photos, flags)
    print(f"a photo of the many takes {many / few:.2f} times one of the few (bar {MOST_GROWTH}); "
          f"{most / 1e6:,.0f} MB (bar {MOST_BYTES / 1e6:,.0f})")  # fmt: skip
    sys.exit(0 if most < MOST_BYTES and many <= MOST_GROWTH * few else 1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2:])
