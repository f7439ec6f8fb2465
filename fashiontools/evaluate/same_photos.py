"""Which photo of the detections is which photo of the reference."""

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from fashiontools.core.errors import BadRow
from fashiontools.core.names import stem

BY_PATH, BY_DIGEST, BY_NAME = "their files", "SHA-256", "their names"


class Photo(Protocol):
    """A photo that somebody names.

    Attributes:
        path: Absolute.
        digest: SHA-256 in hex, or empty.
    """

    path: str
    digest: str


@lru_cache(maxsize=4096)
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)


def real_path(path: str) -> str:
    """`os.path.realpath`, which is slow: photos share their folders. A name that no file can have stays as it is."""
    folder, name = os.path.split(path)
    try:
        joined = os.path.join(_real_folder(folder), name)
        return os.path.realpath(joined) if os.path.islink(joined) else joined
    except ValueError:
        return path


def digest_of(photo: Photo) -> str:
    """The SHA-256 of a photo's file, read where it is not known yet; empty where it cannot be read."""
    if not photo.digest:
        try:
            with open(photo.path, "rb") as stream:
                photo.digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except (OSError, ValueError):  # ValueError: no such name can be
            return ""
    return photo.digest


def find_photos(photos: Sequence[Photo], images: Sequence[Photo]) -> tuple[list[int | BadRow | None], str]:
    """Find photos among those of the reference.

    The same file is the same photo, and so is one with the same SHA-256, where the photo's is known. If nothing is
    found so, names decide: photos of the reference are called by their path within the folder that they all share,
    without image suffixes, and a photo that lies anywhere else at the end of the same path is a copy.

    Args:
        photos: Those to find.
        images: Those of the reference.

    Returns:
        For each photo the number of its image, None where there is none, or why it cannot be told; and how.
    """
    by_path = {real_path(image.path): number for number, image in enumerate(images)}
    found: list[int | BadRow | None] = [by_path.get(real_path(photo.path)) for photo in photos]
    how = BY_PATH
    if any(photo.digest for photo, number in zip(photos, found, strict=True) if number is None):
        by_digest = _by_digest(images, read=not any(number is not None for number in found))
        for place, photo in enumerate(photos):
            if found[place] is None and photo.digest in by_digest:
                found[place], how = by_digest[photo.digest], BY_DIGEST
    if photos and all(number is None for number in found):
        return _by_name(photos, images), BY_NAME
    return found, how


def _by_digest(images: Sequence[Photo], *, read: bool) -> dict[str, int]:
    """Images by SHA-256; without those whose bytes are there twice.

    Args:
        images: Those of the reference.
        read: Read the files whose SHA-256 the reference does not say.
    """
    found: dict[str, list[int]] = {}
    for number, image in enumerate(images):
        digest = digest_of(image) if read else image.digest
        if digest:
            found.setdefault(digest, []).append(number)
    return {digest: numbers[0] for digest, numbers in found.items() if len(numbers) == 1}


def _by_name(photos: Sequence[Photo], images: Sequence[Photo]) -> list[int | BadRow | None]:
    folder = os.path.commonpath([os.path.dirname(image.path) for image in images])
    named: dict[str, list[int]] = {}
    for number, image in enumerate(images):
        named.setdefault(stem(os.path.relpath(image.path, folder)), []).append(number)
    names = [_longest(stem(photo.path), named) for photo in photos]
    claims: dict[str, int] = {}
    for name in names:
        if name is not None:
            claims[name] = claims.get(name, 0) + 1
    return [None if name is None else _only(name, named[name], claims[name]) for name in names]


def _longest(path: str, named: dict[str, list[int]]) -> str | None:
    """The longest end of a path that is a name."""
    parts = path.split(os.sep)
    ends = (os.sep.join(parts[start:]) for start in range(1, len(parts)))
    return next((end for end in ends if end in named), None)


def _only(name: str, numbers: list[int], claims: int) -> int | BadRow:
    if len(numbers) > 1:
        return BadRow(f"{len(numbers)} photos of the reference are called {name!r}")
    if claims > 1:
        return BadRow(f"{claims} photos with detections could be {name!r} of the reference")
    return numbers[0]
