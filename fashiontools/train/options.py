"""Options that every recipe has, and those of families of recipes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import typer

from fashiontools.core.errors import UsageError, near
from fashiontools.core.options import DeviceOptions, InputOptions, Mark, OutputOptions, WorkerOptions, panel

TARGET = "target"
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


_training = panel("Training")
Preset = Annotated[
    str,
    typer.Option(metavar="NAME", help="A named set of defaults (the names are above); an option that is typed wins."),
    Mark.RESULT,
]
Batch = Annotated[int, _training(min=1, help="Photos of a step, over all processes."), Mark.EXTEND]
Epochs = Annotated[int | None, _training(min=1, metavar="N", help="How often all photos are seen."), Mark.EXTEND]
Steps = Annotated[
    int | None, _training(min=1, metavar="N", help="Stop after N steps instead of --epochs."), Mark.EXTEND
]
Size = Annotated[int, _training(min=4, help="Side of the images, pixels."), Mark.RESULT]
Flip = Annotated[bool, _training("--flip/--no-flip", help="Mirror half of the photos."), Mark.RESULT]


@dataclass(frozen=True, kw_only=True)
class TrainOptions(OutputOptions, DeviceOptions, WorkerOptions, InputOptions):
    """What the loop needs to know, whatever the recipe.

    Attributes:
        recipe: The recipe's name in `table.py:RECIPES`.
        PRESETS: Named sets of defaults, of a recipe that has a field `preset`.
        IMPLIED_PRESETS: By field and value, the preset that is meant where none is typed.
    """

    recipe: ClassVar[str]
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {}
    IMPLIED_PRESETS: ClassVar[dict[str, dict[str, str]]] = {}

    batch: Batch = 128
    accumulate: Annotated[
        int, _training(min=1, help="Take the batch in N parts, one after the other, to need less memory."), Mark.EXTEND
    ] = 1
    epochs: Epochs = 200
    steps: Steps = None
    time_limit: Annotated[
        str | None,
        _training(metavar="30m", help="Stop after this time, all sessions counted (s, m, h, d)."),
        Mark.RUN,
    ] = None
    flip: Flip = False
    clip: Annotated[
        float | None,
        _training(min=0.0001, metavar="NORM", help="Longest gradient of a turn; longer ones are cut."),
        Mark.RESULT,
    ] = None
    ema: Annotated[
        float,
        _training(
            min=0,
            max=0.99999,
            metavar="DECAY",
            help="Make images with an exponential moving average of the weights; 0: with the weights.",
        ),
        Mark.RESULT,
    ] = 0.0
    mixed_precision: Annotated[
        Literal["no", "bf16", "fp16"], _training(help="16-bit numbers where they do no harm."), Mark.RESULT
    ] = "no"
    compile: Annotated[
        bool, _training("--compile", help="Compile the networks (torch.compile): slow to begin, then faster."), Mark.RUN
    ] = False
    processes: Annotated[
        int, _training(min=1, help="Processes that train together, one per GPU, or parts of a CPU."), Mark.RUN
    ] = 1
    init_from: Annotated[
        Path | None,
        _training(metavar="RUN", show_default=False, help="Begin with the weights of another run of this recipe."),
        Mark.RESULT,
    ] = None
    save_every: Annotated[int, _training(min=1, metavar="STEPS", help="Steps between checkpoints."), Mark.RUN] = 500
    keep_checkpoints: Annotated[int, _training(min=1, metavar="N", help="Checkpoints that are kept."), Mark.RUN] = 2
    preview_every: Annotated[int, _training(min=1, metavar="STEPS", help="Steps between previews."), Mark.RUN] = 500
    tracker: Annotated[
        Literal["tensorboard", "wandb"] | None,
        _training(show_default=False, help="Send the scalars there too, where it is installed."),
        Mark.RUN,
    ] = None
    cache: Annotated[
        Path | None,
        _training(
            metavar="DIR",
            show_default=False,
            help="Where decoded photos are kept. Default: $XDG_CACHE_HOME/fashiontools.",
        ),
        Mark.RUN,
    ] = None
    no_cache: Annotated[bool, _training("--no-cache", help="Decode the photos anew in every epoch."), Mark.RUN] = False

    def __post_init__(self) -> None:
        """Check the time limit and the preset.

        Raises:
            UsageError: It is no time, or there is no such preset; the message names the near ones.
        """
        seconds(self.time_limit)
        chosen = getattr(self, "preset", None)
        if chosen is not None and chosen not in self.PRESETS:
            raise UsageError(f"--preset {chosen!r}: {near(chosen, self.PRESETS)}")

    @property
    def ends_by_steps(self) -> bool:
        """Whether steps end a run, rather than epochs."""
        return self.steps is not None

    @property
    def told_every(self) -> int | None:
        """Steps between lines of metrics.csv; None: an epoch."""
        return None

    @property
    def columns(self) -> dict[str, str]:
        """The columns that the recipe reads besides `path`, and what to tell where one is missing.

        A change in them is a change of the input.
        """
        return {}

    @property
    def files(self) -> tuple[str, ...]:
        """The path columns that the recipe reads where they are there; other files in them are another input."""
        return ()


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
class SquareOptions(TrainOptions):
    """For recipes that look at squares."""

    size: Size = 64
    fit: Annotated[Literal["crop", "pad", "stretch"], _training(help="How a photo becomes square."), Mark.RESULT] = (
        "crop"
    )

    @property
    def loaded_size(self) -> int:
        """Side of the squares that a training reads, pixels; more than `size` where it cuts them out of larger ones."""
        return self.size


@dataclass(frozen=True, kw_only=True)
class PairOptions(SquareOptions):
    """For recipes that learn to make the image `target` of the image `path`."""

    @property
    def columns(self) -> dict[str, str]:
        """The wanted images."""
        return {TARGET: "it names the image that is to be made; `fashiontools cluster-pairs` finds pairs"}


@dataclass(frozen=True, kw_only=True)
class BoxOptions(TrainOptions):
    """For recipes that learn boxes, on photos that keep their shape."""

    size: Annotated[int, _training(min=32, help="Shorter side that photos are scaled to, pixels."), Mark.RESULT] = 800
    max_size: Annotated[
        int | None,
        _training(
            min=32,
            show_default=False,
            help="Most that the longer side may have then, pixels. Default: five thirds of --size.",
        ),
        Mark.RESULT,
    ] = None

    @property
    def longest(self) -> int:
        """The longer side's limit, pixels: Detectron's 1333 goes with its 800."""
        return self.max_size or self.size * 5 // 3


@dataclass(frozen=True, kw_only=True)
class ValidationOptions(TrainOptions):
    """For recipes that can be judged on photos that they are not trained on."""

    validation: Annotated[
        Path | None,
        _training(
            metavar="DATA",
            show_default=False,
            help="A folder or manifest of photos to judge the model by; never trained on. Default: the rows whose "
            "split is val, where there are any (those of split test are then left out).",
        ),
        Mark.RESULT,
    ] = None
    validate_every: Annotated[
        int | None,
        _training(
            min=1,
            metavar="STEPS",
            show_default=False,
            help="Steps between judgements, each a line of metrics.csv. Default: an epoch.",
        ),
        Mark.RESULT,
    ] = None

    @property
    def told_every(self) -> int | None:
        """As `--validate-every` says."""
        return self.validate_every
