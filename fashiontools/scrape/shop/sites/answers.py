"""What a shop's server answered: a page, a refusal, or a question whether we are a program."""

import re

from fashiontools.core.errors import BadRow, Unavailable
from fashiontools.scrape.web.addresses import parse
from fashiontools.scrape.web.client import Reply

_GUARDS = {
    "Akamai": re.compile(r'"edge_error"\s*:\s*"halt"|<title>\s*Access Denied\s*</title>', re.IGNORECASE),
    "Cloudflare": re.compile(r"<title>\s*Just a moment\.\.\.|\b_cf_chl_opt\b", re.IGNORECASE),
    "DataDome": re.compile(r"\bgeo\.captcha-delivery\.com\b"),
    "HUMAN": re.compile(r"\bpx-captcha\b"),
    "Imperva": re.compile(r"\bIncapsula incident ID\b"),
    "a CAPTCHA": re.compile(r"<title>[^<]*\b(?:captcha|robot|human|Mensch)\b", re.IGNORECASE),
}
_GONE = (404, 410)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_CHARSET_NAMED = re.compile(r"charset\s*=\s*\"?([\w-]+)", re.IGNORECASE)
_HEAD_BYTES = 4096  # a page says in its beginning how it is written


class Gone(BadRow):
    """There is no such page any more."""


def challenge_in(html: str) -> str:
    """Who asks, on a page without a product, for proof that we are no program; empty where nobody does."""
    return next((guard for guard, signs in _GUARDS.items() if signs.search(html)), "")


def html_of(reply: Reply) -> str:
    """The page that a server answered with.

    Raises:
        Gone: There is none any more.
        BadRow: The server cannot answer now.
        Unavailable: The server does not want us: it is not asked again, and what was fetched is kept.
    """
    host = parse(reply.url, allow_http=True).host
    if reply.status in _GONE:
        raise Gone(f"HTTP {reply.status}")
    if reply.status in (401, 403, 429, 451):
        raise Unavailable(
            f"{host} refuses its pages to programs (HTTP {reply.status}): what is fetched is kept",
            "`scrape urls` fetches the photos of a list that you have",
        )
    if reply.status != 200:
        raise BadRow(f"HTTP {reply.status}")
    return _text(reply.body, reply.headers.get("Content-Type", ""))


def _text(body: bytes, kind: str) -> str:
    named = _CHARSET_NAMED.search(kind)
    written = _CHARSET.search(body[:_HEAD_BYTES])
    encoding = named[1] if named else written[1].decode("ascii") if written else "utf-8"
    try:
        return body.decode(encoding, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")
