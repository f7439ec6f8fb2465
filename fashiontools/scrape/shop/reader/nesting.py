"""Refuses pages whose elements lie so deep in each other that an HTML5 parser would need minutes or all memory.

The standard makes a parser look through all open elements at many a tag, and open all forgotten `<b>` again in each
paragraph: a page of 200 kB can keep it busy for an hour. So the tags are counted here beforehand, with the standard's
rules as far as they say how deep an element lies.
"""

import re

from fashiontools.scrape.shop.reader.text import listed

MOST_STEPS = 10_000_000
"""Open elements summed over all tags: 4,500 `<div>` in each other, or 200,000 tags 50 deep; the largest pages of real
shops have 60,000 tags 25 deep."""

_FORMATTING_COST = 8  # an element that is opened again costs memory, not only time

_VALUE = r"""(?:=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?+|[^>=])*+"""
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    rf"|<(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)\b{_VALUE}>.*?(?:</(?P=raw)\b|\Z)"
    rf"|<(?P<end>/?)(?P<name>[a-z][^\s/>]*+)(?P<rest>{_VALUE})(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_VOID = frozenset(
    listed("area base basefont bgsound br col embed frame hr img image input keygen link meta param source track wbr")
)
_FORMATTING = frozenset(listed("a b big code em font i nobr s small strike strong tt u"))
_SPECIAL = frozenset(
    listed(
        "address applet article aside blockquote body button caption center colgroup dd details dir div dl dt fieldset "
        "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup html li listing main marquee menu "
        "nav noscript object ol p plaintext pre section select summary table tbody td template tfoot th thead tr ul"
    )
)
_BREAKS_OUT = frozenset(  # of a drawing, back into the page
    listed(
        "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu "
        "meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var font"
    )
)
_DRAWINGS = ("svg", "math")
_PAGES_AGAIN = frozenset(listed("foreignobject desc title annotation-xml"))
_SCOPES = frozenset(listed("table td th caption html template object marquee applet"))
_TABLE_PARTS = frozenset(listed("table caption colgroup tbody thead tfoot tr td th"))
_TABLES = frozenset(("table", "template"))
_TRANSPARENT = frozenset(("address", "div", "p"))
_REPLACES = {  # these end their like where none of the second list lies between
    "li": (("li",), _SPECIAL - _TRANSPARENT),
    "dd": (("dd", "dt"), _SPECIAL - _TRANSPARENT),
    "dt": (("dd", "dt"), _SPECIAL - _TRANSPARENT),
    "td": (("td", "th"), _TABLES),
    "th": (("td", "th"), _TABLES),
    "tr": (("tr",), _TABLES),
    "tbody": (("tbody", "thead", "tfoot"), _TABLES),
}


def is_too_deep(html: str) -> bool:
    """Whether parsing the text would take more than `MOST_STEPS`."""
    stack: list[str] = []
    formats = _Formats()
    steps = 0
    for tag in _TAG.finditer(html):
        if not tag["name"]:
            continue
        name = tag["name"].lower()
        if tag["end"]:
            _end(stack, formats, name)
        else:
            _start(stack, formats, name, tag["rest"])
        steps += len(stack) + _FORMATTING_COST * formats.count
        if steps > MOST_STEPS:
            return True
    return False


class _Formats:
    """The formatting elements that a parser would open again: of those that are the same, three."""

    def __init__(self) -> None:
        self.count = 0
        self._open: dict[str, list[str]] = {}

    def opened(self, name: str, rest: str) -> None:
        same = self._open.setdefault(name, [])
        if same[-3:].count(rest) < 3:
            same.append(rest)
            self.count += 1

    def ended(self, name: str) -> None:
        if self._open.get(name):
            self._open[name].pop()
            self.count -= 1


def _start(stack: list[str], formats: _Formats, name: str, rest: str) -> None:
    if name in _BREAKS_OUT and ("svg" in stack or "math" in stack):
        _pop_to(stack, _DRAWINGS, _PAGES_AGAIN)
    if name in _VOID or (rest.endswith("/") and _is_drawn(stack)):
        return
    if name in _TABLE_PARTS and name != "table" and "table" not in stack:
        return
    if name in _SPECIAL:
        _pop_to(stack, ("p",), _SPECIAL)
    if name in _REPLACES:
        _pop_to(stack, *_REPLACES[name])
    elif name == "option" and stack and stack[-1] == name:
        stack.pop()
    if name in _FORMATTING:
        formats.opened(name, rest)
    stack.append(name)


def _is_drawn(stack: list[str]) -> bool:
    """Whether what comes is part of a drawing, where `/>` ends an element."""
    around = (name for name in reversed(stack) if name in _DRAWINGS or name in _PAGES_AGAIN)
    return next(around, "") in _DRAWINGS


def _end(stack: list[str], formats: _Formats, name: str) -> None:
    if name in _FORMATTING:
        _end_formatting(stack, formats, name)
    elif name in _TABLE_PARTS:
        _pop_to(stack, (name,), _TABLES)
    else:
        _pop_to(stack, (name,), _SCOPES if name in _SPECIAL else _SPECIAL)


def _end_formatting(stack: list[str], formats: _Formats, name: str) -> None:
    """End a `<b>` or its like, even from within other elements, which stay open; not from within a cell."""
    is_crossed = False
    for place in range(len(stack) - 1, -1, -1):
        if stack[place] == name:
            if is_crossed:
                del stack[place]
            else:
                del stack[place:]
            break
        if stack[place] in _SCOPES:
            return
        is_crossed = is_crossed or stack[place] in _SPECIAL
    formats.ended(name)


def _pop_to(stack: list[str], names: tuple[str, ...], barriers: frozenset[str]) -> None:
    """Take elements off the stack down to the nearest of these names, if no barrier lies above it."""
    for place in range(len(stack) - 1, -1, -1):
        if stack[place] in names:
            del stack[place:]
            return
        if stack[place] in barriers:
            return
