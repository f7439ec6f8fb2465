"""Reads photos once and finds the copies among them: by bytes, by look, by name."""

import hashlib
import os
from dataclasses import dataclass

import numpy as np

from fashiontools.core.errors import BadRow
from fashiontools.core.images import decode_with_header, read_bytes, reduced_scale
from fashiontools.core.manifest import Row, failed
from fashiontools.core.parallel import map_window, usable_cores, windows
from fashiontools.core.progress import Progress
from fashiontools.dedupe.alignment import luma
from fashiontools.dedupe.confirm import SIDE, thumbnail
from fashiontools.dedupe.hashing import hash_photos
from fashiontools.dedupe.looks import Looks
from fashiontools.dedupe.options import DedupeOptions
from fashiontools.dedupe.proposals import Proposals
from fashiontools.dedupe.stars import Match, drop_copies

_CONFLICTS_TOLD = 20


@dataclass
class _Photo:
    """A photo that could be read.

    Attributes:
        row: Its row.
        thumbnail: (3, 64, 64) uint8, until it is hashed.
        facts: `width`, `height`, `sha256`, `phash_scale`.
        is_reference: From `--against`: never dropped, never listed.
    """

    row: Row
    thumbnail: np.ndarray | None
    facts: dict[str, str]
    is_reference: bool = False


@dataclass(frozen=True)
class Copy:
    """A dropped photo.

    Attributes:
        row: Its row.
        kept: The row of the photo that it is a copy of.
        rule: `bytes`, `look` or `name`.
        match: How well.
    """

    row: Row
    kept: Row
    rule: str
    match: Match


class Finder:
    """Reads photos, then finds the copies among them."""

    def __init__(self, options: DedupeOptions, progress: Progress) -> None:
        self.options = options
        self._progress = progress
        self._workers = options.workers or usable_cores()
        self._photos: list[_Photo] = []
        self._hashes: list[np.ndarray] = []
        self._mirrored: list[np.ndarray] = []
        self._looks = Looks(self._workers, progress)

    # ------------------------------------------------------------------------------------------------------ reading

    def read(self, rows: list[Row], *, is_reference: bool) -> dict[int, Row]:
        """Read and hash photos.

        Returns:
            The rows as they are told: with facts, or bad; by the identity of the row that came in.
        """
        told: dict[int, Row] = {}
        for window in windows(self._progress.track(rows, "photos read")):
            photos = []
            for row, photo in zip(window, map_window(_read, window, workers=self._workers), strict=True):
                if isinstance(photo, BadRow):
                    told[id(row)] = failed(row, photo)
                    self._progress.detail(f"bad: {row.name}: {photo}")
                else:
                    photo.is_reference = is_reference
                    photos.append(photo)
            self._hash(photos)
            for photo in photos:
                told[id(photo.row)] = photo.row.having(**photo.facts, status="ok", error="")
        return told

    def _hash(self, photos: list[_Photo]) -> None:
        """Hash the thumbnails of photos, and leave them to whoever compares looks."""
        if not photos:
            return
        thumbnails = np.stack([photo.thumbnail for photo in photos])
        hashes, mirrored = hash_photos(luma(thumbnails.astype(np.float32))[:, 0])
        for photo, row in zip(photos, hashes, strict=True):
            photo.facts["phash"] = f"{int(row[0]):016x}"
            self._looks.add(photo.row["path"], photo.thumbnail)
            photo.thumbnail = None
        self._photos += photos
        self._hashes += list(hashes)
        self._mirrored += list(mirrored)

    # ------------------------------------------------------------------------------------------------------ finding

    def find(self) -> list[Copy]:
        """The copies, in the input's order."""
        rank = self._rank()
        same_bytes = self._same_bytes(rank) if "bytes" in self.options.rules else {}
        dropped = self._same_look(rank, same_bytes) if "look" in self.options.rules else {}
        found = {number: ("look", match) for number, match in dropped.items()}
        for number, first in same_bytes.items():
            # Where the first of equal files is itself a copy of a better photo, so are the others.
            found[number] = ("look", dropped[first]) if first in dropped else ("bytes", Match(first, 1.0, 0))
        if "name" in self.options.rules:
            found |= self._same_name(rank, set(found))
        return [
            Copy(self._photos[number].row, self._photos[match.kept].row, rule, match)
            for number, (rule, match) in sorted(found.items())
        ]

    def _rank(self) -> np.ndarray:
        """Position of each photo in the order of preference; references come first."""
        keys = [(not photo.is_reference, self._preference(photo)) for photo in self._photos]
        order = sorted(range(len(keys)), key=keys.__getitem__)  # stable: the input's order decides among equals
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        return rank

    def _preference(self, photo: _Photo) -> float:
        if self.options.prefer == "largest":
            return -float(photo.facts["width"]) * float(photo.facts["height"])
        if self.options.prefer == "first":
            return 0.0
        time = os.stat(photo.row["path"]).st_mtime
        return time if self.options.prefer == "oldest" else -time

    def _same_bytes(self, rank: np.ndarray) -> dict[int, int]:
        """Photos whose file is that of a better one, and which that is."""
        first: dict[str, int] = {}
        same: dict[int, int] = {}
        for number in np.argsort(rank):
            photo = self._photos[number]
            best = first.setdefault(photo.facts["sha256"], int(number))
            if best != number and not photo.is_reference:
                same[int(number)] = best
        return same

    def _same_look(self, rank: np.ndarray, same_bytes: dict[int, int]) -> dict[int, Match]:
        numbers = np.array([n for n in range(len(self._photos)) if n not in same_bytes], np.int64)
        if not len(numbers):
            return {}
        hashes, mirrored = (np.array(values)[numbers] for values in (self._hashes, self._mirrored))
        proposals = Proposals(hashes, mirrored, self.options.distance)
        protected = np.array([self._photos[number].is_reference for number in numbers])
        among = np.argsort(np.argsort(rank[numbers]))
        self._progress.line("comparing what looks alike")
        found = drop_copies(
            proposals, among, protected, lambda pairs: self._looks.scores(pairs, numbers), self.options.threshold
        )
        return {int(numbers[n]): match._replace(kept=int(numbers[match.kept])) for n, match in found.items()}

    def _same_name(self, rank: np.ndarray, dropped: set[int]) -> dict[int, tuple[str, Match]]:
        """The thesis's rule: the same file name in another folder; told, not dropped, where the pictures differ."""
        first: dict[str, int] = {}
        found: dict[int, tuple[str, Match]] = {}
        differing = []
        for number in map(int, np.argsort(rank)):
            photo = self._photos[number]
            best = first.setdefault(os.path.basename(photo.row["path"]), number) if number not in dropped else number
            if best == number or photo.is_reference:
                continue
            score = self._looks.compare(number, best)
            if score >= self.options.threshold:
                found[number] = ("name", Match(best, score, self._distance(number, best)))
            else:
                differing.append(f"{photo.row['path']} and {self._photos[best].row['path']} (score {score:.2f})")
        for pair in differing[:_CONFLICTS_TOLD]:
            self._progress.note(f"same name, different picture, kept: {pair}")
        if len(differing) > _CONFLICTS_TOLD:
            self._progress.note(f"... and {len(differing) - _CONFLICTS_TOLD:,} more such pairs")
        return found

    def _distance(self, first: int, second: int) -> int:
        return int(np.bitwise_count(self._hashes[first][0] ^ self._hashes[second][0]))


def _read(row: Row) -> _Photo:
    """Read a photo: its facts, and its thumbnail.

    Raises:
        BadRow: It cannot be read.
    """
    data = read_bytes(row["path"])
    header, pixels = decode_with_header(data, min_side=SIDE)
    facts = {
        "width": str(header.width),
        "height": str(header.height),
        "sha256": hashlib.sha256(data).hexdigest(),
        "phash_scale": str(reduced_scale(header.height, header.width, SIDE)),
    }
    return _Photo(row, thumbnail(pixels), facts)
