"""What was listed is remembered, and what is taken ahead is in order and ends when nobody wants it."""

import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from fashiontools.core.errors import BadRow, Unavailable
from fashiontools.core.manifest import Row, failed
from fashiontools.core.progress import Progress
from fashiontools.scrape.ahead import ahead
from fashiontools.scrape.lines import Lines
from fashiontools.scrape.listing import LISTED, Extent, Found, Listing, list_target, list_targets
from fashiontools.scrape.receipt import Receipt


class Site:
    """Things by key; it knows which ones were asked for."""

    def __init__(self, *keys: str, is_complete: bool = True) -> None:
        self.keys = keys
        self.is_complete = is_complete
        self.asked: list[str] = []
        self.shown: list[str] = []

    def __iter__(self) -> Iterator[Found]:
        for key in self.keys:
            self.shown.append(key)
            yield Found(key, lambda key=key: self._rows(key))

    def _rows(self, key: str) -> list[Row]:
        self.asked.append(key)
        return [Row({"source": f"https://a.example/{key}/{number}"}, f"{key}") for number in range(2)]

    def facts(self) -> dict[str, Any]:
        return {"found": len(self.shown), "complete": self.is_complete}


def keys_of(rows: Iterator[Row]) -> list[str]:
    return [row.name for row in rows][::2]


def test_a_target_that_ended_is_not_asked_for_again(tmp_path: Path) -> None:
    assert keys_of(list_target(Listing(tmp_path), "t", Site("a", "b", "a", "c"), Extent())) == ["a", "b", "c"]
    bytes_of_one = (tmp_path / LISTED).read_bytes()
    again = Site("x")
    listing = Listing(tmp_path)
    assert keys_of(list_target(listing, "t", again, Extent())) == ["a", "b", "c"]
    assert again.shown == []
    assert listing.ended("t") == {"found": 4, "complete": True}
    assert (tmp_path / LISTED).read_bytes() == bytes_of_one


def test_a_target_that_was_given_up_is_asked_for_again(tmp_path: Path) -> None:
    list(list_target(Listing(tmp_path), "t", Site("a", is_complete=False), Extent()))
    site = Site("a", "b")
    assert keys_of(list_target(Listing(tmp_path), "t", site, Extent())) == ["a", "b"]
    assert site.asked == ["b"]


@pytest.mark.parametrize("cut", range(0, 700, 37))
def test_cut_off_anywhere_it_goes_on_to_the_same_file(tmp_path: Path, cut: int) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
        list(list_target(Listing(folder), "t", Site("a", "b", "c"), Extent()))
    log = (whole / LISTED).read_bytes()
    (broken / LISTED).write_bytes(log[:cut])
    kept = log[:cut].count(b"\n")
    site = Site("a", "b", "c")
    assert keys_of(list_target(Listing(broken), "t", site, Extent())) == ["a", "b", "c"]
    assert site.asked == ["a", "b", "c"][kept:]
    assert (broken / LISTED).read_bytes() == log


def test_most_counts_what_is_known(tmp_path: Path) -> None:
    assert keys_of(list_target(Listing(tmp_path), "t", Site(*"abcdef"), Extent(most=2))) == ["a", "b"]
    site = Site(*"abcdef")
    assert keys_of(list_target(Listing(tmp_path), "t", site, Extent(most=4))) == ["a", "b", "c", "d"]
    assert site.asked == ["c", "d"]
    assert keys_of(list_target(Listing(tmp_path), "t", Site(), Extent(most=3))) == ["a", "b", "c"]


def test_update_stops_after_known_ones_in_a_row(tmp_path: Path) -> None:
    list(list_target(Listing(tmp_path), "t", Site(*"abcdef"), Extent()))
    site = Site(*"xaybcdef")
    rows = keys_of(list_target(Listing(tmp_path), "t", site, Extent(update=True, enough=3)))
    assert rows == [*"abcdef", "x", "y"]
    assert site.shown == [*"xaybcd"]


@pytest.mark.parametrize("cut", [1, 3, 7])
def test_an_update_that_was_killed_loses_nothing(tmp_path: Path, cut: int) -> None:
    """What is new stands first on the site, and is logged at once: it tells nothing of what stands below it."""
    old, new = [f"old-{number}" for number in range(9)], [f"new-{number}" for number in range(8)]
    list(list_target(Listing(tmp_path), "t", Site(*old), Extent()))
    update = Extent(update=True, enough=2)
    killed = list_target(Listing(tmp_path), "t", Site(*new, *old), update)
    for _ in range(2 * len(old) + 2 * cut):
        next(killed)
    killed.close()  # type: ignore[attr-defined]
    site = Site(*new, *old)
    assert sorted(keys_of(list_target(Listing(tmp_path), "t", site, update))) == sorted([*old, *new])
    assert site.asked == new[cut:]
    site = Site(*new, *old)
    assert sorted(keys_of(list_target(Listing(tmp_path), "t", site, update))) == sorted([*old, *new])
    assert len(site.shown) == 2, "an update that came to its end settles what it found"


@pytest.mark.parametrize("update", [False, True])
def test_where_the_site_stops_us_what_is_known_stays(tmp_path: Path, update: bool) -> None:
    class Refused(Site):
        def __iter__(self) -> Iterator[Found]:
            raise Unavailable("no more")
            yield

    names = ("one", "two", "three")
    receipt, progress = Receipt(), Progress("test", quiet=True)
    list(list_targets(Listing(tmp_path), [(name, Site(*"abc")) for name in names], Extent(), receipt, progress))
    rows = []
    with pytest.raises(Unavailable, match="no more") if update else nullcontext():
        searches = [(name, Refused()) for name in names]
        for row in list_targets(Listing(tmp_path), searches, Extent(update=update, most=2), receipt, progress):
            rows.append(row.name)
    assert rows[::2] == list("abc" if update else "ab") * 3


def test_an_update_of_what_never_ended_looks_through_it_all(tmp_path: Path) -> None:
    list(list_target(Listing(tmp_path), "t", Site(*"abc", is_complete=False), Extent()))
    rows = keys_of(list_target(Listing(tmp_path), "t", Site(*"abcdef"), Extent(update=True, enough=2)))
    assert rows == [*"abcdef"]


def test_an_update_with_a_limit_takes_so_many_new_ones(tmp_path: Path) -> None:
    list(list_target(Listing(tmp_path), "t", Site(*"abc"), Extent()))
    rows = keys_of(list_target(Listing(tmp_path), "t", Site(*"xyzabc"), Extent(update=True, most=2)))
    assert rows == [*"abcxy"]


def test_an_end_that_was_none_is_asked_for_again(tmp_path: Path) -> None:
    listing = Listing(tmp_path)
    list(list_target(listing, "t", Site(), Extent()))
    listing.end("t", {"complete": False})
    assert listing.ended("t") is None
    assert keys_of(list_target(Listing(tmp_path), "t", Site("a"), Extent())) == ["a"]


def test_what_another_folder_has_is_left_out(tmp_path: Path) -> None:
    site = Site(*"abcdef")
    assert keys_of(list_target(Listing(tmp_path), "t", site, Extent(earlier=frozenset("bd"), enough=2))) == [*"acef"]
    site = Site(*"abcdef")
    assert keys_of(list_target(Listing(None), "t", site, Extent(earlier=frozenset("bc"), enough=2))) == ["a"]


def test_what_failed_is_asked_for_again_if_that_is_wanted(tmp_path: Path) -> None:
    class Failing(Site):
        def _rows(self, key: str) -> list[Row]:
            rows = super()._rows(key)
            return [failed(row, BadRow("gone")) for row in rows] if key == "b" else rows

    list(list_target(Listing(tmp_path), "t", Failing(*"abc"), Extent()))
    site = Site(*"abc")
    assert keys_of(list_target(Listing(tmp_path), "t", site, Extent())) == ["a", "b", "c"]
    assert site.shown == []
    assert keys_of(list_target(Listing(tmp_path), "t", site, Extent(retry=True))) == ["a", "c", "b"]
    assert site.asked == ["b"]
    rows = list(list_target(Listing(tmp_path), "t", Site(), Extent(retry=True)))
    assert [row.name for row in rows][::2] == ["a", "c", "b"]
    assert not any(row.is_bad for row in rows)


def test_an_update_also_retries_what_failed(tmp_path: Path) -> None:
    class Failing(Site):
        def _rows(self, key: str) -> list[Row]:
            return [failed(row, BadRow("gone")) for row in super()._rows(key)]

    list(list_target(Listing(tmp_path), "t", Failing("b"), Extent()))
    site = Site("b")
    list(list_target(Listing(tmp_path), "t", site, Extent(update=True, retry=True)))
    assert site.asked == ["b"]


def test_nothing_is_remembered_without_a_folder() -> None:
    listing = Listing(None)
    assert keys_of(list_target(listing, "t", Site("a", "a"), Extent())) == ["a"]


def test_lines_that_are_not_ours_are_passed_over(tmp_path: Path) -> None:
    list(list_target(Listing(tmp_path), "t", Site("a"), Extent(most=1)))
    with open(tmp_path / LISTED, "ab") as log:
        log.write(b'\x00\xff\n[1]\n{"target": 5}\n{"target": "t", "key": "b"}\n{"torn": ')
    assert keys_of(Listing(tmp_path).rows("t")) == ["a"]
    Lines(tmp_path / LISTED).add({"whole": 1})
    assert (tmp_path / LISTED).read_bytes().endswith(b'"key": "b"}\n{"whole": 1}\n')


def rows_until(end: threading.Event, count: int) -> Iterator[Row]:
    for number in range(count):
        yield Row({}, str(number))
        if end.is_set():
            return


def test_ahead_keeps_the_order_and_tells_errors_in_their_place() -> None:
    def failing() -> Iterator[Row]:
        yield from rows_until(threading.Event(), 500)
        raise ValueError("at the end")

    taken = []
    with pytest.raises(ValueError, match="at the end"):
        for row in ahead(failing(), lambda: None, most=10):
            taken.append(int(row.name))
    assert taken == list(range(500))


def test_ahead_is_bounded_and_ends_with_its_reader() -> None:
    made: list[str] = []
    closed, cut = threading.Event(), threading.Event()

    def endless() -> Iterator[Row]:
        try:
            while True:
                made.append("x")
                yield Row({}, "x")
        finally:
            closed.set()

    rows = ahead(endless(), cut.set, most=5)
    next(rows)
    time.sleep(0.2)
    assert len(made) <= 8
    rows.close()  # type: ignore[attr-defined]
    assert closed.is_set() and cut.is_set()


def test_ahead_cuts_what_waits() -> None:
    free = threading.Event()

    def waiting() -> Iterator[Row]:
        yield Row({}, "first")
        free.wait(60)

    rows = ahead(waiting(), free.set)
    assert next(rows).name == "first"
    began = time.monotonic()
    rows.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 10
