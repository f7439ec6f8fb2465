"""Options of `evaluate`."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from fashiontools.core.command import Command
from fashiontools.core.errors import UsageError
from fashiontools.core.options import DeviceOptions, InputOptions, Mark, WorkerOptions, flag
from fashiontools.evaluate.registry import EXTRACTORS, METRICS, NEAR, comparing

SETS, BOXES = "Sets of images", "Boxes"
_SCORE, _IOU = 0.5, 0.5


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

    Boxes (ap) are detections with box, label, score, and parent where the box is in its pixels (all of them: as
    `detect-crop --all --boxes-only --min-score 0` writes them), against the boxes of --reference: COCO's JSON, such as
    the annotations.json of `import`, or a manifest with box and label. Photos are the same if their files are, else if
    their SHA-256 is, else by the path within their folder. Boxes on photos without detections count as missed,
    detections on photos without boxes as wrong; labels that the reference lacks are left out, as COCO does.

    ap gives COCO's twelve numbers, over all classes and of each: AP (mean over IoU .50 to .95), AP50, AP75, AP
    of small, medium and large boxes, and AR with 1, 10 and 100 detections of a class on a photo, and of each size.
    (Table 5.1 of Chiaretti's thesis calls AR with 1, 10 and 100 detections recall at IoU 0.50:0.95, 0.50 and 0.75.) At
    a chosen score and IoU it gives precision and recall, and counts true_positives and what went wrong, after TIDE:
    duplicate, wrong_class, badly_placed (IoU from 0.1), wrong_both, background, and missed (boxes not found, without
    those that a wrong_class or badly_placed detection explains). n is the boxes to find; of precision and of
    detections by kind the detections.

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
        typer.Option(
            metavar="DIR",
            help="Take the targets from this folder or manifest instead of `target`; for ap the boxes, also from "
            "COCO's JSON.",
        ),
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
    reference_split: Annotated[
        str | None,
        typer.Option(
            metavar="SPLIT,...", help="Score photos of these splits of the reference alone.", rich_help_panel=BOXES
        ),
        Mark.RESULT,
    ] = None
    at_score: Annotated[
        float | None,
        typer.Option(
            help=f"Count detections of this score or more, for precision, recall and errors. Default: {_SCORE}.",
            rich_help_panel=BOXES,
        ),
        Mark.RESULT,
    ] = None
    at_iou: Annotated[
        float | None,
        typer.Option(
            help=f"Count a box as found from this overlap, above 0.1 and up to 1. Default: {_IOU}.",
            rich_help_panel=BOXES,
        ),
        Mark.RESULT,
    ] = None
    allow_seen: Annotated[
        bool,
        typer.Option(
            "--allow-seen",
            help="Score a detector also on photos that it was trained on (same SHA-256).",
            rich_help_panel=BOXES,
        ),
        Mark.RESULT,
    ] = False
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Draw precision-recall curves of each class to this PNG.", rich_help_panel=BOXES
        ),
        Mark.RUN,
    ] = None
    per_image: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write each pair's values, or for ap each photo's counts, to this CSV."),
        Mark.RUN,
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print JSON."), Mark.RUN] = False

    def __post_init__(self) -> None:
        """Refuse unknown metrics, and options that none of the metrics looks at.

        Raises:
            UsageError: As `metric_names`, and for such an option.
        """
        pairs, sets, boxes = (comparing(self.metrics, what) for what in ("pairs", "sets", "boxes"))
        if boxes and (pairs or sets):
            raise UsageError(
                f"--metrics {self.metrics}: ap compares boxes, {(pairs + sets)[0]} images; score them one by one"
            )
        lpips = [name for name in pairs if METRICS[name].network]
        published = sets if self.runs_published else []
        for name, used_by, kind in (
            ("resize", pairs, "metrics of pairs"),
            ("per_image", pairs + boxes, "metrics of pairs and for ap"),
            ("backbone", lpips, "lpips"),
            ("weights", lpips + published, "lpips, and for metrics of sets without --features RUN"),
            ("features", sets, "metrics of sets"),
            ("fit", sets, "metrics of sets"),
            ("against", sets, "metrics of sets"),
            ("reference_split", boxes, "ap"),
            ("at_score", boxes, "ap"),
            ("at_iou", boxes, "ap"),
            ("allow_seen", boxes, "ap"),
            ("plot", boxes, "ap"),
        ):
            value = getattr(self, name)
            if not (value is None or value is False or value == []) and not used_by:
                raise UsageError(f"{flag(name)} is for {kind}: --metrics {self.metrics} does not look at it")
        if boxes:
            self._check_boxes()
        for name in sets:
            if METRICS[name].classes and self.runs_published:
                raise UsageError(
                    f"{name} needs a classifier: name a run with --features RUN (`fashiontools train classifier`)"
                )

    def _check_boxes(self) -> None:
        if self.limit is not None:
            raise UsageError("--limit draws some detections, and ap would count the others as missed: leave it out")
        if not math.isfinite(self.least_score):
            raise UsageError(f"--at-score {self.at_score}: expected a number")
        if not NEAR < self.least_iou <= 1:
            raise UsageError(f"--at-iou {self.at_iou:g}: expected an overlap above {NEAR} and up to 1, such as 0.5")
        if self.plot is not None and self.plot.suffix.lower() != ".png":
            raise UsageError(f"--plot {self.plot}: expected a name that ends in .png")

    @property
    def least_score(self) -> float:
        """From which score detections are counted."""
        return _SCORE if self.at_score is None else self.at_score

    @property
    def least_iou(self) -> float:
        """From which overlap a box is found."""
        return _IOU if self.at_iou is None else self.at_iou

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
