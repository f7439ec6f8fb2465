"""The local hosts of images: each behaviour as a client and a decoder of another make see it."""

import contextlib
import io
import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import pytest
import urllib3
from PIL import Image, UnidentifiedImageError

from sites import pictures
from sites.clients import pool_of
from sites.images import ImageHost, Pinimg
from sites.server import Sites

IMAGES = ImageHost("images.example")
PINS = Pinimg(
    {
        Pinimg.signature("a"): "jpg",
        Pinimg.signature("b"): "png-original",
        Pinimg.signature("c"): "webp-original",
        Pinimg.signature("d"): "no-original",
        Pinimg.signature("e"): "up-to-736x",
    }
)
IMPATIENT = urllib3.Timeout(connect=5, read=0.5)
FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
Get = Callable[..., urllib3.BaseHTTPResponse]


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    with Sites(IMAGES, PINS) as served:
        yield served


@pytest.fixture
def get(sites: Sites) -> Iterator[Get]:
    """GET a URL of one of our hosts."""
    with contextlib.ExitStack() as pools:

        def ask(url: str, **settings: object) -> urllib3.BaseHTTPResponse:
            parts = urlsplit(url)
            pool = pools.enter_context(pool_of(sites, str(parts.hostname)))
            return pool.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path, **settings)

        yield ask


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("extension", FORMATS)
def test_a_good_photo(get: Get, extension: str) -> None:
    answer = get(IMAGES.url("ok", "a", extension))
    assert opened(answer.data).format == FORMATS[extension]
    assert opened(answer.data).size == (96, 128)
    assert answer.headers["Content-Type"] == Image.MIME[FORMATS[extension]]
    assert get(IMAGES.url("ok", "a", extension) + "?width=1").data == answer.data
    assert get(IMAGES.url("ok", "b", extension)).data != answer.data


def test_same_names_show_the_same(get: Get) -> None:
    assert get(IMAGES.url("ok", "same-1")).data == get(IMAGES.url("ok", "same-2")).data


@pytest.mark.parametrize("path", ["/", "/ok/a.bmp", "/unheard-of/a.jpg", "/ok/a", "/ok/b/a.jpg"])
def test_no_such_photo(get: Get, path: str) -> None:
    assert get(f"https://{IMAGES.host}{path}").status == 404


def test_right_bytes_under_wrong_names(get: Get) -> None:
    png = get(IMAGES.url("png-as-jpg", "a"))
    assert (opened(png.data).format, png.headers["Content-Type"]) == ("PNG", "image/jpeg")
    typed = get(IMAGES.url("wrong-type", "a"))
    assert (opened(typed.data).format, typed.headers["Content-Type"]) == ("JPEG", "text/plain")


@pytest.mark.parametrize(
    ("behaviour", "status", "kind"),
    [("html", 200, "text/html"), ("html-as-jpg", 200, "image/jpeg"), ("xml-403", 403, "application/xml")],
)
def test_pages_instead_of_photos(get: Get, behaviour: str, status: int, kind: str) -> None:
    answer = get(IMAGES.url(behaviour, "a"))
    assert (answer.status, answer.headers["Content-Type"]) == (status, kind)
    assert answer.data.startswith(b"<")
    with pytest.raises(UnidentifiedImageError):
        opened(answer.data)


def test_nothing_instead_of_photos(get: Get) -> None:
    assert get(IMAGES.url("gone", "a")).status == 404
    empty = get(IMAGES.url("empty", "a"))
    assert (empty.status, empty.data, empty.headers["Content-Type"]) == (200, b"", "image/jpeg")


def test_half_of_a_photo(get: Get) -> None:
    whole = get(IMAGES.url("ok", "a")).data
    truncated = get(IMAGES.url("truncated", "a"), preload_content=False)
    assert int(truncated.headers["Content-Length"]) == len(whole)
    with pytest.raises(urllib3.exceptions.ProtocolError, match="IncompleteRead"):
        truncated.read()
    cut = get(IMAGES.url("cut", "a"))
    assert int(cut.headers["Content-Length"]) == len(cut.data) == len(whole) // 2
    with pytest.raises(OSError, match="truncated"):
        opened(cut.data)


def test_big_photos_are_photos(get: Get) -> None:
    announced, unannounced = (get(IMAGES.url(behaviour, "a")) for behaviour in ("big", "big-unannounced"))
    assert int(announced.headers["Content-Length"]) == len(announced.data) >= 40_000_000
    assert "Content-Length" not in unannounced.headers
    assert unannounced.data == announced.data
    assert opened(announced.data).tobytes() == opened(get(IMAGES.url("ok", "a")).data).tobytes()


def test_big_photos_are_made_piece_by_piece() -> None:
    pictures.picture("a")
    tracemalloc.start()
    try:
        assert sum(map(len, pictures.big("a"))) == pictures.big_length("a")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_a_bomb_is_small_and_claims_much(get: Get) -> None:
    bomb = get(IMAGES.url("bomb", "a")).data
    assert len(bomb) < 1_000
    assert struct.unpack(">II", bomb[16:24]) == (50_000, 50_000)


def test_redirects(get: Get, sites: Sites) -> None:
    places = {
        "to-loopback": f"https://127.0.0.1:{sites.port}/ok/a.jpg",
        "to-localhost": f"https://localhost:{sites.port}/ok/a.jpg",
        "to-metadata": "http://169.254.169.254/latest/",
        "to-private": "https://192.168.0.1/ok/a.jpg",
        "to-file": "file:///etc/passwd",
        "to-http": f"http://{IMAGES.host}/ok/a.jpg",
        "loop": f"https://{IMAGES.host}/loop/a.jpg",
        "relative": "../ok/a.jpg",
    }
    for behaviour, place in places.items():
        answer = get(IMAGES.url(behaviour, "a"))
        assert (answer.status, answer.headers["Location"]) == (302, place)
    assert urljoin(IMAGES.url("relative", "a"), places["relative"]) == IMAGES.url("ok", "a")


def test_who_follows_a_redirect_to_us_by_address_is_in_the_log(get: Get, sites: Sites) -> None:
    for behaviour, host in (("to-loopback", "127.0.0.1"), ("to-localhost", "localhost")):
        place = get(IMAGES.url(behaviour, "a")).headers["Location"]
        with urllib3.PoolManager(ca_certs=str(sites.cafile), retries=False) as careless:
            assert careless.request("GET", place).status == 421
        assert [request.path for request in sites.of(host)] == ["/ok/a.jpg"]


def test_hops_end_at_the_photo(get: Get) -> None:
    url, statuses = IMAGES.url("hop-5", "a"), []
    while (answer := get(url)).status != 200:
        statuses.append(answer.status)
        url = answer.headers["Location"]
    assert sorted(statuses) == [301, 302, 303, 307, 308]
    assert answer.data == get(IMAGES.url("ok", "a")).data


def test_a_drip_is_slow(get: Get) -> None:
    began = time.monotonic()
    answer = get(IMAGES.url("drip", "a"), preload_content=False)
    assert answer.read(3) == b"\xff\xd8\xff"
    assert 0.4 <= time.monotonic() - began < 10.0  # all of it takes minutes
    answer.close()


def test_a_stall_before_the_first_byte(get: Get) -> None:
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        get(IMAGES.url("stall", "a"), timeout=IMPATIENT)


def test_a_stall_half_way(get: Get) -> None:
    answer = get(IMAGES.url("stall-midway", "a"), timeout=IMPATIENT, preload_content=False)
    half = len(pictures.picture("a")) // 2
    assert answer.read(half) == pictures.picture("a")[:half]
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        answer.read(1)


def test_a_connection_that_breaks(get: Get) -> None:
    with pytest.raises(urllib3.exceptions.ProtocolError, match="without response"):
        get(IMAGES.url("reset", "a"))


@pytest.mark.parametrize(("behaviour", "refusal"), [("once-500", 500), ("busy", 429), ("busy-date", 429)])
def test_refusals_that_pass(get: Get, behaviour: str, refusal: int) -> None:
    for name in ("first", "second"):
        url = IMAGES.url(behaviour, name)
        assert [get(url).status for _ in range(3)] == [refusal, 200, 200]
    assert opened(get(url).data).format == "JPEG"


@pytest.mark.parametrize(("behaviour", "refusal"), [("always-500", 500), ("busy-long", 429)])
def test_refusals_that_stay(get: Get, behaviour: str, refusal: int) -> None:
    assert [get(IMAGES.url(behaviour, "a")).status for _ in range(3)] == [refusal] * 3


def test_retry_after(get: Get) -> None:
    assert get(IMAGES.url("busy", "once")).headers["Retry-After"] == "1"
    assert get(IMAGES.url("busy-long", "once")).headers["Retry-After"] == "86400"
    asked = datetime.now(UTC)
    date = parsedate_to_datetime(get(IMAGES.url("busy-date", "once")).headers["Retry-After"])
    assert timedelta(seconds=1) < date - asked < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("behaviour", "name", "value"),
    [
        ("noai", "X-Robots-Tag", "noai, noimageai"),
        ("noai-other", "X-Robots-Tag", "otherbot: noai"),
        ("cookie", "Set-Cookie", "visitor=8c1f; Path=/; Secure"),
    ],
)
def test_good_photos_with_a_header(get: Get, behaviour: str, name: str, value: str) -> None:
    answer = get(IMAGES.url(behaviour, "a"))
    assert answer.headers[name] == value
    assert answer.data == get(IMAGES.url("ok", "a")).data


SMALL = dict.fromkeys(("236x", "474x", "564x", "736x"), "jpg")


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("a", {**SMALL, "1200x": "jpg", "originals": "jpg"}),
        ("b", {**SMALL, "1200x": "jpg", "originals": "png"}),
        ("c", {**SMALL, "1200x": "jpg", "originals": "webp"}),
        ("d", {**SMALL, "1200x": "jpg"}),
        ("e", SMALL),
        ("unknown", {}),
    ],
)
def test_pinterest_has_each_size_under_one_extension_or_denies_it(get: Get, name: str, there: dict[str, str]) -> None:
    signature, widths = Pinimg.signature(name), []
    for size in ("236x", "474x", "564x", "736x", "1200x", "originals", "60x60"):
        for extension in ("jpg", "png", "webp", "gif"):
            answer = get(PINS.url(signature, size, extension))
            if there.get(size) == extension:
                assert (answer.status, opened(answer.data).format) == (200, FORMATS[extension])
                assert answer.headers["Content-Type"] == Image.MIME[FORMATS[extension]]
                widths.append(opened(answer.data).width)
            else:
                assert (answer.status, answer.headers["Content-Type"]) == (403, "application/xml")
                assert b"<Code>AccessDenied</Code>" in answer.data
    assert len(widths) == len(there)
    assert widths == sorted(set(widths))


def test_pinterest_files_by_the_first_digits_of_the_signature(get: Get) -> None:
    url = PINS.url(Pinimg.signature("a"))
    assert url == "https://i.pinimg.com/originals/0c/c1/75/0cc175b9c0f1b6a831c399e269772661.jpg"
    assert get(url).status == 200
    assert get(url.replace("/0c/c1/75/", "/0c/c1/76/")).status == 403
