"""Where the site, its robots.txt or this computer say no: one clear line, and what is here is kept."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pinning import IMAGES, SOON, WWW, asked_for, boards, copy_of, feeds_asked, found_in, photos_of
from scraping import Scraped
from sites.connections import Answer
from sites.images import Pinimg
from sites.pinterest import Pinterest, drawn_board, signatures_of
from sites.server import Sites

ScrapePins = Callable[..., Scraped]
BOARD = drawn_board("/anna/refused/", 150, **SOON)
SMALL = drawn_board("/anna/small/", 4, **SOON)
NOBODY = Answer(body=b"User-agent: *\nDisallow: /\n", headers={"Content-Type": "text/plain"})
ONLY_LOGIN = Answer(body=b"User-agent: fashiontools\nDisallow: /login/\n", headers={"Content-Type": "text/plain"})


def last_line(scraped: Scraped) -> str:
    """What is said at the end; of a refusal, nothing but that."""
    return scraped.stderr.splitlines()[-1]


@pytest.mark.parametrize("robots", [NOBODY, Answer(status=503)], ids=["disallowed", "broken"])
def test_robots_txt_of_the_site_refuses_all(scrape_pins: ScrapePins, tmp_path: Path, robots: Answer) -> None:
    flags = (*boards(SMALL), "--retries", "0")
    with copy_of(SMALL, robots=robots) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", *flags)
        assert [request.path for request in sites.requests] == ["/robots.txt"]
    assert scraped.code == 4
    assert "robots.txt of www.pinterest.com" in last_line(scraped)
    assert "scrape urls" in last_line(scraped)
    if robots is NOBODY:
        assert "--ignore-robots" in last_line(scraped)


def test_robots_txt_is_overridden_by_a_flag_alone(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    with copy_of(SMALL, robots=NOBODY) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(SMALL), "--ignore-robots")
        assert "/robots.txt" not in {request.path for request in sites.requests}
    assert scraped.code == 0, scraped.stderr
    assert found_in(scraped.rows) == photos_of(SMALL)


def test_robots_txt_may_refuse_the_login_alone(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    env = {"PINTEREST_USER": "anna@example.org", "PINTEREST_PASSWORD": "secret"}
    with copy_of(SMALL, robots=ONLY_LOGIN) as sites:
        flags = (*boards(SMALL), "--login", "env", "--profile", tmp_path / "profile")
        scraped = scrape_pins(sites, tmp_path / "raw", *flags, env=env)
        assert [request.path for request in sites.requests] == ["/robots.txt"]
    assert scraped.code == 4
    assert "https://www.pinterest.com/login/: robots.txt" in last_line(scraped)


@pytest.mark.slow
def test_robots_txt_of_the_images_refuses_photo_after_photo(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    with Sites(Pinterest([SMALL]), Pinimg(signatures_of([SMALL]), robots=NOBODY)) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(SMALL))
        assert asked_for(sites.requests) == []
        assert len(sites.of(IMAGES)) == 1
    assert scraped.code == 3
    assert found_in(scraped.rows) == photos_of(SMALL)
    assert all("robots.txt of i.pinimg.com refuses it (--ignore-robots)" in error for error in scraped.errors)
    assert "0 unavailable, 4 failed" in scraped.stderr


def test_a_challenge_instead_of_the_board(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    board = replace(SMALL, challenge=0)
    with copy_of(board) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(board))
        pages = [request for request in sites.of(WWW) if request.path == board.path]
        assert len(pages) == 1, "nobody insists"
        assert sites.of(IMAGES) == []
    assert scraped.code == 4
    assert "asks whether we are a robot" in last_line(scraped) and "--delay" in last_line(scraped)


@pytest.mark.slow
def test_after_a_challenge_in_between_a_later_run_goes_on(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    """Until then, what was listed before can be used."""
    stopped_at = replace(BOARD, challenge=6)
    with copy_of(stopped_at) as sites:
        stopped = scrape_pins(sites, tmp_path / "raw", *boards(BOARD))
        before = asked_for(sites.requests)
    assert stopped.code == 4
    assert "asks whether we are a robot" in last_line(stopped)
    kept = len([*(tmp_path / "raw").glob("pinterest_*")])
    assert kept == len(before) == len(stopped.printed) == len(stopped.rows)
    assert kept >= 20
    with copy_of(BOARD) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(BOARD))
        assert not set(asked_for(sites.requests)) & set(before)
        assert feeds_asked(sites)
    assert scraped.code == 0, scraped.stderr
    assert found_in(scraped.rows) == photos_of(BOARD)
    assert f"{150 - kept} fetched, {kept} already here" in scraped.stderr


@pytest.mark.slow
def test_a_challenge_at_one_board_leaves_what_is_known_of_another(
    scrape_pins: ScrapePins, tree: Callable[[Path], dict[str, bytes]], tmp_path: Path
) -> None:
    other = drawn_board("/anna/other/", 3, **SOON)
    flags = (*boards(SMALL, other), "--update")
    with copy_of(SMALL, other) as sites:
        first = scrape_pins(sites, tmp_path / "raw", *flags)
    assert first.code == 0, first.stderr
    files = tree(tmp_path / "raw")
    with copy_of(replace(SMALL, challenge=0), other) as sites:
        stopped = scrape_pins(sites, tmp_path / "raw", *flags)
        assert other.path not in {request.path for request in sites.requests}, "the site is left alone now"
    assert stopped.code == 4
    assert stopped.rows == first.rows
    assert tree(tmp_path / "raw") == files


def test_a_wall_that_cannot_be_closed_names_the_login(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    board = replace(drawn_board("/anna/gift/", 150, **SOON), wall="gift-wrap")
    with copy_of(board) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(board))
    assert scraped.code == 4
    assert re.search(r"wants a login after [1-9]\d* pins; what was fetched is kept \(--login, ", last_line(scraped))
    assert found_in(scraped.printed) == photos_of(board)[: len(scraped.printed)]
    assert 0 < len(scraped.printed) < 150


def test_without_a_browser(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    with copy_of(SMALL) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(SMALL), env={"PATH": "/nowhere"})
    assert scraped.code == 4
    assert "no browser is installed: neither Chromium nor Chrome (apt install" in last_line(scraped)
    assert "--browser PATH" in last_line(scraped)


def test_a_browser_that_is_none(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    with copy_of(SMALL) as sites:
        missing = scrape_pins(sites, tmp_path / "raw", *boards(SMALL), "--browser", "/no/browser")
        other = scrape_pins(sites, tmp_path / "raw", *boards(SMALL), "--browser", "/bin/true")
        assert not [request for request in sites.requests if request.path != "/robots.txt"]
    assert missing.code == 2
    assert "--browser /no/browser: not a program that can be run" in last_line(missing)
    assert other.code == 4
    assert "does not start" in last_line(other)
