"""Writing files so that no half-written one is ever found."""

import os
from pathlib import Path


def write_atomically(path: str | Path, data: bytes) -> None:
    """Write a file aside and rename it; the folder is made where it is missing."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The aside name holds no number: a run that was killed here and is run again leaves nothing behind.
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(data)
    os.replace(aside, path)
