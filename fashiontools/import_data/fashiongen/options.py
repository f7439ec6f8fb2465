"""Options of `import fashiongen`."""

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from fashiontools.core.options import Mark
from fashiontools.import_data.options import DataSetOptions

PAPER_CATEGORIES = {
    "TOPS": "top",
    "SWEATERS": "sweater",
    "PANTS": "pant",
    "JEANS": "jean",
    "SHIRTS": "shirt",
    "DRESSES": "dress",
    "SHORTS": "short",
    "SKIRTS": "skirt",
    "JACKETS & COATS": "coat",
}
"""FashionGen's names of the nine categories of Kinli, Ozcan and Kirac (section 4.1), and the paper's."""


@dataclass(frozen=True, kw_only=True)
class FashiongenOptions(DataSetOptions):
    """Read FashionGen's HDF5: its photos become PNG files, its texts columns. Needs the extra fashiongen.

    The two public files hold 199,387 (train) and 24,906 (validation) photos of the nine categories of Kinli, Ozcan and
    Kirac, together fewer than the 260,000 of their paper; name both, and --split paper scales its parts to what is
    there and says so.

    Example: fashiontools import fashiongen fashiongen_256_256_train.h5 --split paper -o fashiongen
    """

    categories: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="Only these, with commas between: the paper's nine words, FashionGen's own names (JUMPSUITS), or all.",
        ),
        Mark.RESULT,
    ] = ",".join(PAPER_CATEGORIES.values())
    split: Annotated[
        Literal["own", "paper"],
        typer.Option(
            help="own: train, val or test as the file's name says, else none; paper: 200,000, 30,000 and 30,000 "
            "photos, drawn by the seed, no product on two sides; fewer photos are split in these proportions.",
        ),
        Mark.RESULT,
    ] = "own"
