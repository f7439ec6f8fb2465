"""Stopped at any moment: nothing is left running, nothing is fetched twice, and the tree ends the same."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pinning import (
    QUICK,
    SOON,
    WWW,
    asked_for,
    below,
    boards,
    copy_of,
    feeds_asked,
    found_in,
    photos_of,
    processes,
    scratch_folders,
    words_of,
)
from scraping import Scraped
from sites.connections import Answer, Request
from sites.images import Pinimg
from sites.pinterest import Board, Pinterest, drawn_board, signatures_of
from sites.server import Sites

ScrapePins = Callable[..., Scraped]
Start = Callable[..., subprocess.Popen[str]]
Tree = Callable[[Path], dict[str, bytes]]
Wait = Callable[[Callable[[], bool]], None]
BOARD = drawn_board("/anna/stopped/", 60, twins=1, carousels=2, pngs=3, webps=3, **SOON)
LONG = drawn_board("/anna/long/", 200, **SOON)
SLOWER = ("--delay", "0.02", "--timeout", "10")
ENDS_S = 8.0  # of a browser and of its command, when two others are starting beside it


@pytest.fixture(scope="module")
def unbroken(scrape_pins: ScrapePins, tmp_path_factory: pytest.TempPathFactory) -> Scraped:
    with copy_of(BOARD) as sites:
        scraped = scrape_pins(sites, tmp_path_factory.mktemp("unbroken") / "raw", *boards(BOARD))
    assert found_in(scraped.rows) == photos_of(BOARD)
    return scraped


@pytest.fixture
def temporary(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files of the commands of one test; Chromium puts sockets there, whose paths are short."""
    with tempfile.TemporaryDirectory(prefix="t-", ignore_cleanup_errors=True) as folder:
        monkeypatch.setitem(environment, "TMPDIR", folder)
        yield Path(folder)


def begin(start: Start, sites: Sites, folder: Path, board: Board, *flags: str | Path) -> "subprocess.Popen[str]":
    words = ("scrape", "pinterest", *boards(board), "-o", folder, *SLOWER, *sites.flags, *flags)
    return start(*words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kept_in(folder: Path) -> set[str]:
    """The paths of the photos that have a whole line in the log."""
    log = folder / "fetched.log"
    lines = log.read_text().split("\n")[:-1] if log.exists() else []
    return {line.split('"https://i.pinimg.com')[1].split('"')[0] for line in lines}


def kill_again_and_again(
    times: int, seed: int, start: Start, wait_for: Wait, scrape_pins: ScrapePins, folder: Path
) -> Scraped:
    """Kill at so many moments, each a little later than the last; then let it end."""
    moments = random.Random(seed)
    with copy_of(BOARD) as sites:
        for _ in range(times):
            before, known = len(sites.requests), kept_in(folder)
            command = begin(start, sites, folder, BOARD)
            enough = before + moments.randrange(0, 6 + 60 // times)
            wait_for(lambda command=command, enough=enough: len(sites.requests) >= enough or command.poll() is not None)
            time.sleep(moments.uniform(0, 0.2))
            command.kill()
            command.wait()
            assert not known & set(asked_for(sites.requests[before:]))
        before, known = len(sites.requests), kept_in(folder)
        scraped = scrape_pins(sites, folder, *boards(BOARD))
        assert not known & set(asked_for(sites.requests[before:]))
    return scraped


@pytest.mark.parametrize("times", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_any_moment_it_goes_on(
    times: int,
    start: Start,
    wait_for: Wait,
    scrape_pins: ScrapePins,
    tree: Tree,
    unbroken: Scraped,
    temporary: Path,
    tmp_path: Path,
) -> None:
    scraped = kill_again_and_again(times, 8, start, wait_for, scrape_pins, tmp_path / "raw")
    assert scraped.code == 0, scraped.stderr
    assert tree(tmp_path / "raw") == tree(unbroken.folder)
    wait_for(lambda: not scratch_folders(temporary))


def test_killed_it_leaves_neither_browser_nor_scratch(
    start: Start, wait_for: Wait, browser: str, temporary: Path, tmp_path: Path
) -> None:
    with copy_of(LONG) as sites:
        command = begin(start, sites, tmp_path / "raw", LONG)
        wait_for(lambda: len(asked_for(sites.requests)) > 2)
        family = below(command.pid)
        names = {Path(words_of(process)[0]).name for process in family}
        assert any("chromedriver" in name for name in names) and any(
            "chrom" in name for name in names - {"chromedriver"}
        )
        (scratch,) = scratch_folders(temporary)
        command.kill()
        command.wait()
        gone_by = time.monotonic() + ENDS_S
        wait_for(lambda: not family & set(processes()) or time.monotonic() > gone_by)
        left = [words_of(process)[:1] for process in family & set(processes())]
        assert left == []
        assert not [process for process in processes() if str(scratch) in " ".join(words_of(process))]
        wait_for(lambda: not scratch.exists() or time.monotonic() > gone_by)
        assert scratch_folders(temporary) == []


def test_ctrl_c_ends_it_soon_and_it_can_go_on(
    start: Start,
    wait_for: Wait,
    scrape_pins: ScrapePins,
    tree: Tree,
    unbroken: Scraped,
    temporary: Path,
    tmp_path: Path,
) -> None:
    with copy_of(BOARD) as sites:
        words = ("scrape", "pinterest", *boards(BOARD), "-o", tmp_path / "raw", *SLOWER, *sites.flags)
        command = start(*words, stdout=subprocess.DEVNULL)
        wait_for(lambda: len(asked_for(sites.requests)) > 5)
        family = below(command.pid)
        os.killpg(command.pid, signal.SIGINT)
        began = time.monotonic()
        _, told = command.communicate(timeout=60)
        assert time.monotonic() - began < ENDS_S
        assert command.returncode == 130
        assert "Traceback" not in told
        assert told.splitlines()[-1] == "fashiontools: stopped; what is finished is kept"
        assert scratch_folders(temporary) == []
        wait_for(lambda: not family & set(processes()))
        known = kept_in(tmp_path / "raw")
        before = len(sites.requests)
        assert known
        scrape_pins(sites, tmp_path / "raw", *boards(BOARD))
        assert not known & set(asked_for(sites.requests[before:]))
    assert tree(tmp_path / "raw") == tree(unbroken.folder)


@pytest.mark.slow
def test_the_lock_of_a_dead_browser_is_no_hindrance(
    start: Start, wait_for: Wait, scrape_pins: ScrapePins, temporary: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    with copy_of(BOARD, LONG) as sites:
        command = begin(start, sites, tmp_path / "long", LONG, "--profile", profile, "--delay", "0.5")
        wait_for(lambda: (profile / "SingletonLock").is_symlink() and bool(sites.of(WWW)[1:]))
        used = scrape_pins(sites, tmp_path / "other", *boards(BOARD), "--profile", profile)
        family = below(command.pid)
        for process in family | {command.pid}:  # those too who would clean up
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        command.wait()
        wait_for(lambda: not family & set(processes()))
        assert (profile / "SingletonLock").is_symlink()
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(BOARD), "--profile", profile)
    assert used.code == 4
    assert f"the profile {profile} is used by another browser (process " in used.stderr
    assert scraped.code == 0, scraped.stderr
    assert found_in(scraped.rows) == photos_of(BOARD)


@pytest.mark.slow
def test_when_the_reader_goes_it_ends_silently_and_can_go_on(
    environment: dict[str, str],
    scrape_pins: ScrapePins,
    tree: Tree,
    unbroken: Scraped,
    temporary: Path,
    tmp_path: Path,
) -> None:
    with copy_of(BOARD) as sites:
        words = ["scrape", "pinterest", *boards(BOARD), "-o", str(tmp_path / "raw"), *QUICK, *sites.flags]
        line = '"$0" -m fashiontools "$@" | head -1; exit "${PIPESTATUS[0]}"'
        done = subprocess.run(
            ["bash", "-c", line, sys.executable, *words], capture_output=True, text=True, env=environment, check=False
        )
        assert (done.returncode, done.stderr) == (141, "")
        assert done.stdout.startswith("path,source,pin,")
        assert len(asked_for(sites.requests)) < len(photos_of(BOARD)) / 2
        assert scratch_folders(temporary) == []
        scrape_pins(sites, tmp_path / "raw", *boards(BOARD))
    assert tree(tmp_path / "raw") == tree(unbroken.folder)


class Holding(Pinterest):
    """A Pinterest whose further pages of feeds wait, from the second on."""

    def __init__(self, board: Board) -> None:
        super().__init__([board], patience=60.0)
        self.goes_on = threading.Event()

    def answer(self, request: Request) -> Answer:
        if "/BoardFeedResource/" in request.path:
            assert self.goes_on.wait(60)
        return super().answer(request)


def test_the_first_row_is_printed_before_the_board_is_read_to_its_end(
    start: Start, browser: str, tmp_path: Path
) -> None:
    site = Holding(BOARD)
    with Sites(site, Pinimg(signatures_of([BOARD]))) as sites:
        words = ("scrape", "pinterest", *boards(BOARD), "-o", tmp_path / "raw", *QUICK, *sites.flags)
        command = start(*words, stderr=subprocess.DEVNULL)
        lines = [command.stdout.readline() for _ in range(2)]
        assert BOARD.own[0].id in lines[1]
        assert len(feeds_asked(sites)) == 1, "the last page was not even asked for"
        assert all(request.ended > time.monotonic() for request in feeds_asked(sites))
        site.goes_on.set()
        more = command.stdout.read()
        assert command.wait() == 0
    assert len(more.splitlines()) == len(photos_of(BOARD)) - 1


def test_a_long_path_for_temporary_files_is_none_too_long(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    deep = tmp_path / ("t" * 60)
    deep.mkdir()
    with copy_of(BOARD) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(BOARD), "--limit", "1", env={"TMPDIR": str(deep)})
    assert scraped.code == 0, scraped.stderr
    assert len(scraped.rows) == 1
