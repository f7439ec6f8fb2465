"""Contact sheets of groups of copies, to look at before anything is done."""

import os
import re
from pathlib import Path

from fashiontools.core.contact_sheet import contact_sheet
from fashiontools.core.errors import UsageError
from fashiontools.core.images import read_photo, write_photo
from fashiontools.dedupe.finder import Copy
from fashiontools.dedupe.real_files import RealFiles

_SHOWN = 12
_SHEET = re.compile(r"group-\d{4,}\.png")


def draw_sheets(folder: Path, copies: list[Copy], files: RealFiles) -> None:
    """Draw one sheet per kept photo: the photo, then its copies with rule and score.

    The sheets of an earlier run are removed first: its groups may be no more.

    Args:
        folder: Where `group-NNNN.png` go, in the order of the first copy.
        copies: All dropped photos.
        files: All photos.

    Raises:
        UsageError: A photo is in the place of a sheet.
    """
    _remove_sheets(folder, files)
    groups: dict[str, list[Copy]] = {}
    for copy in copies:
        groups.setdefault(copy.kept["path"], []).append(copy)
    for number, (kept, members) in enumerate(groups.items(), 1):
        shown = members[:_SHOWN]
        titles = ["kept", *(f"{copy.rule} {copy.match.score:.2f}" for copy in shown)]
        photos = [read_photo(kept), *(read_photo(copy.row["path"]) for copy in shown)]
        write_photo(folder / f"group-{number:04d}.png", contact_sheet([photos], titles))


def _remove_sheets(folder: Path, files: RealFiles) -> None:
    if not folder.is_dir():
        return
    sheets = [file for file in sorted(folder.iterdir()) if _SHEET.fullmatch(file.name) and file.is_file()]
    for sheet in sheets:
        if files.holds(os.path.abspath(sheet)):
            raise UsageError(f"--review {folder}: {sheet.name} is one of the photos; name a folder without photos")
    for sheet in sheets:
        sheet.unlink()
