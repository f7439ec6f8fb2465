"""The local Pinterest in a real browser: what makes boards hard to read there makes them hard to read here."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from sites.browser import SOON_S, chromium, driver, soon, there
from sites.images import Pinimg
from sites.pinterest import Board, Pinterest, drawn_board, drawn_pin
from sites.server import Sites

QUICK: dict[str, Any] = {"feed_delay": (0.0, 0.01)}
SETTLING_MS = 150  # the page's own 100 ms between two looks at where it is, and 30 until pictures have addresses
PATIENCE_S = 0.5
WIDTH, HEIGHT = 1600, 1000  # px
COLUMNS = 6
LARGE = drawn_board("/anna/large/", 200, **QUICK)
KINDS = drawn_board("/anna/kinds/", 6, ads=0.4, videos=1, stories=1, carousels=1, pngs=1, slugs=1, **QUICK)
FAULTS = ("429-once", "500-once", "stall-once", "repeat-bookmark")
FAULTY = {fault: drawn_board(f"/anna/{fault}/", 60, faults={2: fault}, **QUICK) for fault in FAULTS}
BOARDS = (
    LARGE,
    KINDS,
    *FAULTY.values(),
    drawn_board("/anna/loop/", 60, faults={2: "repeat-for-ever"}, **QUICK),
    drawn_board("/anna/modal/", 60, wall="modal", **QUICK),
    drawn_board("/anna/gift/", 60, wall="gift-wrap", **QUICK),
    drawn_board("/anna/cookies/", 3, cookie_banner=True, more_ideas=False, **QUICK),
    drawn_board("/anna/slow/", 60, feed_delay=(0.5, 0.5)),
    drawn_board("/anna/robot/", 60, challenge=1, **QUICK),
    Board("/anna/empty/", "Empty", (), **QUICK),
    Board("/anna/short/", "Short", (drawn_pin("one"),), more_ideas=False),
)
FOUND = drawn_board("/", 30, **QUICK)
SITE = Pinterest(BOARDS, {"prada runway": FOUND}, patience=PATIENCE_S)
GERMAN = Pinterest((KINDS,), host="de.pinterest.com")
OWN, MORE = "[data-test-id=board-feed] [data-test-id=pin]", "[data-test-id=secondaryBoardGrid] [data-test-id=pin]"

HARVEST = """
const [selector, screens, settling, done] = arguments;
window.scrollBy(0, screens * innerHeight);
setTimeout(() => done({
  pins: [...document.querySelectorAll(selector)].map((pin) => ({
    id: pin.dataset.testPinId, srcset: pin.querySelector("img").srcset, html: pin.outerHTML,
  })),
  ended: document.querySelector("[data-test-id=secondaryBoardGrid]") !== null
    && document.querySelector("[data-test-id=board-feed]").getBoundingClientRect().bottom < innerHeight,
}), settling);
"""


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    with Sites(SITE, GERMAN) as served:
        yield served


@pytest.fixture(scope="module")
def started(sites: Sites) -> Iterator[WebDriver]:
    with driver(sites, width=WIDTH, height=HEIGHT) as browser:
        yield browser


@pytest.fixture
def browser(started: WebDriver) -> WebDriver:
    """The one browser, without cookies."""
    started.execute_cdp_cmd("Network.clearBrowserCookies", {})
    return started


def opened(browser: WebDriver, path: str, site: Pinterest = SITE) -> WebDriver:
    browser.get(site.url(path))
    return browser


def step(browser: WebDriver, screens: float = 0.8, selector: str = OWN) -> dict[str, Any]:
    """Scroll, let the page settle, and say what is there."""
    return browser.execute_async_script(HARVEST, selector, screens, SETTLING_MS)


def harvest(browser: WebDriver, screens: float = 0.8, steps: int = 100) -> dict[str, dict[str, Any]]:
    """What a board shows from here to its end, by id."""
    found: dict[str, dict[str, Any]] = {}
    told = step(browser, 0)
    for _ in range(steps):
        found |= {pin["id"]: pin for pin in told["pins"]}
        if told["ended"]:
            return found
        told = step(browser, screens)
    raise AssertionError(f"no end after {steps} steps")


def ids(board: Board) -> set[str]:
    return {pin.id for pin in board.pins}


def test_whoever_scrolls_to_the_end_and_then_reads_finds_a_few(browser: WebDriver) -> None:
    opened(browser, LARGE.path)
    while not there(browser, "[data-test-id=secondaryBoardGrid]"):
        browser.execute_script("window.scrollTo(0, document.documentElement.scrollHeight)")
        time.sleep(SETTLING_MS / 1000)
    source = browser.page_source
    assert 0 < sum(f'data-test-pin-id="{pin.id}"' in source for pin in LARGE.own) < 40


def test_whoever_reads_at_every_step_finds_all(browser: WebDriver) -> None:
    found = harvest(opened(browser, LARGE.path))
    assert set(found) == ids(LARGE)
    for pin in LARGE.pins:
        sizes = [Pinimg({}).url(pin.signature, size) for size in ("236x", "474x", "736x", "originals")]
        assert found[pin.id]["srcset"] == ", ".join(f"{url} {place}x" for place, url in enumerate(sizes, start=1))


def test_few_are_on_the_page_at_any_time_and_those_that_were_are_stale(browser: WebDriver) -> None:
    opened(browser, LARGE.path)
    pins = browser.find_elements(By.CSS_SELECTOR, OWN)
    counts = [len(step(browser)["pins"]) for _ in range(4)]
    assert all(5 < count < 60 for count in counts)
    stale = 0
    for pin in pins:
        try:
            pin.get_attribute("data-test-pin-id")
        except StaleElementReferenceException:
            stale += 1
    assert stale > len(pins) / 2


def test_the_list_says_how_tall_it_is_and_where_its_items_are(browser: WebDriver) -> None:
    opened(browser, LARGE.path)
    box = browser.find_element(By.CSS_SELECTOR, "[data-test-id=board-feed] div[role=list]")
    items = box.find_elements(By.CSS_SELECTOR, "div[data-grid-item][role=listitem]")
    places = [item.get_attribute("style").replace(" ", "") for item in items]
    assert all("top:0px;left:0px;transform:translateX(" in place and "width:236px" in place for place in places)
    assert len({place for place in places}) == len(places) > 10
    assert int(box.get_attribute("style").split("height: ")[1].split("px")[0]) > 1500


def test_foreign_pins_without_end_follow_a_board(browser: WebDriver) -> None:
    opened(browser, "/anna/empty/")
    soon(browser, MORE)
    assert "aren't any Pins" in browser.find_element(By.TAG_NAME, "main").text
    assert "More ideas" in browser.find_element(By.CSS_SELECTOR, ".moreIdeasOnBoard h2").text
    found: set[str] = set()
    while len(found) < 120:
        found |= {pin["id"] for pin in step(browser, 1.5, MORE)["pins"]}
    assert not found & set().union(*map(ids, BOARDS))
    assert not there(browser, OWN)


def test_no_foreign_pins_are_there_before_the_board_is_read(browser: WebDriver) -> None:
    opened(browser, LARGE.path)
    step(browser, 0)
    assert not there(browser, "[data-test-id=secondaryBoardGrid]")


def test_a_board_may_end_with_its_last_pin(browser: WebDriver) -> None:
    opened(browser, "/anna/short/")
    assert [pin["id"] for pin in step(browser)["pins"]] == [drawn_pin("one").id]
    assert not there(browser, "[data-test-id=secondaryBoardGrid]")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_that_fails_is_there_in_the_end(browser: WebDriver, sites: Sites, fault: str) -> None:
    board, before = FAULTY[fault], len(sites.requests)
    assert set(harvest(opened(browser, board.path), 1.6)) == ids(board)
    feeds = [request for request in sites.requests[before:] if "BoardFeed" in request.path]
    assert [request.nth for request in feeds] == [1, 2, 1]
    assert (feeds[0].ended - feeds[0].began >= 0.9 * PATIENCE_S) == (fault == "stall-once")


def test_a_page_that_comes_again_and_again(browser: WebDriver) -> None:
    with pytest.raises(AssertionError, match="no end"):
        harvest(opened(browser, "/anna/loop/"), 2.0, steps=6)


def test_a_page_on_its_way_has_a_spinner(browser: WebDriver) -> None:
    opened(browser, "/anna/slow/")
    assert there(browser, "[data-test-id=spinner][role=progressbar]")
    WebDriverWait(browser, SOON_S, 0.02).until(lambda _: not there(browser, "[data-test-id=spinner]"))


def test_a_challenge_takes_the_page_away(browser: WebDriver) -> None:
    opened(browser, "/anna/robot/")
    step(browser, 2)
    soon(browser, "#captcha iframe")
    assert browser.current_url == SITE.url("/challenge/")


def test_cards(browser: WebDriver) -> None:
    opened(browser, KINDS.path)
    cards = {pin["id"]: pin["html"] for pin in step(browser, 0)["pins"]}
    inside = {
        "photo": ("pinrep-image", "non-story-pin-image", "pincard-image-with-link"),
        "video": ("pinrep-video", "PinTypeIdentifier", "pincard-video-without-link"),
        "story": ("story-pin-image",),
        "carousel": ("pinrep-carousel", "carousel-pin-image"),
        "promoted": ("non-story-pin-image",),
    }
    for pin in KINDS.pins:
        html = cards[pin.id]
        assert all(f'data-test-id="{name}"' in html for name in ("pinRepPresentation", "pinWrapper", *inside[pin.kind]))
        assert f'href="{pin.link if pin.kind == "promoted" else pin.href}"' in html
        assert f'data-test-image-signature="{pin.signature}"' in html
        assert f'alt="{pin.alt}"'.replace("\xa0", "&nbsp;") in html
        assert "grid-non-story-pin-image-unknown" in html or pin.kind == "story"
        assert ("pinrep-footer-organic-title" in html) == bool(pin.title)
        assert f"/originals/{pin.signature[:2]}" in html
        assert f"{pin.signature}.{pin.extension} 4x" in html
        assert any(mark in html for mark in ("otpp", "one-tap-desktop", "oneTapPromotedPin")) == (
            pin.kind == "promoted"
        )
        assert any(words in html for words in ("Sponsored", "Promoted by")) == (pin.kind == "promoted")
    assert {pin.kind for pin in KINDS.pins} == set(inside)
    assert any(" in page" not in html and "pin page" in html for html in cards.values())


def test_a_regional_host_has_its_own_words(browser: WebDriver) -> None:
    opened(browser, KINDS.path, GERMAN)
    ad = next(pin for pin in KINDS.pins if pin.kind == "promoted")
    html = next(pin["html"] for pin in step(browser, 0)["pins"] if pin["id"] == ad.id)
    assert "Gesponsert" in html or "Anzeige von" in html
    assert "Weitere Ideen" in soon(browser, ".moreIdeasOnBoard h2").text


def test_a_search_ends_without_foreign_pins(browser: WebDriver) -> None:
    browser.get(SITE.search_url("prada runway"))
    found: dict[str, str] = {}
    for screens in (0.0, 1.5, 1.5):
        found |= {pin["id"]: pin["html"] for pin in step(browser, screens, "[data-test-id=pin]")["pins"]}
    assert set(found) == ids(FOUND)
    assert all("grid-non-story-pin-image-search" in html for html in found.values())


def test_a_pins_page_is_followed_by_foreign_pins(browser: WebDriver) -> None:
    opened(browser, KINDS.own[0].href)
    assert soon(browser, "[elementtiming=grid-non-story-pin-image-related_pins]")
    assert KINDS.own[0].id not in {pin["id"] for pin in step(browser, 0, "[data-test-id=pin]")["pins"]}


def height_of(browser: WebDriver, scroll: int) -> int:
    browser.execute_script("window.scrollBy(0, arguments[0])", scroll)
    time.sleep(SETTLING_MS / 1000)
    return browser.execute_script("return window.scrollY")


def test_a_modal_locks_the_page_until_it_is_closed(browser: WebDriver) -> None:
    opened(browser, "/anna/modal/")
    assert [height_of(browser, 300), there(browser, "[data-test-id=fullPageSignupModal]")] == [300, False]
    browser.execute_script("window.scrollBy(0, 300)")
    close = soon(browser, "[data-test-id=fullPageSignupModal] [aria-label=Close]")
    assert height_of(browser, 300) == height_of(browser, 0) == 0
    assert browser.execute_script(
        "return document.elementFromPoint(99, 500).matches('[data-test-id=fullPageSignupModal]')"
    )
    close.click()
    assert not there(browser, "[data-test-id=fullPageSignupModal]")
    assert height_of(browser, 0) == 600
    assert height_of(browser, 300) == 900
    assert len(harvest(browser)) > 30


def test_a_gift_wrap_can_not_be_closed(browser: WebDriver) -> None:
    opened(browser, "/anna/gift/")
    height_of(browser, 300)
    browser.execute_script("window.scrollBy(0, 300)")
    soon(browser, "[data-test-id=giftWrap]")
    assert not there(browser, "[aria-label=Close]")
    assert height_of(browser, 300) == 0


@pytest.mark.parametrize("answer", ["accept", "reject"])
def test_a_cookie_banner_covers_the_page_until_it_is_answered(browser: WebDriver, answer: str) -> None:
    opened(browser, "/anna/cookies/")
    pin = soon(browser, f"{OWN} a")
    with pytest.raises(ElementClickInterceptedException):
        pin.click()
    browser.find_element(By.CSS_SELECTOR, f"[data-test-id=cookie-{answer}-button]").click()
    assert not there(browser, "[data-test-id=cookie-banner]")
    opened(browser, "/anna/cookies/")
    assert not there(browser, "[data-test-id=cookie-banner]")


def test_another_width_makes_other_columns(browser: WebDriver) -> None:
    opened(browser, LARGE.path)

    def columns() -> int:
        items = "document.querySelectorAll('[data-test-id=board-feed] [data-grid-item]')"
        lefts = browser.execute_script(f"return [...{items}].map((item) => item.getBoundingClientRect().left)")
        return len(set(lefts))

    assert columns() == COLUMNS
    browser.set_window_size(700, HEIGHT)
    try:
        WebDriverWait(browser, SOON_S, 0.02).until(lambda _: columns() == 2)
    finally:
        browser.set_window_size(WIDTH, HEIGHT)
    WebDriverWait(browser, SOON_S, 0.02).until(lambda _: columns() == COLUMNS)


@pytest.mark.parametrize(("ci", "ending"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_where_there_is_no_browser(monkeypatch: pytest.MonkeyPatch, ci: str, ending: type[BaseException]) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(ending, match="no browser: install Chromium"):
        chromium()


def test_nothing_else_has_an_address(browser: WebDriver) -> None:
    opened(browser, "/anna/short/")
    reached = browser.execute_async_script(
        "const [done] = arguments;"
        "fetch('https://example.org/', {mode: 'no-cors'}).then(() => done(true), () => done(false))"
    )
    assert reached is False
