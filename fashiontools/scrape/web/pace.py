"""How often a host is asked: one request at a time, and a pause between two."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(Exception):
    """Nobody waits for the answer any more."""


class Pace:
    """Turns for each host.

    Args:
        delay: Seconds between the end of a request to a host and the next one to it; up to half of it more by chance,
            so that many scrapers do not beat in time.
        stopped: Ends all waiting.
    """

    def __init__(self, delay: float, stopped: threading.Event) -> None:
        self._delay = delay
        self._stopped = stopped
        self._guard = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Around a request: alone with the host, not too soon after the last one.

        Raises:
            Stopped: Nobody waits for it.
        """
        state = self._of(host)
        with state.lock:
            self.wait(state.free - time.monotonic())
            try:
                yield
            finally:
                state.free = time.monotonic() + state.delay * random.uniform(1.0, 1.5)

    def slow_down(self, host: str, delay: float) -> None:
        """Pause at least so long between requests to a host, as its robots.txt asks."""
        state = self._of(host)
        state.delay = max(state.delay, delay)

    def wait_again(self, host: str, seconds: float) -> None:
        """Wait between two tries of one turn: as long as is said, and no shorter than between two requests.

        Raises:
            Stopped: Nobody waits for it.
        """
        self.wait(max(seconds, self._of(host).delay))

    def _of(self, host: str) -> "_Host":
        with self._guard:
            return self._hosts.setdefault(host, _Host(self._delay))

    def wait(self, seconds: float) -> None:
        """Wait.

        Raises:
            Stopped: Nobody waits for what comes then.
        """
        if self._stopped.wait(max(0.0, seconds)):
            raise Stopped


class _Host:
    """When a host may be asked again."""

    def __init__(self, delay: float) -> None:
        self.lock = threading.Lock()
        self.delay = delay
        self.free = 0.0
