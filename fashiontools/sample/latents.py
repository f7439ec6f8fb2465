"""Latent vectors by number: which ones a user asks for, before any network sees them."""

import numpy as np
import torch
from torch import Tensor

from fashiontools.core.random import generator_of


def latent_of(seed: int, number: int, length: int, truncation: float | None) -> Tensor:
    """The latent vector of one image.

    Args:
        seed: The user's.
        number: Of the image; its vector depends on nothing else.
        length: Of the vector.
        truncation: Values beyond this many sigmas are drawn again (Brock, Donahue and Simonyan 2018, the truncation
            trick); None draws from the whole normal distribution.

    Returns:
        (length,) float32, standard normal.
    """
    # NumPy's generator: torch's takes 32 bits of its seed, too few for a seed and a number.
    rng = generator_of(seed, b"latent", number)
    latent = rng.standard_normal(length, np.float32)
    while truncation is not None and (outside := np.abs(latent) > truncation).any():
        latent[outside] = rng.standard_normal(int(outside.sum()), np.float32)
    return torch.from_numpy(latent)


def between(start: Tensor, end: Tensor, share: float) -> Tensor:
    """A point on the great circle from one latent vector to another (spherical interpolation, White 2016).

    Args:
        start: (length,) float.
        end: (length,) float.
        share: 0 gives `start`, 1 gives `end`.

    Returns:
        (length,) float; the length of the vectors is interpolated linearly, so that no middle is short.
    """
    if share == 0:
        return start
    a, b = start.norm(), end.norm()
    angle = torch.arccos(torch.clamp((start / a) @ (end / b), -1, 1))
    if angle < 1e-4 or angle > torch.pi - 1e-3:  # no circle, or one in every direction: straight ahead
        return start + share * (end - start)
    direction = (torch.sin((1 - share) * angle) * start / a + torch.sin(share * angle) * end / b) / torch.sin(angle)
    return direction * (a + share * (b - a))


def path_latent(seed: int, number: int, length: int, truncation: float | None, steps: int | None) -> Tensor:
    """The latent vector of an image of a sample, or of a walk where `steps` images lie from each key to the next."""
    if steps is None:
        return latent_of(seed, number, length, truncation)
    key, step = divmod(number, steps)
    start, end = (latent_of(seed, key + offset, length, truncation) for offset in (0, 1))
    return between(start, end, step / steps)
