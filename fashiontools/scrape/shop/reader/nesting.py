"""Refuses pages whose elements lie so deep in each other that an HTML5 parser would need minutes or all memory.

The standard makes a parser look through all open elements at many a tag, and open all forgotten `<b>` again in each
paragraph: a page of 200 kB can keep it busy for an hour. So the tags are counted here beforehand, with the standard's
rules as far as they say how deep an element lies.
"""

import re

from fashiontools.scrape.shop.reader.text import listed

MOST_STEPS = 50_000_000
"""Open elements summed over all tags: 10,000 `<div>` in each other, or 1 million tags 50 deep; half a second."""

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
_SCOPES = frozenset(listed("table td th caption html template object marquee applet"))
_CELLS = ("td", "th")
_REPLACES = {  # these end their like where nothing of the second list lies between
    "p": (("p",), _SCOPES | {"button"}),
    "li": (("li",), frozenset(("ul", "ol", "menu")) | _SCOPES),
    "dd": (("dd", "dt"), frozenset(("dl",)) | _SCOPES),
    "dt": (("dd", "dt"), frozenset(("dl",)) | _SCOPES),
    "option": (("option",), frozenset(("select", "optgroup", "datalist")) | _SCOPES),
    "td": (_CELLS, frozenset(("table", "template"))),
    "th": (_CELLS, frozenset(("table", "template"))),
    "tr": (("tr",), frozenset(("table", "template"))),
    "tbody": (("tbody", "thead", "tfoot"), frozenset(("table", "template"))),
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
        if name in _VOID:
            pass
        elif tag["end"]:
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
    is_html = name in _SPECIAL or name in _FORMATTING
    if rest.endswith("/") and not is_html and ("svg" in stack or "math" in stack):
        return
    if is_html and stack and stack[-1] in ("svg", "math"):
        stack.pop()
    if name in _REPLACES:
        likes, ends = _REPLACES[name]
        _pop_to(stack, likes, ends)
    if name in _FORMATTING:
        formats.opened(name, rest)
    stack.append(name)


def _end(stack: list[str], formats: _Formats, name: str) -> None:
    if name in _FORMATTING:
        formats.ended(name)
        if not _pop_to(stack, (name,), _SPECIAL) and name in stack:
            del stack[len(stack) - 1 - stack[::-1].index(name)]
    elif name in _SPECIAL:
        _pop_to(stack, (name,), _SCOPES)
    else:
        _pop_to(stack, (name,), _SPECIAL)


def _pop_to(stack: list[str], names: tuple[str, ...], barriers: frozenset[str]) -> bool:
    """Take elements off the stack down to the nearest of these names, if no barrier lies above it."""
    for place in range(len(stack) - 1, -1, -1):
        if stack[place] in names:
            del stack[place:]
            return True
        if stack[place] in barriers:
            return False
    return False
