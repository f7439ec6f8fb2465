"""Options of `import aligned`."""

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from fashiontools.core.options import Mark
from fashiontools.import_data.options import DataSetOptions


@dataclass(frozen=True, kw_only=True)
class AlignedOptions(DataSetOptions):
    """Read a set of pairs that lie side by side in one file, as pix2pix's own sets do; it is never written to.

    Such as facades, edges2shoes and what `fashiontools cluster-pairs --ab` writes: images in train, val and test, A in
    their left half, B in the right one. Each is cut in two, losslessly, into path and target. Of facades the labels,
    its right halves, are what photos are made of: --direction b-to-a.

    Example: fashiontools import aligned edges2shoes -o pairs
    """

    direction: Annotated[
        Literal["a-to-b", "b-to-a"],
        typer.Option(help="Which half is the target: b-to-a makes left halves of right ones."),
        Mark.RESULT,
    ] = "a-to-b"
