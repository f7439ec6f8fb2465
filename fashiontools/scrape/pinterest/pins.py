"""Pins become rows: one for each photo."""

import json
import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from fashiontools.core.errors import BadRow
from fashiontools.core.manifest import Row, failed, readable
from fashiontools.scrape.browser.browser import Browser
from fashiontools.scrape.pinterest.images import largest, original_of, signed
from fashiontools.scrape.pinterest.targets import Target
from fashiontools.scrape.web.addresses import parse
from fashiontools.scrape.web.client import Client

COLUMNS = ("path", "source", "pin", "page", "title", "alt", "link")
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_HOST = "i.pinimg.com"
_SEVERAL = ("carousel", "story")
_FETCH = "const reply = await fetch(arguments[0]); return reply.ok ? await reply.text() : ''"
_STATES = "script#__PWS_INITIAL_PROPS__, script#__PWS_DATA__"
_DEEPEST = 60


class Pins:
    """Makes rows of pins.

    Args:
        browser: On a page of the site; the pages of carousels are read through it, with its cookies.
        client: Knows what robots.txt allows, and whose turn it is.
        target: What the pins belong to.
    """

    def __init__(self, browser: Browser, client: Client, target: Target) -> None:
        self._browser = browser
        self._client = client
        self._target = target
        self._site = parse(target.url)

    def rows_of(self, pin: dict[str, Any]) -> list[Row]:
        """The rows of a pin as `harvest.js` read it; a carousel has one for each of its photos."""
        number = str(pin["id"])
        page = f"{self._site.origin}/pin/{number}/" if _ID.fullmatch(number) else ""
        texts = {name: readable(str(pin[name])) for name in ("title", "alt")}
        values = {"path": "", "source": "", "pin": readable(number), "page": page, **texts}
        values |= {"link": str(pin["outward"]), **self._target.columns}
        name = f"{self._target.name}/{number}"
        try:
            images = self._images(pin, page)
        except BadRow as error:
            return [failed(Row(values, name), error)]
        rows = [Row({**values, "source": image}, name) for image in images]
        return rows or [failed(Row(values, name), BadRow("no photo in its card"))]

    def _images(self, pin: dict[str, Any], page: str) -> list[str]:
        several = list(dict.fromkeys(self._slots(page))) if pin["kind"] in _SEVERAL and page else []
        shown = original_of(largest(str(pin["srcset"]))) or signed(str(pin["signature"]))
        return several or ([shown] if _is_image(shown) else [])

    def _slots(self, page: str) -> Iterator[str]:
        """The photos of a carousel or a story, which only the pin's own page has.

        Raises:
            BadRow: robots.txt refuses that page.
        """
        self._client.ask_leave(page)
        with self._client.pace.turn(self._site.host):
            text = self._browser.run(_FETCH, parse(page).path)
        pin = re.sub(r".*/pin/([^/]+)/$", r"\1", page)
        for script in LexborHTMLParser(text or " ").css(_STATES):
            try:
                state = json.loads(script.text(), strict=False)
            except (ValueError, RecursionError):
                continue
            for found in _pins(state, pin):
                yield from filter(_is_image, _photos(found))


def _is_image(url: str) -> bool:
    return url.startswith(f"https://{_HOST}/") and not re.search(r"[\s\x00-\x1f]", url)


def _pins(state: Any, pin: str, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The descriptions of a pin, wherever they stand in a page's state."""
    if depth > _DEEPEST:
        return
    if isinstance(state, dict):
        if str(state.get("id", "")) == pin and ("carousel_data" in state or "story_pin_data" in state):
            yield state
            return
        state = list(state.values())
    if isinstance(state, list):
        for part in state:
            yield from _pins(part, pin, depth + 1)


def _photos(pin: dict[str, Any]) -> Iterator[str]:
    """The originals of a carousel's slots, and of a story's pages."""
    for slot in _list(pin.get("carousel_data"), "carousel_slots"):
        yield from _original(slot)
    for page in _list(pin.get("story_pin_data"), "pages"):
        yield from (url for block in _list(page, "blocks") for url in _original(_dict(block).get("image")))


def _original(image: Any) -> Iterator[str]:
    """The largest image of a description: `images` has one for each size, the original as `orig` or `originals`."""
    sizes = _dict(_dict(image).get("images"))
    for size in ("orig", "originals", *reversed(sizes)):
        if isinstance(url := _dict(sizes.get(size)).get("url"), str):
            yield original_of(url)
            return


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any, name: str) -> list[Any]:
    found = _dict(value).get(name)
    return found if isinstance(found, list) else []
