"""The local Pinterest as a client without a browser sees it: feeds, bookmarks, refusals, documents, short links."""

import base64
import contextlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import urllib3
from selectolax.lexbor import LexborHTMLParser

from sites.clients import pool_of
from sites.images import Pinimg
from sites.pinterest import Board, Pin, PinIt, PinItApi, Pinterest, drawn_board, signatures_of
from sites.server import Sites

QUICK = {"feed_delay": (0.0, 0.0)}
SHOES = drawn_board("/anna/prada/shoes/", 30, ads=0, **QUICK)
BOARDS = (
    drawn_board("/anna/prada/", 90, carousels=1, stories=1, videos=1, pngs=2, slugs=1, sections=(SHOES,), **QUICK),
    drawn_board("/anna/größe/", 3, count=1234, **QUICK),
    drawn_board("/anna/cb/", 30, end="cbNone", **QUICK),
    drawn_board("/anna/nothing/", 30, end="", **QUICK),
    drawn_board("/anna/busy/", 60, faults={2: "429-once", 3: "500-once"}, **QUICK),
    drawn_board("/anna/refused/", 3, faults={1: "429-once"}, **QUICK),
    drawn_board("/anna/stalled/", 60, faults={2: "stall-once"}, **QUICK),
    drawn_board("/anna/twice/", 60, ads=0, faults={2: "repeat-bookmark"}, **QUICK),
    drawn_board("/anna/loop/", 60, ads=0, faults={2: "repeat-for-ever"}, **QUICK),
    drawn_board("/anna/robot/", 60, challenge=1, **QUICK),
    drawn_board("/anna/robots/", 60, challenge=0, **QUICK),
    drawn_board("/anna/secret/", 3, private=True),
    drawn_board("/anna/members/", 3, members_only=True),
)
SITE = Pinterest(BOARDS, {"prada runway": drawn_board("/", 60, seed=1, **QUICK)})
OLD = Pinterest(BOARDS, host="de.pinterest.com", embedding="data")
SHORT = {"abc": SITE.url("/anna/prada/")}
PWS = {"X-Pinterest-PWS-Handler": "www/[username]/[slug].js"}
Ask = Callable[..., urllib3.BaseHTTPResponse]


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    with Sites(SITE, OLD, PinIt(), PinItApi(SHORT)) as served:
        yield served


@pytest.fixture
def ask(sites: Sites) -> Iterator[Ask]:
    with contextlib.ExitStack() as pools:

        def get(url: str, method: str = "GET", headers: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
            parts = urlsplit(url)
            pool = pools.enter_context(pool_of(sites, str(parts.hostname), timeout=0.5))
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            return pool.request(method, path, headers={"Host": str(parts.hostname), **(headers or {})})

        yield get


def feed_url(options: dict[str, Any], resource: str = "BoardFeedResource", host: str = SITE.host) -> str:
    return f"https://{host}/resource/{resource}/get/?source_url=%2F&data={quote(json.dumps({'options': options}))}"


def props(page: urllib3.BaseHTTPResponse) -> dict[str, Any]:
    (script,) = LexborHTMLParser(page.data.decode()).css("script#__PWS_INITIAL_PROPS__")
    return json.loads(script.text())["initialReduxState"]


def board(path: str) -> Board:
    return next(one for one in (*BOARDS, SHOES) if one.path == path)


def walk(ask: Ask, path: str, resource: str = "BoardFeedResource", key: str = "board_id") -> list[list[str]]:
    """The ids on each page of a feed, from the document on."""
    first = props(ask(SITE.url(path)))["resources"][resource]
    pages, bookmark = [[pin["id"] for pin in first["data"]]], first["nextBookmark"]
    while bookmark and bookmark != "-end-" and not bookmark.startswith("Y2JOb25lO"):
        told = ask(feed_url({key: board(path).id, "bookmarks": [bookmark]}, resource), headers=PWS)
        assert told.status == 200
        body = json.loads(told.data)
        pages.append([pin["id"] for pin in body["resource_response"]["data"]])
        (bookmark,) = body["resource"]["options"]["bookmarks"] or [""]
    return pages


def test_a_drawn_board_is_as_ordered() -> None:
    shared = board("/anna/prada/").own[:9]
    drawn = drawn_board("/b/c/", 90, ads=0.1, shared=shared, twins=4, videos=2, stories=3, carousels=5, pngs=6, slugs=7)
    again = drawn_board("/b/c/", 90, ads=0.1, shared=shared, twins=4, videos=2, stories=3, carousels=5, pngs=6, slugs=7)
    assert drawn == again != drawn_board("/b/c/", 90, seed=1)
    assert (len(drawn.own), len(drawn.pins), drawn.title) == (90, 99, "C")
    assert [place for place, pin in enumerate(drawn.pins) if pin.kind == "promoted"] == list(range(9, 99, 10))
    assert all(re.fullmatch(r"AQE1[\w-]{60}", pin.id) for pin in drawn.pins if pin.kind == "promoted")
    assert len({pin.id for pin in drawn.own}) == 90
    assert len({pin.signature for pin in drawn.own}) == 86
    assert set(shared) <= set(drawn.own)
    counts = {kind: sum(pin.kind == kind and pin not in shared for pin in drawn.own) for kind in ("video", "story")}
    assert counts == {"video": 2, "story": 3}
    assert len({pin.height for pin in drawn.own}) > 50
    assert 0 < sum(not pin.alt.startswith("This may contain: ") for pin in drawn.own) < 60


def test_the_images_of_boards_are_those_that_their_pins_name() -> None:
    slots = tuple(Pinimg.signature(name) for name in "ab")
    pins = (Pin("1", slots[0], kind="carousel", slots=slots), Pin("2", Pinimg.signature("c"), extension="png"))
    section = Board("/a/b/c/", "c", (Pin("3", Pinimg.signature("d"), extension="webp"),))
    found = signatures_of([Board("/a/b/", "b", pins, sections=(section,))])
    kinds = ["jpg", "jpg", "png-original", "webp-original"]
    assert found == dict(zip(map(Pinimg.signature, "abcd"), kinds, strict=True))


@pytest.mark.parametrize("path", ["/anna/prada/", "/anna/cb/", "/anna/nothing/"])
def test_a_feed_has_every_pin_once_by_25(ask: Ask, path: str) -> None:
    pages = walk(ask, path)
    assert [len(page) for page in pages[:-1]] == [25] * (len(pages) - 1)
    assert [name for page in pages for name in page] == [pin.id for pin in board(path).pins]


def test_a_section_has_its_own_pins(ask: Ask) -> None:
    pages = walk(ask, "/anna/prada/shoes/", "BoardSectionPinsResource", "section_id")
    assert [name for page in pages for name in page] == [pin.id for pin in SHOES.pins]
    links = LexborHTMLParser(ask(SITE.url("/anna/prada/")).data.decode()).css("[data-test-id=board-section]")
    assert [link.attributes["href"] for link in links] == ["/anna/prada/shoes/"]


def test_a_search_has_results(ask: Ask) -> None:
    first = props(ask(SITE.search_url(" Prada  RUNWAY")))["resources"]["BaseSearchResource"]
    assert len(first["data"]) == 25
    url = feed_url({"query": "prada runway", "bookmarks": [first["nextBookmark"]]}, "BaseSearchResource")
    assert len(json.loads(ask(url, headers=PWS).data)["resource_response"]["data"]["results"]) == 25
    nothing = props(ask(SITE.search_url("gucci")))["resources"]["BaseSearchResource"]
    assert nothing == {"data": [], "nextBookmark": "-end-"}


@pytest.mark.parametrize(
    ("method", "headers"), [("GET", {}), ("POST", PWS)], ids=["without the name of the page", "not GET"]
)
def test_feeds_refuse_strangers(ask: Ask, method: str, headers: dict[str, str]) -> None:
    told = ask(feed_url({"board_id": board("/anna/prada/").id}), method, headers)
    assert told.status == 403
    assert json.loads(told.data)["resource_response"]["error"]["message"] == "Invalid Resource Request"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"board_id": "1"}, 404),
        ({"board_id": board("/anna/secret/").id}, 404),
        ({"board_id": board("/anna/prada/").id, "bookmarks": ["nonsense"]}, 400),
        ({"board_id": board("/anna/prada/").id, "bookmarks": [base64.b64encode(b'cbU["1", "", 25]').decode()]}, 400),
    ],
)
def test_feeds_refuse_nonsense(ask: Ask, options: dict[str, Any], status: int) -> None:
    assert ask(feed_url(options), headers=PWS).status == status


def bookmark_of(ask: Ask, path: str) -> str:
    return props(ask(SITE.url(path)))["resources"]["BoardFeedResource"]["nextBookmark"]


@pytest.mark.parametrize("document", ["first", "second"])
def test_a_page_fails_once_for_each_document(ask: Ask, document: str) -> None:
    options = {"board_id": board("/anna/busy/").id, "bookmarks": [bookmark_of(ask, "/anna/busy/")]}
    assert [ask(feed_url(options), headers=PWS).status for _ in range(3)] == [429, 200, 200]
    told = json.loads(ask(feed_url(options), headers=PWS).data)
    options["bookmarks"] = told["resource"]["options"]["bookmarks"]
    assert [ask(feed_url(options), headers=PWS).status for _ in range(3)] == [500, 200, 200]


def test_the_document_fails_once(ask: Ask) -> None:
    assert [ask(SITE.url("/anna/refused/")).status for _ in range(3)] == [429, 200, 200]


def test_a_page_stalls_once(ask: Ask) -> None:
    options = {"board_id": board("/anna/stalled/").id, "bookmarks": [bookmark_of(ask, "/anna/stalled/")]}
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        ask(feed_url(options), headers=PWS)
    assert ask(feed_url(options), headers=PWS).status == 200


def test_a_bookmark_that_repeats_brings_the_page_again(ask: Ask) -> None:
    ids = [pin.id for pin in board("/anna/twice/").pins]
    assert walk(ask, "/anna/twice/") == [ids[:25], ids[25:50], ids[25:50], ids[50:]]


def test_a_bookmark_that_repeats_for_ever(ask: Ask) -> None:
    options = {"board_id": board("/anna/loop/").id, "bookmarks": [bookmark_of(ask, "/anna/loop/")]}
    told = {ask(feed_url(options), headers=PWS).data for _ in range(4)}
    assert len(told) == 1
    assert json.loads(told.pop())["resource"]["options"]["bookmarks"] == options["bookmarks"]


def test_a_challenge_comes_when_it_is_due(ask: Ask) -> None:
    bookmark = bookmark_of(ask, "/anna/robot/")
    late = ask(feed_url({"board_id": board("/anna/robot/").id, "bookmarks": [bookmark]}), headers=PWS)
    for answer in (late, ask(SITE.url("/anna/robots/"))):
        assert (answer.status, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
        assert LexborHTMLParser(answer.data.decode()).css("#captcha iframe")


def test_foreign_pins_have_no_end_and_are_on_no_board(ask: Ask) -> None:
    known, found, bookmarks = {pin.id for one in BOARDS for pin in one.pins}, [], []
    for _ in range(4):
        options = {"id": board("/anna/prada/").id, "bookmarks": bookmarks}
        told = json.loads(ask(feed_url(options, "BoardContentRecommendationResource"), headers=PWS).data)
        found += [pin["id"] for pin in told["resource_response"]["data"]]
        bookmarks = told["resource"]["options"]["bookmarks"]
    assert len(set(found)) == 100
    assert not known & set(found)


def test_the_count_is_in_the_words_of_the_host(ask: Ask) -> None:
    said = []
    for host in (SITE.host, OLD.host):
        page = LexborHTMLParser(ask(f"https://{host}{quote('/anna/größe/')}").data.decode())
        said.append(page.css_first("[data-test-id=pin-count]").text())
    assert said == ["1,234 Pins", "1.234 Pins"]


@pytest.mark.parametrize(
    ("path", "status", "place"),
    [
        ("/anna/prada", 301, "/anna/prada/"),
        ("/anna/secret/", 404, None),
        ("/anna/none/", 404, None),
        ("/pin/1/", 404, None),
        ("/anna/members/", 302, "/login/?next=/anna/members/"),
    ],
)
def test_documents_that_are_elsewhere_or_nowhere(ask: Ask, path: str, status: int, place: str | None) -> None:
    answer = ask(SITE.url(path))
    assert (answer.status, answer.headers.get("Location")) == (status, place)


def test_short_links_lead_to_the_board(ask: Ask) -> None:
    first = ask("https://pin.it/abc")
    second = ask(first.headers["Location"])
    assert (first.status, first.headers["Location"]) == (308, "https://api.pinterest.com/url_shortener/abc/redirect/")
    assert (second.status, second.headers["Location"]) == (302, f"{SHORT['abc']}?invite_code=f2a8&sender=1045")
    assert ask(second.headers["Location"]).status == 200
    assert ask("https://api.pinterest.com/url_shortener/wrong/redirect/").status == 404


def test_css_classes_are_others_in_each_run(ask: Ask) -> None:
    def classes(host: str) -> set[str]:
        return set(re.findall(r'class="(\w+)"', ask(f"https://{host}/login/").data.decode()))

    assert classes(SITE.host)
    assert classes(SITE.host) == classes(SITE.host) != classes(OLD.host)


def of_kind(kind: str) -> Pin:
    return next(pin for pin in board("/anna/prada/").pins if pin.kind == kind)


@pytest.mark.parametrize("kind", ["photo", "carousel", "story", "video", "promoted"])
def test_a_pins_page_tells_all_in_json(ask: Ask, kind: str) -> None:
    pin = of_kind(kind)
    page = ask(SITE.url(pin.href))
    told = props(page)["pins"][pin.id]
    assert told["images"]["orig"]["url"] == Pinimg({}).url(pin.signature, extension=pin.extension)
    assert told["is_promoted"] == (kind == "promoted")
    originals = {
        "carousel": lambda: [slot["images"]["orig"] for slot in told["carousel_data"]["carousel_slots"]],
        "story": lambda: [
            block["image"]["images"]["originals"]
            for one in told["story_pin_data"]["pages"]
            for block in one["blocks"]
            if block["type"] == "story_pin_image_block"
        ],
    }.get(kind, list)()
    assert [image["url"] for image in originals] == [Pinimg({}).url(slot) for slot in pin.slots]
    assert bool(told["videos"]) == (kind == "video")
    metas = LexborHTMLParser(page.data.decode()).css("meta[property]")
    said = {meta.attributes["property"]: meta.attributes["content"] for meta in metas}
    assert (said["og:title"], said["og:description"]) == (pin.title, pin.alt)
    assert said["og:image"].endswith(f"/{pin.signature}.jpg")


def test_a_pin_is_found_with_and_without_its_slug(ask: Ask) -> None:
    pin = next(pin for pin in board("/anna/prada/").pins if pin.slug)
    assert pin.href == f"/pin/{pin.slug}--{pin.id}/"
    assert pin.id in props(ask(SITE.url(pin.href)))["pins"]
    assert pin.id in props(ask(SITE.url(f"/pin/{pin.id}/")))["pins"]


def test_the_older_documents_have_the_same_json_elsewhere(ask: Ask) -> None:
    pin = of_kind("carousel")
    page = LexborHTMLParser(ask(f"https://{OLD.host}{pin.href}").data.decode())
    assert page.css("script#__PWS_INITIAL_PROPS__") == []
    state = json.loads(page.css_first("script#__PWS_DATA__").text())["props"]["initialReduxState"]
    assert state["pins"] == props(ask(SITE.url(pin.href)))["pins"]
