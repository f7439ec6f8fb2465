"""The data that a page carries for its own scripts: `__NEXT_DATA__`, JSON in scripts, assignments, `JSON.parse`."""

import re
from functools import cached_property

from fashiontools.scrape.shop.reader.document import Document
from fashiontools.scrape.shop.reader.loose_json import nested, values

_PROMISING = re.compile(r"""\b(?:name|title|displayName|productName|images?|media)\b\\*["']?\s*+:""")
_NO_DATA = ("importmap", "speculationrules", "text/template", "text/html", "text/x-handlebars")
_MOST_TEXTS = 100  # values that are JSON once more, as a text
_SHORTEST_TEXT = 40


class Embedded:
    """The data in a page's scripts, each read when it is asked for.

    Args:
        document: The page.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def next_data(self) -> list[object]:
        """`props.pageProps` of `__NEXT_DATA__`, or all of it where it has none."""
        found = []
        for script in self._document.scripts:
            if script.id == "__NEXT_DATA__":
                for value in values(script.text):
                    props = value.get("props") if isinstance(value, dict) else None
                    page = props.get("pageProps") if isinstance(props, dict) else None
                    found.append(page or value)
        return found + _in_texts(found)

    @cached_property
    def other(self) -> list[object]:
        """Everything else that is JSON: scripts of that type, assignments, what Next.js streams, `JSON.parse`."""
        found: list[object] = []
        streamed: list[str] = []
        for script in self._document.scripts:
            if script.id == "__NEXT_DATA__" or "ld+json" in script.type or script.type in _NO_DATA:
                continue
            if "__next_f" in script.text:
                streamed += _streamed(script.text)
            elif _PROMISING.search(script.text):
                found += values(script.text)
        if streamed:
            found += values("".join(streamed))
        return found + _in_texts(found)


def _streamed(text: str) -> list[str]:
    """The parts of what Next.js streams: `self.__next_f.push([1, "..."])`."""
    return [
        value[1] for value in values(text) if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str)
    ]


def _in_texts(data: list[object]) -> list[object]:
    """JSON that stands as a text within JSON."""
    texts: list[str] = []
    for node, _ in nested(data):
        for value in node.values() if isinstance(node, dict) else node:  # type: ignore[attr-defined]
            if isinstance(value, str) and len(value) > _SHORTEST_TEXT and value.startswith(('{"', '[{"')):
                texts.append(value)
        if len(texts) > _MOST_TEXTS:
            break
    return [inner for text in texts[:_MOST_TEXTS] for inner in values(text)]
