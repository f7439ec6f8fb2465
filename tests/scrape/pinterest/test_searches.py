"""Searches for brands: their columns and folders, and photos that two of them find."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pinning import SOON, WWW, asked_for, copy_of, files_of, found_in, photos_of
from scraping import Scraped
from sites.images import Pinimg
from sites.pinterest import Board, Pinterest, drawn_board, drawn_pin, signatures_of
from sites.server import Sites

from fashiontools.scrape.pinterest.targets import HOUSES

ScrapePins = Callable[..., Scraped]
BOTH = tuple(drawn_pin(f"of both brands {number}") for number in range(4))
PRADA = drawn_board("/prada/", 40, shared=BOTH, **SOON)
MARA = drawn_board("/max-mara/", 30, shared=BOTH, twins=1, **SOON)
SPRING = drawn_board("/prada-spring/", 8, **SOON)
AUTUMN = drawn_board("/prada-autumn/", 6, shared=SPRING.own[:2], **SOON)
PATIENT = ("--patience", "1")  # a search has no count: its end is that nothing more comes


def finds(searches: dict[str, Board]) -> Sites:
    return Sites(Pinterest([], searches), Pinimg(signatures_of(searches.values())))


@dataclass
class Brands:
    """Two brands of a file, fetched at once, and what was asked of the host of images."""

    scraped: Scraped
    asked: list[str]


@pytest.fixture(scope="module")
def brands(scrape_pins: ScrapePins, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brands]:
    place = tmp_path_factory.mktemp("brands")
    (place / "brands.txt").write_text("# two houses\nPrada\n\nMax Mara  # of Reggio\nPrada\n", encoding="utf-8")
    with finds({"prada runway": PRADA, "max mara runway": MARA}) as sites:
        scraped = scrape_pins(sites, place / "raw", "--brands", place / "brands.txt", *PATIENT)
        asked = asked_for(sites.requests)
        pages = [request.path for request in sites.of(WWW) if request.path.startswith("/search/")]
    assert scraped.code == 0, scraped.stderr
    assert pages == ["/search/pins/?q=prada+runway&rs=typed", "/search/pins/?q=max+mara+runway&rs=typed"]
    yield Brands(scraped, asked)


def test_each_brand_has_its_own_pins_in_order(brands: Brands) -> None:
    for brand, query, board in (("Prada", "prada runway", PRADA), ("Max Mara", "max mara runway", MARA)):
        rows = [row for row in brands.scraped.rows if row["brand"] == brand]
        assert found_in(rows) == photos_of(board)
        assert {row["query"] for row in rows} == {query}


def test_each_brand_has_a_folder_and_shared_photos_lie_in_both(brands: Brands) -> None:
    expected = {
        f"{folder}/pinterest_{signature}.jpg"
        for folder, board in (("prada", PRADA), ("max-mara", MARA))
        for _, signature in photos_of(board)
    }
    assert files_of(brands.scraped) == expected
    for pin in BOTH:
        one, other = (
            brands.scraped.folder / folder / f"pinterest_{pin.signature}.jpg" for folder in ("prada", "max-mara")
        )
        assert one.read_bytes() == other.read_bytes()


def test_a_shared_photo_is_fetched_once(brands: Brands) -> None:
    distinct = {signature for board in (PRADA, MARA) for _, signature in photos_of(board)}
    assert len(brands.asked) == len(set(brands.asked)) == len(distinct) == 40 + 30 - len(BOTH) - 1


def test_the_receipt_counts_by_brand_and_as_dedupe_does(
    brands: Brands, run: Callable[..., object], tmp_path: Path
) -> None:
    told = brands.scraped.stderr
    assert "Prada: 40 scraped" in told
    assert "Max Mara: 29 scraped" in told
    assert "in all 69 scraped, 65 distinct by name" in told
    kept = run("dedupe", brands.scraped.folder, "--by", "name", "-o", tmp_path / "unique")
    assert kept.returncode == 0, kept.stderr
    assert len({row["path"] for row in csv.DictReader(io.StringIO(kept.stdout))}) == 65


@pytest.mark.slow
def test_a_brand_with_seasons_goes_to_a_folder_of_its_name(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    found = {"prada street SS2020": SPRING, "prada street fw21": AUTUMN}
    with finds(found) as sites:
        flags = ("--brand", "Prada", "--keyword", "street", "--season", "SS2020,fw21", *PATIENT)
        scraped = scrape_pins(sites, None, *flags, cwd=tmp_path)
        assert len(asked_for(sites.requests)) == 12
    assert scraped.code == 0, scraped.stderr
    assert "writing to prada\n" in scraped.stderr
    assert len([*(tmp_path / "prada").glob("pinterest_*.jpg")]) == 12
    rows = scraped.printed
    assert found_in(rows) == photos_of(SPRING) + photos_of(AUTUMN)
    told = [(row["query"], row["season"], row["year"]) for row in rows]
    assert told == [("prada street SS2020", "SS", "2020")] * 8 + [("prada street fw21", "FW", "2021")] * 6
    assert {row["brand"] for row in rows} == {"Prada"}
    assert "12 fetched, 0 already here, 2 duplicate" in scraped.stderr


@pytest.mark.slow
def test_the_brands_of_the_thesis_are_twenty_searches(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    found = {f"{house.lower()} runway": drawn_board(f"/{house}/", 2, ads=0, **SOON) for house in HOUSES}
    with finds(found) as sites:
        listed = scrape_pins(sites, None, "--brands", "thesis", "--list", "--limit", "1", cwd=tmp_path)
        searched = [request.path for request in sites.of(WWW) if request.path.startswith("/search/")]
    assert listed.code == 0, listed.stderr
    assert [row["brand"] for row in listed.printed] == list(HOUSES)
    assert found_in(listed.printed) == [photos_of(board)[0] for board in found.values()]
    assert len(searched) == len(set(searched)) == 20
    assert "/search/pins/?q=yves+saint+laurent+runway&rs=typed" in searched


@pytest.mark.slow
def test_a_search_that_finds_nothing(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    with finds({}) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", "--brand", "nobody", *PATIENT)
    assert scraped.code == 0, scraped.stderr
    assert scraped.rows == []
    assert "0 listed, 0 fetched" in scraped.stderr


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ((), "nothing to fetch: give --brand NAME, --brands FILE or --board URL"),
        (("--brand", "Prada", "--season", "spring"), "--season 'spring': expected a season and a year"),
        (("--board", "https://www.pinterest.com/a/b/", "--season", "SS20"), "--season is searched for with a brand"),
        (("--brands", "/no/file"), "--brands /no/file: No such file or directory"),
        (("--brand", "Prada", "--include", "ads"), "--include ads: expected some of promoted, video, story"),
    ],
)
def test_what_names_nothing_to_fetch(
    scrape_pins: ScrapePins, tmp_path: Path, flags: tuple[str, ...], told: str
) -> None:
    with copy_of() as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", *flags)
        assert sites.requests == []
    assert scraped.code == 2
    assert told in scraped.stderr
    assert len(scraped.stderr.splitlines()) == 1
