"""What a user can name besides one board: sections, short links, other countries' hosts, several at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pinning import SOON, WWW, asked_for, boards, copy_of, files_of, found_in, photos_of
from scraping import Scraped
from sites.images import Pinimg
from sites.pinterest import Board, PinIt, PinItApi, Pinterest, drawn_board, drawn_pin, signatures_of
from sites.server import Sites

ScrapePins = Callable[..., Scraped]
BOTH = tuple(drawn_pin(f"on both {number}") for number in range(3))
SECTION = drawn_board("/anna/coats/winter coats/", 9, more_ideas=False, **SOON)
COATS = drawn_board("/anna/coats/", 20, sections=(SECTION,), shared=BOTH, **SOON)
SHOES = drawn_board("/anna/schuhe/", 12, shared=BOTH, count_text="1,2 Tsd. Pins", **SOON)
EMPTY = Board("/anna/nothing/", "Nothing", (), **SOON)
PRIVATE = replace(drawn_board("/anna/secret/", 5, **SOON), private=True)
GERMAN = "de.pinterest.com"
NAMED = (
    "https://pin.it/3xYz",  # of the coats
    "https://www.pinterest.com/anna/coats/winter%20coats/",
    f"https://{GERMAN}/anna/schuhe",
    "https://www.pinterest.com/anna/nothing/",
    "https://www.pinterest.com/anna/secret/",
)
FOLDERS = {"coats": COATS, "coats-winter-coats": SECTION, "schuhe": SHOES}


@dataclass
class Several:
    """All that is named, fetched at once."""

    scraped: Scraped
    asked: list[str]

    def of(self, board: str) -> list[dict[str, str]]:
        return [row for row in self.scraped.rows if row["board"] == board]


@pytest.fixture(scope="module")
def several(scrape_pins: ScrapePins, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    site = Pinterest([COATS, EMPTY, PRIVATE])
    german = Pinterest([SHOES], host=GERMAN)
    links = PinItApi({"3xYz": "https://www.pinterest.com/anna/coats/"})
    with Sites(site, german, PinIt(), links, Pinimg(signatures_of([COATS, SHOES]))) as sites:
        flags = [word for url in NAMED for word in ("--board", url)]
        scraped = scrape_pins(sites, tmp_path_factory.mktemp("several") / "raw", *flags)
        yield Several(scraped, asked_for(sites.requests))


def test_a_short_link_is_followed_to_its_board(several: Several) -> None:
    assert found_in(several.of("anna/coats")) == photos_of(COATS)


def test_a_section_is_a_board_of_its_own(several: Several) -> None:
    assert found_in(several.of("anna/coats/winter coats")) == photos_of(SECTION)


def test_a_board_on_another_countrys_host(several: Several) -> None:
    rows = several.of("anna/schuhe")
    assert found_in(rows) == photos_of(SHOES)
    assert "/anna/schuhe/: 12 found, the site says 1,2 Tsd. Pins (ended by: end)" in several.scraped.stderr
    assert all(row["page"] == f"https://{GERMAN}/pin/{row['pin']}/" for row in rows)
    assert [row["title"] for row in rows] == [pin.title for pin in SHOES.own]


def test_several_boards_have_a_folder_each(several: Several) -> None:
    expected = {
        f"{folder}/pinterest_{signature}.jpg" for folder, board in FOLDERS.items() for _, signature in photos_of(board)
    }
    assert files_of(several.scraped) == expected
    assert {row["path"] for row in several.scraped.rows} == expected


def test_a_photo_on_two_boards_is_fetched_once(several: Several) -> None:
    distinct = {signature for board in FOLDERS.values() for _, signature in photos_of(board)}
    assert len(several.asked) == len(set(several.asked)) == len(distinct) == 41 - len(BOTH)
    for name, board in (("anna/coats", 20), ("anna/schuhe", 12), ("anna/coats/winter coats", 9)):
        assert f"{name}: {board} scraped" in several.scraped.stderr
    assert "in all 41 scraped, 38 distinct by name" in several.scraped.stderr


def test_an_empty_board_is_no_fault(several: Several) -> None:
    assert several.of("anna/nothing") == []
    assert "https://www.pinterest.com/anna/nothing/: 0 found, the site says 0 Pins (" in several.scraped.stderr


def test_one_that_is_private_is_told_after_the_others(several: Several) -> None:
    assert several.scraped.code == 4
    lines = several.scraped.stderr.splitlines()
    assert lines[-1] == "fashiontools: 1 of 5 cannot be had; the others are here"
    told = "https://www.pinterest.com/anna/secret/ cannot be had: it is private, or not there"
    assert len([line for line in lines if told in line]) == 1


def test_a_private_board_alone(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    with copy_of(PRIVATE) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(PRIVATE))
        assert len([request for request in sites.of(WWW) if request.path == PRIVATE.path]) == 1
    assert scraped.code == 4
    told = "fashiontools: https://www.pinterest.com/anna/secret/ cannot be had: it is private, or not there"
    assert scraped.stderr.splitlines()[-1] == told
    assert scraped.printed == []


def test_a_short_link_that_leads_nowhere(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    with Sites(Pinterest([COATS]), PinIt(), PinItApi({}), Pinimg({})) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", "--board", "https://pin.it/gone")
        assert sites.of(WWW) == []
    assert scraped.code == 2
    assert "--board https://pin.it/gone: the link leads nowhere (HTTP 404)" in scraped.stderr


@pytest.mark.parametrize(
    "url", ["https://www.pinterest.com/pin/123/", "https://example.org/anna/coats/", "anna/coats", "https://[/a/b/"]
)
def test_what_is_no_board(scrape_pins: ScrapePins, tmp_path: Path, url: str) -> None:
    with copy_of(COATS) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", "--board", url)
        assert sites.requests == []
    assert scraped.code == 2
    assert len(scraped.stderr.splitlines()) == 1
    assert f"--board {url}: " in scraped.stderr
