"""What tests of `scrape pinterest` share: its flags, what a board should give, and the processes of its browser."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from manifests import Rows
from scraping import Scraped
from sites.images import Pinimg
from sites.pinterest import Board, Pin, Pinterest, signatures_of
from sites.server import Request, Sites

IMAGES = "i.pinimg.com"
WWW = "www.pinterest.com"
SOON: dict[str, Any] = {"feed_delay": (0.0, 0.01)}
QUICK = ("--delay", "0.001", "--timeout", "10")
LOGS = {"manifest.csv", "rows.log", "run.json", "fetched.log", "listed.log"}


def copy_of(*boards: Board, **settings: Any) -> Sites:
    """The site with these boards, and the host of their images; to be opened."""
    return Sites(Pinterest(boards, **settings), Pinimg(signatures_of(boards)))


def board_url(board: Board, host: str = WWW) -> str:
    return f"https://{host}{board.path}"


def boards(*of: Board) -> list[str]:
    """The flags that name boards."""
    return [word for board in of for word in ("--board", board_url(board))]


def shown_by(pin: Pin) -> tuple[str, ...]:
    """The signatures of a pin's photos."""
    return pin.slots or (pin.signature,)


def photos_of(board: Board, *, kinds: tuple[str, ...] = ("photo", "carousel")) -> list[tuple[str, str]]:
    """The pin and the signature of each photo that is to be fetched, in the order of the board."""
    return [(pin.id, shown) for pin in board.pins if pin.kind in kinds for shown in shown_by(pin)]


def found_in(rows: Rows) -> list[tuple[str, str]]:
    """The pin and the signature of each row."""
    return [(row["pin"], row["source"].rpartition("/")[2].partition(".")[0]) for row in rows]


def files_of(scraped: Scraped) -> set[str]:
    """The photos in the folder."""
    return scraped.photos - LOGS


def asked_for(requests: list[Request]) -> list[str]:
    """The paths that were asked of the host of images, without robots.txt."""
    return [request.path for request in requests if request.host == IMAGES and request.path != "/robots.txt"]


def feeds_asked(sites: Sites) -> list[Request]:
    """The requests for pages of feeds of boards, not of foreign pins."""
    return [request for request in sites.of(WWW) if "/BoardFeedResource/" in request.path]


# ------------------------------------------------------------------------------------------------------- processes


def processes() -> Iterator[int]:
    """The processes that live; those that are dead and not yet buried do not."""
    for name in os.listdir("/proc"):
        if name.isdecimal() and _read(name, "stat").rpartition(b")")[2].split()[:1] not in ([], [b"Z"], [b"X"]):
            yield int(name)


def words_of(pid: int) -> list[str]:
    """The command line of a process; empty where it is gone."""
    return _read(str(pid), "cmdline").decode(errors="replace").split("\0")


def environment_of(pid: int) -> bytes:
    return _read(str(pid), "environ")


def parent_of(pid: int) -> int:
    fields = _read(str(pid), "stat").rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def below(pid: int) -> set[int]:
    """All that a process started, and what that started, as far as it lives; its browser has a session of its own."""
    family = {pid}
    living = {child: parent_of(child) for child in processes()}
    while more := {child for child, parent in living.items() if parent in family} - family:
        family |= more
    return family - {pid}


def scratch_folders(temporary: Path) -> list[Path]:
    """What browsers have left in the folder for temporary files."""
    return sorted(temporary.glob("fashiontools-browser-*"))


def _read(pid: str, name: str) -> bytes:
    try:
        return Path("/proc", pid, name).read_bytes()
    except OSError:
        return b""
