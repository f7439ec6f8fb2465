"""The photos that a folder has already: each is fetched once, however often it is asked for or the run is stopped."""

import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fashiontools.core.files import write_atomically
from fashiontools.scrape.lines import Lines
from fashiontools.scrape.photos import Photo

FETCHED = "fetched.log"


@dataclass(frozen=True)
class Kept:
    """What is known of a photo that lies in the folder.

    Attributes:
        name: Its file, relative to the folder.
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


@dataclass(frozen=True)
class Place:
    """Where a photo is to lie.

    Attributes:
        folder: Relative to the output folder, of safe names; empty for the folder itself.
        stem: Its file's name without suffix; empty for the name that tells the same photo from others.
    """

    folder: str = ""
    stem: str = ""

    def name_of(self, photo: Photo | Kept) -> str:
        """The photo's file, relative to the output folder."""
        own = Path(photo.name)
        name = self.stem + own.suffix if self.stem else own.name
        return f"{self.folder}/{name}" if self.folder else name


def forget(folder: Path) -> None:
    """Remove the photos of a folder that an earlier run fetched, and then its log."""
    for kept, _, _ in _logged(Lines(folder / FETCHED)):
        (folder / kept.name).unlink(missing_ok=True)
    (folder / FETCHED).unlink(missing_ok=True)


class Store:
    """The photos of a folder, by the URL that was asked for and by place.

    A line goes to `fetched.log` as soon as a photo's file stands under its name.

    Args:
        folder: The output folder.

    Attributes:
        added: The files that came since then.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self.added: set[str] = set()
        self._log = Lines(folder / FETCHED)
        self._kept: dict[tuple[str, Place], Kept] = {}
        self._by_url: dict[str, Kept] = {}
        self._by_name: dict[str, Kept] = {}
        for kept, url, place in _logged(self._log):
            self._remember(url, place, kept)

    def get(self, url: str, place: Place) -> Kept | None:
        """The photo of a URL at a place, if it is here; one that lies elsewhere in the folder is copied there."""
        with self._guard:
            kept = self._kept.get((url, place))
            if kept is not None and self._is_there(kept):
                return kept
            other = self._by_url.get(url)
            if other is None or not self._is_there(other):
                return None
            data = (self._folder / other.name).read_bytes()
            return self._write(url, place, replace(other, name=place.name_of(other)), data)

    def put(self, url: str, place: Place, photo: Photo) -> Kept:
        """Write a photo at its place, and remember it."""
        name = place.name_of(photo)
        kept = Kept(name, photo.source, photo.width, photo.height, photo.sha256)
        with self._guard:
            return self._write(url, place, kept, photo.data)

    def _write(self, url: str, place: Place, kept: Kept, data: bytes) -> Kept:
        there = self._by_name.get(kept.name)  # the same photo may stand under two URLs
        if there is not None and self._is_there(there):
            kept = replace(there, source=kept.source)
        else:
            file = self._folder / kept.name
            write_atomically(file, data, durable=True)
            self.added.add(str(file))
        entry = {"url": url, **asdict(kept)} | ({"place": asdict(place)} if place != Place() else {})
        self._log.add(entry)
        self._remember(url, place, kept)
        return kept

    def _remember(self, url: str, place: Place, kept: Kept) -> None:
        self._kept[url, place] = self._by_url[url] = kept
        self._by_name[kept.name] = kept

    def _is_there(self, kept: Kept) -> bool:
        return (self._folder / kept.name).is_file()


def _logged(log: Lines) -> Iterator[tuple[Kept, str, Place]]:
    """The photos of a log, with the URL that was asked for and the place; lines that are not ours are passed over."""
    for _, entry in log:
        try:
            url, place = entry.pop("url"), Place(**entry.pop("place", {}))
            if ".." not in Path(entry["name"]).parts and not Path(entry["name"]).is_absolute():
                yield Kept(**entry), url, place
        except (KeyError, TypeError):
            continue
