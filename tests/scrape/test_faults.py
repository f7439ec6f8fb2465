"""Every way in which a host of photos can misbehave, and what becomes of the row."""

import contextlib
import hashlib
import io
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scraping import LOOPBACK_ALONE, Scrape, Scraped
from sites import pictures
from sites.images import BEHAVIOURS, ImageHost, Pinimg
from sites.server import Sites

GOOD = {
    "ok": ".jpg", "png-as-jpg": ".png", "wrong-type": ".jpg", "relative": ".jpg", "once-500": ".jpg", "busy": ".jpg",
    "busy-date": ".jpg", "noai-other": ".jpg", "cookie": ".jpg", "hop-5": ".jpg",
}  # fmt: skip
BAD = {
    "html": "page", "html-as-jpg": "page", "xml-403": "HTTP 403", "gone": "HTTP 404", "empty": "empty",
    "truncated": "breaks off", "cut": "truncated", "big": "--max-bytes", "big-unannounced": "--max-bytes",
    "bomb": "50000 x 50000 pixels", "to-loopback": "private", "to-localhost": "private", "to-metadata": "http",
    "to-private": "private", "to-file": "not the URL of a web server", "to-http": "--allow-http",
    "loop": "more than 5 redirects", "hop-6": "more than 5 redirects",
    "reset": "breaks off", "always-500": "HTTP 500", "busy-long": "--max-wait",
    "noai": "--ignore-noai",
}  # fmt: skip
SLOW = {"drip": "--timeout", "stall": "falls silent", "stall-midway": "falls silent"}
TRIES = {
    "truncated": 2, "reset": 2, "always-500": 2, "once-500": 2, "busy": 2,
    "busy-date": 2, "loop": 6, "hop-5": 6, "hop-6": 6, "relative": 2,
}  # fmt: skip
HOSTS = {behaviour: ImageHost(f"{behaviour}.example") for behaviour in (*GOOD, *BAD, *SLOW)}


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    with Sites(*HOSTS.values()) as served:
        yield served


@pytest.fixture(scope="module")
def scraped(sites: Sites, scrape: Scrape, tmp_path_factory: pytest.TempPathFactory) -> Scraped:
    """One run over all that are quick, each on a host of its own."""
    urls = [HOSTS[behaviour].url(behaviour, behaviour) for behaviour in HOSTS if behaviour not in SLOW]
    flags = ("--retries", "1", "--max-bytes", "1000000", "--workers", "40")
    return scrape(sites, tmp_path_factory.mktemp("faults") / "photos", urls, *flags)


@pytest.fixture(scope="module")
def impatient(sites: Sites, scrape: Scrape, tmp_path_factory: pytest.TempPathFactory) -> Scraped:
    """One run over those that are slow."""
    urls = [HOSTS[behaviour].url(behaviour, behaviour) for behaviour in SLOW]
    flags = ("--retries", "1", "--timeout", "0.5", "--ignore-robots")
    return scrape(sites, tmp_path_factory.mktemp("faults") / "slow", urls, *flags)


@pytest.mark.parametrize("behaviour", SLOW)
def test_a_slow_photo_is_given_up(impatient: Scraped, sites: Sites, behaviour: str) -> None:
    row = row_of(impatient, behaviour)
    assert (row["status"], row["path"]) == ("failed", "")
    assert SLOW[behaviour] in row["error"]
    assert len(sites.of(f"{behaviour}.example")) == (1 if behaviour == "drip" else 2)
    assert impatient.photos == set()


def row_of(scraped: Scraped, behaviour: str) -> dict[str, str]:
    (row,) = (row for row in scraped.rows if f"/{behaviour}/" in row["source"])
    return row


def test_every_fault_is_tried() -> None:
    assert {*GOOD, *BAD, *SLOW} - {"hop-5", "hop-6"} == set(BEHAVIOURS)


@pytest.mark.parametrize("behaviour", GOOD)
def test_a_good_photo_is_kept_as_it_came(scraped: Scraped, behaviour: str) -> None:
    row = row_of(scraped, behaviour)
    assert (row["status"], row["error"]) == ("ok", "")
    assert row["path"].endswith(GOOD[behaviour])
    data = (scraped.folder / row["path"]).read_bytes()
    assert data == pictures.picture(behaviour, GOOD[behaviour][1:])
    image = Image.open(io.BytesIO(data))
    facts = (str(image.width), str(image.height), hashlib.sha256(data).hexdigest())
    assert (row["width"], row["height"], row["sha256"]) == facts
    assert row["path"].startswith(f"{behaviour}.example_{row['sha256'][:32]}.")


@pytest.mark.parametrize("behaviour", BAD)
def test_a_bad_photo_is_a_row_with_a_reason(scraped: Scraped, behaviour: str) -> None:
    row = row_of(scraped, behaviour)
    assert (row["status"], row["path"], row["width"], row["height"], row["sha256"]) == ("failed", "", "", "", "")
    assert BAD[behaviour] in row["error"]
    assert "\n" not in row["error"]
    assert len(row["error"]) < 120


def test_nothing_is_left_but_the_good_photos(scraped: Scraped) -> None:
    assert scraped.code == 0, scraped.stderr
    assert scraped.photos == {row["path"] for row in scraped.rows if row["status"] == "ok"}
    assert [row["source"] for row in scraped.rows] == [HOSTS[name].url(name, name) for name in (*GOOD, *BAD)]
    listed = len(GOOD) + len(BAD)
    absent = sum(reason.startswith(("HTTP 403", "HTTP 404")) for reason in BAD.values())
    counts = f"{listed} listed, {len(GOOD)} fetched, 0 already here, 0 duplicate, {absent} unavailable"
    assert f"{counts}, {len(BAD) - absent} failed" in scraped.stderr
    assert absent == 2


@pytest.mark.parametrize("behaviour", [*GOOD, *BAD])
def test_only_what_may_pass_is_asked_again(scraped: Scraped, sites: Sites, behaviour: str) -> None:
    assert scraped.rows
    paths = [request.path for request in sites.of(f"{behaviour}.example")]
    assert paths[0] == "/robots.txt"
    assert len(paths) == 1 + TRIES.get(behaviour, 1)


def test_nobody_else_is_asked(scraped: Scraped, impatient: Scraped, sites: Sites) -> None:
    assert scraped.rows
    assert impatient.rows
    assert {request.host for request in sites.requests} == {host.host for host in HOSTS.values()}
    assert {(request.scheme, request.method, request.body) for request in sites.requests} == {("https", "GET", b"")}
    assert not any("cookie" in request.headers for request in sites.requests)


def test_redirects_to_private_addresses_are_refused_over_http_too(scrape: Scrape, tmp_path: Path) -> None:
    host = ImageHost()
    urls = [host.url(behaviour, "a") for behaviour in ("to-metadata", "to-loopback", "to-http", "cookie", "ok")]
    with Sites(host) as sites:
        scraped = scrape(sites, tmp_path / "photos", urls, "--allow-http", *sites.plain_flags)
        assert [row["error"] for row in scraped.rows] == [
            "169.254.169.254 is a private address", "127.0.0.1 is a private address", "", "", ""
        ]  # fmt: skip
        assert {request.host for request in sites.requests} == {host.host}
        assert [request.path for request in sites.requests if request.scheme == "http"] == ["/robots.txt", "/ok/a.jpg"]
        assert not any("cookie" in request.headers for request in sites.requests)


def test_headers_that_drip_are_given_up(scrape: Scrape, tmp_path: Path) -> None:
    """Each byte comes in time, and the last one never."""

    class Drip(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1 << 16)
            self.request.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
            with contextlib.suppress(OSError):
                while not closing.wait(0.05):
                    self.request.sendall(b"x")

    closing = threading.Event()
    with Sites() as sites, socketserver.ThreadingTCPServer(("127.0.0.1", 0), Drip) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        detour = f"drip.example:80:127.0.0.1:{server.server_address[1]}"
        flags = ("--allow-http", "--ignore-robots", "--connect-to", detour, "--timeout", "0.3", "--retries", "3")
        scraped = scrape(sites, tmp_path / "photos", ["http://drip.example/a.jpg"], *flags)
        closing.set()
        server.shutdown()
    assert scraped.errors == ["not there after 3 s (--timeout)"]


def test_pinterest_has_a_photo_under_one_extension_or_denies_it(scrape: Scrape, tmp_path: Path) -> None:
    kinds = {"jpg": "a", "png-original": "b", "webp-original": "c", "no-original": "d", "up-to-736x": "e"}
    signatures = {kind: Pinimg.signature(name) for kind, name in kinds.items()}
    pins = Pinimg({signature: kind for kind, signature in signatures.items()})
    suffixes = {"jpg": "jpg", "png-original": "png", "webp-original": "webp"}
    good = {pins.url(signatures[kind], extension=suffix): suffix for kind, suffix in suffixes.items()}
    wrong = [pins.url(signatures["png-original"]), pins.url(signatures["no-original"]), pins.url("f" * 32)]
    small = pins.url(signatures["jpg"], "736x")
    with Sites(pins) as sites:
        scraped = scrape(sites, tmp_path / "photos", [*good, small, *wrong], "--retries", "3")
        assert len(sites.requests) == 1 + len(good) + 1 + len(wrong)
    assert scraped.errors == [*[""] * (len(good) + 1), *["HTTP 403"] * len(wrong)]
    names = [f"pinterest_{signatures[kind]}.{suffix}" for kind, suffix in suffixes.items()]
    assert [row["path"] for row in scraped.rows][:4] == [*names, f"pinterest_{signatures['jpg']}_736x.jpg"]
    assert [row["width"] for row in scraped.rows][:4] == ["375", "375", "375", "184"]
    for row in scraped.rows[:4]:
        assert hashlib.sha256((scraped.folder / row["path"]).read_bytes()).hexdigest() == row["sha256"]


def test_a_gif_becomes_a_png_of_its_first_picture(scrape: Scrape, tmp_path: Path) -> None:
    host = ImageHost()
    with Sites(host) as sites:
        scraped = scrape(sites, tmp_path / "photos", [host.url("ok", "a", "gif"), host.url("ok", "a", "webp")])
    gif, webp = (scraped.folder / row["path"] for row in scraped.rows)
    assert (gif.suffix, webp.suffix) == (".png", ".webp")
    wanted = Image.open(io.BytesIO(pictures.picture("a", "gif"))).convert("RGB")
    assert Image.open(gif).convert("RGB").tobytes() == wanted.tobytes()
    assert hashlib.sha256(gif.read_bytes()).hexdigest() == scraped.rows[0]["sha256"]


def test_squares_with_white_around(scrape: Scrape, tmp_path: Path) -> None:
    host = ImageHost()
    with Sites(host) as sites:
        flags = ("--size", "64", "--fit", "pad")
        scraped = scrape(sites, tmp_path / "photos", [host.url("ok", "a", kind) for kind in ("jpg", "png")], *flags)
    for row in scraped.rows:
        square = Image.open(scraped.folder / row["path"])
        assert (square.format, square.size) == ("JPEG", (64, 64))
        assert (row["width"], row["height"]) == ("64", "64")
        pixels = np.asarray(square).astype(int)  # 96 x 128 becomes 48 x 64, with 8 columns of white on either side
        assert pixels[:, [*range(6), *range(58, 64)]].min() > 240
        shown = Image.open(io.BytesIO(pictures.picture("a"))).resize((48, 64), Image.Resampling.BOX)
        assert np.abs(pixels[:, 8:56] - np.asarray(shown)).mean() < 8


@pytest.mark.parametrize(("host", "leaves"), [("192.0.2.1", True), ("127.0.0.1", False)])
def test_what_would_leave_loopback_is_noticed(host: str, leaves: bool) -> None:
    """The guard under which all other tests here run the command."""
    connect = f'import socket; socket.create_connection(("{host}", 1), timeout=5)'
    done = subprocess.run(
        [sys.executable, "-c", connect],
        env={**os.environ, **LOOPBACK_ALONE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert ("would leave loopback" in done.stderr) == leaves
