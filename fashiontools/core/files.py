"""Writing files so that no half-written one is ever found."""

import errno
import os
from pathlib import Path

from fashiontools.core.errors import BadRow


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
