"""Options of `export`."""

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from fashiontools.core.command import Command
from fashiontools.core.errors import UsageError
from fashiontools.core.options import Mark, RowOptions


@dataclass(frozen=True, kw_only=True)
class ExportOptions(RowOptions):
    """Make a folder of files from a manifest, for every tool that wants files.

    The one command that copies photos: it copies their bytes, links to them, or writes them anew as squares.

    Example: fashiontools export crops --size 256 --fit pad --layout label -o for-other-tools
    """

    link: Annotated[
        bool, typer.Option("--link/--copy", help="Link to the photos, or copy their bytes."), Mark.RESULT
    ] = False
    size: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Write square PNGs of this side, pixels."), Mark.RESULT
    ] = None
    fit: Annotated[
        Literal["crop", "pad", "stretch"],
        typer.Option(help="With --size: the shorter side and the centre, white around it, or both sides alike."),
        Mark.RESULT,
    ] = "crop"
    layout: Annotated[
        Literal["flat", "tree", "label"],
        typer.Option(help="All files in one folder, as they lie in the input, or one folder per label."),
        Mark.RESULT,
    ] = "tree"

    def __post_init__(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            UsageError: A link to a resized photo.
        """
        if self.link and self.size is not None:
            raise UsageError("--link cannot resize: leave --size out, or use --copy")
        if self.size is None and self.fit != "crop":
            raise UsageError("--fit says how a photo becomes square: give --size N too")


COMMAND = Command(
    target="fashiontools.export.options:ExportOptions",
    step="fashiontools.export.step:export",
    summary="Make a folder of files from a manifest.",
    source="",
    folder="export",
)
