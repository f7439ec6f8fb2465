"""The photos that a folder has already: each is fetched once, however often it is asked for or the run is stopped."""

import json
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fashiontools.core.files import write_atomically
from fashiontools.scrape.photos import Photo

FETCHED = "fetched.log"


@dataclass(frozen=True)
class Kept:
    """What is known of a photo that lies in the folder.

    Attributes:
        name: Its file.
        source: The URL that it came from.
        width: Pixels.
        height: Pixels.
        sha256: Of the file.
    """

    name: str
    source: str
    width: int
    height: int
    sha256: str


def forget(folder: Path) -> None:
    """Remove the photos of a folder that an earlier run fetched, and then its log."""
    for kept in _logged(folder / FETCHED).values():
        (folder / kept.name).unlink(missing_ok=True)
    (folder / FETCHED).unlink(missing_ok=True)


class Store:
    """The photos of a folder, by the URL that was asked for.

    A line goes to `fetched.log` as soon as a photo's file stands under its name; a last line that was torn off is not
    counted, and its photo fetched again.

    Args:
        folder: The output folder.

    Attributes:
        added: The names of the photos that came since then.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder / FETCHED
        self._guard = threading.Lock()
        self.added: set[str] = set()
        self._kept = _logged(self._log)
        self._by_name = {kept.name: kept for kept in self._kept.values()}
        self._mend()

    def _mend(self) -> None:
        """Take off what was torn, so that the next line does not join it."""
        whole, newline, torn = self._log.read_bytes().rpartition(b"\n") if self._log.exists() else (b"", b"", b"")
        if torn:
            write_atomically(self._log, whole + newline)

    def get(self, url: str) -> Kept | None:
        """The photo of a URL, if it is here."""
        kept = self._kept.get(url)
        return kept if kept is not None and (self._folder / kept.name).is_file() else None

    def put(self, url: str, photo: Photo) -> Kept:
        """Write a photo under its name, and remember it."""
        kept = Kept(photo.name, photo.source, photo.width, photo.height, photo.sha256)
        with self._guard:
            there = self._by_name.get(photo.name)  # the same photo may stand under two URLs
            if there is not None and (self._folder / photo.name).is_file():
                kept = replace(there, source=photo.source)
            else:
                write_atomically(self._folder / photo.name, photo.data)
                self._by_name[photo.name] = kept
                self.added.add(photo.name)
            with open(self._log, "ab") as log:
                log.write(json.dumps({"url": url, **asdict(kept)}).encode() + b"\n")
            self._kept[url] = kept
        return kept


def _logged(log: Path) -> dict[str, Kept]:
    """The photos of a log, by URL; lines that are not ours, as after a power cut, are passed over."""
    kept = {}
    for line in log.read_bytes().splitlines(keepends=True) if log.exists() else []:
        try:
            entry = json.loads(line) if line.endswith(b"\n") else {}
            url = entry.pop("url")
            kept[url] = Kept(**entry)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return kept
