"""Options of `detect-crop`, and the table of its detectors."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from fashiontools.core.command import Command
from fashiontools.core.errors import UsageError, near
from fashiontools.core.options import DeviceOptions, Mark, RowOptions, flag
from fashiontools.core.registry import Entry

DETECTORS = {
    "foreground": Entry(
        target="fashiontools.detect_crop.foreground:ForegroundDetector",
        summary="what differs from a plain background",
        source="border colours and connected parts, OpenCV",
    ),
    "person": Entry(
        target="fashiontools.detect_crop.person:PersonDetector",
        summary="people by torchvision's COCO detector, split by body proportion",
        source="Ren, He, Girshick and Sun 2015, torchvision; Loomis 1943",
    ),
}

# By recipe: what detects with a run folder.
TRAINED = {
    "detector": Entry(
        target="fashiontools.detect_crop.networks:NetworkDetector",
        summary="the boxes and classes that the run has learnt",
        source="Ren, He, Girshick and Sun 2015",
    ),
}


@dataclass(frozen=True, kw_only=True)
class DetectCropOptions(RowOptions, DeviceOptions):
    """Find garments on photos and cut them out.

    A crop is a PNG; its row has the photo as `parent`, and `box` (whole pixels of the photo), `label` and `score`.
    `mask`, `garment` and `target` are cut alike. Photos without a kept box are listed in rejected.csv with the reason.
    Of a photo with several rows, one for each box, the first is taken.

    Which boxes: the photo's best box over all classes, which must be of a kept class, as in Chiaretti's thesis; or
    --any, or --all. The score is what the model gives: a network's probability; for foreground, how plain the
    background is and how well the thing stands out from it.

    person knows no garments: a person is `full`, from the chin to the crotch `upper`, from the waist to the soles
    `lower`, by the figure of eight heads. foreground knows no classes: `label` stays as the row has it, and is `full`
    where it is empty; a photo whose background is not plain is rejected.

    Beside what a run found stands its trained-on.txt, by which `evaluate` knows photos that it was trained on.

    Example: fashiontools detect-crop photos --model runs/detector --keep full,upper --square extend -o crops
    """

    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|RUN",
            help="; ".join(f"{name}: {entry.summary}" for name, entry in DETECTORS.items())
            + "; or the folder of a finished `train detector` run, by its best weights where it was judged on the "
            "way, else by its last.",
        ),
        Mark.RESULT,
    ] = "foreground"
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="mobilenet|resnet50|FILE",
            show_default=False,
            help="For --model person: torchvision's weights, fetched once, or a file of either. Default: mobilenet.",
        ),
        Mark.RESULT,
    ] = None
    keep: Annotated[
        str | None,
        typer.Option(metavar="LABEL,...", show_default=False, help="The classes that are kept. Default: all."),
        Mark.RESULT,
    ] = None
    any: Annotated[
        bool,
        typer.Option("--any", help="Take the photo's best box of the kept classes, whatever else is on it."),
        Mark.RESULT,
    ] = False
    all: Annotated[bool, typer.Option("--all", help="Take every box of the kept classes."), Mark.RESULT] = False
    min_score: Annotated[
        float,
        typer.Option(min=0, max=1, help="The score that a box must have at least; networks tell none below 0.05."),
        Mark.RESULT,
    ] = 0.5
    min_size: Annotated[
        int,
        typer.Option(
            min=1, help="Pass over boxes whose shorter side has less, pixels of the photo, before one is chosen."
        ),
        Mark.RESULT,
    ] = 1
    margin: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Add this share of the box's width on the left and on the right, and of its height above and below, "
            "as far as the photo reaches.",
        ),
        Mark.RESULT,
    ] = 0.0
    square: Annotated[
        Literal["pad", "extend"] | None,
        typer.Option(
            show_default=False,
            help="Make crops square: white around them, or more of the photo as far as it reaches, then white. "
            "Default: as the box is.",
        ),
        Mark.RESULT,
    ] = None
    size: Annotated[
        int | None,
        typer.Option(
            min=1, show_default=False, help="Scale crops until their longer side has these pixels. Default: as cut."
        ),
        Mark.RESULT,
    ] = None
    boxes_only: Annotated[
        bool,
        typer.Option("--boxes-only", help="Write no crops but rows of the photos, one for each box, to 0.01 pixels."),
        Mark.RESULT,
    ] = False
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Draw preview.png, a contact sheet of the first photos with their kept boxes."),
        Mark.RUN,
    ] = False

    def __post_init__(self) -> None:
        """Refuse an unknown model, and options that would do nothing.

        Raises:
            UsageError: There is no such model, class or folder, or options do not go together.
        """
        if self.any and self.all:
            raise UsageError("--any takes one box of a photo and --all every one: give one of them")
        if self.keep is not None and not self.kept:
            raise UsageError("--keep is empty: name some classes, such as full,upper")
        if self.weights is not None and self.model != "person":
            raise UsageError(f"--weights are for --model person, and it is {self.model}")
        if self.boxes_only and (self.margin or self.square or self.size):
            given = [flag(name) for name in ("margin", "square", "size") if getattr(self, name)]
            raise UsageError(f"--boxes-only writes no crops: leave out {', '.join(given)}")
        if not self.is_run:
            self._check_name()

    def _check_name(self) -> None:
        if "/" in self.model:
            known = ", ".join(DETECTORS)
            raise UsageError(f"--model {self.model}: there is no such run folder; named models: {known}")
        if self.model not in DETECTORS:
            problem = f"unknown model {self.model!r}: {near(self.model, DETECTORS)}"
            raise UsageError(problem, "or the folder of a finished run of `fashiontools train detector`")
        if self.model == "foreground" and self.device not in ("auto", "cpu"):
            raise UsageError(f"--device {self.device} has no meaning for --model foreground: it runs on the CPU")

    @property
    def is_run(self) -> bool:
        """Whether the model is a run folder instead of a name."""
        return self.model not in DETECTORS and Path(self.model).is_dir()

    @property
    def kept(self) -> tuple[str, ...]:
        """The classes of `--keep`, in the order named, each once; none where all are kept."""
        return tuple(dict.fromkeys(label.strip() for label in (self.keep or "").split(",") if label.strip()))

    @property
    def rule(self) -> Literal["best", "any", "all"]:
        """Which boxes are taken."""
        return "all" if self.all else "any" if self.any else "best"


COMMAND = Command(
    target="fashiontools.detect_crop.options:DetectCropOptions",
    step="fashiontools.detect_crop.step:detect_crop",
    summary="Find garments on photos and cut them out.",
    source="Chiaretti 2020, chapters 4.2 and 4.4",
    folder="detect-crop",
)
