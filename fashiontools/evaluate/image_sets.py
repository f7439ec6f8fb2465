"""Sets of images as a network sees them: read in batches, so that only features stay in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import torch

from fashiontools.core.errors import BadRow
from fashiontools.core.images import as_rgb, read_photo
from fashiontools.core.manifest import Row, failed
from fashiontools.core.parallel import map_window
from fashiontools.core.progress import Progress
from fashiontools.core.totals import Totals
from fashiontools.evaluate.extractors import Extractor
from fashiontools.evaluate.resize import to_square

_BATCH = 32  # of 299 x 299 pixels: 34 MB
INPUT, REFERENCE, AGAINST = "set", "reference", "against"
_ROLES = (INPUT, REFERENCE, AGAINST)


@dataclass(frozen=True)
class ImageSet:
    """A set of images.

    Attributes:
        role: `set`, `reference` or `against`.
        features: (n, D) float32.
        seed: Of what is drawn from the set.
        confidence: (n,) float64, the probability of each image's likeliest class; None without a classifier.
        sizes: The (height, width) of the images as they were, pixels.
    """

    role: str
    features: np.ndarray
    seed: int = 0
    confidence: np.ndarray | None = None
    sizes: frozenset[tuple[int, int]] = frozenset()

    def __len__(self) -> int:
        """How many images there are."""
        return len(self.features)

    def generator(self) -> np.random.Generator:
        """Draws from this set: two sets of one command draw independently, a reference always alike."""
        return np.random.default_rng([self.seed, _ROLES.index(self.role)])


@dataclass
class _Seen:
    features: list[np.ndarray] = field(default_factory=list)
    confidence: list[np.ndarray] = field(default_factory=list)
    sizes: set[tuple[int, int]] = field(default_factory=set)


class Reader:
    """Reads sets of images through one network.

    Args:
        extractor: The network.
        device: Where it runs.
        workers: Photos that are decoded at a time.
        seed: Of what is drawn from the sets.
        progress: Where progress goes.
    """

    def __init__(self, extractor: Extractor, device: torch.device, workers: int, seed: int, progress: Progress) -> None:
        self._extractor = extractor
        self._device = device
        self._workers = workers
        self._seed = seed
        self._progress = progress

    def read(self, role: str, rows: Iterable[Row], totals: Totals) -> ImageSet:
        """Read a set: each photo once, however many rows it has.

        Args:
            role: `set`, `reference` or `against`.
            rows: With `path`; bad ones are passed over.
            totals: Counts what becomes of them.

        Returns:
            The set, in the order of the rows; photos that cannot be read are left out.
        """
        seen = _Seen()
        for batch in _batches(_once(rows, totals)):
            squares = map_window(self._square, batch, workers=self._workers)
            good = [result for result in squares if not isinstance(result, BadRow)]
            for row, result in self._progress.track(list(zip(batch, squares, strict=True)), "images"):
                totals.count(failed(row, result) if isinstance(result, BadRow) else row)
            if good:
                self._look(np.stack([square for square, _ in good]), seen)
                seen.sizes.update(size for _, size in good)
        return ImageSet(
            role=role,
            features=np.concatenate(seen.features) if seen.features else np.empty((0, 0), np.float32),
            seed=self._seed,
            confidence=np.concatenate(seen.confidence) if seen.confidence else None,
            sizes=frozenset(seen.sizes),
        )

    def _square(self, row: Row) -> tuple[np.ndarray, tuple[int, int]]:
        pixels = as_rgb(read_photo(row["path"]))
        return to_square(pixels, self._extractor.size, self._extractor.fit), pixels.shape[:2]

    def _look(self, squares: np.ndarray, seen: _Seen) -> None:
        with torch.inference_mode():
            features, logits = self._extractor.look(torch.from_numpy(squares).to(self._device))
        seen.features.append(features.float().cpu().numpy())
        if logits is not None:
            top = torch.softmax(logits.cpu().double(), dim=1).amax(dim=1)
            seen.confidence.append(top.numpy())


def _once(rows: Iterable[Row], totals: Totals) -> Iterable[Row]:
    seen: set[str] = set()
    for row in rows:
        if row.is_bad:
            totals.passed += 1
        elif row["path"] not in seen:
            seen.add(row["path"])
            yield row


def _batches(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """Batches whose borders depend on the rows alone: a convolution's last bits may depend on its batch."""
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
