"""Pairs for training: photos, and the images that are to be made of them."""

from collections.abc import Callable, Sequence

import numpy as np

from fashiontools.core.manifest import Row
from fashiontools.train.cache import Bad
from fashiontools.train.data import Chosen, Loaded
from fashiontools.train.options import TARGET
from fashiontools.train.recipe import Data

Load = Callable[[Sequence[Row]], Loaded]


def read_pairs(rows: Sequence[Row], load: Load) -> tuple[Data, Bad, str]:
    """Read both sides of each row.

    Args:
        rows: Good rows; several may share a photo, each is a pair.
        load: Makes the photos of rows ready.

    Returns:
        The pairs of which both can be read, the reasons against the others, and the digest of all that is read.
    """
    bad = [(row["path"], "no target") for row in rows if not row.get(TARGET)]
    rows = [row for row in rows if row.get(TARGET)]
    photos, targets = load(rows), load([Row({"path": row[TARGET]}, row.name) for row in rows])
    bad += photos.bad
    readable = [_readable(one, [row[column] for row in rows]) for one, column in ((photos, "path"), (targets, TARGET))]
    reasons = dict(targets.bad)
    bad += [  # of a row that is bad twice the first reason is enough
        (row[TARGET], f"target: {reasons[row[TARGET]]}")
        for row, photo, target in zip(rows, *readable, strict=True)
        if photo and not target
    ]
    both = readable[0] & readable[1]
    chosen = [
        Chosen(one.photos, (np.cumsum(able) - 1)[both]) for one, able in zip((photos, targets), readable, strict=True)
    ]
    good = [row for row, is_good in zip(rows, both, strict=True) if is_good]
    return Data(good, chosen[0], targets=chosen[1]), bad, f"{photos.digest} {targets.digest}"


def _readable(loaded: Loaded, paths: Sequence[str]) -> np.ndarray:
    unreadable = {path for path, _ in loaded.bad}
    return np.array([path not in unreadable for path in paths], bool)
