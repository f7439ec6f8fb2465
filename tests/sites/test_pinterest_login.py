"""Logging in to the local Pinterest with a real browser: both forms, and all that can go wrong."""

import json
from collections.abc import Iterator

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from sites.browser import driver, soon, there
from sites.pinterest import Account, Pinterest, drawn_board
from sites.server import Sites

ACCOUNTS = (
    Account("anna@mail.example", "right"),
    Account("busy@mail.example", "right"),
    Account("two@mail.example", "right", second_factor="123456"),
    Account("robot@mail.example", "right", captcha=True),
)
BOARDS = (
    drawn_board("/anna/members/", 3, members_only=True, more_ideas=False),
    drawn_board("/anna/gift/", 60, wall="gift-wrap"),
)
SITE = Pinterest(BOARDS, accounts=ACCOUNTS)
GERMAN = Pinterest(accounts=ACCOUNTS, host="de.pinterest.com", login_form="input")


@pytest.fixture(scope="module")
def started() -> Iterator[WebDriver]:
    with Sites(SITE, GERMAN) as sites, driver(sites) as browser:
        yield browser


@pytest.fixture
def browser(started: WebDriver) -> WebDriver:
    """The one browser, without cookies."""
    started.execute_cdp_cmd("Network.clearBrowserCookies", {})
    return started


def opened(browser: WebDriver, path: str, site: Pinterest = SITE) -> WebDriver:
    browser.get(site.url(path))
    return browser


def log_in(browser: WebDriver, email: str, password: str, site: Pinterest = SITE) -> None:
    opened(browser, "/login/", site)
    browser.find_element(By.CSS_SELECTOR, "input#email[name=id]").send_keys(email)
    browser.find_element(By.CSS_SELECTOR, "input#password[name=password]").send_keys(password)
    browser.find_element(By.CSS_SELECTOR, "div[data-test-id=registerFormSubmitButton] button[type=submit]").click()


@pytest.mark.parametrize(("site", "tag"), [(SITE, "div"), (GERMAN, "input")], ids=["wrapper", "input"])
def test_the_right_password_lets_in(browser: WebDriver, site: Pinterest, tag: str) -> None:
    opened(browser, "/login/", site)
    assert browser.find_element(By.CSS_SELECTOR, "[data-test-id=emailInputField]").tag_name == tag
    log_in(browser, "anna@mail.example", "right", site)
    soon(browser, "[data-test-id=header-profile]")
    assert browser.current_url == site.url("/")
    cookies = {cookie["name"]: cookie for cookie in browser.get_cookies()}
    assert cookies["_auth"]["value"] == "1"
    assert all(cookies[name]["secure"] and cookies[name]["httpOnly"] for name in ("_auth", "_pinterest_sess"))
    assert opened(browser, "/login/", site).current_url == site.url("/")


def test_members_see_more_and_no_walls(browser: WebDriver) -> None:
    assert opened(browser, "/anna/members/").current_url == SITE.url("/login/?next=/anna/members/")
    log_in(browser, "anna@mail.example", "right")
    soon(browser, "[data-test-id=header-profile]")
    assert soon(opened(browser, "/anna/members/"), "[data-test-id=board-feed] [data-test-id=pin]")
    opened(browser, "/anna/gift/")
    scroll = "document.addEventListener('scrollend', () => arguments[0](scrollY), {once: true}); scrollBy(0, 300)"
    assert [browser.execute_async_script(scroll) for _ in range(3)] == [300, 600, 900]


@pytest.mark.parametrize(
    ("email", "password", "field", "words"),
    [
        ("anna@mail.example", "wrong", "password", "incorrect"),
        ("nobody@mail.example", "right", "email", "does not belong to any account"),
    ],
)
def test_the_wrong_words_do_not(browser: WebDriver, email: str, password: str, field: str, words: str) -> None:
    log_in(browser, email, password)
    assert words in soon(browser, f"#{field}-error").text
    assert browser.current_url == SITE.url("/login/")
    assert "_auth" not in {cookie["name"] for cookie in browser.get_cookies()}


def test_a_fourth_try_is_refused_even_when_right(browser: WebDriver) -> None:
    for _ in range(3):
        log_in(browser, "busy@mail.example", "wrong")
        soon(browser, "#password-error")
    log_in(browser, "busy@mail.example", "right")
    assert "Too many attempts" in soon(browser, "form [role=alert]").text
    assert not there(browser, "#password-error, #email-error")


def test_a_second_factor(browser: WebDriver) -> None:
    log_in(browser, "two@mail.example", "right")
    code = soon(browser, "input#code[autocomplete=one-time-code]")
    assert browser.current_url == SITE.url("/two_factor/")
    code.send_keys("000000\n")
    assert "incorrect" in soon(browser, "#code-error").text
    assert "_auth" not in {cookie["name"] for cookie in browser.get_cookies()}
    code.clear()
    code.send_keys("123456\n")
    assert soon(browser, "[data-test-id=header-profile]")


def test_a_captcha_after_the_password(browser: WebDriver) -> None:
    log_in(browser, "robot@mail.example", "right")
    assert soon(browser, "#captcha iframe[title=reCAPTCHA]")
    assert "_auth" not in {cookie["name"] for cookie in browser.get_cookies()}


@pytest.mark.parametrize("token", ["", "f" * 32])
def test_a_form_without_the_cookies_token_is_refused(browser: WebDriver, token: str) -> None:
    opened(browser, "/login/")
    options = {"username_or_email": "anna@mail.example", "password": "right"}
    status = browser.execute_async_script(
        "const [data, token, done] = arguments; fetch('/resource/UserSessionResource/create/', {method: 'POST',"
        "headers: {'X-CSRFToken': token}, body: new URLSearchParams({data})}).then((answer) => done(answer.status))",
        json.dumps({"options": options}), token,
    )  # fmt: skip
    assert status == 403
    browser.refresh()
    assert there(browser, "[data-test-id=unauth-header]")
