"""The photos that a folder has already: each is fetched once, however often it is asked for or the run is stopped."""

import json
import threading
from dataclasses import asdict, dataclass
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


class Store:
    """The photos of a folder, by the URL that was asked for.

    A line goes to `fetched.log` as soon as a photo's file stands under its name; a last line that was torn off is not
    counted, and its photo fetched again.

    Args:
        folder: The output folder.
        forget: Begin with nothing: the log of an earlier run goes.

    Attributes:
        added: Photos that came since then.
    """

    def __init__(self, folder: Path, *, forget: bool = False) -> None:
        self._folder = folder
        self._log = folder / FETCHED
        self._guard = threading.Lock()
        self.added = 0
        if forget:
            self._log.unlink(missing_ok=True)
        self._kept = self._read()
        self._names = {kept.name for kept in self._kept.values()}

    def _read(self) -> dict[str, Kept]:
        try:
            whole, _, torn = self._log.read_bytes().rpartition(b"\n")
        except FileNotFoundError:
            return {}
        if torn:
            write_atomically(self._log, whole + b"\n" if whole else b"")
        kept = {}
        for line in whole.splitlines():
            entry = json.loads(line)
            url = entry.pop("url")
            kept[url] = Kept(**entry)
        return kept

    def get(self, url: str) -> Kept | None:
        """The photo of a URL, if it is here."""
        kept = self._kept.get(url)
        return kept if kept is not None and (self._folder / kept.name).is_file() else None

    def put(self, url: str, photo: Photo) -> Kept:
        """Write a photo under its name, and remember it."""
        kept = Kept(photo.name, photo.source, photo.width, photo.height, photo.sha256)
        with self._guard:
            if photo.name not in self._names:  # the same photo may stand under two URLs
                write_atomically(self._folder / photo.name, photo.data)
                self._names.add(photo.name)
            with open(self._log, "ab") as log:
                log.write(json.dumps({"url": url, **asdict(kept)}).encode() + b"\n")
            self._kept[url] = kept
            self.added += 1
        return kept
