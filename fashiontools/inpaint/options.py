"""Options of `inpaint`, and the table of its models."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fashiontools.core.command import Command
from fashiontools.core.options import Mark, RowOptions
from fashiontools.core.registry import Entry, lookup

FILLS = {
    "mean": Entry(
        target="fashiontools.inpaint.fills:mean", summary="the mean colour of the known pixels", source="floor"
    ),
    "telea": Entry(
        target="fashiontools.inpaint.fills:telea", summary="fast marching from the rim", source="Telea 2004, OpenCV"
    ),
    "navier-stokes": Entry(
        target="fashiontools.inpaint.fills:navier_stokes",
        summary="fluid dynamics along edges",
        source="Bertalmio, Bertozzi and Sapiro 2001, OpenCV",
    ),
    "harmonic": Entry(
        target="fashiontools.inpaint.fills:harmonic",
        summary="the Laplace equation: the best classical fill by PSNR",
        source="closed form",
    ),
    "patchmatch": Entry(
        target="fashiontools.inpaint.fills:patchmatch",
        summary="patches from elsewhere in the photo (extra: patchmatch)",
        source="Barnes et al. 2009, patchmatch-cython",
    ),
}


@dataclass(frozen=True, kw_only=True)
class InpaintOptions(RowOptions):
    """Fill the holes of photos.

    Reads `path` and `mask` (255 = hole) and writes PNGs in which every known pixel is what it was. The output
    rows keep `mask` and have the original as `target`, so that `evaluate` needs no further flag.

    Example: fashiontools inpaint holes --model harmonic -o filled
    """

    model: Annotated[
        str,
        typer.Option(metavar="NAME", help="; ".join(f"{name}: {entry.summary}" for name, entry in FILLS.items()) + "."),
        Mark.RESULT,
    ] = "telea"
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Draw preview.png, a contact sheet of photos, holes and fills."),
        Mark.RUN,
    ] = False

    def __post_init__(self) -> None:
        """Refuse an unknown model.

        Raises:
            UsageError: There is no such model; the message names the near ones.
        """
        lookup(FILLS, self.model, "model")


COMMAND = Command(
    target="fashiontools.inpaint.options:InpaintOptions",
    step="fashiontools.inpaint.step:inpaint",
    summary="Fill the holes of photos.",
    source="OpenCV, SciPy",
    folder="inpaint",
)
