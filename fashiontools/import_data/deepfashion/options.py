"""Options of `import deepfashion`."""

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from fashiontools.core.options import Mark
from fashiontools.import_data.options import BoxSetOptions


@dataclass(frozen=True, kw_only=True)
class DeepfashionOptions(BoxSetOptions):
    """Read DeepFashion's Category and Attribute Prediction as it is distributed; it is never written to.

    Photos stay where they lie. Each has one box; its label is the type of its category: upper, lower or full. Beside
    the manifest stand annotations.json (COCO), categories.png and labels.png. The set is for non-commercial research.

    Example: fashiontools import deepfashion "Category and Attribute Prediction Benchmark" --split-by thesis -o clothes
    """

    release: Annotated[
        Literal["auto", "coarse", "fine"],
        typer.Option(
            help="coarse: the 289,222 photos of Anno_coarse (or Anno); fine: the 20,000 of Anno_fine, annotated "
            "more carefully; auto: coarse where it is there."
        ),
        Mark.RESULT,
    ] = "auto"
    split_by: Annotated[
        Literal["own", "thesis"],
        typer.Option(
            help="own: the set's partition, where it has none by SHA-256 (80, 10, 10 %); thesis: 200,000 of the "
            "289,222 photos to train on and the rest to validate, drawn by the seed; of fewer photos the same share."
        ),
        Mark.RESULT,
    ] = "own"
