"""Options that every recipe has, and the table of recipes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import typer

from fashiontools.core.command import Command
from fashiontools.core.errors import UsageError
from fashiontools.core.options import DeviceOptions, InputOptions, Mark, OutputOptions, WorkerOptions

TRAINING = "Training"
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, kw_only=True)
class TrainOptions(OutputOptions, DeviceOptions, WorkerOptions, InputOptions):
    """What the loop needs to know, whatever the recipe.

    Attributes:
        recipe: The recipe's name in `RECIPES`.
    """

    recipe: ClassVar[str]

    batch: Annotated[int, typer.Option(min=1, help="Photos of a step.", rich_help_panel=TRAINING), Mark.RESULT] = 128
    epochs: Annotated[
        int, typer.Option(min=1, help="How often all photos are seen.", rich_help_panel=TRAINING), Mark.EXTEND
    ] = 200
    steps: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Stop after N steps instead of --epochs.", rich_help_panel=TRAINING),
        Mark.EXTEND,
    ] = None
    time_limit: Annotated[
        str | None,
        typer.Option(
            metavar="30m", help="Stop after this time, all sessions counted (s, m, h, d).", rich_help_panel=TRAINING
        ),
        Mark.RUN,
    ] = None
    size: Annotated[
        int, typer.Option(min=4, help="Side of the images, pixels.", rich_help_panel=TRAINING), Mark.RESULT
    ] = 64
    fit: Annotated[
        Literal["crop", "pad", "stretch"],
        typer.Option(help="How a photo becomes square.", rich_help_panel=TRAINING),
        Mark.RESULT,
    ] = "crop"
    flip: Annotated[
        bool, typer.Option("--flip/--no-flip", help="Mirror half of the photos.", rich_help_panel=TRAINING), Mark.RESULT
    ] = False
    save_every: Annotated[
        int, typer.Option(min=1, metavar="STEPS", help="Steps between checkpoints.", rich_help_panel=TRAINING), Mark.RUN
    ] = 500
    keep_checkpoints: Annotated[
        int, typer.Option(min=1, metavar="N", help="Checkpoints that are kept.", rich_help_panel=TRAINING), Mark.RUN
    ] = 2
    preview_every: Annotated[
        int, typer.Option(min=1, metavar="STEPS", help="Steps between previews.", rich_help_panel=TRAINING), Mark.RUN
    ] = 500
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            show_default=False,
            help="Where decoded photos are kept. Default: $XDG_CACHE_HOME/fashiontools.",
            rich_help_panel=TRAINING,
        ),
        Mark.RUN,
    ] = None
    no_cache: Annotated[
        bool,
        typer.Option("--no-cache", help="Decode the photos anew in every epoch.", rich_help_panel=TRAINING),
        Mark.RUN,
    ] = False

    def __post_init__(self) -> None:
        """Check the time limit.

        Raises:
            UsageError: It is no time.
        """
        seconds(self.time_limit)


def seconds(text: str | None) -> float | None:
    """The seconds of a time such as `90s`, `30m`, `2h`, `1.5d`.

    Raises:
        UsageError: It is no time.
    """
    if text is None:
        return None
    try:
        value = float(text[:-1]) * _UNITS[text[-1:]]
    except (ValueError, KeyError):
        raise UsageError(f"--time-limit {text!r}: expected a number and s, m, h or d, such as 30m") from None
    if not value > 0:
        raise UsageError(f"--time-limit {text!r}: expected more than nothing")
    return value


@dataclass(frozen=True, kw_only=True)
class RecipeCommand(Command):
    """A recipe: a command of `train`, with the columns of Farnsworth's table 1.

    Attributes:
        recipe: The recipe itself, as `module:Class`.
        supervised: Whether it needs pairs.
        multi_domain: Whether one model serves several domains.
        multi_modal: Whether one input has several outputs.
        latent: Whether it has a latent space.
    """

    recipe: str
    supervised: bool
    multi_domain: bool
    multi_modal: bool
    latent: bool


RECIPES = {
    "dcgan": RecipeCommand(
        target="fashiontools.train.recipes.dcgan.options:DcganOptions",
        step="fashiontools.train.step:train",
        recipe="fashiontools.train.recipes.dcgan.recipe:Dcgan",
        summary="New images from noise: deep convolutional GAN.",
        source="Radford, Metz and Chintala 2015; Chiaretti 2020",
        folder="runs/dcgan",
        kind="recipe",
        supervised=False,
        multi_domain=False,
        multi_modal=False,
        latent=True,
    ),
}
