"""Logging in to the local Pinterest: accounts, tries, second factors, sessions."""

import hmac
import json
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from sites.connections import Answer, Request

TRIES = 3
YEAR_S = 31_536_000


@dataclass(frozen=True)
class Account:
    """Who may log in.

    Attributes:
        second_factor: The code that is asked for after the password, if any.
        captcha: Whether a CAPTCHA comes after the password, and nobody gets in.
    """

    email: str
    password: str
    second_factor: str = ""
    captcha: bool = False


def cookies_of(request: Request) -> dict[str, str]:
    return {name: morsel.value for name, morsel in SimpleCookie(request.headers.get("cookie", "")).items()}


def cookie(name: str, value: str, *flags: str) -> str:
    return "; ".join((f"{name}={value}", "Path=/", f"Max-Age={YEAR_S}", "Secure", *flags))


def told(status: int = 200, data: Any = None, headers: dict[str, str] | None = None, **error: Any) -> Answer:
    """The JSON in which all resources answer."""
    body = {"resource_response": {"status": "failure" if error else "success", "data": data, "error": error or None}}
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})


class Door:
    """Answers to the forms of the login pages. Each e-mail address has three tries."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._accounts = {account.email: account for account in accounts}
        self._failed: Counter[str] = Counter()
        self._waiting: dict[str, Account] = {}
        self.sessions: dict[str, str] = {}

    def member(self, request: Request) -> str:
        """Who asks: the e-mail address, or nothing."""
        return self.sessions.get(cookies_of(request).get("_pinterest_sess", ""), "")

    def answer(self, request: Request, resource: str) -> Answer:
        """To a form that was sent to `UserSessionResource` or `SecondFactorResource`."""
        ours, theirs = cookies_of(request).get("csrftoken", ""), request.headers.get("x-csrftoken", "")
        if request.method != "POST" or not ours or not hmac.compare_digest(ours.encode(), theirs.encode()):
            return told(403, message="CSRF verification failed")
        options = json.loads(parse_qs(request.body.decode())["data"][0])["options"]
        return self._factor(request, options) if resource == "SecondFactorResource" else self._password(options)

    def _password(self, options: dict[str, str]) -> Answer:
        email = options["username_or_email"]
        account = self._accounts.get(email)
        if self._failed[email] >= TRIES:
            return told(429, headers={"Retry-After": "3600"}, message="Too many attempts to log in. Try again later.")
        if account is None or account.password != options["password"]:
            self._failed[email] += 1
            if account is None:
                return told(401, field="email", message="The email you entered does not belong to any account.")
            return told(401, field="password", message="The password you entered is incorrect.")
        if account.captcha:
            return told(403, captcha=True, message="Confirm that you are not a robot.")
        if account.second_factor:
            token = secrets.token_urlsafe()
            self._waiting[token] = account
            flags = cookie("_pinterest_factor", token, "HttpOnly")
            return told(data={"next": "/two_factor/"}, headers={"Set-Cookie": flags})
        return self._entered(account)

    def _factor(self, request: Request, options: dict[str, str]) -> Answer:
        account = self._waiting.get(cookies_of(request).get("_pinterest_factor", ""))
        if account is None or account.second_factor != options["code"]:
            return told(401, field="code", message="That code is incorrect.")
        return self._entered(account)

    def _entered(self, account: Account) -> Answer:
        token = secrets.token_urlsafe()
        self.sessions[token] = account.email
        # An answer's headers are a mapping, and a header's name has no case: so there can be two cookies.
        cookies = {
            "Set-Cookie": cookie("_pinterest_sess", token, "HttpOnly"),
            "set-cookie": cookie("_auth", "1", "HttpOnly"),
        }
        return told(data={"next": "/"}, headers=cookies)
