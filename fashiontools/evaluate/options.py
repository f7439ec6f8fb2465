"""Options of `evaluate`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from fashiontools.core.command import Command
from fashiontools.core.errors import UsageError
from fashiontools.core.options import DeviceOptions, InputOptions, Mark, WorkerOptions, flag
from fashiontools.evaluate.registry import EXTRACTORS, METRICS, comparing

SETS = "Sets of images"


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(InputOptions, WorkerOptions, DeviceOptions):
    """Score images against references.

    Pairs (l1, l2, psnr, ssim, lpips) come from the `target` column, or from --reference by the path within its
    folder without suffixes. Scores are over the whole image (the papers' convention) and, where there is a `mask`,
    over the hole alone. A table on a terminal, otherwise CSV: metric, region, mean, low and high (95 % bootstrap
    interval of the mean), median, n.

    Sets (fid, kid, prdc, confidence) are all images against all of --reference, or all targets, whatever their
    names. They depend on the network, its weights, the resize and the number of images, which the recipe tells:
    compare only scores whose recipes agree. FID falls as sets grow; KID does not, and has an interval.

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
    backbone: Annotated[
        Literal["vgg", "alex"] | None,
        typer.Option(help="The network that LPIPS looks through: VGG16 or AlexNet. Default: vgg."),
        Mark.RESULT,
    ] = None
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="FILE,...",
            help="Weights of the networks (.safetensors, or .pth with tensors alone), told apart by their tensors. "
            "Default: the published ones, fetched on first use.",
        ),
        Mark.RESULT,
    ] = None
    features: Annotated[
        str | None,
        typer.Option(
            metavar="|".join([*EXTRACTORS, "RUN"]),
            help="; ".join(f"{name}: {entry.summary}" for name, entry in EXTRACTORS.items())
            + "; RUN: 512 features of a `train classifier` run, at its own size. Default: inception.",
            rich_help_panel=SETS,
        ),
        Mark.RESULT,
    ] = None
    fit: Annotated[
        Literal["crop", "pad", "stretch"] | None,
        typer.Option(help="How a photo becomes square. Default: stretch; with RUN as there.", rich_help_panel=SETS),
        Mark.RESULT,
    ] = None
    against: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Score these images too; of kid and confidence also the input's score minus theirs, with its "
            "interval. Repeat it for more folders of the one set.",
            rich_help_panel=SETS,
        ),
        Mark.RESULT,
    ] = None
    per_image: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write each pair's values to this CSV."), Mark.RUN
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print JSON."), Mark.RUN] = False

    def __post_init__(self) -> None:
        """Refuse unknown metrics, and options that none of the metrics looks at.

        Raises:
            UsageError: As `metric_names`, and for such an option.
        """
        pairs, sets = comparing(self.metrics, "pairs"), comparing(self.metrics, "sets")
        lpips = [name for name in pairs if METRICS[name].network]
        published = sets if self.runs_published else []
        for name, used_by, kind in (
            ("resize", pairs, "metrics of pairs"),
            ("per_image", pairs, "metrics of pairs"),
            ("backbone", lpips, "lpips"),
            ("weights", lpips + published, "lpips, and for metrics of sets without --features RUN"),
            ("features", sets, "metrics of sets"),
            ("fit", sets, "metrics of sets"),
            ("against", sets, "metrics of sets"),
        ):
            if getattr(self, name) not in (None, []) and not used_by:
                raise UsageError(f"{flag(name)} is for {kind}: --metrics {self.metrics} does not look at it")
        for name in sets:
            if METRICS[name].classes and self.runs_published:
                raise UsageError(
                    f"{name} needs a classifier: name a run with --features RUN (`fashiontools train classifier`)"
                )

    @property
    def runs_published(self) -> bool:
        """Whether features are those of a published network, rather than of our own run."""
        return self.features is None or self.features in EXTRACTORS


COMMAND = Command(
    target="fashiontools.evaluate.options:EvaluateOptions",
    step="fashiontools.evaluate.step:evaluate",
    summary="Score images against references.",
    source="",
    prints=True,
)
