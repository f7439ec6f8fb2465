"""The tables of `evaluate`: its metrics, and the published networks whose features compare sets of images."""

from dataclasses import dataclass
from typing import Literal

from fashiontools.core.errors import UsageError
from fashiontools.core.registry import Entry, lookup


@dataclass(frozen=True, kw_only=True)
class Metric(Entry):
    """A metric.

    A metric of `pairs` is a function of an image, its target and a hole; one that looks through a network is a class
    that is built with it first. A metric of `sets` is a function of two `ImageSet`, one of `boxes` of what is on each
    image and what was found there.

    Attributes:
        compares: `pairs` (an image and its target), `sets` (two sets of images) or `boxes` (detections and those of a
            reference).
        unit: Of its values.
        better: Whether higher or lower values are better.
        smallest: The shortest side that it can work on, pixels.
        fewest: The smallest sets that it can work on, images.
        decimals: How many are shown in a table.
        network: Whether a metric of pairs looks through a network.
        classes: Whether a metric of sets needs a classifier, and looks at each set alone.
        interval: How the interval of a metric of sets is made, or why it has none.
    """

    compares: Literal["pairs", "sets", "boxes"]
    unit: str = ""
    better: Literal["higher", "lower"]
    smallest: int = 1
    fewest: int = 1
    decimals: int = 4
    network: bool = False
    classes: bool = False
    interval: str = ""


NEAR = 0.1
"""The overlap from which a detection is badly placed, and no longer on the background."""

_REPEATS = "no interval: resampling repeats images, and that alone moves it"
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
        better="higher",
        smallest=11,
    ),
    "lpips": Metric(
        target="fashiontools.evaluate.lpips:Lpips",
        summary="distance of deep features, weighted as people judge",
        source="Zhang, Isola, Efros, Shechtman and Wang 2018, version 0.1",
        compares="pairs",
        better="lower",
        smallest=32,
        network=True,
    ),
    "fid": Metric(
        target="fashiontools.evaluate.set_metrics:fid",
        summary="Frechet distance of two Gaussians fitted to features",
        source="Heusel, Ramsauer, Unterthiner, Nessler and Hochreiter 2017",
        compares="sets",
        better="lower",
        fewest=2,
        interval=_REPEATS,
    ),
    "kid": Metric(
        target="fashiontools.evaluate.kid:kid",
        summary="unbiased squared MMD of features, cubic kernel, 100 subsets of 1,000 where n is more",
        source="Binkowski, Sutherland, Arbel and Gretton 2018",
        compares="sets",
        better="lower",
        fewest=10,
        decimals=6,
        interval="95 % bootstrap of the images of both sets, copies of one image never compared, 1000 resamples",
    ),
    "prdc": Metric(
        target="fashiontools.evaluate.set_metrics:prdc",
        summary="precision, recall, density and coverage of features, 5 neighbours",
        source="Kynkaanniemi et al. 2019; Naeem et al. 2020",
        compares="sets",
        better="higher",
        fewest=6,
        interval=_REPEATS,
    ),
    "confidence": Metric(
        target="fashiontools.evaluate.set_metrics:confidence",
        summary="mean probability of the likeliest class of --features RUN, of each set",
        source="Chiaretti 2020",
        compares="sets",
        better="higher",
        classes=True,
        interval="95 % bootstrap of each set's images, 2000 resamples",
    ),
    "ap": Metric(
        target="fashiontools.evaluate.average_precision:average_precision",
        summary="COCO's twelve numbers of boxes, precision and recall at a score, counts by kind of error",
        source="Lin et al. 2014; Bolya, Foley, Hays and Hoffman 2020",
        compares="boxes",
        better="higher",
    ),
}

EXTRACTORS = {
    "inception": Entry(
        target="fashiontools.evaluate.extractors:open_inception",
        summary="FID's own Inception v3, 2048 features at 299 x 299",
        source="Heusel et al. 2017, as ported by torch-fidelity",
    ),
    "vgg16": Entry(
        target="fashiontools.evaluate.extractors:open_vgg16",
        summary="VGG16, 4096 features at 224 x 224",
        source="Kynkaanniemi et al. 2019",
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


def comparing(text: str, what: Literal["pairs", "sets", "boxes"]) -> list[str]:
    """Those metrics of a list that compare pairs, sets, or boxes."""
    return [name for name in metric_names(text) if METRICS[name].compares == what]
