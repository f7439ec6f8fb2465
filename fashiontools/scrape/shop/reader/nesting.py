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
_REOPENS = frozenset(listed("applet button marquee object select"))  # as text does
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


def is_too_deep(html: str, most: int = MOST_STEPS) -> bool:
    """Whether a parser would look at more than so many open elements, summed over all tags of the text."""
    elements = _Elements()
    steps = place = 0
    for tag in _TAG.finditer(html):
        if elements.closed_early and html[place : tag.start()].strip():
            elements.reopen()
        place = tag.end()
        if not tag["name"]:
            continue
        if tag["end"]:
            elements.end(tag["name"].lower())
        else:
            elements.start(tag["name"].lower(), tag["rest"])
        steps += len(elements.open) + _FORMATTING_COST * elements.formatting
        if steps > most:
            return True
    return False


class _Elements:
    """The elements that a parser has open.

    Attributes:
        open: Their names, outer ones first.
        closed_early: Formatting elements that were closed by another one's end, and are opened again at the next text.
        formatting: How many formatting elements are opened again so; of those that are the same, three.
    """

    def __init__(self) -> None:
        self.open: list[str] = []
        self.closed_early: list[str] = []
        self.formatting = 0
        self._same: dict[str, list[str]] = {}

    def start(self, name: str, rest: str) -> None:
        if name in _BREAKS_OUT and ("svg" in self.open or "math" in self.open):
            self._pop_to(_DRAWINGS, _PAGES_AGAIN)
        if self.closed_early and (name in _REOPENS or name not in _SPECIAL):
            self.reopen()
        if name in _VOID or (rest.endswith("/") and (name in _DRAWINGS or self._is_drawn())):
            return
        if name in _TABLE_PARTS and name != "table" and "table" not in self.open:
            return
        if name in _SPECIAL:
            self._pop_to(("p",), _SPECIAL)
        if name in _REPLACES:
            self._pop_to(*_REPLACES[name])
        elif name == "option" and self.open and self.open[-1] == name:
            self.open.pop()
        if name in _FORMATTING:
            same = self._same.setdefault(name, [])
            if same[-3:].count(rest) < 3:
                same.append(rest)
                self.formatting += 1
        self.open.append(name)

    def end(self, name: str) -> None:
        if name in _FORMATTING:
            self._end_formatting(name)
        elif name in _TABLE_PARTS:
            self._pop_to((name,), _TABLES)
        else:
            self._pop_to((name,), _SCOPES if name in _SPECIAL else _SPECIAL)

    def reopen(self) -> None:
        """Open again what was closed early."""
        self.open += self.closed_early
        self.closed_early = []

    def _is_drawn(self) -> bool:
        """Whether what comes is part of a drawing, where `/>` ends an element."""
        around = (name for name in reversed(self.open) if name in _DRAWINGS or name in _PAGES_AGAIN)
        return next(around, "") in _DRAWINGS

    def _end_formatting(self, name: str) -> None:
        """End a `<b>` or its like, even from within other elements, which stay open; not from within a cell."""
        is_crossed = False
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place] == name:
                within = [] if is_crossed else [other for other in self.open[place + 1 :] if other in _FORMATTING]
                del self.open[place : place + 1 if is_crossed else None]
                self.closed_early += within
                break
            if self.open[place] in _SCOPES:
                return
            is_crossed = is_crossed or self.open[place] in _SPECIAL
        else:
            if name in self.closed_early:
                self.closed_early.remove(name)
        if self._same.get(name):
            self._same[name].pop()
            self.formatting -= 1

    def _pop_to(self, names: tuple[str, ...], barriers: frozenset[str]) -> None:
        """Close elements up to the nearest of these names, if no barrier lies above it."""
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place] in names:
                early = [name for name in self.open[place:] if name in _FORMATTING]
                del self.open[place:]
                if early:
                    self.closed_early = [*early, *self.closed_early][: self.formatting]
                return
            if self.open[place] in barriers:
                return
