"""The folders of published sets: found, named where they are missing, and never written to."""

import os
from collections.abc import Iterable
from pathlib import Path

from fashiontools.core.errors import UsageError
from fashiontools.core.output import Output


def one_folder(names: list[str], command: str, holds: str) -> Path:
    """The one folder that was named, absolute.

    Args:
        names: What was named.
        command: Such as `import ccp`.
        holds: What the folder holds, for the message.

    Raises:
        UsageError: Not one folder was named, or there is none.
    """
    if len(names) != 1:
        raise UsageError(f"{command} reads one folder: name the one that holds {holds}")
    folder = Path(os.path.abspath(names[0]))
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; expected one that holds {holds}")
    return folder


def refuse_inside(out: Output, folder: Path) -> None:
    """Stop before anything is written into a published set.

    Raises:
        UsageError: The output folder lies within it.
    """
    if out.folder is not None and out.folder.is_relative_to(os.path.realpath(folder)):
        raise UsageError(f"{out.folder} is in the set, which is never written to: name another output folder with -o")


def first_there(folder: Path, places: Iterable[str]) -> Path | None:
    """The first of some files or folders below a folder that is there."""
    return next((folder / place for place in places if (folder / place).exists()), None)
