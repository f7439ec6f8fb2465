"""Options of `evaluate`, and the table of metrics."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from fashiontools.core.command import Command
from fashiontools.core.errors import UsageError
from fashiontools.core.options import InputOptions, Mark, WorkerOptions
from fashiontools.core.registry import Entry, lookup


@dataclass(frozen=True, kw_only=True)
class Metric(Entry):
    """A metric.

    Attributes:
        compares: `pairs` (an image and its target), `sets` (two sets of images) or `boxes`.
        unit: Of its values.
        better: Whether higher or lower values are better.
        smallest: The shortest side that it can work on, pixels.
    """

    compares: Literal["pairs", "sets", "boxes"]
    unit: str
    better: Literal["higher", "lower"]
    smallest: int = 1


METRICS = {
    "l1": Metric(
        target="fashiontools.evaluate.metrics:l1",
        summary="mean absolute difference, percent of the range",
        source="Kinli, Ozcan and Kirac, table 1",
        compares="pairs",
        unit="%",
        better="lower",
    ),
    "l2": Metric(
        target="fashiontools.evaluate.metrics:l2",
        summary="mean squared difference, percent of the range",
        source="Kinli, Ozcan and Kirac, table 1",
        compares="pairs",
        unit="%",
        better="lower",
    ),
    "psnr": Metric(
        target="fashiontools.evaluate.metrics:psnr",
        summary="peak signal-to-noise ratio, the mean of the images' values",
        source="closed form",
        compares="pairs",
        unit="dB",
        better="higher",
    ),
    "ssim": Metric(
        target="fashiontools.evaluate.metrics:ssim",
        summary="structural similarity, Gaussian window 11, sigma 1.5",
        source="Wang, Bovik, Sheikh and Simoncelli 2004",
        compares="pairs",
        unit="",
        better="higher",
        smallest=11,
    ),
}


def metric_names(text: str) -> list[str]:
    """The metrics of a comma-separated list.

    Raises:
        UsageError: One is unknown, or none is named.
    """
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError(f"--metrics is empty: name some of {', '.join(METRICS)}")
    for name in names:
        lookup(METRICS, name, "metric")
    return list(dict.fromkeys(names))


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(InputOptions, WorkerOptions):
    """Score images against references.

    Pairs come from the `target` column, or from --reference by the path within its folder without suffixes. Scores
    are over the whole image (the papers' convention) and, where there is a `mask`, over the hole alone. A table on
    a terminal, otherwise CSV: metric, region, mean, low and high (95 % bootstrap interval of the mean), median, n.

    Example: fashiontools evaluate filled --metrics ssim,psnr,l1,l2
    """

    metrics: Annotated[
        str,
        typer.Option(
            metavar="NAME,...",
            help="; ".join(f"{name}: {metric.summary} ({metric.better} is better)" for name, metric in METRICS.items())
            + ".",
        ),
        Mark.RESULT,
    ] = "l1,l2,psnr,ssim"
    reference: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Take the targets from this folder or manifest instead of `target`."),
        Mark.RESULT,
    ] = None
    resize: Annotated[
        Literal["area", "linear", "cubic", "lanczos"] | None,
        typer.Option(help="Resize images to their target's size where sizes differ; without it that is a bad row."),
        Mark.RESULT,
    ] = None
    per_image: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write each image's values to this CSV."), Mark.RUN
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print JSON."), Mark.RUN] = False

    def __post_init__(self) -> None:
        """Refuse unknown metrics.

        Raises:
            UsageError: As `metric_names`.
        """
        metric_names(self.metrics)


COMMAND = Command(
    target="fashiontools.evaluate.options:EvaluateOptions",
    step="fashiontools.evaluate.step:evaluate",
    summary="Score images against references.",
    source="",
    prints=True,
)
