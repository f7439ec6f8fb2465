"""A second run on a folder: nothing is fetched twice, whatever stopped the first one."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from manifests import rows_of
from PIL import Image
from scraping import QUICK, Answering, Scrape, asked
from sites import pictures
from sites.images import ImageHost
from sites.server import Answer, Request, Sites

Start = Callable[..., subprocess.Popen[str]]
Tree = Callable[[Path], dict[str, bytes]]
Wait = Callable[[Callable[[], bool]], None]
HOSTS = ImageHost("one.example"), ImageHost("two.example")
ODD = {0: "ok/same-0", 1: "ok/same-1", 5: "gone/5", 6: "png-as-jpg/6"}
PATHS = [f"{ODD.get(number, f'ok/{number}')}.jpg" for number in range(12)]
URLS = [f"https://{host.host}/{path}" for path in PATHS for host in HOSTS]


def sorted_log(files: dict[str, bytes]) -> dict[str, object]:
    """The files, with the lines of the log of fetched photos in one order: it has that of their arrival."""
    return {name: sorted(data.splitlines()) if name == "fetched.log" else data for name, data in files.items()}


@pytest.fixture(scope="module")
def unbroken(scrape: Scrape, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody stopped."""
    with Sites(*HOSTS) as sites:
        scraped = scrape(sites, tmp_path_factory.mktemp("unbroken") / "photos", URLS)
    assert scraped.code == 0
    assert len(scraped.rows) == 24
    return scraped.folder


@pytest.fixture
def copied(unbroken: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(unbroken, tmp_path / "photos"))


@pytest.mark.parametrize("workers", ["1", "8"])
def test_the_workers_change_nothing(scrape: Scrape, tree: Tree, unbroken: Path, tmp_path: Path, workers: str) -> None:
    with Sites(*HOSTS) as sites:
        scrape(sites, tmp_path / "photos", URLS, "--workers", workers)
    assert sorted_log(tree(tmp_path / "photos")) == sorted_log(tree(unbroken))


def test_a_second_run_asks_nobody(scrape: Scrape, tree: Tree, unbroken: Path, copied: Path) -> None:
    with Sites(*HOSTS) as sites:
        scraped = scrape(sites, copied, URLS)
        assert sites.requests == []
    assert tree(copied) == tree(unbroken)
    assert len(scraped.printed) == 24
    distinct = len({row["path"] for row in scraped.rows if row["path"]})
    assert (
        f"24 listed, 0 fetched, {distinct} already here, {22 - distinct} duplicate, 2 unavailable, 0 failed"
        in scraped.stderr
    )


def test_only_the_failed_are_tried_again(scrape: Scrape, tmp_path: Path) -> None:
    there = False

    def respond(request: Request) -> Answer:
        found = there or request.path != "/b.jpg"
        return Answer(body=pictures.picture(request.path)) if found else Answer(status=404)

    urls = [f"https://host.example/{name}.jpg" for name in "abc"]
    with Sites(Answering("host.example", respond)) as sites:
        scrape(sites, tmp_path / "photos", urls)
        there = True
        again = scrape(sites, tmp_path / "photos", urls)
        assert again.errors == ["", "HTTP 404", ""]
        assert asked(sites, "host.example") == ["/a.jpg", "/b.jpg", "/c.jpg"]
        retried = scrape(sites, tmp_path / "photos", urls, "--retry-failed")
        assert asked(sites, "host.example")[3:] == ["/b.jpg"]
    assert retried.errors == [""] * 3
    assert "3 listed, 1 fetched, 2 already here" in retried.stderr


def test_killed_at_any_moment_it_goes_on(
    start: Start, wait_for: Wait, scrape: Scrape, tree: Tree, unbroken: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    moments = random.Random(8)
    known: set[str] = set()
    with Sites(*HOSTS) as sites:
        (tmp_path / "urls.txt").write_text("\n".join(URLS))
        for _ in range(6):
            before = len(sites.requests)
            command = start(
                "scrape", "urls", tmp_path / "urls.txt", "-o", folder, *QUICK, "--delay", "0.02", *sites.flags
            )
            wait_for(partial(is_time, command, sites, before + moments.randrange(1, 5)))
            time.sleep(moments.uniform(0, 0.05))
            command.kill()
            command.wait()
            assert not known & {f"{request.host}{request.path}" for request in sites.requests[before:]}
            known = fetched(folder)
        before = len(sites.requests)
        scrape(sites, folder, URLS)
        assert not known & {f"{request.host}{request.path}" for request in sites.requests[before:]}
    assert sorted_log(tree(folder)) == sorted_log(tree(unbroken))


def is_time(command: subprocess.Popen[str], sites: Sites, requests: int) -> bool:
    return len(sites.requests) >= requests or command.poll() is not None


def fetched(folder: Path) -> set[str]:
    """Host and path of the URLs that have a whole line in the log."""
    log = folder / "fetched.log"
    lines = log.read_text().split("\n")[:-1] if log.exists() else []
    return {line.split('"https://')[1].split('"')[0] for line in lines}


def test_a_torn_line_is_fetched_again(scrape: Scrape, tree: Tree, unbroken: Path, copied: Path) -> None:
    """As after a kill: no manifest yet, and half a line, after which the next one must not be lost."""
    for name in ("manifest.csv", "rows.log"):
        (copied / name).unlink()
    log = (copied / "fetched.log").read_bytes()
    (copied / "fetched.log").write_bytes(log[:-20])
    (torn,) = fetched(unbroken) - fetched(copied)
    with Sites(*HOSTS) as sites:
        scrape(sites, copied, URLS)
        asked_again = {f"{request.host}{request.path}" for request in sites.requests}
    gone = {url.removeprefix("https://") for url in URLS if "/gone/" in url}
    assert {place for place in asked_again if not place.endswith("/robots.txt")} == {torn, *gone}
    assert sorted_log(tree(copied)) == sorted_log(tree(unbroken))
    assert fetched(copied) == fetched(unbroken)


def test_a_photo_that_was_deleted_is_fetched_again(scrape: Scrape, tree: Tree, unbroken: Path, copied: Path) -> None:
    row = rows_of(copied)[-1]
    (copied / row["path"]).unlink()
    with Sites(*HOSTS) as sites:
        scraped = scrape(sites, copied, URLS)
        assert asked(sites, "two.example") == ["/ok/11.jpg"]
    assert "1 fetched" in scraped.stderr
    assert scraped.photos == {row["path"] for row in scraped.rows} - {""}
    assert tree(copied)["manifest.csv"] == tree(unbroken)["manifest.csv"]


def test_a_log_that_is_damaged_costs_only_requests(scrape: Scrape, unbroken: Path, copied: Path) -> None:
    for name in ("manifest.csv", "rows.log"):
        (copied / name).unlink()
    lines = (copied / "fetched.log").read_bytes().splitlines(keepends=True)
    (copied / "fetched.log").write_bytes(b'\x00\x00\n{"url": "https://x"}\n[]\n' + b"".join(lines[1:]))
    with Sites(*HOSTS) as sites:
        scraped = scrape(sites, copied, URLS)
        assert len([request for request in sites.requests if request.path.startswith(("/ok", "/png"))]) == 1
    assert rows_of(copied) == rows_of(unbroken)
    assert scraped.code == 0


def test_overwritten_with_another_size_nothing_old_is_left(
    scrape: Scrape, start: Start, wait_for: Wait, copied: Path, tmp_path: Path
) -> None:
    with Sites(*HOSTS) as sites:
        refused = scrape(sites, copied, URLS, "--size", "64")
        assert (refused.code, sites.requests) == (2, [])
        assert "--size" in refused.stderr
        assert len(refused.photos) > 15
        (tmp_path / "urls.txt").write_text("\n".join(URLS))
        flags = ("--overwrite", "--size", "64", *QUICK, *sites.flags)
        command = start("scrape", "urls", tmp_path / "urls.txt", "-o", copied, *flags)
        wait_for(lambda: len(asked(sites, "one.example")) > 1)
        os.killpg(command.pid, signal.SIGKILL)
        command.wait()
        scraped = scrape(sites, copied, URLS, "--size", "64")
    good = {row["path"] for row in scraped.rows if row["status"] == "ok"}
    assert scraped.photos == good
    assert {Image.open(copied / name).size for name in good} == {(64, 64)}


def test_when_the_reader_goes_it_stops_silently_and_can_go_on(
    environment: dict[str, str], scrape: Scrape, tree: Tree, unbroken: Path, tmp_path: Path
) -> None:
    with Sites(*HOSTS) as sites:
        (tmp_path / "urls.txt").write_text("\n".join(URLS))
        words = ["scrape", "urls", str(tmp_path / "urls.txt"), "-o", str(tmp_path / "photos"), *QUICK, *sites.flags]
        line = '"$0" -m fashiontools "$@" | head -1; exit "${PIPESTATUS[0]}"'
        done = subprocess.run(
            ["bash", "-c", line, sys.executable, *words], capture_output=True, text=True, env=environment, check=False
        )
        assert (done.returncode, done.stderr) == (141, "")
        assert done.stdout.startswith("path,source,")
        before = len(sites.requests)
        assert before < len(URLS)
        scrape(sites, tmp_path / "photos", URLS)
    assert sorted_log(tree(tmp_path / "photos")) == sorted_log(tree(unbroken))


def test_the_first_row_is_printed_before_the_last_photo_is_asked_for(start: Start, tmp_path: Path) -> None:
    was_read = threading.Event()

    def respond(request: Request) -> Answer:
        if request.path == "/2.jpg":
            assert was_read.wait(60)
        return Answer(body=pictures.picture(request.path))

    with Sites(Answering("host.example", respond)) as sites:
        command = start("scrape", "urls", "-o", tmp_path / "photos", *QUICK, *sites.flags)
        command.stdin.write("".join(f"https://host.example/{number}.jpg\n" for number in range(6)))
        command.stdin.close()
        lines = [command.stdout.readline() for _ in range(2)]
        assert "https://host.example/0.jpg" in lines[1]
        assert "/5.jpg" not in asked(sites, "host.example")
        was_read.set()
        assert len(command.stdout.read().splitlines()) == 5
        assert command.wait() == 0
