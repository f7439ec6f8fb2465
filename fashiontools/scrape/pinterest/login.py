"""Signs in to Pinterest, where the user wants that; the password goes to the page and nowhere else."""

import os
import stat
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import typer

from fashiontools.core.errors import Unavailable, UsageError
from fashiontools.core.progress import Progress
from fashiontools.scrape.browser.browser import Browser
from fashiontools.scrape.pinterest.targets import HOME

USER, PASSWORD = "PINTEREST_USER", "PINTEREST_PASSWORD"
_LOOK_S = 0.25
_PERSON_S = 300.0
_BY_HAND = "sign in by hand: --show --profile DIR"
_FORM = """
const field = (name) => document.querySelector(`[data-test-id="${name}"]`)
const input = (id, name) => document.getElementById(id)
  ?? (field(name)?.matches('input') ? field(name) : field(name)?.querySelector('input'))
const button = document.querySelector('[data-test-id="registerFormSubmitButton"] button, form button[type="submit"]')
const parts = [input('email', 'emailInputField'), input('password', 'passwordInputField'), button]
return parts.every(Boolean) ? parts : null
"""
_STATE = """
const text = (id) => document.getElementById(id)?.textContent.trim() ?? ''
const has = (selector) => Boolean(document.querySelector(selector))
return {
  inside: has('[data-test-id="header-profile"]') || !location.pathname.startsWith('/login'),
  wrong: text('email-error') || text('password-error'),
  captcha: has('#captcha, .g-recaptcha, iframe[src*="captcha"], iframe[title*="captcha" i]'),
  second: has('input[autocomplete="one-time-code"], [data-test-id*="two-factor" i], [data-test-id*="mfa" i]')
    || /two.?factor|2fa|mfa/i.test(location.pathname),
  busy: has('[data-test-id="login-rate-limit"]') || /too many|try again later/i.test(document.body.innerText),
}
"""


@dataclass(frozen=True)
class Credentials:
    """Who signs in.

    Attributes:
        user: The e-mail address.
        password: Never shown, not even by `repr`.
    """

    user: str
    password: str = field(repr=False)


def read_credentials(where: str) -> Credentials:
    """Find user and password.

    Args:
        where: `env` for the environment, `ask` for a prompt on the terminal, or a file that only its owner can read,
            with the user on its first line and the password on its second.

    Raises:
        UsageError: They are not there, or others can read the file.
    """
    if where == "env":
        found = [os.environ.get(name, "") for name in (USER, PASSWORD)]
        if not all(found):
            raise UsageError(f"--login env: set {USER} and {PASSWORD}, or use --login ask, or --login FILE")
    elif where == "ask":
        found = _asked()
    else:
        found = _from_file(Path(where))
    return Credentials(*found)


def _asked() -> list[str]:
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("--login ask needs a terminal; use --login env or --login FILE")
    try:
        user = typer.prompt("Pinterest user (e-mail)", err=True)
        return [user, typer.prompt("Pinterest password", hide_input=True, err=True)]
    except typer.Abort:
        raise UsageError("--login ask: nothing was typed") from None


def _from_file(file: Path) -> list[str]:
    try:
        with open(file, encoding="utf-8") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            lines = stream.read().splitlines()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text in UTF-8"
        raise UsageError(f"--login {file}: {reason} (env, ask, or a file)") from None
    if not stat.S_ISREG(mode) or mode & 0o077:
        raise UsageError(f"--login {file}: others can read it: chmod 600 {file}")
    if len(lines) < 2 or not all(lines[:2]):
        raise UsageError(f"--login {file}: expected the user on the first line and the password on the second")
    return lines[:2]


def sign_in(browser: Browser, credentials: Credentials, progress: Progress, *, by_hand: bool) -> None:
    """Sign in, unless the profile is still signed in.

    Args:
        browser: Open.
        credentials: Who.
        progress: Told what a person has to do.
        by_hand: A person sees the browser, and can solve what it asks for.

    Raises:
        Unavailable: The site does not let us in, and why.
    """
    if browser.load(f"{HOME}/login/") == 429:
        raise _too_often()
    if browser.run(_STATE)["inside"]:
        return  # those who are signed in are sent away from this page
    form = browser.run(_FORM)
    if form is None:
        _refuse(browser.run(_STATE))
        raise Unavailable("Pinterest's login page has no form that we know", _BY_HAND)
    user, password, button = form
    browser.type_into(user, credentials.user)
    browser.type_into(password, credentials.password)
    browser.click(button)
    _wait(browser, progress, by_hand=by_hand)


def _wait(browser: Browser, progress: Progress, *, by_hand: bool) -> None:
    until = time.monotonic() + browser.timeout
    told = False
    while time.monotonic() < until:
        time.sleep(_LOOK_S)
        state = browser.run(_STATE)
        if by_hand and not told and (state["captcha"] or state["second"]):
            told = True
            until = time.monotonic() + _PERSON_S
            progress.note(f"please finish the login in the browser's window; waiting {_PERSON_S:.0f} s")
        if not told:
            _refuse(state)
        if state["inside"] and not state["second"]:
            return
    raise Unavailable("Pinterest does not answer the login", "--timeout")


def _refuse(state: dict[str, object]) -> None:
    if state["captcha"]:
        raise Unavailable("Pinterest wants a CAPTCHA solved before the login", _BY_HAND)
    if state["second"]:
        raise Unavailable("Pinterest wants a second factor for the login", _BY_HAND)
    if state["wrong"]:
        raise Unavailable("Pinterest says that user or password are wrong", "nothing was tried again")
    if state["busy"]:
        raise _too_often()


def _too_often() -> Unavailable:
    return Unavailable("Pinterest refuses further logins for now", "wait an hour, or go on without --login")
