"""Sets of images, scored: the images against the reference, those of `--against` too, and the difference."""

from dataclasses import dataclass

from fashiontools.core.device import pick_device
from fashiontools.core.errors import UsageError
from fashiontools.core.manifest import Row
from fashiontools.core.parallel import usable_cores
from fashiontools.core.progress import Progress
from fashiontools.core.totals import Totals
from fashiontools.evaluate import tell
from fashiontools.evaluate.extractors import Extractor
from fashiontools.evaluate.image_sets import AGAINST, INPUT, REFERENCE, ImageSet, Reader
from fashiontools.evaluate.options import EvaluateOptions
from fashiontools.evaluate.registry import METRICS, comparing
from fashiontools.evaluate.set_metrics import ratio
from fashiontools.evaluate.statistics import Estimate, Score, score_of

DIFFERENCE, RATIO = "difference", "ratio"
ENOUGH = 2048
"""Under this many images a covariance of 2048 features is not of full rank, and FID is mostly its bias."""


@dataclass(frozen=True)
class SetScores:
    """What was found.

    Attributes:
        scores: By metric of `--metrics`.
        recipe: How they were made.
        totals: Of the input's rows.
    """

    scores: dict[str, list[Score]]
    recipe: str
    totals: Totals


def score_sets(
    rows: list[Row], named: dict[str, list[Row]], extractor: Extractor, options: EvaluateOptions, progress: Progress
) -> SetScores:
    """Score sets of images.

    Args:
        rows: The input, with `target` where there is no `--reference`.
        named: The rows of `reference` and `against`, where they were named.
        extractor: The network of `--features`.
        options: Which metrics, and what the input is compared with.
        progress: Where progress goes.

    Raises:
        TooManyBadRows: In one of the sets.
        UsageError: A set is too small.
    """
    workers = options.workers or usable_cores()
    reader = Reader(extractor, pick_device(options.device), workers, options.seed, progress)
    totals = Totals()
    sets = {INPUT: reader.read(INPUT, rows, totals)}
    if not len(sets[INPUT]):
        totals.judge(options.max_errors)
    names = comparing(options.metrics, "sets")
    if REFERENCE not in named and not all(METRICS[name].classes for name in names):
        named = {REFERENCE: _targets(rows), **named}
    sets |= {role: _read_judged(reader, role, found, options, progress) for role, found in named.items()}
    _refuse_small(sets, names, options)
    _warn_of_few(sets, names, progress)
    scores = {name: _scores(name, sets) for name in names}
    recipe = tell.sets_recipe(extractor, {role: (len(each), each.sizes) for role, each in sets.items()}, names, options)
    return SetScores(scores, recipe, totals)


def _targets(rows: list[Row]) -> list[Row]:
    return [Row({"path": row["target"]}, row.name) for row in rows if row.get("target") and not row.is_bad]


def _read_judged(reader: Reader, role: str, rows: list[Row], options: EvaluateOptions, progress: Progress) -> ImageSet:
    totals = Totals()
    found = reader.read(role, rows, totals)
    if totals.bad or totals.passed:
        progress.note(f"{role}: {totals.told()}")
    totals.judge(options.max_errors)
    return found


def _refuse_small(sets: dict[str, ImageSet], names: list[str], options: EvaluateOptions) -> None:
    told = {INPUT: "the input", REFERENCE: "--reference" if options.reference else "`target`", AGAINST: "--against"}
    for name in names:
        for role, images in sets.items():
            if len(images) < METRICS[name].fewest:
                raise UsageError(
                    f"{name} needs sets of {METRICS[name].fewest} images or more: {told[role]} has {len(images)}"
                )


def _warn_of_few(sets: dict[str, ImageSet], names: list[str], progress: Progress) -> None:
    if any(not METRICS[name].classes for name in names) and min(map(len, sets.values())) < ENOUGH:
        told = ", ".join(f"{role} {len(images):,}" for role, images in sets.items())
        progress.note(
            f"n is under {ENOUGH:,} ({told}): FID, precision and recall hang on n there, so compare them at the same "
            "n only; KID does not, and has an interval"
        )


def _scores(name: str, sets: dict[str, ImageSet]) -> list[Score]:
    """The scores of one metric: of the input, of `--against`, and what is between them."""
    metric = METRICS[name].load()
    reference = sets.get(REFERENCE)
    found: dict[str, dict[str, Estimate]] = {INPUT: metric(sets[INPUT], reference)}
    if METRICS[name].classes and reference is not None:
        found[REFERENCE] = metric(reference)
        found[RATIO] = {row: ratio(estimate, found[REFERENCE][row]) for row, estimate in found[INPUT].items()}
    if AGAINST in sets:
        found[AGAINST] = metric(sets[AGAINST], reference)
        found[DIFFERENCE] = _differences(found[INPUT], found[AGAINST])
    return [
        score_of(row, region, estimate, len(sets.get(region, sets[INPUT])))
        for region, estimates in found.items()
        for row, estimate in estimates.items()
    ]


def _differences(images: dict[str, Estimate], against: dict[str, Estimate]) -> dict[str, Estimate]:
    """Of the scores that are resampled: without an interval a difference says too little. Both share the draws of
    the reference."""
    return {
        row: Estimate(estimate.value - against[row].value, estimate.draws - against[row].draws)
        for row, estimate in images.items()
        if estimate.draws is not None
    }
