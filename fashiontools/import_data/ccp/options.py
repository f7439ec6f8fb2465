"""Options of `import ccp`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fashiontools.core.errors import UsageError
from fashiontools.core.options import Mark
from fashiontools.import_data.options import DataSetOptions


@dataclass(frozen=True, kw_only=True)
class CcpOptions(DataSetOptions):
    """Read the Clothing Co-Parsing set (CCP) as it is distributed; it is never written to.

    Photos stay where they lie. A description is written from the labels and from the colour of each garment, measured
    inside its pixels; photos that have labels but no pixels (1005 to 2098) get one without colours, since nothing says
    where on the photo a garment is, no garment mask and no box. The set distributes no split, so that one is drawn.

    Labels make boxes of three classes: upper, lower and full; one per class and person, around all of its parts but
    specks below 1 % of the photo. There is a row for each box, and one for a photo without any; beside the manifest
    stand annotations.json (COCO), categories.png and labels.png. With --no-boxes there is a row for each photo, as
    commands that work on photos want it.

    Example: fashiontools import ccp clothing-co-parsing --no-boxes -o street
    """

    boxes: Annotated[
        bool,
        typer.Option("--boxes/--no-boxes", help="A row for each box, for detectors, or one for each photo."),
        Mark.RESULT,
    ] = True
    val: Annotated[
        float,
        typer.Option(min=0, max=1, metavar="P", help="Share of the photos that is drawn for validation."),
        Mark.RESULT,
    ] = 0.1
    test: Annotated[
        float,
        typer.Option(min=0, max=1, metavar="P", help="Share of the photos that is drawn for testing."),
        Mark.RESULT,
    ] = 0.1

    def __post_init__(self) -> None:
        """Refuse shares that leave nothing to train on.

        Raises:
            UsageError: They are more than everything.
        """
        if self.val + self.test > 1:
            raise UsageError(f"--val {self.val:g} and --test {self.test:g} are more than 1 together")
