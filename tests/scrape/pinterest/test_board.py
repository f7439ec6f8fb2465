"""A board with everything that boards have: every own photo is fetched once, and nothing else."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from pinning import IMAGES, SOON, WWW, asked_for, boards, feeds_asked, files_of, found_in, photos_of, shown_by
from scraping import Scraped
from sites import pictures
from sites.images import WIDTHS, Pinimg
from sites.pinterest import Pinterest, drawn_board, signatures_of
from sites.server import Request, Sites

ScrapePins = Callable[..., Scraped]
BOARD = drawn_board(
    "/anna/rich/",
    120,
    pngs=8,
    webps=8,
    twins=3,
    carousels=3,
    videos=3,
    stories=2,
    slugs=6,
    faults={1: "500-once", 2: "429-once", 3: "500-once", 4: "repeat-bookmark", 5: "stall-once"},
    wall="modal",
    cookie_banner=True,
    **SOON,
)
PLAIN = [pin for pin in BOARD.own if pin.kind == "photo" and pin.extension == "jpg"]
SMALLER = {PLAIN[3].signature: "1200x", PLAIN[30].signature: "736x", PLAIN[-1].signature: "1200x"}
PHOTOS = signatures_of([BOARD]) | {
    signature: "no-original" if size == "1200x" else "up-to-736x" for signature, size in SMALLER.items()
}
PINS = {pin.id: pin for pin in BOARD.pins}
SITES = (Pinterest([BOARD], patience=1.0), Pinimg(PHOTOS))


@dataclass
class Whole:
    """The board, fetched, and what was asked for then."""

    scraped: Scraped
    requests: list[Request]
    feeds: list[Request]


@pytest.fixture(scope="module")
def whole(scrape_pins: ScrapePins, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with Sites(*SITES) as sites:
        folder = tmp_path_factory.mktemp("rich") / "raw"
        scraped = scrape_pins(sites, folder, *boards(BOARD), "--contact", "mail@example.org")
        assert scraped.code == 0, scraped.stderr
        yield Whole(scraped, sites.requests, feeds_asked(sites))


def file_of(signature: str) -> tuple[str, str, bytes]:
    """The name, the size and the bytes that the photo with a signature should have."""
    size = SMALLER.get(signature, "originals")
    extension = {"png-original": "png", "webp-original": "webp"}.get(PHOTOS[signature], "jpg")
    width = WIDTHS[size]
    body = pictures.picture(signature, extension, width, width * pictures.HEIGHT // pictures.WIDTH)
    tail = "" if size == "originals" else f"_{size}"
    return f"pinterest_{signature}{tail}.{extension}", size, body


def test_every_own_photo_has_one_row_in_the_order_of_the_board(whole: Whole) -> None:
    assert found_in(whole.scraped.rows) == photos_of(BOARD)
    assert found_in(whole.scraped.printed) == photos_of(BOARD)
    assert {row["status"] for row in whole.scraped.rows} == {"ok"}


def test_of_a_carousel_every_photo_and_of_twins_one_file(whole: Whole) -> None:
    photos = Counter(pin for pin, _ in found_in(whole.scraped.rows))
    assert {pin for pin, count in photos.items() if count == 3} == {
        pin.id for pin in BOARD.own if pin.kind == "carousel"
    }
    files = Counter(row["path"] for row in whole.scraped.rows)
    assert sorted(files.values())[-4:] == [1, 2, 2, 2]
    assert len(asked_for(whole.requests)) == len(set(asked_for(whole.requests)))


def test_a_file_is_named_by_its_signature_and_has_its_bytes(whole: Whole) -> None:
    expected = {name: body for name, _, body in map(file_of, {shown for _, shown in photos_of(BOARD)})}
    assert files_of(whole.scraped) == set(expected)
    assert all((whole.scraped.folder / name).read_bytes() == body for name, body in expected.items())


def test_what_a_row_says(whole: Whole) -> None:
    for row, (pin, signature) in zip(whole.scraped.rows, photos_of(BOARD), strict=True):
        name, size, _ = file_of(signature)
        file = whole.scraped.folder / row["path"]
        assert (row["path"], row["pin"], row["page"]) == (name, pin, f"https://{WWW}/pin/{pin}/")
        assert row["source"] == Pinimg({}).url(signature, extension=PINS[pin].extension)
        assert row["title"] == PINS[pin].title
        assert row["alt"].split() == PINS[pin].alt.split()
        assert (row["board"], row["size_asked"], row["size_got"]) == ("anna/rich", "originals", size)
        assert (int(row["width"]), int(row["height"])) == Image.open(file).size
        assert row["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_receipt_counts_all_that_was_met(whole: Whole) -> None:
    rows, files = len(photos_of(BOARD)), len(files_of(whole.scraped))
    ads = len(BOARD.pins) - len(BOARD.own)
    told = (
        f"receipt: {rows} listed, {files} fetched, 0 already here, {rows - files} duplicate, "
        f"{ads} promoted, 2 story, 3 video, 0 unavailable, 0 failed"
    )
    assert told in whole.scraped.stderr
    assert "https://www.pinterest.com/anna/rich/: 120 found, the site says 120 Pins (" in whole.scraped.stderr
    assert f"in all {files} scraped, {files} distinct by name" in whole.scraped.stderr


def test_the_first_candidate_that_is_there_is_taken_and_no_other_is_asked(whole: Whole) -> None:
    asked = asked_for(whole.requests)
    for signature, size in SMALLER.items():
        tried = [path.split("/")[1] for path in asked if signature in path]
        assert tried == ["originals"] * 4 + (["1200x"] if size == "1200x" else ["1200x", "736x"])
    assert len(asked) == len(files_of(whole.scraped)) + 2 * 4 + 4 + 1


def test_nobody_but_the_site_and_its_images_was_asked(whole: Whole) -> None:
    assert {request.host for request in whole.requests} == {WWW, IMAGES}


def test_the_host_of_images_gets_no_cookie(whole: Whole) -> None:
    images = [request for request in whole.requests if request.host == IMAGES]
    assert images and not any("cookie" in request.headers for request in images)
    assert any("cookie" in request.headers for request in whole.feeds), "the browser has cookies to keep"


def test_all_requests_say_who_asks_and_how_to_reach_them(whole: Whole) -> None:
    name = re.compile(r"fashiontools/\S+ \(\+mail@example\.org\)")
    assert all(name.search(request.headers["user-agent"]) for request in whole.requests)
    assert all("Chrom" in request.headers["user-agent"] for request in whole.feeds)


def test_robots_txt_comes_before_all_else(whole: Whole) -> None:
    for host in (WWW, IMAGES):
        paths = [request.path for request in whole.requests if request.host == host]
        assert paths[0] == "/robots.txt"
        assert paths.count("/robots.txt") == 1


@pytest.mark.slow
def test_stories_videos_and_promoted_pins_on_request(scrape_pins: ScrapePins, whole: Whole, tmp_path: Path) -> None:
    kinds = ("photo", "carousel", "story", "video", "promoted")
    with Sites(*SITES) as sites:
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(BOARD), "--include", "story,video,promoted")
    assert scraped.code == 0, scraped.stderr
    assert found_in(scraped.rows) == photos_of(BOARD, kinds=kinds)
    assert len([row for row in scraped.rows if PINS[row["pin"]].kind == "story"]) == sum(
        len(shown_by(pin)) for pin in BOARD.own if pin.kind == "story"
    )
    ads = [row for row in scraped.rows if PINS[row["pin"]].kind == "promoted"]
    assert [row["link"] for row in ads] == [pin.link for pin in BOARD.pins if pin.kind == "promoted"]
    assert "promoted" not in scraped.stderr.partition("receipt: ")[2].partition("\n")[0]


def test_squares_on_request_come_from_the_same_photos(scrape_pins: ScrapePins, whole: Whole, tmp_path: Path) -> None:
    with Sites(*SITES) as sites:
        flags = ("--limit", "6", "--size", "64", "--fit", "crop")
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(BOARD), *flags)
    assert found_in(scraped.rows) == found_in(whole.scraped.rows)[: len(scraped.rows)]
    assert {Image.open(scraped.folder / name).size for name in files_of(scraped)} == {(64, 64)}
    assert {Path(name).suffix for name in files_of(scraped)} == {".jpg"}
