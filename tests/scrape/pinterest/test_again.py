"""A second run on a folder: what is known is not asked for again, and what is new is."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from manifests import rows_of
from pinning import SOON, asked_for, boards, copy_of, feeds_asked, files_of, found_in, photos_of
from scraping import Scraped
from sites.pinterest import drawn_board, drawn_pin

ScrapePins = Callable[..., Scraped]
Tree = Callable[[Path], dict[str, bytes]]
BOARD = drawn_board("/anna/again/", 60, ads=0.1, twins=1, carousels=1, **SOON)
NEW = tuple(drawn_pin(f"new {number}") for number in range(4))
GROWN = replace(BOARD, pins=(*NEW, *BOARD.pins))


@pytest.fixture(scope="module")
def first(scrape_pins: ScrapePins, tmp_path_factory: pytest.TempPathFactory) -> Scraped:
    """The board, fetched once."""
    with copy_of(BOARD) as sites:
        scraped = scrape_pins(sites, tmp_path_factory.mktemp("first") / "raw", *boards(BOARD))
    assert scraped.code == 0, scraped.stderr
    assert found_in(scraped.rows) == photos_of(BOARD)
    return scraped


@pytest.fixture
def copied(first: Scraped, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first.folder, tmp_path / "raw"))


def test_a_second_run_asks_nobody_and_prints_the_same(
    scrape_pins: ScrapePins, tree: Tree, first: Scraped, copied: Path
) -> None:
    """It needs no browser either: there is none on this path."""
    with copy_of(BOARD) as sites:
        again = scrape_pins(sites, copied, *boards(BOARD), env={"PATH": "/nowhere"})
        assert sites.requests == []
    assert again.code == 0, again.stderr
    assert tree(copied) == tree(first.folder)
    assert [{**row, "path": Path(row["path"]).name} for row in again.printed] == first.rows
    rows, files = len(photos_of(BOARD)), len(files_of(first))
    assert f"{rows} listed, 0 fetched, {files} already here, {rows - files} duplicate" in again.stderr
    assert "60 found, the site says 60 Pins" in again.stderr


def test_an_update_fetches_what_is_new_and_stops_at_what_is_known(scrape_pins: ScrapePins, copied: Path) -> None:
    with copy_of(GROWN) as sites:
        still = scrape_pins(sites, copied, *boards(GROWN))
        assert sites.requests == [], "without --update nobody is asked"
        updated = scrape_pins(sites, copied, *boards(GROWN), "--update", "--known", "10")
        assert len(asked_for(sites.requests)) == len(NEW)
    assert (still.code, updated.code) == (0, 0), updated.stderr
    assert sorted(found_in(updated.rows)) == sorted(photos_of(GROWN))
    assert f"{len(NEW)} fetched" in updated.stderr
    found = int(updated.stderr.partition("/anna/again/: ")[2].partition(" found, the site says 64 Pins")[0])
    assert found == len(NEW) + 10, "the board is not looked through to its end"
    assert {row["path"] for row in updated.rows} == files_of(updated)


def test_since_an_earlier_scrape_only_the_new(scrape_pins: ScrapePins, first: Scraped, tmp_path: Path) -> None:
    flags = ("--since", first.folder, "--known", "10")
    with copy_of(GROWN) as sites:
        scraped = scrape_pins(sites, tmp_path / "new", *boards(GROWN), *flags)
        assert len(asked_for(sites.requests)) == len(NEW)
    assert scraped.code == 0, scraped.stderr
    assert found_in(scraped.rows) == [(pin.id, pin.signature) for pin in NEW]


def test_since_needs_a_scrape_of_pinterest(scrape_pins: ScrapePins, lookbook: Path, tmp_path: Path) -> None:
    with copy_of(BOARD) as sites:
        scraped = scrape_pins(sites, tmp_path / "new", *boards(BOARD), "--since", lookbook)
        assert sites.requests == []
    assert scraped.code == 2
    assert "not a scrape of Pinterest" in scraped.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_a_larger_limit_goes_on(scrape_pins: ScrapePins, tree: Tree, first: Scraped, tmp_path: Path) -> None:
    with copy_of(BOARD) as sites:
        small = scrape_pins(sites, tmp_path / "raw", *boards(BOARD), "--limit", "7")
        assert small.code == 0, small.stderr
        assert len({row["pin"] for row in small.rows}) == 7
        assert small.rows == first.rows[: len(small.rows)]
        few = len(asked_for(sites.requests))
        large = scrape_pins(sites, tmp_path / "raw", *boards(BOARD), "--limit", "20")
        assert large.rows == first.rows[: len(large.rows)]
        assert len({row["pin"] for row in large.rows}) == 20
        before = len(sites.requests)
        scrape_pins(sites, tmp_path / "raw", *boards(BOARD), "--limit", "20")
        assert len(sites.requests) == before, "as many are known"
        whole = scrape_pins(sites, tmp_path / "raw", *boards(BOARD))
        assert len(asked_for(sites.requests)) == len(set(asked_for(sites.requests))) > few
    assert whole.rows == first.rows
    assert tree(tmp_path / "raw") == tree(first.folder)


def test_another_board_in_the_same_folder_is_refused(
    scrape_pins: ScrapePins, tree: Tree, first: Scraped, copied: Path
) -> None:
    other = drawn_board("/anna/other/", 5, **SOON)
    with copy_of(BOARD, other) as sites:
        scraped = scrape_pins(sites, copied, *boards(other))
        assert sites.requests == []
    assert scraped.code == 2
    assert "--board" in scraped.stderr and "--overwrite" in scraped.stderr
    assert tree(copied) == tree(first.folder)


def test_overwritten_by_another_board_nothing_old_is_left(scrape_pins: ScrapePins, copied: Path) -> None:
    other = drawn_board("/anna/other/", 5, **SOON)
    with copy_of(BOARD, other) as sites:
        scraped = scrape_pins(sites, copied, *boards(other), "--overwrite")
    assert scraped.code == 0, scraped.stderr
    assert found_in(scraped.rows) == photos_of(other)
    assert files_of(scraped) == {row["path"] for row in scraped.rows}
    assert "/anna/again/" not in (copied / "listed.log").read_text()


@pytest.mark.slow
def test_a_log_of_pins_that_is_damaged_costs_only_a_look(scrape_pins: ScrapePins, first: Scraped, copied: Path) -> None:
    lines = (copied / "listed.log").read_bytes().splitlines(keepends=True)
    damaged = [b"\x00\x00\n", b'{"target": 3}\n', b"[]\n", *lines[:20], *lines[25:-1], lines[-1][:-9]]
    (copied / "listed.log").write_bytes(b"".join(damaged))
    with copy_of(BOARD) as sites:
        scraped = scrape_pins(sites, copied, *boards(BOARD))
        assert asked_for(sites.requests) == []
        assert feeds_asked(sites)
    assert scraped.code == 0, scraped.stderr
    assert sorted(map(str, scraped.rows)) == sorted(map(str, first.rows))
    with copy_of(BOARD) as sites:
        scrape_pins(sites, copied, *boards(BOARD))
        assert sites.requests == [], "what was mended needs no further look"


def test_a_photo_that_was_deleted_is_fetched_again(scrape_pins: ScrapePins, first: Scraped, copied: Path) -> None:
    name = first.rows[-1]["path"]
    (copied / name).unlink()
    with copy_of(BOARD) as sites:
        scrape_pins(sites, copied, *boards(BOARD))
        assert len(asked_for(sites.requests)) == 1
        assert not feeds_asked(sites)
    assert (copied / name).read_bytes() == (first.folder / name).read_bytes()
    assert rows_of(copied) == first.rows
