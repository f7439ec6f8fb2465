"""Many hosts on one port of 127.0.0.1, over HTTPS, with a log of who asked for what, when, and on which connection."""

import contextlib
import itertools
import ssl
import tempfile
import threading
from abc import ABC, abstractmethod
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme

from sites.connections import HERE, Answer, Listener, Request


class Site(ABC):
    """A host: its name, its robots.txt (which a test may replace while it is served), and how it answers the rest.

    Several threads ask at once.
    """

    def __init__(self, host: str, robots: Answer | None = None) -> None:
        self.host = host
        self.robots = robots or Answer(status=404)

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """The answer to any request but the one for /robots.txt."""


class Sites:
    """Serves sites while it is open, chosen by the Host header; a host that is no site's is logged and answered 421.

    A mistake in a site's own code is answered with 500, and raised when the server closes.

    Attributes:
        port: Where HTTPS is served.
        plain_port: Where the same sites are served over HTTP.
        cafile: The certificate to trust. The one that is shown is for all hosts, and for 127.0.0.1 and localhost.
    """

    port: int
    plain_port: int
    cafile: Path

    def __init__(self, *sites: Site) -> None:
        self._sites = {site.host: site for site in sites}
        if len(self._sites) < len(sites):
            raise ValueError(f"two sites have one host: {', '.join(site.host for site in sites)}")
        self._requests: list[Request] = []
        self._asked: Counter[tuple[str, str]] = Counter()
        self._mistakes: list[BaseException] = []
        self._lock = threading.Lock()
        self._opened = contextlib.ExitStack()

    def __enter__(self) -> Self:
        numbers = itertools.count()
        with contextlib.ExitStack() as opened:
            self.cafile = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="sites-"))) / "ca.pem"
            context = _certified(self.cafile, (*self._sites, HERE, "localhost"))
            self.port, self.plain_port = (
                opened.enter_context(Listener(self._respond, numbers, self._mistakes, kind).serving())
                for kind in (context, None)
            )
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._opened.close()
        if self._mistakes and error is None:
            raise self._mistakes[0]

    @property
    def requests(self) -> list[Request]:
        """All requests until now in the order of their arrival, robots.txt included."""
        with self._lock:
            return list(self._requests)

    def of(self, host: str) -> list[Request]:
        """The requests for a host."""
        return [request for request in self.requests if request.host == host]

    @property
    def flags(self) -> list[str]:
        """What sends a command here instead of to the real hosts."""
        return [*self._ways(443, self.port), "--cacert", str(self.cafile)]

    @property
    def plain_flags(self) -> list[str]:
        """What sends it here, besides `flags`, for the http addresses of the hosts."""
        return self._ways(80, self.plain_port)

    def _ways(self, real: int, ours: int) -> list[str]:
        return [word for host in self._sites for word in ("--connect-to", f"{host}:{real}:{HERE}:{ours}")]

    def _respond(self, request: Request) -> Answer:
        with self._lock:
            self._asked[request.host, request.path] += 1
            request.nth = self._asked[request.host, request.path]
            self._requests.append(request)
        site = self._sites.get(request.host)
        if site is None:
            return Answer(status=421)
        if request.path == "/robots.txt":
            return site.robots
        try:
            return site.answer(request)
        except Exception as error:
            self._mistakes.append(error)
            return Answer(status=500, body=repr(error).encode())


def _certified(cafile: Path, hosts: tuple[str, ...]) -> ssl.SSLContext:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(cafile)
    certificate = authority.issue_cert(*hosts)
    shown = cafile.with_name("shown.pem")
    # The authority is shown too: Chromium looks for the keys that it is told to trust among those that it is shown.
    for part in (certificate.private_key_pem, *certificate.cert_chain_pems, authority.cert_pem):
        part.write_to_path(shown, append=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown)
    return context
