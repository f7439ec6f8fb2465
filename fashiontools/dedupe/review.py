"""Contact sheets of groups of copies, to look at before anything is done."""

from pathlib import Path

from fashiontools.core.contact_sheet import contact_sheet
from fashiontools.core.images import read_photo, write_photo
from fashiontools.dedupe.finder import Copy

_SHOWN = 12


def draw_sheets(folder: Path, copies: list[Copy]) -> None:
    """Draw one sheet per kept photo: the photo, then its copies with rule and score.

    Args:
        folder: Where `group-NNNN.png` go, in the order of the first copy.
        copies: All dropped photos.
    """
    groups: dict[str, list[Copy]] = {}
    for copy in copies:
        groups.setdefault(copy.kept["path"], []).append(copy)
    for number, (kept, members) in enumerate(groups.items(), 1):
        shown = members[:_SHOWN]
        titles = ["kept", *(f"{copy.rule} {copy.match.score:.2f}" for copy in shown)]
        photos = [read_photo(kept), *(read_photo(copy.row["path"]) for copy in shown)]
        write_photo(folder / f"group-{number:04d}.png", contact_sheet([photos], titles))
