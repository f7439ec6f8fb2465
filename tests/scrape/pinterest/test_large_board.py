"""A board of 700 pins at its full size: whole, its memory flat. Its time: tests/benchmarks/pinterest_board.py."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from manifests import rows_of
from pinning import SOON, asked_for, boards, copy_of, found_in, photos_of
from sites.pinterest import drawn_board

PINS, SMALL, SHARED = 700, 100, 70
DELAY_S = 0.1
GROWTH_MB = 30
SMALLER = drawn_board("/anna/small/", SMALL, ads=0.1, **SOON)
LARGE = drawn_board(
    "/anna/large/", PINS, ads=0.1, shared=SMALLER.own[:SHARED], twins=20, pngs=40, webps=20, slugs=30, **SOON
)

pytestmark = pytest.mark.slow


@dataclass
class Whole:
    """Both boards, fetched: what was asked of the host of images, the memory that it held."""

    folder: Path
    told: str
    asked: list[str]
    memory_mb: list[float]


def memory_mb(pid: int) -> float:
    """The memory that a process holds now; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


@pytest.fixture(scope="module")
def whole(environment: dict[str, str], browser: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("large") / "raw"
    samples: list[float] = []
    with copy_of(LARGE, SMALLER) as sites:
        words = ("scrape", "pinterest", *boards(LARGE, SMALLER), "-o", folder, "--delay", DELAY_S, *sites.flags)
        command = subprocess.Popen(
            [sys.executable, "-m", "fashiontools", *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
        )
        over = threading.Event()

        def sample() -> None:
            while not over.wait(0.5):
                if asked_for(sites.requests[-50:]):
                    samples.append(memory_mb(command.pid))

        watch = threading.Thread(target=sample)
        watch.start()
        try:
            _, told = command.communicate(timeout=600)
        finally:
            command.kill()
            over.set()
            watch.join()
        asked = asked_for(sites.requests)
    assert command.returncode == 0, told
    yield Whole(folder, told, asked, [held for held in samples if held])


def test_every_own_pin_once_and_no_foreign_one(whole: Whole) -> None:
    rows = rows_of(whole.folder)
    for name, board in (("anna/large", LARGE), ("anna/small", SMALLER)):
        assert found_in([row for row in rows if row["board"] == name]) == photos_of(board)
    assert len(rows) == PINS + SMALL
    assert {row["status"] for row in rows} == {"ok"}
    assert f"{len(LARGE.pins) - PINS + len(SMALLER.pins) - SMALL} promoted, 0 unavailable, 0 failed" in whole.told


def test_no_photo_is_asked_for_twice(whole: Whole) -> None:
    distinct = {signature for board in (LARGE, SMALLER) for _, signature in photos_of(board)}
    assert len(whole.asked) == len(set(whole.asked)) == len(distinct) == PINS + SMALL - SHARED - 20


def test_its_memory_is_flat(whole: Whole) -> None:
    half = len(whole.memory_mb) // 2
    assert half > 20
    assert max(whole.memory_mb[half:]) <= max(whole.memory_mb[:half]) + GROWTH_MB
