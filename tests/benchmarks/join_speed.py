"""The exact join of hashes: a million random ones with planted pairs, and 200,000 of real photos with all windows.

Run: python tests/benchmarks/join_speed.py [PHOTOS]

The bar: a million at distance 7 in under 20 s and 2 GB on two cores, with every planted pair. Real hashes have none;
theirs are the photos' own, each repeated with random bits changed until there are 200,000.
"""

import os
import resource
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from fashiontools.core.errors import BadRow
from fashiontools.core.files import read_bytes
from fashiontools.core.images import decode
from fashiontools.core.inputs import open_inputs
from fashiontools.dedupe.confirm import SIDE
from fashiontools.dedupe.hashing import hash_photos
from fashiontools.dedupe.join import self_join
from fashiontools.dedupe.options import DISTANCE
from fashiontools.dedupe.proposals import Proposals

MILLION, PLANTED, REAL = 1_000_000, 1_000, 200_000


def flipped(hashes: np.ndarray, bits: int, rng: np.random.Generator) -> np.ndarray:
    """The hashes with exactly `bits` bits changed."""
    places = np.argsort(rng.random((len(hashes), 64)), axis=1)[:, :bits].astype(np.uint64)
    return hashes ^ np.bitwise_or.reduce(np.uint64(1) << places, axis=1)


def peak_gigabytes() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def random_hashes() -> None:
    """Join a million random hashes with planted pairs."""
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, MILLION, np.uint64)
    planted = rng.permutation(MILLION)[: 2 * PLANTED].reshape(2, PLANTED)
    hashes[planted[1]] = flipped(hashes[planted[0]], 7, rng)
    start = time.perf_counter()
    pairs = {(int(a), int(b)) for first, second, _ in self_join(hashes, 7) for a, b in zip(first, second, strict=True)}
    elapsed = time.perf_counter() - start
    found = sum((min(a, b), max(a, b)) in pairs for a, b in planted.T.tolist())
    print(
        f"{MILLION:,} random hashes, distance 7: {elapsed:.1f} s, peak {peak_gigabytes():.2f} GB, "
        f"{found} of {PLANTED} planted pairs found"
    )


def real_hashes(folder: str) -> None:
    """Propose pairs among 200,000 photos made from real hashes, with mirror and windows."""
    hashes, mirrored = [], []
    for row in open_inputs([folder]).rows:
        try:
            gray = decode(read_bytes(row["path"]), min_side=SIDE, gray=True)
        except BadRow:
            continue
        windows, mirror = hash_photos(gray[None])
        hashes.append(windows[0])
        mirrored.append(mirror[0])
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(hashes), REAL)
    noise = flipped(np.zeros(REAL, np.uint64), 12, rng)  # the same bits in all windows of a photo
    start = time.perf_counter()
    proposals = Proposals(np.array(hashes)[rows] ^ noise[:, None], np.array(mirrored)[rows] ^ noise, DISTANCE)
    worth = int((proposals.ways > 0).sum())
    elapsed = time.perf_counter() - start
    print(
        f"{REAL:,} photos of real hashes with noise, mirror and windows, distance {DISTANCE}: {elapsed:.1f} s, "
        f"peak {peak_gigabytes():.2f} GB, {worth:,} photos with a near one"
    )


if __name__ == "__main__":
    random_hashes()
    if len(sys.argv) > 1:
        real_hashes(sys.argv[1])
