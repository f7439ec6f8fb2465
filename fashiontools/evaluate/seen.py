"""Whether a detector was trained on the photos that it is scored on: then its scores say little about others."""

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from fashiontools.core.errors import UsageError
from fashiontools.core.provenance import TRAINED_ON, read_run
from fashiontools.evaluate.same_photos import Photo, digest_of

RUN_KEY = "detector_run"
"""What `run.json` of a folder of detections calls the run folder of their detector; absolute."""
UNKNOWN = "unknown whether the detector has seen these photos"


def trained_on(names: Sequence[str]) -> frozenset[str] | None:
    """The SHA-256 of the photos that the detector of some detections was trained on.

    Args:
        names: The detections as they were named: folders and manifests.

    Returns:
        Their hex digests; None where it cannot be known of all inputs: rows from standard input, detections that
        `detect-crop` did not write here or without a run, a run folder that is gone and left no list beside them.

    Raises:
        UsageError: The list is there and damaged.
    """
    known: set[str] = set()
    for name in names or _unnamed():
        digests = _of_input(name)
        if digests is None:
            return None
        known |= digests
    return frozenset(known)


def _unnamed() -> list[str]:
    """What is read where nothing is named: the current folder, or rows that are piped in."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return ["."]
    return ["-"] if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISREG(mode) else ["."]


def _of_input(name: str) -> frozenset[str] | None:
    if name == "-":
        return None
    folder = Path(os.path.realpath(name))
    folder = folder if folder.is_dir() else folder.parent
    try:
        record = read_run(folder)
    except UsageError:  # some other program's
        return None
    run = (record or {}).get(RUN_KEY)
    if not isinstance(run, str) or not run:
        return None
    beside = _listed(folder / TRAINED_ON)
    return _listed(folder / run / TRAINED_ON) if beside is None else beside


def _listed(file: Path) -> frozenset[str] | None:
    try:
        digests = file.read_text(encoding="ascii").split()
    except OSError:
        return None
    except UnicodeDecodeError:
        digests = [""]
    if not all(len(digest) == 64 and set(digest) <= set("0123456789abcdef") for digest in digests):
        raise UsageError(f"{file} is damaged: expected a SHA-256 in hex on each line")
    return frozenset(digests)


def refuse_seen(digests: frozenset[str] | None, photos: Sequence[Photo], *, allowed: bool, hint: str) -> str:
    """Refuse to score a detector on photos that it was trained on.

    Args:
        digests: Of the photos that it was trained on, if they are known.
        photos: Those that it is scored on; their files are read where their SHA-256 is not known.
        allowed: Score it all the same.
        hint: What would be right.

    Returns:
        What is known, for the recipe.

    Raises:
        UsageError: It has seen some of them.
    """
    if digests is None:
        return UNKNOWN
    own = [digest_of(photo) for photo in photos]
    seen, missing = sum(digest in digests for digest in own), own.count("")
    if seen and not allowed:
        raise UsageError(f"the detector was trained on {seen:,} of these {len(photos):,} photos: {hint}")
    if missing == len(own):
        return f"{UNKNOWN} (they are not there)"
    told = f"the detector was trained on {seen:,} of these {len(photos):,} photos"
    return told + (f" ({missing:,} are not there to be told)" if missing else "")
