"""What sites have listed: kept as it comes, so that a run that was stopped does not ask for it again."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fashiontools.core.errors import Unavailable
from fashiontools.core.manifest import Row
from fashiontools.core.progress import Progress
from fashiontools.scrape.lines import Lines
from fashiontools.scrape.receipt import Receipt

LISTED = "listed.log"


class Absent(Unavailable):
    """This one target cannot be had; others may."""


@dataclass(frozen=True)
class Found:
    """One thing that a site lists: a pin, a product.

    Attributes:
        key: Its number there.
        rows: Makes its rows, one a photo; called only where it is new.
    """

    key: str
    rows: Callable[[], list[Row]]


class Listing:
    """The things that were listed, by target: a board, a search, a shop's category.

    `listed.log` has a line for each, in the order in which they were first seen, and one when a target came to its end.
    Of the things in it, memory holds no more than where they stand.

    Args:
        folder: The output folder; None remembers nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._log = Lines(folder / LISTED) if folder is not None else None
        self._places: dict[str, dict[str, int]] = {}
        self._ends: dict[str, dict[str, Any]] = {}
        self._ended_at: dict[str, int] = {}
        for at, entry in self._log or ():
            match entry:
                case {"target": str(target), "end": dict(facts)}:
                    self._ends[target] = facts
                    self._ended_at[target] = at
                case {"target": str(target), "key": str(key), "rows": list(), "names": list()}:
                    self._place(target, key, at)

    def keys(self, target: str) -> Mapping[str, int]:
        """The keys of what is known of a target."""
        return self._places.setdefault(target, {})

    def rows(self, target: str, most: int | None = None) -> Iterator[Row]:
        """The rows of what is known of a target, of the first `most` things of it."""
        if self._log is None:
            return
        for at in list(self.keys(target).values())[:most]:
            entry = self._log.at(at)
            yield from map(Row, entry["rows"], entry["names"])

    def add(self, target: str, key: str, rows: list[Row]) -> None:
        """Remember a thing."""
        entry = {"target": target, "key": key, "names": [row.name for row in rows], "rows": rows}
        self._place(target, key, self._log.add(entry) if self._log is not None else 0)

    def _place(self, target: str, key: str, at: int) -> None:
        places = self._places.setdefault(target, {})
        places.pop(key, None)  # what is listed again, since it had failed, stands where it was listed last
        places[key] = at

    def forget_failed(self, target: str) -> bool:
        """Forget the things of a target without a good row, for this run; returns whether there are any."""
        places = self._places.get(target, {})
        if self._log is None:
            return False
        failed = [key for key, at in places.items() if all(map(_is_bad, self._log.at(at)["rows"]))]
        for key in failed:
            del places[key]
        return bool(failed)

    def end(self, target: str, facts: dict[str, Any]) -> None:
        """Say that a target was listed to its end; or, by facts that are not `complete`, that it was not after all."""
        has_new = not all(self.is_settled(target, key) for key in self.keys(target))
        if self._log is not None and (has_new or self._ends.get(target) != facts):
            self._ended_at[target] = self._log.add({"target": target, "end": facts})
        self._ends[target] = facts

    def ended(self, target: str) -> dict[str, Any] | None:
        """What was said of a target's end, if it was listed so far."""
        facts = self._ends.get(target)
        return facts if facts is not None and facts.get("complete") else None

    def is_settled(self, target: str, key: str) -> bool:
        """Whether a thing was known when its target came to its end, so that all that stood below it is known too."""
        return self.keys(target).get(key, math.inf) < self._ended_at.get(target, -1)


class Search(Protocol):
    """A target while it is looked through on its site."""

    def __iter__(self) -> Iterator[Found]:
        """The things of the target, as the site has them; some may come twice."""
        ...

    def facts(self) -> dict[str, Any]:
        """What is known of the target now: whether it is `complete`, what was left out, how many there should be.

        Empty as long as it was not looked at.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How far targets are looked through.

    Attributes:
        most: Only so many things of each; with `update` only so many new ones.
        update: Ask the site also where a target was listed to its end.
        retry: Ask again for the things that failed.
        earlier: Keys of things that another folder has: they are left out.
        enough: Known things in a row after which the rest is taken to be known; counted with `update` and `earlier`.
    """

    most: int | None = None
    update: bool = False
    retry: bool = False
    earlier: frozenset[str] = frozenset()
    enough: int = 50

    @property
    def most_known(self) -> int | None:
        """How many of the known things are wanted."""
        return None if self.update else self.most


def list_target(listing: Listing, target: str, search: Search, extent: Extent) -> Iterator[Row]:
    """The rows of a target: those that are known, and then what its site has more.

    Args:
        listing: What is known; it is told what is new.
        target: The target's name there.
        search: Looks through the target on its site; not used where the target was listed as far as is wanted.
        extent: How far.
    """
    keys = listing.keys(target)
    has_failed = extent.retry and listing.forget_failed(target)
    before = len(keys) if extent.update else 0  # then `most` is for what is new
    yield from listing.rows(target, extent.most_known)
    if extent.most is not None and len(keys) - before >= extent.most:
        return
    old = listing.ended(target)
    if old is not None and not (extent.update or has_failed):
        return
    met = 0
    for found in search:
        if found.key in keys or found.key in extent.earlier:
            met += (extent.update and listing.is_settled(target, found.key)) or found.key in extent.earlier
            if met >= extent.enough and not has_failed:
                if old is not None:
                    listing.end(target, old)
                return
            continue
        met = 0
        rows = found.rows()
        listing.add(target, found.key, rows)
        yield from rows
        if extent.most is not None and len(keys) - before >= extent.most:
            return
    facts = search.facts()
    if facts["complete"]:
        listing.end(target, facts)


def list_targets(
    listing: Listing, searches: Sequence[tuple[str, Search]], extent: Extent, receipt: Receipt, progress: Progress
) -> Iterator[Row]:
    """The rows of several targets; where the site stops us, what is known of the further ones all the same.

    Args:
        listing: What is known; it is told what is new.
        searches: The targets, each with what looks through it.
        extent: How far.
        receipt: Told what the site says of each.
        progress: Told at once which one of several targets cannot be had.

    Raises:
        Unavailable: What stopped us, or which targets cannot be had; after all rows.
    """
    absent: list[Absent] = []
    stopped: Unavailable | None = None
    for target, search in searches:
        try:
            known = listing.rows(target, extent.most_known)
            yield from known if stopped else list_target(listing, target, search, extent)
        except Absent as error:
            absent.append(error)
            if len(searches) > 1:
                progress.note(str(error))
        except Unavailable as error:
            stopped = error
        if facts := search.facts() or listing.ended(target):
            receipt.looked_through(target, facts)
    if absent and stopped is None:
        several = Unavailable(f"{len(absent)} of {len(searches)} cannot be had; the others are here")
        stopped = several if len(searches) > 1 else absent[0]
    if stopped is not None:
        raise stopped


def _is_bad(values: dict[str, str]) -> bool:
    return Row(values).is_bad


def forget(folder: Path) -> None:
    """Remove what was listed in an earlier run."""
    (folder / LISTED).unlink(missing_ok=True)
