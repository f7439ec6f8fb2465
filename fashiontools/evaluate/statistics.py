"""From per-image values to a score with its interval."""

from dataclasses import dataclass

import numpy as np

_RESAMPLES = 2000
_CHUNK = 2_000_000
_LEVEL = 0.95


@dataclass(frozen=True)
class Score:
    """One metric over one region.

    Attributes:
        metric: Its name.
        region: `image` or `hole`.
        mean: Mean of the images' values.
        low: Lower end of the 95 % bootstrap interval of the mean.
        high: Upper end.
        median: Median of the images' values.
        n: How many images it is over.
        left_out: Images whose value is infinite (identical pairs under PSNR): counted, not averaged.
    """

    metric: str
    region: str
    mean: float
    low: float
    high: float
    median: float
    n: int
    left_out: int


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
        nan = float("nan")
        return Score(metric, region, nan, nan, nan, nan, 0, left_out)
    low, high = bootstrap_interval(finite, seed)
    return Score(metric, region, float(finite.mean()), low, high, float(np.median(finite)), len(finite), left_out)


def bootstrap_interval(values: np.ndarray, seed: int) -> tuple[float, float]:
    """The 95 % percentile interval of the mean, from 2,000 resamples (Efron 1979).

    Args:
        values: (n,) finite float64.
        seed: Of the resampling; the same values and seed give the same interval.

    Returns:
        Low and high.
    """
    rng = np.random.default_rng(seed)
    at_once = max(1, _CHUNK // len(values))
    means: list[np.ndarray] = []
    for start in range(0, _RESAMPLES, at_once):
        draws = rng.integers(0, len(values), (min(at_once, _RESAMPLES - start), len(values)))
        means.append(values[draws].mean(axis=1))
    tail = 100 * (1 - _LEVEL) / 2
    low, high = np.percentile(np.concatenate(means), [tail, 100 - tail])
    return float(low), float(high)
