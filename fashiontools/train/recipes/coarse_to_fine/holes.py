"""The holes of a training: drawn anew for each photo in each epoch, wherever the paper's rule lets them lie."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.images import Fit, fit_square, read_mask
from fashiontools.core.manifest import Row
from fashiontools.mask.shapes import Garment, Range, draw_boxes


class Holes:
    """Draws holes for photos by number.

    Args:
        rows: Of the photos; a `garment` is what a hole has to touch.
        size: Side of the images, pixels.
        fit: How a photo became square.
        seed: The user's.
        area: Part of the image, low and high.
        aspect: Width over height, low and high.
        central: Whether they keep out of the outer fifth on each side.
        touched: Garment pixels that a hole covers at least.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        size: int,
        fit: Fit,
        seed: int,
        *,
        area: tuple[float, float],
        aspect: tuple[float, float],
        central: bool,
        touched: int,
    ) -> None:
        self._rows, self._size, self._fit, self._seed = rows, size, fit, seed
        self._area, self._aspect, self._central, self._touched = Range(*area), Range(*aspect), central, touched
        self._garments: dict[int, np.ndarray] = {}

    def draw(self, numbers: np.ndarray, mirrored: np.ndarray, epoch: int) -> dict[str, Tensor]:
        """The holes of some photos.

        Args:
            numbers: (B,) int, of the photos.
            mirrored: (B,) bool, whether each one is mirrored.
            epoch: A hole depends on the seed, the photo's number and this.

        Returns:
            `mask`, (B, 1, S, S) float32, 1 = hole, and `box` around it, (B, 4) float32: top, left, bottom, right in
            parts of the side.
        """
        masks = [self._mask(int(number), bool(flip), epoch) for number, flip in zip(numbers, mirrored, strict=True)]
        stacked = torch.from_numpy(np.stack(masks))
        boxes = torch.tensor([_box(mask) for mask in masks], dtype=torch.float32) / self._size
        return {"mask": stacked.unsqueeze(1).float().div_(255), "box": boxes}

    def _mask(self, number: int, mirrored: bool, epoch: int) -> np.ndarray:
        rng = np.random.default_rng([self._seed, epoch, 2, number])
        garment = self._garment(number)
        if garment is not None and mirrored:
            garment = np.ascontiguousarray(garment[:, ::-1])
        touched = min(self._touched, int(np.count_nonzero(garment))) if garment is not None else 0
        draw = partial(draw_boxes, rng, (self._size, self._size), self._area, self._aspect)
        if garment is None or not touched:
            return draw(central=self._central)
        central = self._central and not self._lies_outside(garment, touched)
        try:
            return draw(central=central, garment=Garment(garment, touched))
        except BadRow:  # the garment is in pieces: no place covers as much of it, and one pixel is always to be had
            return draw(central=False, garment=Garment(garment, 1))

    def _lies_outside(self, garment: np.ndarray, touched: int) -> bool:
        """Whether a garment is so far out that no central hole can touch it."""
        margin = round(self._size / 5)
        return int(np.count_nonzero(garment[margin:-margin, margin:-margin])) < touched

    def _garment(self, number: int) -> np.ndarray | None:
        """The garment mask of a photo, made square as the photo was: (S, S) uint8, 255 = garment; None if unknown."""
        file = self._rows[number].get("garment", "")
        if not file or not self._touched:
            return None
        if number not in self._garments:
            try:
                # Inverted, so that what `pad` adds is no garment.
                keep = fit_square(255 - read_mask(file), self._size, self._fit)
            except BadRow as error:
                raise UsageError(f"the garment of {self._rows[number]['path']} cannot be read: {error}") from None
            self._garments[number] = np.packbits(keep < 128)
        bits = np.unpackbits(self._garments[number], count=self._size**2)
        return bits.reshape(self._size, self._size) * np.uint8(255)


def _box(mask: np.ndarray) -> list[int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return [int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1]
