"""Options of `train detector`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import typer

from fashiontools.core.errors import UsageError, near
from fashiontools.core.options import Mark, panel
from fashiontools.train.options import Batch, BoxOptions, Flip, Preset, Steps, ValidationOptions

_training = panel("Training")
WEIGHTS = ("imagenet", "coco", "none")
STRIDES = {"mobilenet": (8, 16, 32)}
_RESNETS = (4,)
_FINE = 16
MOMENTUM, MILESTONES, GAMMA = 0.9, "20000,40000", 0.1


@dataclass(frozen=True, kw_only=True)
class DetectorOptions(ValidationOptions, BoxOptions):
    """Train a detector of garments: a Faster R-CNN with a feature pyramid learns the boxes of a manifest.

    A manifest with a row per box (`box`, `label`), such as those of `import deepfashion`, `ccp` or `coco`. Rows whose
    split is val judge it on the way, by COCO's average precision; the best weights so far are kept beside the last.

    The defaults are those of Chiaretti's thesis (2020, --preset thesis): ImageNet weights, SGD 0.0025 falling to a
    tenth at 20,000 and 40,000 of 50,000 steps, weight decay 0.0001, mirrored photos; where it is silent, those of
    Detectron, which it used: two photos a step, momentum 0.9, a warm-up of 500 steps, 800 pixels. --preset laptop is
    ours, for two cores and no weights at all; --backbone mobilenet chooses it.

    Example: fashiontools train detector street --backbone mobilenet -o runs/detector
    """

    recipe: ClassVar[str] = "detector"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "thesis": {},
        "laptop": {
            "backbone": "mobilenet",
            "weights": "none",
            "size": 320,
            "proposals": 300,
            "samples": 32,
            "batch": 8,
            "steps": 3000,
            "validate_every": 200,
            "optimizer": "adamw",
            "rate": 0.001,
            "weight_decay": 0.05,
            "schedule": "cosine",
            "warmup": 200,
            "clip": 10.0,
            "jitter": 0.2,
            "ema": 0.998,
        },
    }
    IMPLIED_PRESETS: ClassVar[dict[str, dict[str, str]]] = {"backbone": {"mobilenet": "laptop"}}

    preset: Preset = "thesis"
    backbone: Annotated[
        Literal["resnet50", "resnet101", "resnext101", "mobilenet"],
        typer.Option(help="The network under it; resnext101 is 32x8d, mobilenet MobileNetV3 large."),
        Mark.RESULT,
    ] = "resnet50"
    weights: Annotated[
        str,
        typer.Option(
            metavar="|".join([*WEIGHTS, "FILE"]),
            help="What it begins with: torchvision's weights of the backbone (imagenet) or of a whole detector (coco: "
            "resnet50 and mobilenet), a file of either, or nothing. With weights, batch norms and the first two stages "
            "stay as they are. A run that --init-from names gives its own instead.",
        ),
        Mark.RESULT,
    ] = "imagenet"
    stride: Annotated[
        int | None,
        typer.Option(
            show_default=False,
            help="Stride of the finest features, pixels: 8, 16 or 32 (torchvision's, and its COCO weights') for "
            "mobilenet, 4 for the others. Default: 16, with --weights coco 32; 4.",
        ),
        Mark.RESULT,
    ] = None
    batch: Batch = 2
    steps: Steps = 50_000
    epochs: Annotated[
        int | None,
        _training(min=1, metavar="N", show_default=False, help="See all photos so often, instead of --steps."),
        Mark.EXTEND,
    ] = None
    flip: Flip = True
    optimizer: Annotated[Literal["sgd", "adamw"], typer.Option(help="SGD or AdamW."), Mark.RESULT] = "sgd"
    rate: Annotated[float, typer.Option(min=0, help="Learning rate."), Mark.RESULT] = 0.0025
    momentum: Annotated[
        float | None,
        typer.Option(min=0, max=0.999, show_default=False, help=f"SGD's momentum. Default: {MOMENTUM}."),
        Mark.RESULT,
    ] = None
    weight_decay: Annotated[float, typer.Option(min=0, help="Weight decay."), Mark.RESULT] = 0.0001
    schedule: Annotated[
        Literal["steps", "cosine"],
        typer.Option(help="The rate falls at --milestones, or along a cosine to nothing."),
        Mark.RESULT,
    ] = "steps"
    milestones: Annotated[
        str | None,
        typer.Option(
            metavar="STEP,...",
            show_default=False,
            help=f"Steps at which the rate falls, of --schedule steps. Default: {MILESTONES}.",
        ),
        Mark.RESULT,
    ] = None
    gamma: Annotated[
        float | None,
        typer.Option(min=0, max=1, show_default=False, help=f"To what part of it. Default: {GAMMA}."),
        Mark.RESULT,
    ] = None
    warmup: Annotated[
        int, typer.Option(min=0, metavar="STEPS", help="Steps in which the rate grows from a third of it."), Mark.RESULT
    ] = 500
    proposals: Annotated[
        int,
        typer.Option(min=2, help="Proposals of a photo that the second stage sees in training; half as many in use."),
        Mark.RESULT,
    ] = 2000
    samples: Annotated[
        int, typer.Option(min=1, help="Of these, those of a photo that the second stage learns from."), Mark.RESULT
    ] = 512
    jitter: Annotated[
        float,
        typer.Option(
            min=0, max=0.9, help="Scale, place and colours of photos vary by up to this share; 0: as they are."
        ),
        Mark.RESULT,
    ] = 0.0
    validate_every: Annotated[
        int | None,
        _training(min=1, metavar="STEPS", help="Steps between judgements, each a line of metrics.csv."),
        Mark.RESULT,
    ] = 5000

    def __post_init__(self) -> None:
        """Check what belongs together.

        Raises:
            UsageError: Something does not; the message says what would.
        """
        super().__post_init__()
        self._refuse_ignored()
        falls = self.falls
        if sorted(set(falls)) != list(falls) or (falls and falls[0] < 1):
            raise UsageError(f"--milestones {self.milestones!r}: expected steps in rising order, such as {MILESTONES}")
        strides = STRIDES.get(self.backbone, _RESNETS)
        if self.finest not in strides:
            raise UsageError(f"--stride {self.stride}: --backbone {self.backbone} has {', '.join(map(str, strides))}")
        if self.weights == "coco" and self.finest != max(strides):
            raise UsageError(f"--stride {self.stride}: --weights coco are for --stride {max(strides)}")
        if self.weights not in WEIGHTS and not Path(self.weights).suffix and not Path(self.weights).exists():
            raise UsageError(f"--weights {self.weights!r}: {near(self.weights, WEIGHTS)}; or the name of a file")
        if self.longest < self.size:
            raise UsageError(f"--max-size {self.max_size} is less than --size {self.size}: the longer side is no less")

    def _refuse_ignored(self) -> None:
        """Refuse what another option makes meaningless.

        Raises:
            UsageError: There is such an option.
        """
        if self.momentum is not None and self.optimizer != "sgd":
            raise UsageError(f"--momentum is for --optimizer sgd, not for {self.optimizer}")
        for name, value in (("milestones", self.milestones), ("gamma", self.gamma)):
            if value is not None and self.schedule != "steps":
                raise UsageError(f"--{name} is for --schedule steps, not for {self.schedule}")

    @property
    def finest(self) -> int:
        """The stride of the finest features, pixels."""
        if self.stride is not None:
            return self.stride
        strides = STRIDES.get(self.backbone, _RESNETS)
        return max(strides) if self.weights == "coco" or strides == _RESNETS else _FINE

    @property
    def ends_by_steps(self) -> bool:
        """As `TrainOptions.ends_by_steps`: there is always a number of steps, and --epochs takes its place."""
        return self.epochs is None

    @property
    def columns(self) -> dict[str, str]:
        """The boxes and what they are."""
        why = "a detector learns boxes: `fashiontools import deepfashion|ccp|coco` makes such manifests"
        return {"box": why, "label": why}

    @property
    def falls(self) -> tuple[int, ...]:
        """The steps at which the rate falls.

        Raises:
            UsageError: They are no numbers.
        """
        try:
            return tuple(int(one) for one in (self.milestones or MILESTONES).split(",") if one.strip())
        except ValueError:
            raise UsageError(f"--milestones {self.milestones!r}: expected steps, such as {MILESTONES}") from None
