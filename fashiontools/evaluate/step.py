"""The step of `evaluate`: pairs, sets or boxes measured, then their scores as text."""

from typing import TYPE_CHECKING

from fashiontools.core.errors import UsageError
from fashiontools.core.inputs import open_inputs, select
from fashiontools.core.manifest import Table
from fashiontools.core.progress import Progress
from fashiontools.core.totals import Told, Totals
from fashiontools.evaluate import tell
from fashiontools.evaluate.options import EvaluateOptions
from fashiontools.evaluate.pair_scores import Functions, collect
from fashiontools.evaluate.pairs import References, open_named
from fashiontools.evaluate.registry import METRICS, comparing, metric_names
from fashiontools.evaluate.statistics import Score

if TYPE_CHECKING:
    from fashiontools.evaluate.extractors import Extractor


def evaluate(names: list[str], options: EvaluateOptions, progress: Progress, *, terminal: bool) -> Told:
    """Score images.

    Args:
        names: Inputs with `path`, and `target` unless `--reference` is given; `mask` (255 = hole) where there is one.
            For boxes `box`, `label` and `score`.
        options: Which metrics, and how.
        progress: Where progress goes.
        terminal: Whether a person reads the result.

    Returns:
        The scores as a table, CSV or JSON.

    Raises:
        UsageError: No `target` and no `--reference`, or nothing to score, or sets that are too small; of boxes also
            what `box_scores.py` says.
        Unavailable: A network's weights cannot be had.
        TooManyBadRows: More than `--max-errors` allows, and no score at all; or in `--reference` or `--against`.
    """
    pairs, sets = comparing(options.metrics, "pairs"), comparing(options.metrics, "sets")
    table = select(open_inputs(names), options.where or (), options.limit, options.seed)
    if comparing(options.metrics, "boxes"):
        return _boxes(names, table, options, progress, terminal=terminal)
    named = {"reference": [options.reference] if options.reference else [], "against": options.against or []}
    opened = {role: open_named(f"--{role}", folders) for role, folders in named.items() if folders}
    _require_targets(table, options, progress)
    references = References(options.reference, opened["reference"]) if options.reference else None
    functions, extractor = _open(options, progress)
    if sets:
        table = Table(table.columns, list(table.rows))  # they are read once as pairs, once as a set
    scores: dict[str, list[Score]] = {}
    recipes: list[str] = []
    totals = Totals()
    if pairs:
        collected = collect(table, references, functions, options, progress)
        collected.write(table.columns, functions, options)
        scores |= {name: collected.scores(name, options.seed) for name in pairs}
        recipes.append(tell.pairs_recipe(options, collected.sizes, functions))
        totals = collected.totals
        _refuse_nothing(totals, [score for name in pairs for score in scores[name]], options, progress)
    if extractor is not None:
        from fashiontools.evaluate.set_scores import score_sets

        judged = score_sets(list(table.rows), opened, extractor, options, progress)
        scores |= judged.scores
        recipes.append(judged.recipe)
        totals = totals if pairs else judged.totals
    found = [score for name in metric_names(options.metrics) for score in scores[name]]
    _tell_totals(totals, found, progress)
    return Told(tell.scores(found, "; ".join(recipes), as_json=options.json, terminal=terminal), totals)


def _boxes(names: list[str], table: Table, options: EvaluateOptions, progress: Progress, *, terminal: bool) -> Told:
    from fashiontools.evaluate.box_scores import score_boxes

    judged = score_boxes(names, table, options, progress)
    _tell_totals(judged.totals, judged.scores, progress)
    return Told(tell.scores(judged.scores, judged.recipe, as_json=options.json, terminal=terminal), judged.totals)


def _require_targets(table: Table, options: EvaluateOptions, progress: Progress) -> None:
    compared = [name for name in metric_names(options.metrics) if not METRICS[name].classes]
    if options.reference is None:
        if compared:
            table.require("target", why="evaluate compares with targets; name their folder with --reference DIR")
    elif "target" in table.columns:
        progress.note(f"targets are taken from {options.reference}, not from the target column")


def _open(options: EvaluateOptions, progress: Progress) -> "tuple[Functions, Extractor | None]":
    """The metrics of pairs by name, and the network of the metrics of sets; PyTorch is loaded for networks alone."""
    pairs = comparing(options.metrics, "pairs")
    looking = [name for name in pairs if METRICS[name].network]
    sets = comparing(options.metrics, "sets")
    functions: Functions = {name: METRICS[name].load() for name in pairs if name not in looking}
    if not looking and not sets:
        return functions, None
    from fashiontools.core.device import pick_device
    from fashiontools.evaluate.extractors import open_extractor
    from fashiontools.evaluate.weights import WeightFiles

    device, files = pick_device(options.device), WeightFiles(options.weights, progress)
    functions |= {name: METRICS[name].load()(options.backbone or "vgg", files, device) for name in looking}
    extractor = open_extractor(options, files, device) if sets else None
    files.refuse_unused()
    return functions, extractor


def _refuse_nothing(totals: Totals, found: list[Score], options: EvaluateOptions, progress: Progress) -> None:
    if not found:
        _tell_totals(totals, found, progress)
        totals.judge(options.max_errors)
        raise UsageError("nothing to score: the input has no good rows")


def _tell_totals(totals: Totals, scores: list[Score], progress: Progress) -> None:
    progress.clear()
    progress.note(totals.told())
    for reason, count in sorted(totals.reasons.items(), key=lambda item: -item[1])[:5]:
        progress.note(f"{count:,} bad: {reason}")
    for score in scores:
        if score.left_out:
            progress.note(
                f"{score.left_out:,} identical pairs have an infinite {score.metric} over the {score.region}; "
                "they are left out of its mean"
            )
