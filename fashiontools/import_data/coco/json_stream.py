"""Reads a large JSON object piece by piece: the elements of its arrays one at a time."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fashiontools.core.errors import UsageError

_CHUNK = 1 << 20
_SPACE = re.compile(r"[ \t\r\n]*")
_AFTER = tuple(" \t\r\n,:]}")


def stream_object(file: Path) -> Iterator[tuple[str, Any, bool]]:
    """Read a JSON object.

    Args:
        file: UTF-8, with or without a byte-order mark.

    Yields:
        For each of its keys, in order: key, value, False; where the value is an array, key, None, False, and then key,
        element, True for each element.

    Raises:
        UsageError: It is no JSON object, or is cut off.
    """
    try:
        with open(file, encoding="utf-8-sig") as stream:
            yield from _Reader(stream.read).members()
    except _Damaged as error:
        raise UsageError(f"{file} is damaged: {error}; expected COCO's JSON") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is damaged: it is not UTF-8; expected COCO's JSON") from None


class _Damaged(Exception):
    """The text is no JSON object."""


class _Reader:
    def __init__(self, read: Any) -> None:
        self._read = read
        self._text, self._place, self._before, self._ended = "", 0, 0, False
        self._decode = json.JSONDecoder().raw_decode

    def members(self) -> Iterator[tuple[str, Any, bool]]:
        """The members of the object that the text is."""
        self._expect("{")
        if self._next() == "}":
            return
        while True:
            key = self._value()
            if not isinstance(key, str):
                raise self._damaged()
            self._expect(":")
            if self._next() == "[":
                yield key, None, False
                yield from ((key, value, True) for value in self._elements())
            else:
                yield key, self._value(), False
            if self._next() != ",":
                break
            self._place += 1
        self._expect("}")

    def _elements(self) -> Iterator[Any]:
        self._expect("[")
        if self._next() == "]":
            self._place += 1
            return
        while True:
            yield self._value()
            if self._next() != ",":
                break
            self._place += 1
        self._expect("]")

    def _value(self) -> Any:
        """The value that begins here, with as much text read as it takes."""
        self._next()
        size = _CHUNK
        while True:
            try:
                value, end = self._decode(self._text, self._place)
                if self._ended or self._text[end : end + 1] in _AFTER:  # a number may go on behind what was read
                    self._place = end
                    return value
            except (ValueError, RecursionError):
                if self._ended:
                    raise self._damaged() from None
            self._more(size)
            size *= 2

    def _next(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            self._place = _SPACE.match(self._text, self._place).end()  # type: ignore[union-attr]
            if self._place < len(self._text) or self._ended:
                return self._text[self._place : self._place + 1]
            self._more(_CHUNK)

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise self._damaged()
        self._place += 1

    def _more(self, size: int) -> None:
        more = self._read(size)
        self._ended = not more
        self._before += self._place
        self._text, self._place = self._text[self._place :] + more, 0

    def _damaged(self) -> _Damaged:
        where = self._before + self._place
        ended = self._ended and self._place >= len(self._text.rstrip())
        return _Damaged("it is cut off" if ended else f"not JSON at character {where:,}")
