"""A grid of pins, looked through from its top to its end: the page drops what is out of sight."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

from fashiontools.core.errors import Unavailable
from fashiontools.core.manifest import Row
from fashiontools.scrape.browser.browser import Browser
from fashiontools.scrape.listing import Absent, Found
from fashiontools.scrape.pinterest.targets import Target
from fashiontools.scrape.web.pace import Pace

_STEP = 0.8  # of a viewport: what is mounted reaches 0.7 beyond it on both sides
_BACK = 10  # half steps back, where a step shows nothing that the one before it showed
_LOOK_S = 0.1
_LONGEST_S = 60.0  # between two tries to open the page
_IDLE_S = 1.0  # at the bottom, until it counts as a step without anything new
_SURE = 3  # such steps, after which the spinner is taken for that of the foreign pins below the board
_HARVEST = (files(__package__) / "harvest.js").read_text(encoding="utf-8")
_CLOSE = """
const [wall] = arguments
const close = document.querySelector(`[data-test-id="${wall}"] [aria-label="Close"]`)
close?.click()
return Boolean(close)
"""
_CHALLENGE = """
return Boolean(document.querySelector('#captcha, .g-recaptcha, iframe[src*="captcha"], iframe[title*="captcha" i]'))
"""
Rows = Callable[[dict[str, Any]], list[Row]]


class Grid:
    """One target in the browser.

    Args:
        browser: Open; used by the thread that looks through.
        target: What to look at.
        pace: The turns of the site: a step is a request as far as it is concerned.
        include: Kinds of pins that are not left out: `promoted`, `video`, `story`.
        rows_of: Makes the rows of a pin.
        max_scrolls: Steps at most.
        patience: Steps without a new pin at the bottom, until it counts as the end.
        retries: Further tries where the site is busy.
    """

    def __init__(
        self,
        browser: Browser,
        target: Target,
        pace: Pace,
        *,
        include: frozenset[str],
        rows_of: Rows,
        max_scrolls: int,
        patience: int,
        retries: int,
    ) -> None:
        self._browser = browser
        self._target = target
        self._host = re.sub(r"^https://([^/]+)/.*", r"\1", target.url)
        self._pace = pace
        self._include = include
        self._rows_of = rows_of
        self._max_scrolls = max_scrolls
        self._patience = patience
        self._retries = retries
        self._seen: set[str] = set()
        self._known: set[str] = set()  # mounted at some time, with or without a photo's address
        self._left_out: Counter[str] = Counter()
        self._promoted = 0
        self._bare: dict[str, dict[str, Any]] = {}
        self._expected = ""
        self._ended_by = ""

    def facts(self) -> dict[str, Any]:
        """What the site says that there is, what was found and left out, what ended it, and whether that was all."""
        return {
            "expected": self._expected,
            "found": self._found_own,
            "left_out": dict(sorted(self._left_out.items())),
            "ended_by": self._ended_by,
            "complete": self._ended_by in ("end", "count") or (self._ended_by == "patience" and not self._lacks),
        }

    @property
    def _found_own(self) -> int:
        return len(self._seen) - self._promoted

    @property
    def _lacks(self) -> bool:
        """Whether there should be more, by the site's own count."""
        return self._count is not None and self._found_own < self._count

    @property
    def _count(self) -> int | None:
        """The site's own count, where it is exact: of "1,234 Pins", not of "1.2k"."""
        digits = re.fullmatch(
            r"(\d{1,3}(?:[.,\s]\d{3})+|\d+)(?:\s(?!k\b|m\b|tsd|mil|mio|mln|tis|rb)\D*)?", self._expected, re.I
        )
        return int(re.sub(r"\D", "", digits[1])) if digits else None

    def __iter__(self) -> Iterator[Found]:
        """The pins of the target, each once.

        Raises:
            Absent: The page is not there.
            Unavailable: It is locked; or the site wants to know whether we are a robot.
        """
        self._open()
        idle = 0
        for scrolls in range(self._max_scrolls + 1):
            with self._pace.turn(self._host):
                state = self._harvest(scrolls, idle)
            self._expected = state["expected"] or self._expected
            new = self._new(state)
            for pin in new:
                yield from self._found(pin)
            self._bare.update((pin["id"], pin) for pin in state["pins"] if pin["id"] not in self._seen)
            idle = idle + 1 if not new and (state["bottom"] or state["more"]) else 0
            self._ended_by = self._end(state, idle)
            if self._ended_by:
                break
        self._ended_by = self._ended_by or "max-scrolls"
        for pin in list(self._bare.values()):  # never drawn: there may be a photo all the same
            yield from self._found(pin)

    def _found(self, pin: dict[str, Any]) -> Iterator[Found]:
        self._seen.add(pin["id"])
        self._bare.pop(pin["id"], None)
        self._promoted += pin["kind"] == "promoted"
        if pin["kind"] in ("promoted", "video", "story") and pin["kind"] not in self._include:
            self._left_out[pin["kind"]] += 1
            return
        yield Found(pin["id"], lambda: self._rows_of(pin))

    def _end(self, state: dict[str, Any], idle: int) -> str:
        """Why this is the end, if it is."""
        waits = idle < _SURE and (state["spinner"] or self._lacks)
        if self._target.is_board and idle and state["more"] and not waits:
            return "end"
        if idle and self._count is not None and not self._lacks:
            return "count"
        return "patience" if idle > self._patience else ""

    # --------------------------------------------------------------------------------------------- in the browser

    def _open(self) -> None:
        """Go to the page, and wait for what it has to show."""
        for further in range(self._retries, -1, -1):
            with self._pace.turn(self._host):
                status = self._browser.load(self._target.url)
            if status not in (429, 500, 502, 503, 504) or not further:
                break
            self._pace.wait_again(self._host, min(_LONGEST_S, 2.0 ** (self._retries - further)))
        self._refuse_challenge()
        if self._browser.run("return location.pathname").startswith("/login"):
            raise Absent(f"{self._target.url} is for members alone", "--login, see man fashiontools-scrape")
        if status >= 400:
            told = "it is private, or not there" if status in (401, 403, 404, 410) else f"HTTP {status}"
            raise Absent(f"{self._target.url} cannot be had: {told}")

    def _refuse_challenge(self) -> None:
        if self._browser.run(_CHALLENGE):
            raise Unavailable(
                f"{self._host} asks whether we are a robot, which we are: stopped; what was fetched is kept",
                "come back later, slower (--delay)",
            )

    def _harvest(self, scrolls: int, idle: int) -> dict[str, Any]:
        """One step down, and at the bottom some time for what is to come; there a nudge makes the page ask again."""
        if idle:
            self._browser.run("window.scrollBy(0, -0.3 * innerHeight)")
        state = self._step(_STEP if scrolls else 0)
        for _ in range(_BACK):
            if not scrolls or not state["pins"] or any(pin["id"] in self._known for pin in state["pins"]):
                break
            state = self._step(-_STEP / 2)  # the page was slow: what lies between was mounted and gone again
        self._known.update(pin["id"] for pin in state["pins"])
        began = time.monotonic()
        while state["bottom"] and not self._new(state) and not (state["more"] and not state["spinner"]):
            waited = time.monotonic() - began
            if waited > (self._browser.timeout if state["spinner"] else _IDLE_S):
                break
            self._pace.wait(_LOOK_S)
            state = self._step(0)
        return state

    def _new(self, state: dict[str, Any]) -> list[dict[str, Any]]:
        """The pins that were not there before; one has its photo's address once it comes near to being seen."""
        return [pin for pin in state["pins"] if pin["id"] not in self._seen and pin["srcset"]]

    def _step(self, step: float) -> dict[str, Any]:
        state = self._browser.run(_HARVEST, step)
        self._refuse_challenge()  # it may come at any time, and takes the page away
        if state["wall"] and not self._browser.run(_CLOSE, state["wall"]):
            raise Unavailable(
                f"{self._host} wants a login after {len(self._seen)} pins; what was fetched is kept",
                "--login, see man fashiontools-scrape",
            )
        return state
