"""Options of `import lookbook`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fashiontools.core.options import Mark, OutputOptions, SeedOptions, WorkerOptions


@dataclass(frozen=True, kw_only=True)
class LookbookOptions(OutputOptions, WorkerOptions, SeedOptions):
    """Draw a small fashion house: photos to try everything on, with the truth in the manifest.

    Per product a packshot on white and three to five photos of a person who wears it, with the attributes of
    Farnsworth's thesis, the shop's German words, an English sentence, the garment's mask and box.

    Example: fashiontools import lookbook --products 50 --duplicates 0.1 -o house
    """

    products: Annotated[int, typer.Option(min=1, help="How many products."), Mark.EXTEND] = 100
    height: Annotated[
        int,
        typer.Option(
            min=85,
            help="Height of the photos, pixels; they are 3 : 4, and no side is drawn with fewer than 64 pixels.",
        ),
        Mark.RESULT,
    ] = 533
    duplicates: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            metavar="P",
            help="Share of photos that get a copy: recompressed, resized, cropped or mirrored (column copy).",
        ),
        Mark.RESULT,
    ] = 0.0
    corrupt: Annotated[
        float,
        typer.Option(min=0, max=1, metavar="P", help="Share of photos that get a broken file beside them."),
        Mark.RESULT,
    ] = 0.0
