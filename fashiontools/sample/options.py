"""Options of `sample`, and the table of recipes whose runs make images of photos."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fashiontools.core.command import Command
from fashiontools.core.options import COMMON, DeviceOptions, Mark, PhotoOptions, RetryOptions
from fashiontools.core.registry import Entry

# By recipe: what makes images of photos with a run folder.
TRANSLATORS = {
    "pix2pix": Entry(
        target="fashiontools.sample.pix2pix:Pix2pixTranslator",
        summary="the U-Net, whose noise is dropout",
        source="Isola, Zhu, Zhou and Efros 2016",
    ),
}


@dataclass(frozen=True, kw_only=True)
class SampleOptions(RetryOptions, DeviceOptions, PhotoOptions):
    """Make new images with a trained model, from noise or of photos.

    The model is a run folder. One that learned to make images from noise (train dcgan) needs nothing else, and an image
    depends on the seed and its number alone: -n 100 begins with the images of -n 64. One that learned pairs (train
    pix2pix) makes images of the photos of --input; where they have a target it is made square alike and goes along, so
    that evaluate needs no further flag. Writes the images, a manifest and grid.png.

    Example: fashiontools sample runs/worn --input products --where split=test -o worn
    """

    input: Annotated[
        str | None,
        typer.Option(
            metavar="PHOTOS",
            show_default=False,
            help="A folder or manifest of photos to make images of, or - for standard input.",
        ),
        Mark.RUN,
    ] = None
    number: Annotated[
        int | None,
        typer.Option(
            "--number",
            "-n",
            min=1,
            show_default="64, or 1 of each photo of --input",
            help="How many images; with --input, of each photo.",
        ),
        Mark.EXTEND,
    ] = None
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
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="Only rows where this holds (also !=, >, <); repeat it for and.",
            metavar="COLUMN=VALUE",
            rich_help_panel=COMMON,
        ),
        Mark.RUN,
    ] = None


COMMAND = Command(
    target="fashiontools.sample.options:SampleOptions",
    step="fashiontools.sample.step:sample",
    summary="Make new images with a trained model, from noise or of photos.",
    source="",
    inputs="The run folder.",
    folder="samples",
)
