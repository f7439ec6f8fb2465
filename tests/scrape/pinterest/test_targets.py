"""What is to be scraped."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace
from typing import Any

import pytest

from fashiontools.core.errors import UsageError
from fashiontools.scrape.pinterest.targets import (
    HOUSES,
    Target,
    board_of,
    folder_of,
    hosts_of,
    read_brands,
    searches,
    slug,
)

NOBODY: Any = SimpleNamespace()


def test_the_thesis_has_twenty_houses() -> None:
    assert len(set(map(slug, read_brands("thesis")))) == 20
    assert read_brands("thesis") == HOUSES


def test_brands_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "brands.txt"
    file.write_text("# houses\nPrada\n\n  Max Mara # Italy\nPrada\nChloé\n", encoding="utf-8-sig")
    assert read_brands(str(file)) == ("Prada", "Max Mara", "Chloé")
    assert [slug(brand) for brand in read_brands(str(file))] == ["prada", "max-mara", "chloe"]


@pytest.mark.parametrize(("text", "problem"), [("", "no brand"), ("Chloé\nChloe\n", "would share the folder 'chloe'")])
def test_brands_that_are_no_list(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "brands.txt").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=problem):
        read_brands(str(tmp_path / "brands.txt"))


def test_brands_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_brands(str(tmp_path / "none.txt"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Prada", "prada"), ("../../etc", "etc"), ("  A  B ", "a-b"), ("Yves Saint Laurent", "yves-saint-laurent")],
)
def test_folders_have_safe_names(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_names_without_a_latin_letter_stay_apart() -> None:
    assert slug("プラダ") != slug("グッチ")
    assert slug("プラダ").startswith("name-")


def test_a_search_for_each_brand_and_season() -> None:
    found = list(searches(["Max Mara", "Prada"], "SS2020, fw21", "runway"))
    assert [target.url.partition("?q=")[2] for target in found] == [
        "max+mara+runway+SS2020&rs=typed",
        "max+mara+runway+fw21&rs=typed",
        "prada+runway+SS2020&rs=typed",
        "prada+runway+fw21&rs=typed",
    ]
    assert found[1].columns == {"brand": "Max Mara", "query": "max mara runway fw21", "season": "FW", "year": "2021"}
    assert folder_of(found[1].columns) == "max-mara"


@pytest.mark.parametrize("season", ["2020", "spring", "SS20201", "SS2020,,FW2020", "SS1820"])
def test_what_is_no_season(season: str) -> None:
    with pytest.raises(UsageError, match="expected a season and a year"):
        list(searches(["Prada"], season, "runway"))


@pytest.mark.parametrize(
    ("url", "name", "board"),
    [
        ("https://www.pinterest.com/user/board/", "board", "user/board"),
        ("https://www.pinterest.com/user/board", "board", "user/board"),
        ("https://de.pinterest.com/user/board/section/?x=1", "board-section", "user/board/section"),
        ("https://www.pinterest.co.uk/user/m%C3%B6de/", "mode", "user/möde"),
        ("https://pinterest.de/user/_saved/", "saved", "user/_saved"),
    ],
)
def test_boards(url: str, name: str, board: str) -> None:
    found = board_of(url, NOBODY)
    assert (found.name, found.columns, found.is_board) == (name, {"board": board}, True)
    assert found.url.endswith("/") and "?" not in found.url
    assert folder_of(found.columns) == name


@pytest.mark.parametrize(
    "url",
    [
        "https://www.pinterest.com/user/",
        "https://www.pinterest.com/pin/123/",
        "https://www.pinterest.com/search/pins/?q=prada",
        "https://pinterest.evil.example/user/board/",
        "https://www.pinterest.com.evil.example/user/board/",
        "https://evil.example/www.pinterest.com/user/board/",
        "http://www.pinterest.com/user/board/",
        "https://me:secret@www.pinterest.com/user/board/",
        "board",
    ],
)
def test_what_is_no_board(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        board_of(url, NOBODY)
    assert "--board" in str(raised.value)


def test_the_hosts_that_a_browser_may_speak_to() -> None:
    targets = [Target("https://de.pinterest.com/a/b/", "b"), Target("https://www.pinterest.co.uk/a/b/", "b")]
    assert hosts_of(targets) == (
        "*.pinimg.com", "*.pinterest.co.uk", "*.pinterest.com", "de.pinterest.com", "www.pinterest.co.uk"
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("--brand", "Chloé", "--brand", "Chloe"),
        ("--board", "https://www.pinterest.com/anna/mode/", "--board", "https://www.pinterest.com/bea/mode/"),
    ],
)
def test_what_would_share_a_folder_is_refused(
    run: Callable[..., CompletedProcess[str]], tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = run("scrape", "pinterest", *words, "-o", tmp_path / "raw")
    assert done.returncode == 2
    assert "would share the folder" in done.stderr
    assert not (tmp_path / "raw").exists()
