"""Metrics over two sets of images, from their features: FID; precision, recall, density and coverage; confidence."""

import torch
from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_prc import calc_cdist_part, calculate_precision_recall_part

from fashiontools.evaluate.image_sets import ImageSet
from fashiontools.evaluate.statistics import Estimate, bootstrap_means

_NEIGHBOURS = 5
_AT_ONCE = 1000  # images whose distances to all others are held in memory


def fid(images: ImageSet, reference: ImageSet) -> dict[str, Estimate]:
    """Frechet inception distance (Heusel et al. 2017), by torch-fidelity's formula in 64-bit floats.

    It is biased: it falls as the sets grow. It has no interval, since a resample repeats images, which narrows the
    Gaussians and lifts every resampled value above the score itself.

    Args:
        images: At least 2 images.
        reference: At least 2 images.

    Returns:
        `fid`, 0 for sets of one mean and covariance.
    """
    statistics = [fid_features_to_statistics(_doubles(each)) for each in (images, reference)]
    distance = fid_statistics_to_metric(*statistics, verbose=False)[KEY_METRIC_FID]
    return {"fid": Estimate(max(0.0, distance))}  # rounding may take it a hair below


def prdc(images: ImageSet, reference: ImageSet) -> dict[str, Estimate]:
    """Precision and recall (Kynkaanniemi et al. 2019), density and coverage (Naeem et al. 2020).

    A set's manifold is the union of balls around its images, each as wide as the way to its fifth neighbour (Naeem
    et al. use 5 for all four; Kynkaanniemi et al. use 3). Precision is the share of images inside the reference's
    manifold, recall the share of the reference inside that of the images; density counts for each image the
    reference's balls that hold it, in fifths; coverage is the share of the reference's balls that hold an image.
    Precision and recall are torch-fidelity's; as there, the rim of a ball is part of it. No intervals: in a resample
    copies are each other's neighbours, which shrinks the balls.

    Args:
        images: At least 6 images.
        reference: At least 6 images.

    Returns:
        `precision`, `recall`, `coverage` in [0, 1]; `density`, 0 or more, about 1 for sets of one distribution.
    """
    made, real = _doubles(images), _doubles(reference)
    precision, recall = calculate_precision_recall_part(made, real, neighborhood=_NEIGHBOURS, batch_size=_AT_ONCE)
    held, covered = 0, 0
    for block in real.split(_AT_ONCE):
        # The nearest image is the image itself.
        radius = calc_cdist_part(block, real, _AT_ONCE).kthvalue(_NEIGHBOURS + 1, dim=1, keepdim=True).values
        holds = calc_cdist_part(block, made, _AT_ONCE) <= radius
        held += int(holds.sum())
        covered += int(holds.any(dim=1).sum())
    return {
        "precision": Estimate(precision),
        "recall": Estimate(recall),
        "density": Estimate(held / (_NEIGHBOURS * len(made))),
        "coverage": Estimate(covered / len(real)),
    }


def confidence(images: ImageSet, reference: ImageSet | None = None) -> dict[str, Estimate]:
    """How sure a classifier is of what the images show: the mean probability of the likeliest class.

    Args:
        images: With `confidence`.
        reference: Unused: each set is looked at alone.

    Returns:
        `confidence`, in (0, 1], with the means of 2,000 resamples.
    """
    if images.confidence is None:
        raise TypeError("confidence needs the probabilities of a classifier")
    draws = bootstrap_means(images.confidence, images.generator())
    return {"confidence": Estimate(float(images.confidence.mean()), draws)}


def ratio(images: Estimate, reference: Estimate) -> Estimate:
    """One set's score as a share of another's, of which both are resampled.

    Args:
        images: Of one set.
        reference: Of the other; not 0.

    Returns:
        The share, with as many resamples.
    """
    draws = None if images.draws is None or reference.draws is None else images.draws / reference.draws
    return Estimate(images.value / reference.value, draws)


def _doubles(images: ImageSet) -> torch.Tensor:
    return torch.from_numpy(images.features).double()
