"""The split of Kinli, Ozcan and Kirac (section 4.1): 200,000 photos to train on, 30,000 to validate, 30,000 to test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashiontools.core.random import generator_of

PAPER_SIZES = {"train": 200_000, "val": 30_000, "test": 30_000}


@dataclass(frozen=True)
class Split:
    """A drawn split.

    Attributes:
        of: Per photo `train`, `val`, `test`, or empty for those beyond the paper's number.
        wanted: The sizes that were aimed at.
    """

    of: list[str]
    wanted: dict[str, int]


def sizes_for(photos: int) -> dict[str, int]:
    """The paper's sizes, or fewer in the same proportions; of few photos training gets what rounding leaves."""
    whole = sum(PAPER_SIZES.values())
    if photos >= whole:
        return dict(PAPER_SIZES)
    sizes = {name: round(photos * size / whole) for name, size in PAPER_SIZES.items()}
    return sizes | {"train": photos - sizes["val"] - sizes["test"]}


def draw_paper_split(products: Sequence[str], seed: int) -> Split:
    """Draw the paper's split.

    The paper does not say how it drew, so the photos of one product stay together: a validation photo that shows
    a product of the training photos from another side would be no test of anything. Validation and test are filled
    first, each with those products, in drawn order, that still fit, so that they are met to the photo but for
    products that are too large at the end; training gets the rest.

    Args:
        products: The product of each photo.
        seed: Decides the order of the products.

    Returns:
        The split; it depends on the products and the seed, not on the order of the photos.
    """
    known, product_of, counts = np.unique(
        np.array(products, dtype=object).astype(str), return_inverse=True, return_counts=True
    )
    order = generator_of(seed, b"fashiongen", 0).permutation(len(known))
    wanted = sizes_for(len(products))
    split_of = np.full(len(known), "", dtype="<U5")
    room = dict(wanted)
    if sum(wanted.values()) == len(products):
        room["train"] = len(products)  # nothing is left over: what fits nowhere else is trained on
    for name in ("val", "test", "train"):
        for product in order:
            if not split_of[product] and counts[product] <= room[name]:
                split_of[product] = name
                room[name] -= int(counts[product])
    return Split(split_of[product_of].tolist(), wanted)
