"""From per-image values, or from an estimate and its resamples, to a score with its interval."""

from dataclasses import dataclass

import numpy as np

_RESAMPLES = 2000
_CHUNK = 2_000_000
_LEVEL = 0.95
_NAN = float("nan")


@dataclass(frozen=True)
class Score:
    """One metric over one region.

    Attributes:
        metric: Its name.
        region: Of pairs `image` or `hole`; of sets `set`, `reference`, `ratio`, `against` or `difference`; of boxes
            `all` or a class.
        mean: Mean of the images' values; of sets and boxes the score; NaN where it is undefined.
        low: Lower end of its 95 % bootstrap interval; NaN where it has none.
        high: Upper end.
        median: Median of the images' values; NaN for sets and boxes.
        n: How many images it is over; of boxes the boxes to find, or the detections that were looked at.
        left_out: Images whose value is infinite (identical pairs under PSNR): counted, not averaged.
        is_count: Whether `mean` is a count.
    """

    metric: str
    region: str
    mean: float
    low: float
    high: float
    median: float
    n: int
    left_out: int
    is_count: bool = False


@dataclass(frozen=True)
class Estimate:
    """A number about sets of images.

    Attributes:
        value: The number.
        draws: (R,) the same of R resamples of the images; None where resampling would mislead.
    """

    value: float
    draws: np.ndarray | None = None


def summarize(metric: str, region: str, values: np.ndarray, seed: int) -> Score:
    """Summarize per-image values.

    Args:
        metric: Name of the metric.
        region: Name of the region.
        values: (n,) float64; infinite ones are counted and left out.
        seed: Of the bootstrap.

    Returns:
        The score; NaN where no finite value is left.
    """
    finite = values[np.isfinite(values)]
    left_out = int(np.isinf(values).sum())
    if len(finite) == 0:
        return Score(metric, region, _NAN, _NAN, _NAN, _NAN, 0, left_out)
    low, high = bootstrap_interval(finite, seed)
    return Score(metric, region, float(finite.mean()), low, high, float(np.median(finite)), len(finite), left_out)


def score_of(metric: str, region: str, estimate: Estimate, n: int) -> Score:
    """The score of an estimate over n images."""
    low, high = (_NAN, _NAN) if estimate.draws is None else interval(estimate.draws)
    return Score(metric, region, estimate.value, low, high, _NAN, n, 0)


def bootstrap_interval(values: np.ndarray, seed: int) -> tuple[float, float]:
    """The 95 % percentile interval of the mean, from 2,000 resamples (Efron 1979).

    Args:
        values: (n,) finite float64.
        seed: Of the resampling; the same values and seed give the same interval.

    Returns:
        Low and high.
    """
    return interval(bootstrap_means(values, np.random.default_rng(seed)))


def bootstrap_means(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The means of 2,000 resamples.

    Args:
        values: (n,) finite float64.
        rng: Draws the resamples.

    Returns:
        (2000,) float64.
    """
    at_once = max(1, _CHUNK // len(values))
    means: list[np.ndarray] = []
    for start in range(0, _RESAMPLES, at_once):
        draws = rng.integers(0, len(values), (min(at_once, _RESAMPLES - start), len(values)))
        means.append(values[draws].mean(axis=1))
    return np.concatenate(means)


def interval(draws: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of resampled values, NaN (a resample that says nothing) left out: low and high."""
    tail = 100 * (1 - _LEVEL) / 2
    low, high = np.nanpercentile(draws, [tail, 100 - tail])
    return float(low), float(high)
