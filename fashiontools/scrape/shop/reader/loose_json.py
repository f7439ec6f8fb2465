"""JSON as pages have it: wrapped in comments or statements, escaped, several in a row, with all that breaks it.

Nothing is executed: a script is read as text, and what is no JSON in it is passed over.
"""

import html
import json
import re
from collections.abc import Iterator

MOST_CHARACTERS = 5_000_000
"""Longer scripts are not read. Values deeper than Python's recursion limit (1,000) are passed over as well."""

_MOST_REPAIRED = 1_000_000
_MOST_VALUES = 20_000
_MOST_FAILURES = 1_000  # each looks through the text before it, for its line number
_ENOUGH = 0.6  # a script of which so much was read as JSON hides no other that is worth a repair

_START = re.compile(r'\{(?=\s*+["}])|\[(?=\s*+["{\[\]0-9tfn-])')
_PARSED = re.compile(r"""JSON\.parse\(\s*+("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')""", re.DOTALL)
_DECODER = json.JSONDecoder(strict=False)

_STRING = r"""(?P<double>"(?:[^"\\]|\\.)*+(?:"|\Z))|(?P<single>'(?:[^'\\]|\\.)*+(?:'|\Z))"""
_AFTER = r"""\s*+(?:[:}\]]|,\s*+(?:["{\[\d}\]-]|true\b|false\b|null\b)|\Z)"""  # what follows the end of a text
_OPEN_QUOTES = rf"""(?P<double>"(?:[^"\\]|\\.|"(?!{_AFTER}))*+(?:"|\Z))|(?P<single>(?!))"""
_REST = (
    r"|(?P<comment>/\*.*?(?:\*/|\Z)|(?<![:\w])//[^\n]*+|<!--|-->|<!\[CDATA\[|\]\]>)"
    r"|(?P<flag>![01](?!\w))"
    r"|(?P<word>void\s0|(?<![\w.])[A-Za-z_$][\w$]*+)(?P<colon>\s*+:)?"
)
_BROKEN = re.compile(_STRING + _REST, re.DOTALL)
_BADLY_QUOTED = re.compile(_OPEN_QUOTES + _REST, re.DOTALL)
_COMMAS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|(?P<commas>,(?:\s*+,)*+)(?P<last>\s*+(?=[}\]]))?', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|x(?P<hex>[0-9a-fA-F]{2})|(?P<char>.))", re.DOTALL)
_QUOTE = re.compile(r'(?<!\\)((?:\\\\)*+)"')
_LITERALS = ("true", "false", "null", "NaN", "Infinity")


def values(text: str) -> list[object]:
    """Every JSON object and array in a script, in their order; those within another one are part of it.

    Read are JSON with control characters in its texts, several values in one script with anything between and after
    them, `name = {...};`, and `JSON.parse("...")`. Where that finds little, it is tried again with entities resolved,
    and with these repaired: comments, CDATA marks, trailing commas, unquoted or single-quoted names and texts,
    `undefined`, `!0`, unknown escapes, and quotation marks within texts.

    Args:
        text: Anything; longer than `MOST_CHARACTERS` has no values.

    Returns:
        Dictionaries and lists as `json` makes them; empty where nothing can be read.
    """
    if len(text) > MOST_CHARACTERS:
        return []
    if "&quot;" in text and '"' not in text:
        text = html.unescape(text)
    parsed = [value for match in _PARSED.finditer(text) for value in values(_unquoted(match[1]))]
    best, read = _read(text)
    for broken in (_BROKEN, _BADLY_QUOTED):
        if parsed or len(text) > _MOST_REPAIRED or read > _ENOUGH * len(text.strip()):
            break
        whole = _COMMAS.sub(_without_last_comma, broken.sub(_repaired, text))
        found, more = _read(whole)
        if more > read:
            best, read = found, more
        if more > _ENOUGH * len(whole.strip()):
            break
    return parsed + best


def _read(text: str) -> tuple[list[object], int]:
    """The values in a text, and how many characters they take."""
    found: list[object] = []
    read = place = failures = 0
    while len(found) < _MOST_VALUES and failures < _MOST_FAILURES and (start := _START.search(text, place)):
        try:
            value, place = _DECODER.raw_decode(text, start.start())
        except json.JSONDecodeError as error:
            place = max(start.end(), error.pos)
            failures += 1
        except (RecursionError, ValueError):  # nested too deep; a number of more digits than Python converts
            break
        else:
            read += place - start.start()
            if value:
                found.append(value)
    return found, read


def _repaired(match: re.Match[str]) -> str:
    """What stands for a part of a script in JSON."""
    if match["double"]:
        return '"' + _QUOTE.sub(r'\1\\"', _escaped(match["double"][1:-1])) + '"'
    if match["single"]:
        return '"' + _QUOTE.sub(r'\1\\"', _escaped(match["single"][1:-1])) + '"'
    if match["flag"]:
        return "true" if match["flag"] == "!0" else "false"
    if word := match["word"]:
        if match["colon"]:
            return f'"{word}":'
        return word if word in _LITERALS else "null"
    return " "


def _without_last_comma(match: re.Match[str]) -> str:
    if not match["commas"]:
        return match[0]
    return "" if match["last"] is not None else ","


def _escaped(text: str) -> str:
    return _ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(match: re.Match[str]) -> str:
    if match["hex"]:
        return f"\\u00{match['hex']}"
    char = match["char"]
    return match[0] if char is None or char in '"\\/bfnrt' else char


def _unquoted(literal: str) -> str:
    """What a string of JavaScript says."""
    quoted = '"' + _QUOTE.sub(r'\1\\"', _escaped(literal[1:-1])) + '"'
    try:
        return json.loads(quoted, strict=False)
    except ValueError:
        return ""


def nested(value: object, most: int = 300_000, deepest: int = 60) -> Iterator[tuple[object, tuple[str, ...]]]:
    """Every object and array within a value, itself first, in the order of the page.

    Args:
        value: What `values` returns, or a list of such.
        most: After so many the rest is left out.
        deepest: Deeper ones are left out.

    Yields:
        The value, and the names that lead to it.
    """
    stack: list[tuple[object, tuple[str, ...]]] = [(value, ())]
    while stack and most > 0:
        value, way = stack.pop()
        most -= 1
        yield value, way
        if len(way) >= deepest:
            continue
        items = value.items() if isinstance(value, dict) else (("", item) for item in value)  # type: ignore[attr-defined]
        stack += reversed([(item, (*way, name)) for name, item in items if isinstance(item, dict | list)])
