"""Means, medians and bootstrap intervals, against SciPy and by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from fashiontools.evaluate.statistics import bootstrap_interval, summarize


@pytest.mark.parametrize("count", [5, 40, 400])
def test_interval_agrees_with_scipy(count: int) -> None:
    values = np.random.default_rng(count).gamma(2.0, 3.0, count)
    low, high = bootstrap_interval(values, seed=0)
    found = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    width = found.high - found.low
    assert low == pytest.approx(found.low, abs=0.06 * width)
    assert high == pytest.approx(found.high, abs=0.06 * width)


def test_interval_covers_the_true_mean_nearly_as_often_as_it_says() -> None:
    rng, inside = np.random.default_rng(3), 0
    for number in range(300):
        low, high = bootstrap_interval(rng.normal(7, 2, 60), seed=number)
        inside += low <= 7 <= high
    assert 0.90 <= inside / 300 <= 0.985


def test_interval_hangs_on_values_and_seed_alone() -> None:
    values = np.random.default_rng(0).normal(size=50)
    assert bootstrap_interval(values, 4) == bootstrap_interval(values.copy(), 4)
    assert bootstrap_interval(values, 4) != bootstrap_interval(values, 5)


def test_one_value_is_its_own_interval() -> None:
    score = summarize("l1", "image", np.array([2.5]), seed=0)
    assert (score.mean, score.low, score.high, score.median, score.n) == (2.5, 2.5, 2.5, 2.5, 1)


def test_infinite_values_are_counted_and_left_out() -> None:
    score = summarize("psnr", "image", np.array([20.0, np.inf, 30.0, np.inf]), seed=0)
    assert (score.mean, score.median, score.n, score.left_out) == (25.0, 25.0, 2, 2)


def test_nothing_but_infinite_values_has_no_mean() -> None:
    score = summarize("psnr", "image", np.array([np.inf]), seed=0)
    assert math.isnan(score.mean)
    assert (score.n, score.left_out) == (0, 1)


def test_median_is_not_the_mean() -> None:
    score = summarize("l2", "hole", np.array([1.0, 2.0, 9.0]), seed=0)
    assert (score.mean, score.median) == (4.0, 2.0)
    assert score.low <= score.mean <= score.high


def test_many_values_have_the_interval_of_the_central_limit() -> None:
    low, high = bootstrap_interval(np.random.default_rng(0).random(100_000), seed=0)
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(1 / 12 / 100_000), rel=0.1)
