"""Randomness that depends on what is drawn for, never on the order or the number of workers."""

import numpy as np


def generator_of(seed: int, identity: bytes, number: int) -> np.random.Generator:
    """A generator of random numbers for one thing.

    Args:
        seed: The user's `--seed`.
        identity: What it is drawn for: a photo's SHA-256, or any bytes that name it.
        number: Which of several draws for the same thing.

    Returns:
        A generator that gives the same numbers on every machine.
    """
    words = np.frombuffer(identity.ljust(-(-len(identity) // 4) * 4, b"\0"), "<u4")
    return np.random.default_rng([seed, number, *map(int, words)])
