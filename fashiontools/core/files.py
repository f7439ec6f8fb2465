"""Whole files: asked for ahead of the need, read, and written so that no half one is ever found."""

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from fashiontools.core.errors import BadRow

_PIECE = 1 << 16  # bytes
_FETCHED = 1 << 20  # bytes of a file: a larger photo is decoded for so long that the disk keeps up with it


def fetch(paths: Iterable[str]) -> None:
    """Ask the system for files that are read soon, so that the disk is at work while others are decoded.

    `dedupe` takes four fifths of the time where its photos are not in memory yet, and as much as ever where they are.
    Nothing happens where a file cannot be opened (reading it says why) or the system takes no hints.

    Args:
        paths: The files, up to a few hundred at a time: of each a megabyte is fetched.
    """
    if not hasattr(os, "posix_fadvise"):
        return
    for path in paths:
        with suppress(OSError, ValueError):
            file = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(file, 0, _FETCHED, os.POSIX_FADV_WILLNEED)
            finally:
                os.close(file)


def disk_reads() -> int:
    """How often the disk was at work for this process so far; 0 for ever where the system does not say."""
    if os.name == "nt":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_inblock


def read_bytes(path: str) -> bytes:
    """The bytes of a file.

    Raises:
        BadRow: There is no such file, or it cannot be read.
    """
    try:
        return _whole_file(path)
    except FileNotFoundError:
        raise BadRow("no such file") from None
    except OSError as error:
        raise BadRow(error.strerror or "cannot be read") from None
    except ValueError:
        raise BadRow("not a file name") from None


def _whole_file(path: str) -> bytes:
    """The bytes of a file in half the system calls of a file object, which gives up Python's lock around each."""
    file = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(file).st_size
        data = os.read(file, size + 1)  # one more than there are: a plain file that gives fewer has no more
        while len(data) != size and (more := os.read(file, size + _PIECE)):  # a pipe, or a file of over two gigabytes
            data += more
        return data
    finally:
        os.close(file)


def write_atomically(path: str | Path, data: bytes, *, durable: bool = False) -> None:
    """Write a file aside and rename it; the folder is made where it is missing.

    Args:
        path: The file.
        data: All of it.
        durable: Wait until its bytes are on the disk, for what cannot be made again after a power cut.

    Raises:
        BadRow: The name, which comes from a photo's, is longer than the file system allows.
    """
    try:
        _write(Path(path), data, durable)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise BadRow("the name is too long for a file to be named after it", "rename the file") from None
        raise


def _write(path: Path, data: bytes, durable: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # The aside name holds no number: a run that was killed here and is run again leaves nothing behind.
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(data)
    if durable:
        with open(aside, "rb") as stream:
            os.fsync(stream.fileno())
    os.replace(aside, path)
