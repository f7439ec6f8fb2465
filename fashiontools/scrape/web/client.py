"""Gets what is at a URL: politely (robots.txt, pauses, retries) and safely (addresses checked, sizes bounded)."""

import math
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import urljoin

import urllib3
from urllib3 import HTTPHeaderDict
from urllib3.exceptions import HTTPError, SSLError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

from fashiontools import __version__
from fashiontools.core.errors import BadRow
from fashiontools.scrape.options import FetchOptions
from fashiontools.scrape.web.addresses import Address, Detour, Target, address_of, parse
from fashiontools.scrape.web.connections import Connections
from fashiontools.scrape.web.pace import Pace
from fashiontools.scrape.web.robots import Robots

AGENT = "fashiontools"
_ELSEWHERE = (301, 302, 303, 307, 308)
_HOPS = 5
_FIRST_WAIT = 1.0  # seconds before the first further try; doubled for each one after it
_CHUNK = 1 << 16
_FILE_TIMEOUTS = 10  # of --timeout, for a whole file
_ROBOTS_BYTES = 1 << 20


@dataclass(frozen=True)
class Reply:
    """What a server answered.

    Attributes:
        url: Where it was found, after all redirects.
        status: HTTP status.
        headers: By name, in any case; one may be there several times.
        body: All of it.
    """

    url: str
    status: int
    headers: HTTPHeaderDict
    body: bytes


class Client:
    """Sends requests, from any number of threads.

    Args:
        options: How patient, how polite, and where hosts are.

    Attributes:
        agent: The name under which we come.
        pace: The turns of the hosts.
        detours: Where hosts are, as the user says.
        obeys_noai: Whether what its server keeps from training is left alone.
        stopped: Set it, and all waiting ends.
    """

    def __init__(self, options: FetchOptions) -> None:
        self.stopped = threading.Event()
        self.agent = f"{AGENT}/{__version__}" + (f" (+{options.contact})" if options.contact else "")
        self.pace = Pace(options.delay, self.stopped)
        self.obeys_noai = not options.ignore_noai
        self._options = options
        self.detours = [Detour.parse(text) for text in options.connect_to or ()]
        self._robots = Robots(AGENT, self._robots_of, self.pace.slow_down, options.max_wait)
        self._connections = Connections(options.cacert, self.stopped)

    def get(self, url: str) -> Reply:
        """Get what is at a URL, through at most five redirects.

        Raises:
            BadRow: It may not be asked for, or there is no answer, or too large a one.
            Stopped: Nobody waits for it.
        """
        return self._follow(self._parse(url), self._options.max_bytes, obey=not self._options.ignore_robots)

    def ask_leave(self, url: str) -> None:
        """Ask robots.txt whether something else than this client, a browser, may get what is at a URL.

        Raises:
            BadRow: It may not.
        """
        target = self._parse(url)
        address_of(target, self.detours)
        if not self._options.ignore_robots:
            self._robots.check(target)

    def _robots_of(self, target: Target) -> Reply:
        return self._follow(target, _ROBOTS_BYTES, obey=False)  # nobody asks robots.txt whether it may be read

    def _parse(self, url: str) -> Target:
        return parse(url, allow_http=self._options.allow_http)

    def _follow(self, target: Target, most: int, *, obey: bool) -> Reply:
        for _ in range(_HOPS + 1):
            address = address_of(target, self.detours)
            if obey:
                self._robots.check(target)
            reply = self._ask(target, address, most)
            place = reply.headers.get("Location")
            if reply.status not in _ELSEWHERE or not place:
                return reply
            target = self._parse(_joined(target.url, place))
        raise BadRow(f"more than {_HOPS} redirects")

    def _ask(self, target: Target, address: Address, most: int) -> Reply:
        """Ask one server for one thing, again where that may help."""
        retries = Retry(
            self._options.retries, backoff_factor=_FIRST_WAIT, backoff_jitter=0.5, retry_after_max=math.inf
        )  # fmt: skip
        with self.pace.turn(target.host):
            while True:
                try:
                    reply, response = self._try(target, address, most)
                except HTTPError as error:
                    if not retries.total or _is_distrust(error):
                        raise BadRow(_reason(error, target)) from None
                    retries = retries.increment("GET", target.path, error=error)
                    self.pace.wait_again(target.host, self._pause(retries, None, target))
                    continue
                if not _may_pass(reply.status) or not retries.total:
                    return reply
                retries = retries.increment("GET", target.path, response=response)
                self.pace.wait_again(target.host, self._pause(retries, response, target))

    def _pause(self, retries: Retry, response: BaseHTTPResponse | None, target: Target) -> float:
        """Seconds until the next try: what the server asks for, or else our own, longer each time."""
        named = None if response is None else _named_wait(retries, response)
        if named is not None and named > self._options.max_wait:
            longest = f"{self._options.max_wait:g} s"
            raise BadRow(f"HTTP {response.status}: {target.host} asks to wait for more than {longest}", "--max-wait")
        return named if named is not None else max(_FIRST_WAIT, retries.get_backoff_time())

    def _try(self, target: Target, address: Address, most: int) -> tuple[Reply, BaseHTTPResponse]:
        timeout = urllib3.Timeout(connect=self._options.timeout, read=self._options.timeout)
        headers = {"Host": target.authority, "User-Agent": self.agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        settings = {"headers": headers, "timeout": timeout, "redirect": False, "retries": False}
        with self._connections.to(target, address, _FILE_TIMEOUTS * self._options.timeout) as pool:
            response = pool.urlopen("GET", target.path, preload_content=False, **settings)
            try:
                body = _body(response, most) if response.status == 200 else b""
                if response.length_remaining == 0:
                    response.read()  # a body of no bytes is read too, or the connection waits for it
            finally:
                if response.length_remaining != 0:  # what was not read to its end cannot carry a further request
                    response.close()
                response.release_conn()
        return Reply(target.url, response.status, response.headers, body), response


def _body(response: BaseHTTPResponse, most: int) -> bytes:
    if (response.length_remaining or 0) > most:
        raise BadRow(f"larger than {most:,} bytes", "--max-bytes")
    body = bytearray()
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > most:
            raise BadRow(f"larger than {most:,} bytes", "--max-bytes")
    return bytes(body)


def _joined(url: str, place: str) -> str:
    """Where a redirect leads; its header's bytes are UTF-8, if anything."""
    try:
        return urljoin(url, place.encode("latin-1").decode("utf-8", "replace"))
    except ValueError:
        raise BadRow("a redirect to what is no URL") from None


def _may_pass(status: int) -> bool:
    """Whether the same request may find another answer later."""
    return status in (408, 429) or status >= 500


def _named_wait(retries: Retry, response: BaseHTTPResponse) -> float | None:
    """The seconds of a `Retry-After`; None where there is none, or one that is neither a number nor a date."""
    try:
        named = retries.get_retry_after(response)
        return None if named is None else float(named)
    except OverflowError:
        return math.inf
    except (HTTPError, ValueError):
        return None


def _is_distrust(error: HTTPError) -> bool:
    """Whether a server's certificate is not good: it will be no better the next time."""
    causes = (ssl.CertificateError, urllib3.util.ssl_match_hostname.CertificateError)
    return isinstance(error, SSLError) and any(isinstance(cause, causes) for cause in error.args)


_REASONS = {
    "ConnectTimeoutError": "does not answer",
    "ReadTimeoutError": "falls silent",
    "NewConnectionError": "cannot be reached",
    "ProtocolError": "breaks off",
    "SSLError": "cannot be spoken to in private",
}


def _reason(error: HTTPError, target: Target) -> str:
    """Why there is no answer, in a few words."""
    if _is_distrust(error):
        return f"{target.host} has a certificate that is not trusted"
    kinds = [kind.__name__ for kind in type(error).__mro__]
    known = next((_REASONS[kind] for kind in kinds if kind in _REASONS), f"cannot be read ({kinds[0]})")
    return f"{target.host} {known}"
