"""A log of JSON lines that can be cut off anywhere: what is whole counts."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Lines:
    """A file of JSON lines that is only added to, from any thread.

    A last line that was torn off is taken off when the file is opened, so that the next one does not join it; lines
    that are no JSON objects, as after a power cut, are passed over.

    Args:
        file: The log; it need not be there.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._guard = threading.Lock()
        self._mend()
        self._end = file.stat().st_size if file.exists() else 0

    def _mend(self) -> None:
        if not self._file.exists():
            return
        with open(self._file, "r+b") as stream:
            end = 0
            for line in stream:
                end += len(line) if line.endswith(b"\n") else 0
            stream.truncate(end)

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The whole lines, each with the byte at which it begins."""
        if not self._file.exists():
            return
        at = 0
        with open(self._file, "rb") as stream:
            for line in stream:
                if (entry := _parsed(line)) is not None:
                    yield at, entry
                at += len(line)

    def add(self, entry: dict[str, Any]) -> int:
        """Write a line, which a process that is killed then has written; returns the byte at which it begins."""
        line = json.dumps(entry).encode() + b"\n"
        with self._guard:
            at = self._end
            with open(self._file, "ab") as stream:
                stream.write(line)
            self._end += len(line)
        return at

    def at(self, begins: int) -> dict[str, Any]:
        """The line that begins at a byte."""
        with open(self._file, "rb") as stream:
            stream.seek(begins, os.SEEK_SET)
            return json.loads(stream.readline())


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
