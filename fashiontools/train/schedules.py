"""Learning-rate schedules: factors of the rate at a place in the run, functions of nothing else."""

import math

from fashiontools.train.recipe import Place


def exponential(decay: float, place: Place) -> float:
    """Times `decay` at the start of each epoch (Kinli, Ozcan and Kirac 2020, section 4.2)."""
    return decay**place.epoch


def cosine(place: Place) -> float:
    """From 1 to 0 along half a cosine over the run (Loshchilov and Hutter 2016)."""
    return 0.5 * (1 + math.cos(math.pi * place.share))
