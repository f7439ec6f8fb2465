"""FID, KID, precision, recall, density, coverage and confidence from features: closed forms, loops, torch-fidelity."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import KEY_METRIC_KID_MEAN, KEY_METRIC_KID_STD, kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

from fashiontools.evaluate import kid as kid_module
from fashiontools.evaluate.image_sets import ImageSet
from fashiontools.evaluate.kid import kid
from fashiontools.evaluate.set_metrics import confidence, fid, prdc, ratio
from fashiontools.evaluate.statistics import Estimate, interval


def image_set(features: np.ndarray, role: str = "set", seed: int = 0) -> ImageSet:
    return ImageSet(role, features, seed)


def drawn(number: int, count: int, width: int = 6, shift: float = 0.0) -> np.ndarray:
    """Skewed, correlated features, as networks make them."""
    mixing = np.random.default_rng(99).normal(size=(width, width)) / np.sqrt(width)
    values = np.abs(np.random.default_rng(number).normal(size=(count, width)) @ mixing) + shift
    return values.astype(np.float32)


def gaussian(number: int, mean: np.ndarray, covariance: np.ndarray, count: int = 60) -> np.ndarray:
    """A sample whose own mean and covariance are exactly these."""
    values = np.random.default_rng(number).normal(size=(count, len(mean)))
    values -= values.mean(axis=0)
    values = values @ np.linalg.inv(np.linalg.cholesky(np.cov(values, rowvar=False)).T)
    return values @ np.linalg.cholesky(covariance).T + mean


# --------------------------------------------------------------------------------------------------------------- FID


def test_fid_of_gaussians_with_equal_axes_is_its_closed_form() -> None:
    a, b = np.array([1.0, 4.0, 9.0]), np.array([4.0, 1.0, 0.25])
    shift = np.array([0.5, -1.0, 2.0])
    found = fid(image_set(gaussian(0, np.zeros(3), np.diag(a))), image_set(gaussian(1, shift, np.diag(b))))
    assert found["fid"].value == pytest.approx((shift**2).sum() + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum(), rel=1e-9)
    assert found["fid"].draws is None


def test_fid_of_gaussians_with_other_axes_is_scipys() -> None:
    rng = np.random.default_rng(3)
    first, second = (each @ each.T + np.eye(5) for each in rng.normal(size=(2, 5, 5)))
    truth = np.trace(first + second - 2 * sqrtm(first @ second).real)
    found = fid(image_set(gaussian(0, np.ones(5), first)), image_set(gaussian(1, np.ones(5), second)))
    assert found["fid"].value == pytest.approx(truth, rel=1e-8)


def test_fid_is_torch_fidelitys() -> None:
    sets = drawn(0, 80), drawn(1, 50, shift=0.2)
    statistics = [fid_features_to_statistics(torch.from_numpy(each)) for each in sets]
    truth = fid_statistics_to_metric(*statistics, verbose=False)[KEY_METRIC_FID]
    assert fid(*map(image_set, sets))["fid"].value == pytest.approx(truth, rel=1e-5)


def test_fid_of_one_set_twice_is_nothing_in_any_order_also_with_fewer_images_than_features() -> None:
    features = drawn(0, 20, width=64)
    assert fid(image_set(features), image_set(features[::-1].copy()))["fid"].value == pytest.approx(0, abs=1e-5)


# --------------------------------------------------------------------------------------------------------------- KID


def kernel(x: np.ndarray, y: np.ndarray) -> float:
    return float((x.astype(float) @ y.astype(float) / len(x) + 1) ** 3)


def mean_kernel(one: np.ndarray, other: np.ndarray, pairs: list[tuple[int, int]]) -> float:
    return float(np.mean([kernel(one[i], other[j]) for i, j in pairs]))


def squared_mmd(made: np.ndarray, real: np.ndarray, of_made: np.ndarray, of_real: np.ndarray) -> float:
    """The estimate over images drawn by number, pair for pair; two copies of one image are no pair."""

    def within(features: np.ndarray, chosen: np.ndarray) -> float:
        return mean_kernel(features, features, [(i, j) for i in chosen for j in chosen if i != j])

    across = mean_kernel(made, real, [(i, j) for i in of_made for j in of_real])
    return within(made, of_made) + within(real, of_real) - 2 * across


def test_kid_is_the_unbiased_estimate_pair_by_pair() -> None:
    made, real = drawn(0, 14), drawn(1, 14, shift=0.3)
    truth = squared_mmd(made, real, np.arange(14), np.arange(14))
    assert kid(image_set(made), image_set(real, "reference"))["kid"].value == pytest.approx(truth, rel=1e-12)


def test_kid_is_torch_fidelitys() -> None:
    made, real = drawn(0, 60), drawn(1, 60, shift=0.1)
    truth = kid_features_to_metric(
        torch.from_numpy(made).double(),
        torch.from_numpy(real).double(),
        kid_subsets=1,
        kid_subset_size=60,
        rng_seed=0,
        verbose=False,
    )
    found = kid(image_set(made), image_set(real, "reference"))["kid"].value
    assert found == pytest.approx(truth[KEY_METRIC_KID_MEAN], rel=1e-9)


def test_a_resample_of_kid_compares_no_image_with_its_own_copy() -> None:
    sets = image_set(drawn(0, 12), seed=5), image_set(drawn(1, 12, shift=0.2), "reference", seed=5)
    draws = kid(*sets)["kid"].draws
    chosen = [each.generator() for each in sets]
    for draw in draws[:3]:
        truth = squared_mmd(sets[0].features, sets[1].features, *(rng.integers(0, 12, 12) for rng in chosen))
        assert draw == pytest.approx(truth, rel=1e-9)


def test_kid_of_more_images_than_a_subset_is_the_mean_over_subsets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kid_module, "SUBSET", 50)
    made, real = drawn(0, 70, width=3), drawn(1, 60, width=3, shift=0.4)
    found = kid(image_set(made), image_set(real, "reference"))["kid"]
    whole = squared_mmd(made, real, np.arange(70), np.arange(60))
    spread = found.draws.std()
    assert found.value != pytest.approx(whole, rel=1e-6)
    assert found.value == pytest.approx(whole, abs=0.1 * spread)
    assert found.draws.mean() == pytest.approx(found.value, abs=0.15 * spread)
    assert kid(image_set(made), image_set(real, "reference"))["kid"].value == found.value
    other = kid(image_set(made, seed=1), image_set(real, "reference", seed=1))["kid"]
    assert other.value != found.value
    assert other.draws.std() == pytest.approx(spread, rel=0.15)


@pytest.mark.slow
def test_kid_of_over_a_thousand_is_near_torch_fidelitys_mean_over_its_own_subsets() -> None:
    made, real = drawn(0, 1300), drawn(1, 1100, shift=0.15)
    found = kid(image_set(made), image_set(real, "reference"))["kid"]
    truth = kid_features_to_metric(
        torch.from_numpy(made).double(), torch.from_numpy(real).double(), kid_subset_size=1000, verbose=False
    )
    assert found.value == pytest.approx(truth[KEY_METRIC_KID_MEAN], abs=0.2 * found.draws.std())
    assert truth[KEY_METRIC_KID_STD] < 0.7 * found.draws.std(), "which is why it is no interval"


@pytest.mark.parametrize(("shift", "least"), [(0.0, 0.97), (0.4, 0.89)])
def test_the_interval_of_kid_holds_the_truth_about_as_often_as_it_says(shift: float, least: float) -> None:
    sets = [(drawn(2 * n, 40), drawn(2 * n + 1, 30, shift=shift)) for n in range(150)]
    found = [kid(image_set(a, seed=n), image_set(b, "reference", seed=n))["kid"] for n, (a, b) in enumerate(sets)]
    truth = 0.0 if shift == 0 else np.mean([each.value for each in found])
    intervals = [interval(each.draws) for each in found]
    assert np.mean([low <= truth <= high for low, high in intervals]) >= least
    if shift:
        spread = np.std([each.value for each in found])
        assert np.mean([high - low for low, high in intervals]) == pytest.approx(2 * 1.96 * spread, rel=0.25)


def test_two_sets_share_the_draws_of_their_reference() -> None:
    """Nearly the same images: what their scores share, the reference's luck, is no part of their difference."""
    made, real = drawn(0, 60), drawn(1, 40, shift=0.5)
    ours = kid(image_set(made), image_set(real, "reference"))["kid"].draws
    theirs = kid(image_set(made, "against"), image_set(real, "reference"))["kid"].draws
    apart = kid(image_set(made, "against", seed=1), image_set(real, "reference", seed=1))["kid"].draws
    assert (ours - theirs).std() < 0.9 * (ours - apart).std()
    assert not np.array_equal(ours, theirs), "the two sets themselves are drawn independently"


def test_a_set_has_one_score_whether_it_is_compared_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kid_module, "SUBSET", 50)
    made, real = drawn(0, 80, width=3), image_set(drawn(1, 70, width=3), "reference")
    assert kid(image_set(made), real)["kid"].value == kid(image_set(made, "against"), real)["kid"].value


# ------------------------------------------------------------------------------ precision, recall, density, coverage


def test_prdc_is_counted_image_by_image() -> None:
    made, real = drawn(0, 25), drawn(1, 40, shift=0.25)

    def radius(features: np.ndarray) -> np.ndarray:
        return np.array([sorted(np.linalg.norm(features - each, axis=1))[5] for each in features])

    distance = np.array([[np.linalg.norm(m - r) for r in real] for m in made])
    in_real, in_made = distance <= radius(real), distance <= radius(made)[:, None]
    found = {name: each.value for name, each in prdc(image_set(made), image_set(real)).items()}
    assert found == pytest.approx(
        {
            "precision": in_real.any(axis=1).mean(),
            "recall": in_made.any(axis=0).mean(),
            "density": in_real.sum() / (5 * 25),
            "coverage": in_real.any(axis=0).mean(),
        },
        rel=1e-6,
    )
    assert 0 < found["precision"] < 1
    assert 0 < found["recall"] < 1


def test_precision_and_recall_are_torch_fidelitys_and_not_swapped() -> None:
    made, real = drawn(0, 300)[:, :3] * 0.3, drawn(1, 200)[:, :3]
    truth = prc_features_to_metric(
        torch.from_numpy(made), torch.from_numpy(real), prc_neighborhood=5, prc_batch_size=64, verbose=False
    )
    found = prdc(image_set(made), image_set(real))
    assert found["precision"].value == pytest.approx(truth["precision"])
    assert found["recall"].value == pytest.approx(truth["recall"])
    assert found["precision"].value > found["recall"].value, "a narrow set is precise and recalls little"


def test_one_set_twice_has_all_of_itself_and_far_sets_share_nothing() -> None:
    near = {name: each.value for name, each in prdc(image_set(drawn(0, 30)), image_set(drawn(0, 30))).items()}
    assert (near["precision"], near["recall"], near["coverage"]) == (1, 1, 1)
    assert near["density"] == pytest.approx(6 / 5), "each image lies in its own ball and in five others on average"
    far = prdc(image_set(drawn(0, 30)), image_set(drawn(1, 30, shift=100.0)))
    assert [each.value for each in far.values()] == [0, 0, 0, 0]
    assert all(each.draws is None for each in far.values())


def test_sets_larger_than_one_block_are_counted_alike() -> None:
    made, real = drawn(0, 700, width=2), drawn(1, 1500, width=2, shift=0.1)
    whole = torch.cdist(torch.from_numpy(real).double(), torch.from_numpy(made).double())
    radius = torch.cdist(*(torch.from_numpy(real).double(),) * 2).kthvalue(6, dim=1, keepdim=True).values
    found = prdc(image_set(made), image_set(real))
    assert found["coverage"].value == pytest.approx(float((whole <= radius).any(dim=1).double().mean()), abs=1e-3)
    assert found["density"].value == pytest.approx(float((whole <= radius).sum()) / (5 * 700), abs=1e-3)


# -------------------------------------------------------------------------------------------------------- confidence


def test_confidence_is_the_mean_with_a_bootstrap_of_it() -> None:
    values = np.random.default_rng(0).beta(5, 2, 400)
    found = confidence(ImageSet("set", np.zeros((400, 2), np.float32), 0, values))["confidence"]
    assert found.value == pytest.approx(values.mean())
    low, high = interval(found.draws)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)


def test_a_ratio_has_the_interval_of_both_its_parts() -> None:
    rng = np.random.default_rng(0)
    found = ratio(Estimate(0.6, rng.normal(0.6, 0.01, 2000)), Estimate(0.8, rng.normal(0.8, 0.02, 2000)))
    assert found.value == pytest.approx(0.75)
    assert found.draws.std() == pytest.approx(0.75 * np.hypot(0.01 / 0.6, 0.02 / 0.8), rel=0.1)
