"""What detectors are given and what they give, whichever they are."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from fashiontools.core.boxes import Box


class Photo(NamedTuple):
    """A photo to look at.

    Attributes:
        pixels: (H, W, 3) uint8 RGB or (H, W) uint8, perhaps decoded at a reduced scale.
        height: Of the photo at its full size, pixels.
        width: Of the photo at its full size, pixels.
        label: What its row says that is on it; may be empty.
    """

    pixels: np.ndarray
    height: int
    width: int
    label: str = ""

    @property
    def is_full(self) -> bool:
        """Whether these are all its pixels."""
        return self.pixels.shape[:2] == (self.height, self.width)

    def whole(self, box: Box, height: int, width: int) -> Box:
        """A box on the photo scaled to a height and a width, in pixels of the photo at its full size."""
        x, y = self.width / width, self.height / height
        return Box(box.x * x, box.y * y, box.width * x, box.height * y).clipped(self.width, self.height)


class Detection(NamedTuple):
    """Something found.

    Attributes:
        box: In pixels of the photo at its full size.
        label: What it is.
        score: How sure that is, 0 to 1.
    """

    box: Box
    label: str
    score: float

    @property
    def score_text(self) -> str:
        """The score as the manifest has it; many of a good detector's differ only after the fourth place."""
        return f"{self.score:.6f}"


class Looked(NamedTuple):
    """What came of looking at a photo.

    Attributes:
        found: The surest first.
        reason: Why nothing could be found, where the detector knows.
    """

    found: tuple[Detection, ...]
    reason: str = ""


class Detector(Protocol):
    """What finds boxes on photos.

    Attributes:
        classes: The labels that it gives; none where it takes them from the rows.
        min_side: The shorter side that a photo needs, pixels.
        at_once: Photos that it takes at a time; 1 where several threads may each bring one.
    """

    classes: tuple[str, ...]
    min_side: int
    at_once: int

    def detect(self, photos: Sequence[Photo]) -> list[Looked]:
        """Look at up to `at_once` photos with the same canvas."""

    def canvas(self, photo: Photo) -> tuple[int, int]:
        """The height and width of the batch that a photo fits into."""
