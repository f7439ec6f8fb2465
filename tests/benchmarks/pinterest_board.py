"""How long a board of 700 pins takes, against what the pauses between its photos take alone.

    python tests/benchmarks/pinterest_board.py [DELAY]

A local Pinterest, a real Chromium: 700 own pins, 10 % ads, 20 photos pinned twice; DELAY seconds of politeness (0.1).
The same run without a browser, its list written beforehand, would take the pauses and nothing else.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sites.images import Pinimg
from sites.pinterest import Pinterest, drawn_board, signatures_of
from sites.server import Sites

WANTED = 1.3
MEAN = 1.25  # of the delay: each pause is up to half as long again
BOARD = drawn_board("/anna/large/", 700, ads=0.1, twins=20, pngs=40, webps=20, slugs=30)


def main(delay: float) -> None:
    """Fetch the board, and print what that took."""
    with Sites(Pinterest([BOARD]), Pinimg(signatures_of([BOARD]))) as sites, tempfile.TemporaryDirectory() as folder:
        words = ("--board", f"https://www.pinterest.com{BOARD.path}", "-o", folder, "--delay", str(delay))
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "fashiontools", "scrape", "pinterest", *words, *sites.flags],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seconds = time.perf_counter() - began
        asked = sum(request.path != "/robots.txt" for request in sites.of("i.pinimg.com"))
    alone = asked * MEAN * delay
    print(f"{asked} photos in {seconds:.1f} s; the pauses alone {alone:.1f} s: {seconds / alone:.2f} (wanted {WANTED})")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.1)
