"""The local Pinterest's feeds: pins as JSON, pages by bookmark, and how pages fail."""

import base64
import json
import math
import random
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sites.connections import Answer, Request
from sites.images import Pinimg
from sites.pinterest_boards import PAGE, Board, Pin, drawn_pin
from sites.pinterest_login import told

SIZES = ("236x", "474x", "736x")
CB_NONE = base64.b64encode(b"cbNone").decode() + "Ow=="
VIDEO_S = 15
FAILURES = {"429-once": 429, "500-once": 500}
STALL = Answer(delay=math.inf)

_images = Pinimg({})


def images_json(signature: str, extension: str, width: int, height: int, original: str = "orig") -> dict[str, Any]:
    """The sizes of a picture; the original alone has its own extension."""
    images: dict[str, Any] = {
        size: {
            "url": _images.url(signature, size),
            "width": int(size[:-1]),
            "height": round(int(size[:-1]) * height / width),
        }
        for size in SIZES
    }
    return {**images, original: {"url": _images.url(signature, extension=extension), "width": width, "height": height}}


def pin_json(pin: Pin, board: Board | None = None) -> dict[str, Any]:
    """A pin as feeds and pages give it."""
    videos = {
        "V_HLSV4": {
            "url": f"https://v1.pinimg.com/videos/mc/hls/{pin.signature}.m3u8",
            "duration": VIDEO_S * 1000,
            "thumbnail": _images.url(pin.signature),
        }
    }
    return {
        "id": pin.id,
        "type": "pin",
        "image_signature": pin.signature,
        "images": images_json(pin.signature, pin.extension, pin.width, pin.height),
        "grid_title": pin.title,
        "title": pin.title,
        "auto_alt_text": pin.alt,
        "link": pin.link or None,
        "seo_url": pin.href,
        "dominant_color": f"#{pin.signature[:6]}",
        "is_promoted": pin.kind == "promoted",
        "promoter": {"full_name": "Maison Exemple"} if pin.kind == "promoted" else None,
        "board": {"id": board.id, "name": board.title, "url": board.path} if board else None,
        "videos": {"video_list": videos} if pin.kind == "video" else None,
        "carousel_data": {"carousel_slots": _carousel(pin)} if pin.kind == "carousel" else None,
        "story_pin_data": {"page_count": len(pin.slots), "pages": _story(pin)} if pin.kind == "story" else None,
    }


def _carousel(pin: Pin) -> list[dict[str, Any]]:
    return [
        {"id": f"{pin.id}-{number}", "images": images_json(slot, pin.extension, pin.width, pin.height)}
        for number, slot in enumerate(pin.slots)
    ]


def _story(pin: Pin) -> list[dict[str, Any]]:
    """A page for each picture, the last with what else there may be."""
    pages: list[dict[str, Any]] = []
    for slot in pin.slots:
        images = images_json(slot, pin.extension, pin.width, pin.height, original="originals")
        pages.append({"blocks": [{"type": "story_pin_image_block", "image": {"images": images}}]})
    others = [
        {"type": "story_pin_paragraph_block", "text": pin.title},
        {"type": "story_pin_music_block", "audio": {"title": "A song"}},
    ]
    return [*pages[:-1], {"blocks": [*pages[-1]["blocks"], *others]}] if pages else []


def board_json(board: Board) -> dict[str, Any]:
    count = len(board.own) if board.count is None else board.count
    return {"id": board.id, "name": board.title, "url": board.path, "pin_count": count}


@dataclass(frozen=True)
class Bookmark:
    """Where a feed goes on: of which list, for which document, from which pin."""

    feed: str
    document: str
    start: int

    def text(self) -> str:
        words = json.dumps([self.feed, self.document, self.start])
        return base64.urlsafe_b64encode(f"cbU{words}".encode()).decode()

    @classmethod
    def read(cls, text: str) -> "Bookmark | None":
        """Of a bookmark that we gave; None of another."""
        try:
            return cls(*json.loads(base64.urlsafe_b64decode(text).removeprefix(b"cbU")))
        except (ValueError, TypeError):
            return None


class Feeds:
    """Answers to `/resource/{name}/get/`, and the first pages, which are in the documents themselves.

    Args:
        boards: By id: what there is, sections and searches included.
        pins: By id.
        challenge: What is answered where a CAPTCHA is due.
    """

    def __init__(self, boards: dict[str, Board], pins: dict[str, tuple[Pin, Board]], challenge: Answer) -> None:
        self._boards = boards
        self._pins = pins
        self._challenge = challenge
        self._asked: Counter[tuple[str, str, int]] = Counter()
        self._lock = threading.Lock()
        self._resources: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "BoardFeedResource": lambda options: self._page(options, "board_id"),
            "BoardSectionPinsResource": lambda options: self._page(options, "section_id"),
            "BaseSearchResource": lambda options: self._page(options, "query"),
            "BoardContentRecommendationResource": lambda options: self._foreign(options, "id"),
            "RelatedModulesResource": lambda options: self._foreign(options, "pin_id"),
            "PinResource": self._pin,
            "BoardResource": self._board,
        }

    def answer(self, request: Request, name: str) -> Answer:
        """As the real ones: to GET alone, and to those who name the page that asks."""
        if request.method != "GET" or "x-pinterest-pws-handler" not in request.headers:
            return told(403, message="Invalid Resource Request")
        resource = self._resources.get(name)
        query = parse_qs(urlsplit(request.path).query)
        if resource is None or "data" not in query:
            return told(404, message="Not found")
        return resource(json.loads(query["data"][0])["options"])

    def first(self, board: Board) -> dict[str, Any]:
        """The first page of a feed, for a new document: its pins, and the bookmark of the second."""
        pins, bookmark = self._cut(board, Bookmark(board.id, secrets.token_hex(4), 0))
        return {"data": [pin_json(pin, board) for pin in pins], "nextBookmark": bookmark}

    def failure(self, board: Board, document: str = "", start: int = 0) -> Answer | None:
        """How this page fails this time; the document itself is the page that starts at 0."""
        page = start // PAGE + 1
        if board.challenge is not None and page > board.challenge:
            return self._challenge
        fault = board.faults.get(page, "")
        if not fault.endswith("-once") or not self._is_first(board, document, start):
            return None
        return STALL if fault == "stall-once" else told(FAILURES[fault], message="Try again")

    def _is_first(self, board: Board, document: str, start: int) -> bool:
        with self._lock:
            self._asked[board.id, document, start] += 1
            return self._asked[board.id, document, start] == 1

    def _page(self, options: dict[str, Any], key: str) -> Answer:
        board = self._boards.get(str(options.get(key, "")))
        if board is None or board.private:
            return told(404, message="Board not found")
        asked = next(iter(options.get("bookmarks") or []), "")
        bookmark = Bookmark.read(asked) if asked else Bookmark(board.id, "", 0)
        if bookmark is None or bookmark.feed != board.id:
            return told(400, message="Invalid bookmark")
        if failure := self.failure(board, bookmark.document, bookmark.start):
            return failure
        pins, following = self._cut(board, bookmark)
        found = [pin_json(pin, board) for pin in pins]
        delay = random.Random(f"{board.id} {bookmark.start}").uniform(*board.feed_delay)
        return _listed({"results": found} if key == "query" else found, following, delay)

    def _cut(self, board: Board, bookmark: Bookmark) -> tuple[Sequence[Pin], str]:
        """The pins of a page, and the next bookmark."""
        end = bookmark.start + PAGE
        pins, fault = board.pins[bookmark.start : end], board.faults.get(bookmark.start // PAGE + 1)
        again = fault == "repeat-for-ever" or (
            fault == "repeat-bookmark" and self._is_first(board, bookmark.document, bookmark.start)
        )
        if again:
            return pins, bookmark.text()
        if end >= len(board.pins):
            return pins, CB_NONE if board.end == "cbNone" else board.end
        return pins, Bookmark(board.id, bookmark.document, end).text()

    def _foreign(self, options: dict[str, Any], key: str) -> Answer:
        """Pins without end that are on none of our boards."""
        origin, asked = str(options[key]), next(iter(options.get("bookmarks") or []), "")
        bookmark = Bookmark.read(asked) if asked else Bookmark(origin, "", 0)
        if bookmark is None:
            return told(400, message="Invalid bookmark")
        places = range(bookmark.start, bookmark.start + PAGE)
        pins = [pin_json(drawn_pin(f"foreign to {origin} {place}")) for place in places]
        delay = self._boards[origin].feed_delay[0] if origin in self._boards else 0.0
        return _listed(pins, Bookmark(origin, "", bookmark.start + PAGE).text(), delay)

    def _pin(self, options: dict[str, Any]) -> Answer:
        found = self._pins.get(str(options.get("id", "")))
        return told(data=pin_json(*found)) if found else told(404, message="Pin not found")

    def _board(self, options: dict[str, Any]) -> Answer:
        found = next((board for board in self._boards.values() if board.path == options.get("board_url")), None)
        return told(data=board_json(found)) if found and not found.private else told(404, message="Board not found")


def _listed(data: Any, bookmark: str, delay: float) -> Answer:
    body = {
        "resource_response": {"status": "success", "data": data, "bookmark": bookmark},
        "resource": {"options": {"bookmarks": [bookmark] if bookmark else []}},
    }
    return Answer(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"}, delay=delay)
