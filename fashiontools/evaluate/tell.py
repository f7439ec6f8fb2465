"""Scores as text: a table for people, CSV and JSON for programs, each with the recipe of how they were made."""

import csv
import io
import json
import math

from fashiontools.evaluate.options import METRICS, EvaluateOptions, metric_names
from fashiontools.evaluate.statistics import Score

COLUMNS = ("metric", "region", "mean", "low", "high", "median", "n", "identical", "recipe")


def recipe(options: EvaluateOptions, sizes: set[tuple[int, int]]) -> str:
    """One line that says how the numbers were made: sizes, averaging, resize, interval, definitions."""
    if not sizes:
        told = "no images"
    elif len(sizes) == 1:
        told = "{1}x{0}".format(*next(iter(sizes)))
    else:
        small, large = min(sizes, key=math.prod), max(sizes, key=math.prod)
        told = f"{len(sizes)} sizes from {small[1]}x{small[0]} to {large[1]}x{large[0]}"
    definitions = "; ".join(f"{name}: {METRICS[name].summary}" for name in metric_names(options.metrics))
    return (
        f"sizes {told}; resize {options.resize or 'none'}; 8-bit sRGB; mean and median of per-image values; "
        f"interval 95 % bootstrap of the mean, 2000 resamples, seed {options.seed}; {definitions}"
    )


def scores(found: list[Score], how: str, *, as_json: bool, terminal: bool) -> str:
    """The scores as text.

    Args:
        found: The scores.
        how: Their recipe.
        as_json: JSON instead of a table or CSV.
        terminal: A table for a person instead of CSV.
    """
    if as_json:
        return json.dumps({"recipe": how, "scores": [_numbers(score) for score in found]}, indent=1) + "\n"
    if terminal:
        return _table(found, how)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**_numbers(score), "recipe": how} for score in found)
    return text.getvalue()


def _numbers(score: Score) -> dict[str, object]:
    def number(value: float) -> float | None:
        return None if math.isnan(value) else value

    return {
        "metric": score.metric,
        "region": score.region,
        "mean": number(score.mean),
        "low": number(score.low),
        "high": number(score.high),
        "median": number(score.median),
        "n": score.n,
        "identical": score.left_out,
    }


def _table(found: list[Score], how: str) -> str:
    lines = [f"{'metric':8} {'region':7} {'mean':>9}   {'95 % interval':21} {'median':>9} {'n':>7}"]
    for score in found:
        unit = METRICS[score.metric].unit
        interval = f"{score.low:.4f} to {score.high:.4f}"
        lines.append(
            f"{score.metric:8} {score.region:7} {score.mean:9.4f} {unit:2} {interval:20} {score.median:9.4f} "
            f"{score.n:7,}" + (f"  ({score.left_out:,} identical pairs left out)" if score.left_out else "")
        )
    return "\n".join([*lines, how, ""])
