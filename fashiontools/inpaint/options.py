"""Options of `inpaint`, and the table of its models."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fashiontools.core.command import Command
from fashiontools.core.errors import UsageError
from fashiontools.core.options import DeviceOptions, Mark, RowOptions
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
        summary="patches from elsewhere in the photo, seed 0 always (extra: patchmatch)",
        source="Barnes et al. 2009, patchmatch-cython",
    ),
}

# By recipe: what fills with a run folder.
TRAINED = {
    "coarse-to-fine": Entry(
        target="fashiontools.inpaint.coarse_to_fine:CoarseToFineFill",
        summary="the description-aware coarse and refinement networks",
        source="Kinli, Ozcan and Kirac 2020",
    ),
}


@dataclass(frozen=True, kw_only=True)
class InpaintOptions(RowOptions, DeviceOptions):
    """Fill the holes of photos.

    Reads `path` and `mask` (255 = hole), and `description` where the model was trained with it, and writes PNGs in
    which every known pixel is what it was. The output rows keep `mask` and have the original as `target`, so that
    `evaluate` needs no further flag.

    Example: fashiontools inpaint holes --model harmonic -o filled
    """

    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|RUN",
            help="; ".join(f"{name}: {entry.summary}" for name, entry in FILLS.items())
            + "; or the folder of a finished `train coarse-to-fine` run.",
        ),
        Mark.RESULT,
    ] = "telea"
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help="With a RUN: all that the network gives for what it sees of the photo, nothing pasted.",
        ),
        Mark.RESULT,
    ] = False
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Draw preview.png, a contact sheet of photos, holes and fills."),
        Mark.RUN,
    ] = False

    def __post_init__(self) -> None:
        """Refuse an unknown model.

        Raises:
            UsageError: There is no such model or folder; the message names the near ones.
        """
        if not self.is_run:
            if "/" in self.model:
                raise UsageError(f"--model {self.model}: there is no such run folder; named models: {', '.join(FILLS)}")
            lookup(FILLS, self.model, "model")
            if self.raw:
                raise UsageError(f"--raw has no meaning for --model {self.model}: classical fills make holes alone")
            if self.device not in ("auto", "cpu"):
                raise UsageError(f"--device {self.device} has no meaning for --model {self.model}: it runs on the CPU")

    @property
    def is_run(self) -> bool:
        """Whether the model is a run folder instead of a name."""
        return self.model not in FILLS and Path(self.model).is_dir()


COMMAND = Command(
    target="fashiontools.inpaint.options:InpaintOptions",
    step="fashiontools.inpaint.step:inpaint",
    summary="Fill the holes of photos.",
    source="OpenCV, SciPy",
    folder="inpaint",
)
