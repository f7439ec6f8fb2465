"""Learning-rate schedules: factors of the rate at a place in the run, functions of nothing else."""

import math

from fashiontools.train.recipe import Place


def exponential(decay: float, place: Place) -> float:
    """Times `decay` at the start of each epoch (Kinli, Ozcan and Kirac 2020, section 4.2)."""
    return decay**place.epoch


def linear_end(begin: float, place: Place) -> float:
    """1 for this share of the run, then along a line to 0 (Isola et al. 2016 and Zhu et al. 2017: its second half)."""
    return min(1.0, (1 - place.share) / (1 - begin))


def cosine(place: Place) -> float:
    """From 1 to 0 along half a cosine over the run (Loshchilov and Hutter 2016)."""
    return 0.5 * (1 + math.cos(math.pi * place.share))
