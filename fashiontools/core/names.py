"""File names: which are photos, what they are called without suffixes, and where a file made from one goes."""

import os
import re
from functools import lru_cache

_IMAGE_SUFFIX = r"\.(?:jpe?g|png|webp|bmp|tiff?)"
_IMAGE_NAME = re.compile(_IMAGE_SUFFIX + r"$", re.IGNORECASE)
_ALL_SUFFIXES = re.compile(rf"(?:{_IMAGE_SUFFIX}(?:\.\d+)?)+$", re.IGNORECASE)


def is_image_name(name: str) -> bool:
    """Whether a file's name ends like a photo's."""
    return _IMAGE_NAME.search(name) is not None


def stem(name: str) -> str:
    """A name without its image suffixes and copy numbers: `a/b.jpg.2.png` is `a/b`."""
    return _ALL_SUFFIXES.sub("", name)


@lru_cache(maxsize=1024)
def _relative_folder(folder: str, start: str) -> str:
    return os.path.relpath(folder, start)


def relative_path(path: str, folder: str) -> str:
    """The path relative to a folder, as `os.path.relpath` has it, which is slow: photos share their folders.

    Args:
        path: A normal absolute path.
        folder: Another one.
    """
    parent, _, name = path.rpartition(os.sep)
    below = _relative_folder(parent or os.sep, folder)
    return name if below == os.curdir else f"{below}{os.sep}{name}"


def name_below(folder: str, path: str) -> str:
    """The path relative to a folder, as a name for an output file: POSIX and never with `..`."""
    relative = relative_path(path, folder).replace(os.sep, "/")
    return "/".join(part for part in relative.split("/") if part not in ("..", "."))


def numbered(name: str, number: int) -> str:
    """The name of the nth file made from one name: the first keeps it, the second is `a/b.jpg.2`."""
    return name if number == 1 else f"{name}.{number}"
