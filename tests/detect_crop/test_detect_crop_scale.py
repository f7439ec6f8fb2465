"""`detect-crop` on 100,000 photos: rows come out as they are finished, and memory does not grow with them."""

import csv
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Start = Callable[..., subprocess.Popen[str]]

ROWS = 100_000
SMALL = 24  # pixels a side
FOLDERS = 100


@pytest.fixture
def photos(tmp_path: Path) -> Iterator[Path]:
    """A manifest of 100,000 photos, hard links to five small ones, of which one has no plain background."""
    folder = tmp_path / "photos"
    for number in range(FOLDERS):
        (folder / f"{number:02}").mkdir(parents=True)
    firsts = [folder / f"{number}.png" for number in range(5)]
    for number, first in enumerate(firsts):
        pixels = np.full((SMALL, SMALL, 3), 250, np.uint8)
        pixels[5:18, 4 + number : 16] = 40
        if number == 4:
            pixels = np.random.default_rng(0).integers(0, 256, pixels.shape, np.uint8)
        Image.fromarray(pixels).save(first)
    with open(folder / "manifest.csv", "w", encoding="utf-8", newline="") as stream:
        stream.write("path,description\n")
        for number in range(ROWS):
            name = f"{number % FOLDERS:02}/{number:06}.png"
            os.link(firsts[number // FOLDERS % len(firsts)], folder / name)
            stream.write(f"{name},a photo of something number {number}\n")
    yield folder
    shutil.rmtree(folder)


def memory_mib(pid: int) -> float:
    """What a process holds now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from Linux's /proc")
def test_a_hundred_thousand_rows_stream_in_bounded_memory(photos: Path, tmp_path: Path, start: Start) -> None:
    out = tmp_path / "boxes"
    begun = time.monotonic()
    with open(tmp_path / "told.txt", "w") as told:
        words = ("--model", "foreground", "--boxes-only", "--keep", "full", "-o", out)
        command = start("detect-crop", photos, *words, stdin=subprocess.DEVNULL, stderr=told)
    rows = csv.DictReader(command.stdout)
    count, memory, wanted = 0, {}, iter(range(ROWS))
    for row in rows:
        count += 1
        if count == 1:
            first = time.monotonic() - begun
            early = (out / "manifest.csv.part").read_bytes().count(b"\n")
        if count in (ROWS // 10, ROWS * 8 // 10):
            memory[count] = memory_mib(command.pid)
        number = next(number for number in wanted if number // FOLDERS % 5 != 4)
        assert Path(row["path"]) == photos / f"{number % FOLDERS:02}" / f"{number:06}.png"
        if count % 1000 == 0:
            which = number // FOLDERS % 5
            assert np.abs(np.array(row["box"].split(), float) - (4 + which, 5, 12 - which, 13)).max() <= 1
        assert (row["label"], row["status"]) == ("full", "ok")
    whole = time.monotonic() - begun
    assert command.wait() == 0, (tmp_path / "told.txt").read_text()
    assert count == ROWS * 4 // 5
    with open(out / "rejected.csv", encoding="utf-8") as stream:
        assert sum(1 for _ in csv.DictReader(stream)) == ROWS // 5
    assert early < ROWS // 20, "it was not handed on as it was finished"
    assert first < whole / 4
    growth = memory[ROWS * 8 // 10] - memory[ROWS // 10]
    assert growth < 25, memory  # MiB; 70,000 rows of half a kilobyte each would be more
