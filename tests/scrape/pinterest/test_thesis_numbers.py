"""Seed 002's collection at its full size: twenty houses, 10,301 photos scraped, 9,940 of them distinct."""

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sites.browser import chromium
from sites.images import Pinimg
from sites.pinterest import Board, Pin, Pinterest, drawn_board, signatures_of
from sites.server import Sites

from fashiontools.scrape.pinterest.targets import HOUSES, slug

SCRAPED, DISTINCT = 10_301, 9_940
SHARED = SCRAPED - DISTINCT
SLOWEST_S = 1800

pytestmark = pytest.mark.slow


def searches() -> Iterator[Board]:
    """What the twenty searches find: 515 pins or so each, some of which earlier ones have found too."""
    share, more = divmod(SCRAPED, len(HOUSES))
    again, further = divmod(SHARED, len(HOUSES) - 1)
    earlier: tuple[Pin, ...] = ()
    for number, house in enumerate(HOUSES):
        count = share + (number < more)
        shared = again + (number <= further) if number else 0
        board = drawn_board(
            f"/{slug(house)}/", count, ads=0.1, seed=2, shared=earlier[:shared], feed_delay=(0, 0.01), more_ideas=False
        )
        earlier = board.own[-40:]
        yield board


def test_twenty_brands_end_with_the_numbers_of_the_thesis(environment: dict[str, str], tmp_path: Path) -> None:
    def run(*words: str | Path) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "fashiontools", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=SLOWEST_S, check=False)

    chromium()
    boards = list(searches())
    found = {f"{house.lower()} runway": board for house, board in zip(HOUSES, boards, strict=True)}
    assert sum(len(board.own) for board in boards) == SCRAPED
    assert len({pin.signature for board in boards for pin in board.own}) == DISTINCT
    raw = tmp_path / "raw"
    with Sites(Pinterest([], found), Pinimg(signatures_of(boards))) as sites:
        words = ("--brands", "thesis", "-o", raw, "--delay", "0.0001", *sites.flags)
        done = run("scrape", "pinterest", *words)
        asked = [request.path for request in sites.of("i.pinimg.com") if request.path != "/robots.txt"]
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(asked) == len(set(asked)) == DISTINCT, "each photo is fetched once"
    for house, board in zip(HOUSES, boards, strict=True):
        assert f"{house}: {len(board.own):,} scraped" in done.stderr
        assert len([*(raw / slug(house)).iterdir()]) == len(board.own)
    assert f"in all {SCRAPED:,} scraped, {DISTINCT:,} distinct by name" in done.stderr
    kept = run("dedupe", raw, "--by", "name", "-o", tmp_path / "unique")
    assert kept.returncode == 0, kept.stderr
    with open(tmp_path / "unique" / "manifest.csv", encoding="utf-8") as stream:
        assert len([*csv.DictReader(stream)]) == DISTINCT
