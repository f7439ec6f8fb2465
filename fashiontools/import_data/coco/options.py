"""Options of `import coco`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fashiontools.core.errors import UsageError
from fashiontools.core.options import Mark
from fashiontools.import_data.options import BoxSetOptions


@dataclass(frozen=True, kw_only=True)
class CocoOptions(BoxSetOptions):
    """Read any COCO file of boxes, or write any manifest's boxes as one.

    What is read is never written to. Photos stay where they lie. There is a row for each box, with its category's name
    as label; photos without boxes have one row. Crowds, which are no single thing, and outlines are left out. The split
    is the image's own (split), else that of the file's name (instances_val2017.json), else by SHA-256 (80, 10, 10 %).

    Boxes of a manifest, which needs box and label, are checked in the same way, and written to annotations.json, or
    where --coco says.

    Example: fashiontools import coco instances_train2017.json --photos train2017 --map trousers=lower -o clothes
    """

    coco: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write COCO's JSON here, and not to annotations.json in the output folder."),
        Mark.RESULT,
    ] = None

    photos: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The folder that the file's names of photos are relative to. Default: the file's own folder, or where "
            "such sets have it (../train2017, ../images, ..).",
        ),
        Mark.RESULT,
    ] = None
    map: Annotated[
        list[str] | None,
        typer.Option(metavar="CATEGORY=LABEL", help="Label this category so (trousers=lower); repeat it."),
        Mark.RESULT,
    ] = None

    def labels(self) -> dict[str, str]:
        """The label of each category that `--map` names.

        Raises:
            UsageError: One is not CATEGORY=LABEL.
        """
        pairs = [text.rpartition("=") for text in self.map or ()]
        for (category, _, label), text in zip(pairs, self.map or (), strict=True):
            if not category or not label:
                raise UsageError(f"--map {text!r}: expected CATEGORY=LABEL, such as trousers=lower")
        return {category: label for category, _, label in pairs}
