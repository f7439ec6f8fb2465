"""Progress, summaries and warnings, all on standard error; the steps call it, only the command line builds it."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
_LINE_EVERY_S = 60.0
_DRAW_EVERY_S = 0.1


class Progress:
    """Says how far a command is: a line that is redrawn on a terminal, elsewhere one line a minute.

    Args:
        label: The command's name, in front of each line.
        quiet: Say nothing at all (errors are told elsewhere).
        verbose: Also say `detail` lines.

    Attributes:
        counts: Says what else the progress line of `track` tells.
    """

    def __init__(self, label: str, *, quiet: bool = False, verbose: bool = False) -> None:
        self._label = label
        self._quiet = quiet
        self._verbose = verbose
        self._terminal = sys.stderr.isatty()
        self._next = time.monotonic() + (0 if self._terminal else _LINE_EVERY_S)
        self._drawn = False
        self._count = 0
        self._start = time.monotonic()
        self.counts: Callable[[], str] = str

    def silence(self) -> None:
        """Say nothing from now on: another process of the same command says it all."""
        self._quiet = True

    def track(self, items: Iterable[Item], unit: str = "rows", total: int | None = None) -> Iterator[Item]:
        """Yield the items and count them on the progress line; several calls count on."""
        of = f" of {total:,}" if total else ""
        for item in items:
            yield item
            self._count += 1
            if self._is_due():
                speed = self._count / max(time.monotonic() - self._start, 1e-9)
                told = (f"{self._count:,}{of} {unit}", f"{speed:,.1f} a second", self.counts())
                self.line(", ".join(filter(None, told)))

    def line(self, text: str) -> None:
        """Show the state; it is drawn only as often as a person can read it."""
        if not self._is_due():
            return
        now = time.monotonic()
        if self._terminal:
            self._next = now + _DRAW_EVERY_S
            sys.stderr.write(f"\r\x1b[K{self._label}: {text}")
            sys.stderr.flush()
            self._drawn = True
        else:
            self._next = now + _LINE_EVERY_S
            self.note(text)

    def _is_due(self) -> bool:
        return not self._quiet and time.monotonic() >= self._next

    def clear(self) -> None:
        """Take the redrawn line off the terminal."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False

    def note(self, text: str) -> None:
        """Say one line: a summary or a warning."""
        if not self._quiet:
            self.clear()
            sys.stderr.write(f"{self._label}: {text}\n")
            sys.stderr.flush()

    def detail(self, text: str) -> None:
        """Say one line that only `--verbose` asks for."""
        if self._verbose:
            self.note(text)
