"""Options of `train classifier`."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import typer

from fashiontools.core.options import Mark
from fashiontools.train.options import Batch, Epochs, Flip, SquareOptions, ValidationOptions

LABEL = "label"


@dataclass(frozen=True, kw_only=True)
class ClassifierOptions(ValidationOptions, SquareOptions):
    """Train a classifier of photos: its features judge sets of generated images.

    torchvision's ResNet-18 learns the column `label` (a plain folder's subfolders are its labels). The run is what
    `evaluate --features RUN` looks through, where no network trained on a million photos can be had or would see
    clothes as one wants.

    Example: fashiontools train classifier photos --epochs 20 -o runs/classifier
    """

    recipe: ClassVar[str] = "classifier"

    batch: Batch = 64
    epochs: Epochs = 20
    flip: Flip = True
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="imagenet|FILE",
            show_default=False,
            help="Begin with torchvision's weights, or a file of torchvision's. Default: from scratch.",
        ),
        Mark.RESULT,
    ] = None
    rate: Annotated[float, typer.Option(min=0, help="AdamW's learning rate; falls along a cosine."), Mark.RESULT] = (
        0.001
    )
    weight_decay: Annotated[float, typer.Option(min=0, help="AdamW's weight decay."), Mark.RESULT] = 0.05
    smoothing: Annotated[
        float, typer.Option(min=0, max=0.9, help="Probability that is spread over the other labels."), Mark.RESULT
    ] = 0.0

    @property
    def columns(self) -> dict[str, str]:
        """The labels."""
        return {LABEL: "it is what the classifier learns; of a plain folder it is the subfolder"}
