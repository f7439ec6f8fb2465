"""A local copy of Pinterest's web site: boards, searches, pins, feeds and logging in.

It behaves as reports of the real one say, not as suits whoever reads it. What no report says is a guess: the cards of
stories and carousels, links to sections, the spinner, the cookie banner, how the page is locked, the second factor, the
challenge, refused logins, and all words that are not English.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import escape
from typing import Any, Literal
from urllib.parse import parse_qs, quote, unquote, urlsplit

from sites.connections import Answer, Request
from sites.images import Pinimg
from sites.pinterest_boards import Board, Pin, drawn_board, drawn_pin, signatures_of
from sites.pinterest_feeds import Feeds, board_json, pin_json
from sites.pinterest_html import Documents, Html, embedded
from sites.pinterest_login import Account, Door, cookie, cookies_of
from sites.server import Site

__all__ = ["Account", "Board", "Pin", "PinIt", "PinItApi", "Pinterest", "drawn_board", "drawn_pin", "signatures_of"]

HTML_TYPE = {"Content-Type": "text/html; charset=utf-8"}
FORMS = ("UserSessionResource", "SecondFactorResource")


class Pinterest(Site):
    """The site.

    Args:
        boards: With their sections.
        searches: What `/search/pins/?q=` finds; capitals and spaces around the query do not matter. All other queries
            find nothing.
        accounts: Who may log in.
        host: With a regional one, such as `de.pinterest.com`, the page's own words are in its language.
        login_form: Whether `data-test-id=emailInputField` is a `wrapper` around the field or the `input` itself.
        embedding: Where a document has its JSON: `__PWS_INITIAL_PROPS__`, or the older `__PWS_DATA__`.
        patience: Seconds after which the page's script gives a feed up and tries again at the next scroll.
    """

    def __init__(
        self,
        boards: Iterable[Board] = (),
        searches: Mapping[str, Board] | None = None,
        accounts: Iterable[Account] = (),
        *,
        host: str = "www.pinterest.com",
        login_form: Literal["wrapper", "input"] = "wrapper",
        embedding: Literal["initial-props", "data"] = "initial-props",
        patience: float = 10.0,
        robots: Answer | None = None,
    ) -> None:
        super().__init__(host, robots)
        self._boards = {part.path: part for board in boards for part in (board, *board.sections)}
        self._sections = {part.path for board in self._boards.values() for part in board.sections}
        self._searches = {
            _plain(query): replace(board, path=f"/search/pins/?q={quote(query)}", more_ideas=False)
            for query, board in (searches or {}).items()
        }
        everything = (*self._boards.values(), *self._searches.values())
        self._pins = {pin.id: (pin, board) for board in everything for pin in board.pins}
        self._documents = Documents(host)
        self._login_form = login_form
        self._embedding = embedding
        self._patience = patience
        self.door = Door(accounts)
        self._challenge = Answer(403, self._documents.document("challenge.html", "Pinterest"), HTML_TYPE)
        by_key = {board.id: board for board in self._boards.values()} | self._searches
        self._feeds = Feeds(by_key, self._pins, self._challenge)

    def url(self, path: str) -> str:
        return f"https://{self.host}{quote(path, safe='/?=&%')}"

    def search_url(self, query: str) -> str:
        return f"https://{self.host}/search/pins/?q={quote(query)}&rs=typed"

    def answer(self, request: Request) -> Answer:
        parts = urlsplit(request.path)
        path = unquote(parts.path)
        match path.strip("/").split("/"):
            case ["resource", name, _] if name in FORMS:
                return self.door.answer(request, name)
            case ["resource", name, "get"]:
                return self._feeds.answer(request, name)
            case [""]:
                return self._html(request, "home.html")
            case ["login"]:
                return self._login(request)
            case ["two_factor"]:
                return self._html(request, "two_factor.html")
            case ["challenge", *rest]:
                return Answer(headers=HTML_TYPE) if rest else self._challenge
            case ["pin", name]:
                return self._pin(request, name)
            case ["search", "pins"]:
                return self._search(request, parse_qs(parts.query).get("q", [""])[0])
        if path in self._boards:
            return self._board(request, self._boards[path])
        if f"{path}/" in self._boards:
            return Answer(301, headers={"Location": quote(f"{path}/")})
        return self._html(request, "missing.html", 404)

    def _html(self, request: Request, file: str, status: int = 200, title: str = "Pinterest", **values: Any) -> Answer:
        """A document; whoever has no CSRF token yet gets one along with it."""
        given = {"user": self.door.member(request), **values}
        body = self._documents.document(file, title, **given)
        token = {} if "csrftoken" in cookies_of(request) else {"Set-Cookie": cookie("csrftoken", secrets.token_hex(16))}
        return Answer(status, body, HTML_TYPE | token)

    def _login(self, request: Request) -> Answer:
        if self.door.member(request):
            return Answer(302, headers={"Location": "/"})
        return self._html(request, f"login_{self._login_form}.html")

    def _board(self, request: Request, board: Board) -> Answer:
        member = bool(self.door.member(request))
        if board.private:
            return self._html(request, "missing.html", 404)
        if board.members_only and not member:
            return Answer(302, headers={"Location": f"/login/?next={quote(board.path)}"})
        if failure := self._feeds.failure(board):
            return failure
        said = board.count_text or self._documents.count(board_json(board)["pin_count"])
        sections = "".join(
            f'<a href="{quote(part.path)}" data-test-id="board-section">{escape(part.title)}</a>'
            for part in board.sections
        )
        section = board.path in self._sections
        feed = {
            "resource": "BoardSectionPinsResource" if section else "BoardFeedResource",
            "options": {"section_id" if section else "board_id": board.id, "board_url": board.path},
            "timing": "unknown",
            "none": self._documents.words["empty"],
            "more": {"id": board.id, "type": "board"} if board.more_ideas else None,
            "wall": "" if member else board.wall,
        }
        head = self._item_list(board)
        values = {"name": board.title, "count": said, "sections": Html(sections), "head": head}
        return self._fed(request, "board.html", board, feed, title=board.title, **values)

    def _search(self, request: Request, query: str) -> Answer:
        board = self._searches.get(_plain(query)) or Board("/search/pins/", query, ())
        if failure := self._feeds.failure(board):
            return failure
        feed = {
            "resource": "BaseSearchResource",
            "options": {"query": _plain(query), "scope": "pins", "rs": "typed"},
            "timing": "search",
            "none": self._documents.words["nothing"],
            "wall": "" if self.door.member(request) else board.wall,
        }
        return self._fed(request, "search.html", board, feed, title=query, query=query)

    def _fed(self, request: Request, file: str, board: Board, feed: dict[str, Any], **values: Any) -> Answer:
        """A document with a grid, and with the first page of its feed."""
        first = self._feeds.first(board)
        page = {**feed, **first, "cookies": board.cookie_banner}
        state = {"pins": {pin["id"]: pin for pin in first["data"]}, "boards": {board.id: board_json(board)}}
        return self._html(request, file, scripts=self._scripts(page, state), **values)

    def _pin(self, request: Request, name: str) -> Answer:
        found = self._pins.get(name.rpartition("--")[2] if "--" in name and name not in self._pins else name)
        if found is None:
            return self._html(request, "missing.html", 404)
        pin, board = found
        image = Pinimg({}).url(pin.signature, "736x")
        said = {"og:image": image, "og:title": pin.title, "og:description": pin.alt, "og:url": self.url(pin.href)}
        head = "".join(f'<meta property="{name}" content="{escape(value)}">\n' for name, value in said.items())
        state = {"pins": {pin.id: pin_json(pin, board)}, "boards": {board.id: board_json(board)}}
        page = {"timing": "related_pins", "data": [], "nextBookmark": "-end-", "related": pin.id}
        values = {"name": pin.title, "image": image, "alt": pin.alt, "head": Html(head)}
        return self._html(request, "pin.html", scripts=self._scripts(page, state), title=pin.title, **values)

    def _scripts(self, page: dict[str, Any], state: dict[str, Any]) -> Html:
        resources = {str(page.get("resource")): {"data": page.pop("data"), "nextBookmark": page.pop("nextBookmark")}}
        props: dict[str, Any] = {"initialReduxState": {**state, "resources": resources}}
        old = self._embedding == "data"
        return self._documents.fragment(
            "scripts.html",
            id="__PWS_DATA__" if old else "__PWS_INITIAL_PROPS__",
            props=embedded({"props": props} if old else props),
            page=embedded(page | {"patience": self._patience, "words": self._documents.words}),
        )

    def _item_list(self, board: Board) -> Html:
        pins = [
            {"@type": "ListItem", "position": place, "url": self.url(pin.href)}
            for place, pin in enumerate(board.own[:10], start=1)
        ]
        items = embedded({"@context": "https://schema.org", "@type": "ItemList", "itemListElement": pins})
        return Html(f'<script type="application/ld+json" data-test-id="board-feed-item-list">{items}</script>')


class PinIt(Site):
    """The short links: every code is sent on to the api host, which alone knows whether it is one."""

    def __init__(self, host: str = "pin.it") -> None:
        super().__init__(host)

    def answer(self, request: Request) -> Answer:
        code = urlsplit(request.path).path.strip("/")
        return Answer(308, headers={"Location": f"https://api.pinterest.com/url_shortener/{code}/redirect/"})


class PinItApi(Site):
    """Where short links come by.

    Args:
        links: The full URL by code.
    """

    def __init__(self, links: Mapping[str, str], host: str = "api.pinterest.com") -> None:
        super().__init__(host)
        self.links = links

    def answer(self, request: Request) -> Answer:
        match urlsplit(request.path).path.strip("/").split("/"):
            case ["url_shortener", code, "redirect"] if code in self.links:
                place = f"{self.links[code]}?invite_code=f2a8&sender=1045"
                return Answer(302, headers={"Location": place})
        return Answer(404)


def _plain(query: str) -> str:
    return " ".join(query.lower().split())
