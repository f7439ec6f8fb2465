"""Options of `cluster-pairs`, and the table of its features."""

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from fashiontools.core.command import Command
from fashiontools.core.errors import UsageError, near
from fashiontools.core.options import InputOptions, Mark, OutputOptions, WorkerOptions
from fashiontools.core.registry import Entry

AB_SIZE = 256
NO_PRODUCT = "none"
FIRST = "first"
ASK = "ask"


@dataclass(frozen=True, kw_only=True)
class Feature(Entry):
    """What photos are clustered by.

    Attributes:
        clusters: How many clusters are made of it where nobody says.
    """

    clusters: int


FEATURES = {
    "figure": Feature(
        target="fashiontools.cluster_pairs.features.figure:figure_steps",
        summary="what differs from the borders beside it, as a soft silhouette on any background",
        source="ours",
        clusters=3,
    ),
    "threshold-mask": Feature(
        target="fashiontools.cluster_pairs.features.threshold_mask:threshold_mask_steps",
        summary="what is darker than gray level 200, filled; for white backgrounds",
        source="Farnsworth 2018, section 4.1.2",
        clusters=3,
    ),
    "adaptive-mask": Feature(
        target="fashiontools.cluster_pairs.features.threshold_mask:adaptive_mask_steps",
        summary="threshold-mask with level and polarity chosen for each photo",
        source="Farnsworth 2018, section 4.1.2; Otsu 1979",
        clusters=3,
    ),
    "canny": Feature(
        target="fashiontools.cluster_pairs.features.canny:canny_steps",
        summary="edges",
        source="Farnsworth 2018, section 4.1.2; Canny 1986",
        clusters=3,
    ),
    "gray": Feature(
        target="fashiontools.cluster_pairs.features.gray:gray_steps",
        summary="the photo in gray",
        source="Farnsworth 2018, section 4.1.2",
        clusters=4,
    ),
}
DEFAULT_FEATURES = "figure"


@dataclass(frozen=True, kw_only=True)
class ClusterPairsOptions(OutputOptions, WorkerOptions, InputOptions):
    """Find one worn photo for each product: whole body, from the front.

    The photos of people are clustered by their shape (K-means). Of the clusters the one whose centre stands from head
    to feet is taken, and of each product the photo in it that shows a face and is nearest to the centre. The output has
    a row for each product: `path` is the product photo, `target` the worn one, with `cluster`, `distance`,
    `confidence`, `runner_up` and `runner_up_distance`.

    Look at clusters.png (each centre with random members), nearest.png (the nearest photo of some products in each
    cluster) and steps.png before you trust it. photos.csv lists every photo with its rank; rejected.csv the products
    without a pair and why. A row of the input whose column `override` has another word than 0, no or false is its
    product's photo.

    Of several product photos of one product the first counts. The distance is the root mean square difference to the
    chosen centre, 0 to 1. The confidence is how surely the photo is of that cluster (0.5 half way to the next centre),
    times how surely it shows a face; 1 for overrides.

    Example: fashiontools cluster-pairs photos --group group --split 0.8 0.1 0.1 --ab -o pairs
    """

    group: Annotated[
        str, typer.Option(metavar="COLUMN", help="The column that says which product a photo is of."), Mark.RESULT
    ] = "group"
    product: Annotated[
        str,
        typer.Option(
            metavar="COLUMN=VALUE|first|none",
            help="Which rows are product photos; the others are worn ones. first: the first photo of each product; "
            "none: there are no product photos, and `path` becomes the chosen photo.",
        ),
        Mark.RESULT,
    ] = "view=product"
    features: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(FEATURES),
            show_default=False,
            help="; ".join(f"{name}: {entry.summary}" for name, entry in FEATURES.items())
            + f". Default: {DEFAULT_FEATURES}.",
        ),
        Mark.RESULT,
    ] = None
    k: Annotated[
        str | None,
        typer.Option(
            metavar="N,...",
            show_default=False,
            help="Clusters; of several numbers each is tried and drawn, and the one with the best silhouette score on "
            "a sample is taken. Default: 3 (gray: 4).",
        ),
        Mark.RESULT,
    ] = None
    choose: Annotated[
        str | None,
        typer.Option(
            metavar="N|ask",
            show_default=False,
            help="The cluster to choose from, as clusters.png numbers them; ask: draw it, then ask on the terminal. "
            "Default: the one that looks most like whole bodies, which is number 1.",
        ),
        Mark.RESULT,
    ] = None
    view: Annotated[
        Literal["front", "any"],
        typer.Option(
            help="front: photos with a face come before those without one; any: the distance alone decides, as in "
            "the thesis."
        ),
        Mark.RESULT,
    ] = "front"
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Reject products whose photo has less confidence."), Mark.RESULT
    ] = 0.0
    split: Annotated[
        tuple[float, float, float] | None,
        typer.Option(
            metavar="TRAIN VAL TEST",
            show_default=False,
            help="Draw each product's split in these shares, which sum to 1. Products with copies of one photo are on "
            "one side.",
        ),
        Mark.RESULT,
    ] = None
    ab: Annotated[
        bool,
        typer.Option(
            "--ab",
            help="Write images for other pix2pix code, product on the left and worn on the right, to ab/train, ab/val "
            "and ab/test.",
        ),
        Mark.RESULT,
    ] = False
    size: Annotated[
        int | None,
        typer.Option(
            min=1, show_default=False, help=f"Side of each half of --ab, pixels, white around. Default: {AB_SIZE}."
        ),
        Mark.RESULT,
    ] = None

    def __post_init__(self) -> None:
        """Check names, numbers and what belongs together.

        Raises:
            UsageError: Something named is not there, or cannot be.
        """
        if self.feature not in FEATURES:
            raise UsageError(f"--features: unknown feature {self.feature!r}: {near(self.feature, FEATURES)}")
        if self.product not in (FIRST, NO_PRODUCT) and self.product.find("=") < 1:
            raise UsageError(f"--product {self.product!r}: expected COLUMN=VALUE, such as view=product, first or none")
        self._check_numbers()
        if self.split is not None and (min(self.split) < 0 or abs(sum(self.split) - 1) > 1e-6):
            told = " ".join(f"{share:g}" for share in self.split)
            raise UsageError(f"--split {told}: expected three shares that sum to 1, such as 0.8 0.1 0.1")
        if self.ab and self.product == NO_PRODUCT:
            raise UsageError("--ab lays product and worn photo side by side, and --product none has no product photos")
        if self.size is not None and not self.ab:
            raise UsageError("--size is the side of the images of --ab: give --ab too")

    def _check_numbers(self) -> None:
        numbers = (self.k or "2").split(",")
        if not all(number.strip().isdecimal() and int(number) >= 2 for number in numbers):
            raise UsageError(f"--k {self.k}: expected numbers of clusters from 2 on, such as 3 or 2,3,4,5")
        if self.choose in (None, ASK):
            return
        if not self.choose.isdecimal() or not 1 <= int(self.choose) <= min(self.numbers):
            raise UsageError(f"--choose {self.choose}: expected a cluster from 1 to {min(self.numbers)}, or ask")

    @property
    def feature(self) -> str:
        """The name of the feature."""
        return DEFAULT_FEATURES if self.features is None else self.features

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of clusters to try, each once, rising."""
        if self.k is None:
            return (FEATURES[self.feature].clusters,)
        return tuple(sorted({int(number) for number in self.k.split(",")}))


COMMAND = Command(
    target="fashiontools.cluster_pairs.options:ClusterPairsOptions",
    step="fashiontools.cluster_pairs.step:cluster_pairs",
    summary="Find one worn photo for each product.",
    source="Farnsworth 2018, section 4.1.2",
    folder="cluster-pairs",
)
