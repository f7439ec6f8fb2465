"""Options of `import celeba`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fashiontools.core.options import Mark
from fashiontools.import_data.options import BoxSetOptions


@dataclass(frozen=True, kw_only=True)
class CelebaOptions(BoxSetOptions):
    """Read CelebA as it is distributed; it is never written to.

    Photos stay where they lie. Each of the forty attributes is a column of 1 and -1, each landmark two columns of
    pixels (lefteye_x, lefteye_y and so on); group is the person, where identity_CelebA.txt is there. The set's boxes
    are those of faces on the photos in the wild, and are read with --wild alone. For non-commercial research.

    Example: fashiontools import celeba CelebA --where Mustache=1 -o mustaches
    """

    wild: Annotated[
        bool,
        typer.Option(
            "--wild/--aligned",
            help="The photos in the wild (img_celeba), with boxes, or those aligned to 178 x 218 (img_align_celeba).",
        ),
        Mark.RESULT,
    ] = False
