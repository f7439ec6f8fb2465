"""The server of the local sites: hosts, certificates, connections, the log, faults in transport, and a fast end."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3

from sites.clients import pool_of
from sites.images import ImageHost
from sites.server import Answer, Request, Site, Sites

HOST = "images.example"
FAST_S = 2.0
SLOW_S = 0.3


class Spoken(Site):
    """A host that answers as a test says."""

    def __init__(self, said: Callable[[Request], Answer], host: str = HOST) -> None:
        super().__init__(host)
        self.said = said

    def answer(self, request: Request) -> Answer:
        return self.said(request)


@pytest.fixture
def sites() -> Iterator[Sites]:
    with Sites(ImageHost(HOST), ImageHost("other.example", robots=Answer(body=b"User-agent: *\n"))) as served:
        yield served


@contextlib.contextmanager
def spoken(said: Callable[[Request], Answer]) -> Iterator[tuple[Sites, urllib3.HTTPSConnectionPool]]:
    with Sites(Spoken(said)) as sites, pool_of(sites, HOST) as pool:
        yield sites, pool


def finished(request: Request) -> bool:
    """Whether the server is soon through with a request."""
    end = time.monotonic() + FAST_S
    while request.ended > end and time.monotonic() < end:
        time.sleep(0.005)
    return request.ended <= end


def test_one_port_serves_all_hosts_by_name(sites: Sites) -> None:
    with pool_of(sites, HOST) as one, pool_of(sites, "other.example") as other:
        assert one.request("GET", "/robots.txt").status == 404
        assert other.request("GET", "/robots.txt").data == b"User-agent: *\n"
        assert one.request("GET", "/ok/a.jpg", headers={"Host": "OTHER.example:443"}).status == 200
        assert one.request("GET", "/ok/a.jpg", headers={"Host": "nowhere.example"}).status == 421
    assert [(request.host, request.path) for request in sites.requests] == [
        (HOST, "/robots.txt"),
        ("other.example", "/robots.txt"),
        ("other.example", "/ok/a.jpg"),
        ("nowhere.example", "/ok/a.jpg"),
    ]
    assert [request.path for request in sites.of("other.example")] == ["/robots.txt", "/ok/a.jpg"]


def test_robots_may_be_replaced_while_they_are_served() -> None:
    images = ImageHost(HOST)
    with Sites(images) as sites, pool_of(sites, HOST) as pool:
        images.robots = Answer(status=503)
        assert pool.request("GET", "/robots.txt").status == 503


def test_the_certificate_is_for_its_hosts_and_for_those_who_trust_it(sites: Sites) -> None:
    for pool in (pool_of(sites, "nowhere.example"), pool_of(sites, HOST, ca_certs=None)):
        with pool, pytest.raises(urllib3.exceptions.SSLError):
            pool.request("GET", "/ok/a.jpg")
    assert sites.requests == []


def test_the_authority_is_shown_along_with_the_certificate(sites: Sites) -> None:
    context = ssl.create_default_context(cafile=str(sites.cafile))
    plain = socket.create_connection(("127.0.0.1", sites.port))
    with context.wrap_socket(plain, server_hostname=HOST) as secure:
        shown = secure._sslobj.get_unverified_chain()  # public from Python 3.13 on
    (authority,) = context.get_ca_certs(binary_form=True)
    assert authority in [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in shown]


def test_the_flags_name_every_host_and_the_certificate(sites: Sites) -> None:
    assert sites.flags == [
        "--connect-to", f"{HOST}:443:127.0.0.1:{sites.port}",
        "--connect-to", f"other.example:443:127.0.0.1:{sites.port}",
        "--cacert", str(sites.cafile),
    ]  # fmt: skip
    assert sites.plain_flags == [
        "--connect-to", f"{HOST}:80:127.0.0.1:{sites.plain_port}",
        "--connect-to", f"other.example:80:127.0.0.1:{sites.plain_port}",
    ]  # fmt: skip


def test_the_same_sites_are_served_in_plain_http(sites: Sites) -> None:
    with urllib3.HTTPConnectionPool("127.0.0.1", sites.plain_port, headers={"Host": HOST}) as pool:
        assert pool.request("GET", "/ok/a.jpg").status == 200
    assert [(request.scheme, request.port) for request in sites.requests] == [("http", sites.plain_port)]


def test_the_log_tells_what_was_asked() -> None:
    with spoken(lambda request: Answer()) as (sites, pool):
        before = time.monotonic()
        pool.request("POST", "/login?next=%2F", body=b"user=a", headers={"Host": HOST, "X-Who": "me"})
        pool.request("GET", "/login?next=%2F")
        pool.request("GET", "/")
        after = time.monotonic()
    posted, got, last = sites.requests
    assert (posted.method, posted.path, posted.body) == ("POST", "/login?next=%2F", b"user=a")
    assert (posted.headers["x-who"], posted.headers["host"]) == ("me", HOST)
    assert [request.nth for request in (posted, got, last)] == [1, 2, 1]
    assert before <= posted.began <= posted.ended <= got.began <= got.ended <= last.began <= last.ended <= after


def test_a_connection_is_kept_and_has_a_number(sites: Sites) -> None:
    with pool_of(sites, HOST) as kept, pool_of(sites, HOST) as second:
        for pool in (kept, kept, second, kept):
            pool.request("GET", "/ok/a.jpg")
        kept.request("GET", "/ok/a.jpg", headers={"Host": HOST, "Connection": "close"})
        kept.request("GET", "/ok/a.jpg")
    first, again, other, kept_on, closed, anew = (request.connection for request in sites.requests)
    assert first == again == kept_on == closed
    assert len({first, other, anew}) == 3


def test_many_connections_are_served_at_once() -> None:
    all_here = threading.Barrier(8, timeout=20)  # s; broken, it is a mistake of the site

    def meet(request: Request) -> Answer:
        all_here.wait()
        return Answer()

    with Sites(Spoken(meet)) as sites, pool_of(sites, HOST, maxsize=8, timeout=30) as pool:
        with ThreadPoolExecutor(8) as clients:
            assert all(answer.status == 200 for answer in clients.map(pool.request, ["GET"] * 8, ["/"] * 8))
        requests = sites.requests
    assert max(request.began for request in requests) < min(request.ended for request in requests)
    assert len({request.connection for request in requests}) == 8


def test_a_delay_is_kept() -> None:
    with spoken(lambda request: Answer(delay=SLOW_S)) as (sites, pool):
        assert pool.request("GET", "/").status == 200
    (request,) = sites.requests
    assert request.ended - request.began >= SLOW_S


def test_no_client_knows_an_answer_before_the_log_says_that_it_ended() -> None:
    answers = {
        "/body": Answer(body=b"all"),
        "/nothing": Answer(),
        "/chunks": Answer(chunks=(b"a", b"b")),
        "/counted": Answer(chunks=(b"a", b"b"), length=2),
    }
    with spoken(lambda request: answers[request.path]) as (sites, pool):
        for path in [*answers] * 25:
            pool.request("GET", path)
            assert sites.requests[-1].ended <= time.monotonic()


def test_head_tells_the_length_and_sends_nothing() -> None:
    with spoken(lambda request: Answer(body=b"four")) as (sites, pool):
        answer = pool.request("HEAD", "/")
        assert (answer.headers["Content-Length"], answer.data) == ("4", b"")
        assert pool.request("GET", "/").data == b"four"
    assert len({request.connection for request in sites.requests}) == 1


def test_chunks_come_one_by_one() -> None:
    with spoken(lambda request: Answer(chunks=(b"ab", b"", b"c"), pause=SLOW_S)) as (sites, pool):
        answer = pool.request("GET", "/", preload_content=False)
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert list(answer.stream()) == [b"ab", b"c"]
    (request,) = sites.requests
    assert request.ended - request.began >= SLOW_S


def test_a_length_that_lies_ends_the_connection() -> None:
    with spoken(lambda request: Answer(body=b"half", length=8)) as (sites, pool):
        for _ in range(2):
            with pytest.raises(urllib3.exceptions.ProtocolError, match="4 bytes read, 4 more expected"):
                pool.request("GET", "/")
    assert len({request.connection for request in sites.requests}) == 2


def test_a_reset_is_one() -> None:
    with spoken(lambda request: Answer(reset=True)) as (sites, pool):
        with pytest.raises(urllib3.exceptions.ProtocolError, match="without response"):
            pool.request("GET", "/")
        # Python's TLS tells a reset as an end; the bare connection shows which it is.
        with socket.create_connection(("127.0.0.1", sites.plain_port)) as bare:
            bare.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            with pytest.raises(ConnectionResetError):
                bare.recv(1)
        assert all(finished(request) for request in sites.requests)


def test_a_wait_ends_when_the_client_leaves() -> None:
    with spoken(lambda request: Answer(delay=float("inf"))) as (sites, pool):
        with pytest.raises(urllib3.exceptions.ReadTimeoutError):
            pool.request("GET", "/", timeout=urllib3.Timeout(connect=5, read=0.2))
        (request,) = sites.requests
        assert finished(request)
        assert request.ended - request.began < FAST_S


def test_closing_is_fast_whatever_goes_on() -> None:
    threads = set(threading.enumerate())
    answers = {
        "/stalls": Answer(delay=float("inf")),
        "/drips": Answer(chunks=(b"x" for _ in range(1000)), pause=60.0),
        "/floods": Answer(chunks=(bytes(1_000_000) for _ in range(1000))),
        "/idle": Answer(),
    }
    with contextlib.ExitStack() as clients:
        with Sites(Spoken(lambda request: answers[request.path])) as sites:
            context = ssl.create_default_context(cafile=str(sites.cafile))
            for path in answers:
                plain = socket.create_connection(("127.0.0.1", sites.port))
                client = clients.enter_context(context.wrap_socket(plain, server_hostname=HOST))
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            silent = clients.enter_context(socket.create_connection(("127.0.0.1", sites.port)))
            while len(sites.requests) < len(answers):
                time.sleep(0.005)
            time.sleep(SLOW_S)
            began = time.monotonic()
        assert time.monotonic() - began < FAST_S
        assert set(threading.enumerate()) == threads
        assert all(request.ended <= time.monotonic() for request in sites.requests)
        assert silent.recv(1) == b""
    assert not sites.cafile.exists()
    for port in (sites.port, sites.plain_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


def test_a_mistake_of_a_site_is_raised_in_the_end() -> None:
    def slip(request: Request) -> Answer:
        raise KeyError(request.path)

    with pytest.raises(KeyError, match="/wrong"), spoken(slip) as (_, pool):
        assert pool.request("GET", "/wrong").status == 500


def test_a_mistake_in_the_middle_of_an_answer_is_raised_too() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"a"
        raise KeyError("half way")

    with pytest.raises(KeyError, match="half way"), spoken(lambda request: Answer(chunks=chunks())) as (_, pool):
        with pytest.raises(urllib3.exceptions.ProtocolError) as caught:
            pool.request("GET", "/")
        assert isinstance(caught.value.args[1], http.client.IncompleteRead)


def test_two_sites_can_not_have_one_host() -> None:
    with pytest.raises(ValueError, match=HOST):
        Sites(ImageHost(HOST), ImageHost(HOST))
