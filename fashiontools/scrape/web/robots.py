"""What a site allows: its robots.txt (RFC 9309), and the `X-Robots-Tag` of a file."""

import re
import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from protego import Protego

from fashiontools.core.errors import BadRow
from fashiontools.scrape.web.addresses import Target

_PATH = "/robots.txt"
_NO_AI = {"noai", "noimageai"}
_NAME = re.compile(r"[\w.*/-]+")
_WITH_VALUE = {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"}


class Answer(Protocol):
    """What came back for a robots.txt."""

    status: int
    body: bytes


class Robots:
    """The rules of all sites that were asked, read once for each origin.

    No robots.txt (4xx) allows everything. One that cannot be had (5xx, 429, no connection) allows nothing: the site may
    have rules, and is in trouble besides.

    Args:
        agent: The name by which rules may call us.
        fetch: Gets a robots.txt.
        slow_down: Told a host and its `Crawl-delay`, in seconds.
        longest: A longer `Crawl-delay` than these seconds is as good as a refusal.
    """

    def __init__(
        self, agent: str, fetch: Callable[[Target], Answer], slow_down: Callable[[str, float], None], longest: float
    ) -> None:
        self._agent = agent
        self._fetch = fetch
        self._slow_down = slow_down
        self._longest = longest
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._rules: dict[str, Protego | str] = {}

    def check(self, target: Target) -> None:
        """Ask whether a URL may be fetched.

        Raises:
            BadRow: It may not.
        """
        with self._guard:
            lock = self._locks.setdefault(target.origin, threading.Lock())
        with lock:
            if target.origin not in self._rules:
                self._rules[target.origin] = self._read(target)
            rules = self._rules[target.origin]
        if isinstance(rules, str):
            raise BadRow(rules)
        if not rules.can_fetch(target.url, self._agent):
            raise BadRow(f"robots.txt of {target.host} refuses it", "--ignore-robots")

    def _read(self, target: Target) -> Protego | str:
        place = Target(target.scheme, target.host, target.port, _PATH)
        try:
            answer = self._fetch(place)
        except BadRow as error:
            return f"robots.txt of {target.host} cannot be had, so nothing is fetched: {error}"
        if answer.status >= 500 or answer.status in (408, 429):
            return f"robots.txt of {target.host} cannot be had, so nothing is fetched: HTTP {answer.status}"
        rules = Protego.parse(answer.body.decode("utf-8-sig", "replace") if answer.status == 200 else "")
        if (delay := rules.crawl_delay(self._agent)) is not None:
            if not delay <= self._longest:
                return f"robots.txt of {target.host} asks for pauses of more than {self._longest:g} s (--max-wait)"
            self._slow_down(target.host, float(delay))
        return rules


def keeps_from_training(tags: Iterable[str], agent: str) -> bool:
    """Whether `X-Robots-Tag` headers say `noai` or `noimageai` to everybody or to us.

    In a header, `name: rule, rule` speaks to the robot of that name, up to the next name; some rules have a value,
    which looks the same.

    Args:
        tags: The values of the headers.
        agent: The name by which rules may call us, in lower case.
    """
    return any(_keeps(tag.lower(), agent) for tag in tags)


def _keeps(tag: str, agent: str) -> bool:
    robot = "*"
    for part in tag.split(","):
        name, colon, rule = (text.strip() for text in part.partition(":"))
        if colon and _NAME.fullmatch(name) and name not in _WITH_VALUE:
            robot = name
        else:
            rule = part.strip()
        if rule in _NO_AI and robot in ("*", agent):
            return True
    return False
