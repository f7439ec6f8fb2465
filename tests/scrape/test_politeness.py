"""Politeness: one request at a time to a host, pauses, patience with busy servers, an honest name, no cookies."""

import itertools
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest
from scraping import QUICK, Answering, Scrape, asked
from sites import pictures
from sites.images import ImageHost
from sites.server import Answer, Request, Site, Sites

from fashiontools import __version__
from fashiontools.core.errors import BadRow
from fashiontools.scrape.urls.options import UrlsOptions
from fashiontools.scrape.web.client import Client

Start = Callable[..., subprocess.Popen[str]]


def gaps_of(requests: list[Request]) -> list[float]:
    """Seconds from the end of each request to the beginning of the next one."""
    return [after.began - before.ended for before, after in itertools.pairwise(requests)]


def test_one_request_at_a_time_and_a_pause_before_the_next(scrape: Scrape, tmp_path: Path) -> None:
    hosts = [ImageHost(f"{name}.example") for name in ("one", "two", "three")]
    urls = [host.url("hop-1" if name == "a" else "ok", name) for name in "abcd" for host in hosts]
    with Sites(*hosts) as sites:
        scraped = scrape(sites, tmp_path / "photos", urls, "--delay", "0.1", "--workers", "8")
        assert set(scraped.errors) == {""}
        for host in hosts:
            assert len(sites.of(host.host)) == 6
            assert min(gaps_of(sites.of(host.host))) >= 0.1
            assert len({request.connection for request in sites.of(host.host)}) == 1


def test_hosts_are_asked_in_parallel(scrape: Scrape, tmp_path: Path) -> None:
    """None of them answers before all have been asked."""
    names = [f"host-{number}.example" for number in range(2)]
    together: list[str] = []

    def respond(request: Request) -> Answer:
        together.append(request.host)
        end = time.monotonic() + 60
        while len(set(together)) < len(names) and time.monotonic() < end:
            time.sleep(0.01)
        return Answer(body=pictures.picture(request.host)) if time.monotonic() < end else Answer(status=404)

    with Sites(*(Answering(name, respond) for name in names)) as sites:
        scraped = scrape(sites, tmp_path / "photos", [f"https://{name}/a.jpg" for name in names])
    assert scraped.errors == ["", ""]


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_busy_server_says_when_to_come_back(scrape: Scrape, tmp_path: Path, form: str) -> None:
    after: list[float] = []

    def respond(request: Request) -> Answer:
        if request.nth > 1:
            return Answer(body=pictures.picture(request.path))
        after.append(int(time.time()) + 3.0)
        value = "2" if form == "seconds" else formatdate(after[0], usegmt=True)
        return Answer(status=503, headers={"Retry-After": value})

    with Sites(Answering("busy.example", respond)) as sites:
        began = time.time()
        scraped = scrape(sites, tmp_path / "photos", ["https://busy.example/a.jpg"], "--retries", "1")
        assert asked(sites, "busy.example") == ["/a.jpg"] * 2
        _, first, second = sites.requests
    assert scraped.errors == [""]
    assert second.began - first.ended >= (2.0 if form == "seconds" else 1.9)
    assert time.time() - began < 60


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("31", "--max-wait"),
        ("9" * 400, "--max-wait"),
        ("9" * 5000, "HTTP 429"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "--max-wait"),
        ("Fri, 31 Dec 99999 23:59:59 GMT", "HTTP 429"),
        ("soon", "HTTP 429"),
        ("-5", "HTTP 429"),
    ],
)
def test_odd_waits(value: str, error: str) -> None:
    busy = Answering("busy.example", lambda request: Answer(status=429, headers={"Retry-After": value}))
    answer, waits = answer_and_waits(busy)
    assert error in answer
    assert "\n" not in answer
    assert max(waits, default=0) <= 30


def test_further_tries_come_later_and_later() -> None:
    answer, waits = answer_and_waits(ImageHost("busy.example"), "always-500/a.jpg", retries=4)
    assert answer == "HTTP 500"
    longer = [wait for wait in waits if wait > 0.5]
    assert [int(wait) for wait in longer] == [1, 2, 4, 8]  # and up to half a second more, by chance


def answer_and_waits(host: Site, path: str = "a.jpg", retries: int = 1) -> tuple[str, list[float]]:
    """What becomes of a URL, and the waits on the way, which are left out: commands that wait them take long."""
    waits: list[float] = []
    with Sites(host) as sites:
        detours = [f"{host.host}:443:127.0.0.1:{sites.port}"]
        client = Client(UrlsOptions(connect_to=detours, cacert=sites.cafile, max_wait=30, retries=retries, delay=0))
        client.pace.wait = waits.append
        try:
            return f"HTTP {client.get(f'https://{host.host}/{path}').status}", waits
        except BadRow as refusal:
            return str(refusal), waits
        finally:
            client.stopped.set()


def test_a_further_try_is_no_sooner_than_any_other_request(scrape: Scrape, tmp_path: Path) -> None:
    host = ImageHost()
    with Sites(host) as sites:
        flags = ("--retries", "1", "--delay", "1.3", "--ignore-robots")
        scraped = scrape(sites, tmp_path / "photos", [host.url("always-500", "a")], *flags)
        assert min(gaps_of(sites.requests)) >= 1.3
    assert scraped.errors == ["HTTP 500"]


def test_we_say_who_we_are(scrape: Scrape, tmp_path: Path) -> None:
    host = ImageHost()
    with Sites(host) as sites:
        scrape(sites, tmp_path / "photos", [host.url("ok", "a")], "--contact", "me@example.org")
        agents = {request.headers["user-agent"] for request in sites.requests}
        refused = scrape(sites, tmp_path / "other", [host.url("ok", "a")], "--contact", "me\r\nCookie: a=b")
        assert len(sites.requests) == 2
    assert agents == {f"fashiontools/{__version__} (+me@example.org)"}
    assert (refused.code, refused.folder.exists()) == (2, False)


def test_no_cookie_is_sent_back(scrape: Scrape, tmp_path: Path) -> None:
    host = ImageHost(robots=Answer(status=404, headers={"Set-Cookie": "seen=1; Path=/"}))
    with Sites(host) as sites:
        scraped = scrape(sites, tmp_path / "photos", [host.url("cookie", name) for name in "abc"])
        assert not any("cookie" in request.headers for request in sites.requests)
    assert scraped.errors == [""] * 3


def test_who_ignores_noai_says_so(scrape: Scrape, tmp_path: Path) -> None:
    host = ImageHost()
    tags = {"X-Robots-Tag": "otherbot: noindex\r\nX-Robots-Tag: noimageai"}
    two = Answering("two.example", lambda request: Answer(body=pictures.picture("b"), headers=tags))
    urls = [host.url("noai", "a"), "https://two.example/b.jpg"]
    with Sites(host, two) as sites:
        refused = scrape(sites, tmp_path / "refused", urls)
        ignored = scrape(sites, tmp_path / "ignored", urls, "--ignore-noai")
    assert ["noai" in error for error in refused.errors] == [True, True]
    assert refused.photos == set()
    assert ignored.errors == ["", ""]


def test_many_hosts_need_few_open_files(environment: dict[str, str], tmp_path: Path) -> None:
    hosts = [ImageHost(f"host-{number}.example") for number in range(110)]
    with Sites(*hosts) as sites:
        done = subprocess.run(
            ["python", "-m", "fashiontools", "scrape", "urls", "-o", tmp_path / "photos", *QUICK, *sites.flags],
            input="\n".join(host.url("ok", "a") for host in hosts),
            capture_output=True,
            text=True,
            env=environment,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96)),
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "110 rows, 110 done" in done.stderr


@pytest.mark.parametrize(
    "urls",
    [["busy-long/a.jpg"], *([f"{fault}/{name}.jpg" for name in "ab"] for fault in ("busy-long", "stall", "drip"))],
)
def test_ctrl_c_does_not_wait(
    start: Start, wait_for: Callable[[Callable[[], bool]], None], tmp_path: Path, urls: list[str]
) -> None:
    host = ImageHost()
    with Sites(host) as sites:
        flags = ("--max-wait", "1000000", "--retries", "3", *sites.flags)
        command = start("scrape", "urls", "-o", tmp_path / "photos", *flags, "--delay", "0.001")
        command.stdin.write("".join(f"https://{host.host}/{url}\n" for url in urls))
        command.stdin.close()
        wait_for(lambda: bool(asked(sites, host.host)))
        time.sleep(0.2)
        began = time.monotonic()
        os.kill(command.pid, signal.SIGINT)
        assert command.wait(timeout=60) == 130
        assert time.monotonic() - began < 2
        assert len(asked(sites, host.host)) == 1
    told = command.stderr.read()
    assert "Traceback" not in told
    assert "stopped; what is finished is kept" in told
