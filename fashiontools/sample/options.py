"""Options of `sample`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fashiontools.core.command import Command
from fashiontools.core.options import DeviceOptions, Mark, OutputOptions, SeedOptions


@dataclass(frozen=True, kw_only=True)
class SampleOptions(OutputOptions, DeviceOptions, SeedOptions):
    """Make new images with a trained model.

    Reads nothing but the run folder. An image depends on the seed and its number alone: -n 100 begins with the
    images of -n 64. Writes the images, a manifest and grid.png.

    Example: fashiontools sample runs/dcgan -n 64 --seed 1 -o samples
    """

    number: Annotated[int, typer.Option("--number", "-n", min=1, help="How many images."), Mark.EXTEND] = 64
    interpolate: Annotated[
        int | None,
        typer.Option(
            min=2,
            metavar="STEPS",
            help="Walk from each latent vector to the next in this many images, along the sphere.",
        ),
        Mark.RESULT,
    ] = None
    truncation: Annotated[
        float | None,
        typer.Option(min=0.01, help="Draw latents from the normal distribution cut off at this many sigmas."),
        Mark.RESULT,
    ] = None


COMMAND = Command(
    target="fashiontools.sample.options:SampleOptions",
    step="fashiontools.sample.step:sample",
    summary="Make new images with a trained model.",
    source="",
    inputs="The run folder.",
    folder="samples",
)
