"""Looking before fetching: `--list` and `--dry-run`."""

from collections.abc import Callable
from pathlib import Path

from pinning import IMAGES, SOON, boards, copy_of, found_in, photos_of
from scraping import Scraped
from sites.pinterest import drawn_board

ScrapePins = Callable[..., Scraped]
BOARD = drawn_board("/anna/list/", 40, carousels=1, **SOON)


def test_a_list_has_all_rows_and_no_photo(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    with copy_of(BOARD) as sites:
        listed = scrape_pins(sites, None, *boards(BOARD), "--list", cwd=tmp_path)
        assert sites.of(IMAGES) == []
    assert listed.code == 0, listed.stderr
    assert found_in(listed.printed) == photos_of(BOARD)
    assert {row["path"] for row in listed.printed} == {""}
    assert all(row["source"].startswith("https://i.pinimg.com/originals/") for row in listed.printed)
    assert {row["board"] for row in listed.printed} == {"anna/list"}
    assert list(tmp_path.iterdir()) == []
    ads = len(BOARD.pins) - len(BOARD.own)
    assert f"receipt: {len(photos_of(BOARD))} listed, {ads} promoted, 0 unavailable, 0 failed\n" in listed.stderr
    assert "40 found, the site says 40 Pins" in listed.stderr
    assert "scraped" not in listed.stderr


def test_what_is_listed_can_be_fetched_by_its_urls(
    scrape_pins: ScrapePins, run: Callable[..., object], tmp_path: Path
) -> None:
    with copy_of(BOARD) as sites:
        listed = scrape_pins(sites, None, *boards(BOARD), "--list", "--limit", "5", cwd=tmp_path)
        words = ("-", "-o", tmp_path / "raw", "--delay", "0.001", *sites.flags)
        done = run("scrape", "urls", *words, stdin=listed.stdout)
    assert done.returncode == 0, done.stderr
    assert len([*(tmp_path / "raw").glob("pinterest_*")]) == len(listed.printed) >= 5


def test_a_dry_run_names_the_pins_and_writes_nothing(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    with copy_of(BOARD) as sites:
        done = scrape_pins(sites, tmp_path / "raw", *boards(BOARD), "--dry-run")
        assert sites.of(IMAGES) == []
    assert done.code == 0, done.stderr
    assert done.printed == []
    assert all(f"would do list/{pin.id}" in done.stderr for pin in BOARD.own)
    assert f"{len(photos_of(BOARD))} rows, {len(photos_of(BOARD))} to do; nothing was written" in done.stderr
    assert not (tmp_path / "raw").exists()
