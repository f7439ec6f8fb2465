"""Reads photos once and finds the copies among them: by bytes, by look, by name."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fashiontools.core.errors import BadRow
from fashiontools.core.manifest import Row, failed
from fashiontools.core.parallel import usable_cores
from fashiontools.core.progress import Progress
from fashiontools.dedupe.looks import Looks
from fashiontools.dedupe.options import DedupeOptions
from fashiontools.dedupe.proposals import Proposals
from fashiontools.dedupe.reading import read_blocks
from fashiontools.dedupe.stars import Match, drop_copies

_CONFLICTS_TOLD = 20


@dataclass
class _Photo:
    """A photo that could be read.

    Attributes:
        row: Its row.
        facts: `width`, `height`, `sha256`, `phash`, `phash_scale`.
        is_reference: From `--against`: never dropped, never listed.
    """

    row: Row
    facts: dict[str, str]
    is_reference: bool = False

    def distance(self, other: "_Photo") -> int:
        """Bits in which the hashes differ."""
        return (int(self.facts["phash"], 16) ^ int(other.facts["phash"], 16)).bit_count()


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
        self._looks = Looks(self._workers, options.threshold, progress)

    # ------------------------------------------------------------------------------------------------------ reading

    def read(self, rows: Iterable[Row]) -> dict[int, Row]:
        """Read and hash photos.

        Args:
            rows: One row per file: photos of the same bytes count as copies.

        Returns:
            The rows as they are told: with facts, or bad; by the identity of the row that came in.
        """
        told: dict[int, Row] = {}
        for block in read_blocks(self._progress.track(rows, "photos read"), workers=self._workers):
            good = []
            for row, facts in zip(block.rows, block.facts, strict=True):
                if isinstance(facts, BadRow):
                    told[id(row)] = failed(row, facts)
                    self._progress.detail(f"bad: {row.name}: {facts}")
                else:
                    told[id(row)] = row.having(**facts, status="ok", error="")
                    good.append(_Photo(row, facts))
            self._photos += good
            self._looks.add([photo.row["path"] for photo in good], block.thumbnails)
            self._hashes.append(block.hashes)
            self._mirrored.append(block.mirrored)
        return told

    def protect(self, rows: set[int]) -> int:
        """Make references of photos that were read.

        Args:
            rows: The identities of their rows.

        Returns:
            How many of them could be read.
        """
        found = [photo for photo in self._photos if id(photo.row) in rows]
        for photo in found:
            photo.is_reference = True
        return len(found)

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
        hashes, mirrored = (np.concatenate(blocks)[numbers] for blocks in (self._hashes, self._mirrored))
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
                found[number] = ("name", Match(best, score, photo.distance(self._photos[best])))
            else:
                differing.append(f"{photo.row['path']} and {self._photos[best].row['path']} (score {score:.2f})")
        for pair in differing[:_CONFLICTS_TOLD]:
            self._progress.note(f"same name, different picture, kept: {pair}")
        if len(differing) > _CONFLICTS_TOLD:
            self._progress.note(f"... and {len(differing) - _CONFLICTS_TOLD:,} more such pairs")
        return found
