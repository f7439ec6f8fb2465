"""Gets what is at a URL: politely (robots.txt, pauses, retries) and safely (addresses checked, sizes bounded)."""

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin

import urllib3
from urllib3.exceptions import HTTPError, SSLError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

from fashiontools import __version__
from fashiontools.core.errors import BadRow
from fashiontools.scrape.options import FetchOptions
from fashiontools.scrape.web.addresses import Address, Detour, Target, address_of, parse
from fashiontools.scrape.web.pace import Pace
from fashiontools.scrape.web.robots import Robots

AGENT = "fashiontools"
_AGAIN = (408, 429, 500, 502, 503, 504)
_ELSEWHERE = (301, 302, 303, 307, 308)
_HOPS = 5
_FIRST_WAIT = 1.0  # seconds before the first further try; doubled for each one after it
_CHUNK = 1 << 16
_FILE_TIMEOUTS = 10  # of --timeout, for a whole file


@dataclass(frozen=True)
class Reply:
    """What a server answered.

    Attributes:
        url: Where it was found, after all redirects.
        status: HTTP status.
        headers: By name, in any case.
        body: All of it.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Sends requests, from any number of threads.

    Args:
        options: How patient, how polite, and where hosts are.

    Attributes:
        agent: The name under which we come.
        pace: The turns of the hosts.
        stopped: Set it, and all waiting ends.
    """

    def __init__(self, options: FetchOptions) -> None:
        self.stopped = threading.Event()
        self.agent = f"{AGENT}/{__version__}" + (f" (+{options.contact})" if options.contact else "")
        self.pace = Pace(options.delay, self.stopped)
        self._options = options
        self._detours = [Detour.parse(text) for text in options.connect_to or ()]
        self._robots = Robots(AGENT, self._robots_of, self.pace.slow_down)
        self._pools: dict[tuple[str, Address], urllib3.HTTPConnectionPool] = {}
        self._guard = threading.Lock()

    def get(self, url: str) -> Reply:
        """Get what is at a URL, through at most five redirects.

        Raises:
            BadRow: It may not be asked for, or there is no answer, or too large a one.
            Stopped: Nobody waits for it.
        """
        return self._follow(self._parse(url), obey=not self._options.ignore_robots)

    def _robots_of(self, target: Target) -> Reply:
        return self._follow(target, obey=False)  # nobody asks robots.txt whether it may be read

    def _parse(self, url: str) -> Target:
        return parse(url, allow_http=self._options.allow_http)

    def _follow(self, target: Target, *, obey: bool) -> Reply:
        for _ in range(_HOPS + 1):
            pool = self._pool(target)
            if obey:
                self._robots.check(target)
            reply = self._ask(target, pool)
            place = reply.headers.get("Location")
            if reply.status not in _ELSEWHERE or not place:
                return reply
            target = self._parse(urljoin(target.url, place))
        raise BadRow(f"more than {_HOPS} redirects")

    def _ask(self, target: Target, pool: urllib3.HTTPConnectionPool) -> Reply:
        """Ask one server for one thing, again where that may help."""
        retries = Retry(self._options.retries, status_forcelist=_AGAIN, backoff_factor=_FIRST_WAIT, backoff_jitter=0.5)
        with self.pace.turn(target.host):
            while True:
                try:
                    reply, response = self._try(pool, target)
                except SSLError:
                    raise BadRow(f"{target.host} has a certificate that is not trusted") from None
                except HTTPError as error:
                    if not retries.total:
                        raise BadRow(_reason(error, target)) from None
                    retries = retries.increment("GET", target.path, error=error)
                    self.pace.wait(self._pause(retries, None, target))
                    continue
                if reply.status not in _AGAIN or not retries.total:
                    return reply
                retries = retries.increment("GET", target.path, response=response)
                self.pace.wait(self._pause(retries, response, target))

    def _pause(self, retries: Retry, response: BaseHTTPResponse | None, target: Target) -> float:
        """Seconds until the next try: what the server asks for, or else our own, longer each time."""
        named = None
        if response is not None:
            with suppress(HTTPError):  # a header that is neither a number nor a date
                named = retries.get_retry_after(response)
        if named is not None and named > self._options.max_wait:
            raise BadRow(f"{target.host} is busy and asks to wait {named:,.0f} s", "--max-wait")
        return named if named is not None else max(_FIRST_WAIT, retries.get_backoff_time())

    def _try(self, pool: urllib3.HTTPConnectionPool, target: Target) -> tuple[Reply, BaseHTTPResponse]:
        timeout = urllib3.Timeout(connect=self._options.timeout, read=self._options.timeout)
        headers = {"Host": target.authority, "User-Agent": self.agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        response = pool.urlopen(
            "GET", target.path, headers=headers, redirect=False, retries=False, timeout=timeout, preload_content=False
        )
        try:
            wanted = response.status == 200
            body = self._body(response) if wanted else b""
        finally:
            if response.length_remaining != 0:  # what was not read to its end cannot carry a further request
                response.close()
            response.release_conn()
        return Reply(target.url, response.status, response.headers, body), response

    def _body(self, response: BaseHTTPResponse) -> bytes:
        most = self._options.max_bytes
        if (response.length_remaining or 0) > most:
            raise BadRow(f"larger than {most:,} bytes", "--max-bytes")
        end = time.monotonic() + _FILE_TIMEOUTS * self._options.timeout
        body = bytearray()
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > most:
                raise BadRow(f"larger than {most:,} bytes", "--max-bytes")
            if time.monotonic() > end:
                raise BadRow(f"not there after {_FILE_TIMEOUTS * self._options.timeout:g} s", "--timeout")
            if self.stopped.is_set():
                self.pace.wait(0)
        return bytes(body)

    def _pool(self, target: Target) -> urllib3.HTTPConnectionPool:
        """The connection to a host, at an address that was checked; the turns of `pace` leave it at one."""
        address = address_of(target, self._detours)
        with self._guard:
            if (target.origin, address) not in self._pools:
                self._pools[target.origin, address] = self._connected(target, address)
            return self._pools[target.origin, address]

    def _connected(self, target: Target, address: Address) -> urllib3.HTTPConnectionPool:
        if target.scheme == "http":
            return urllib3.HTTPConnectionPool(address.host, address.port)
        trusted = str(self._options.cacert) if self._options.cacert and address.named else None
        return urllib3.HTTPSConnectionPool(
            address.host,
            address.port,
            cert_reqs="CERT_REQUIRED",
            ca_certs=trusted,
            server_hostname=target.host,
            assert_hostname=target.host,
        )


def _reason(error: HTTPError, target: Target) -> str:
    """Why there is no answer, in a few words."""
    known = {
        "ConnectTimeoutError": "does not answer",
        "ReadTimeoutError": "falls silent",
        "NewConnectionError": "cannot be reached",
        "IncompleteRead": "breaks off before the end",
        "ProtocolError": "breaks off",
    }
    kind = type(error).__name__
    return f"{target.host} {known.get(kind, f'cannot be read ({kind})')}"
