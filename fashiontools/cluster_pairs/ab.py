"""Side-by-side images, product on the left and worn photo on the right, as other pix2pix code reads them."""

from pathlib import Path

import numpy as np

from fashiontools.core.images import as_rgb, fit_square, read_photo, write_photo
from fashiontools.core.manifest import Row
from fashiontools.core.names import numbered

FOLDER = "ab"
SPLITS = ("train", "val", "test")


class SideBySide:
    """The folder `ab/` of an output folder.

    Args:
        folder: The output folder.
        size: Side of each half, pixels.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder / FOLDER
        self._size = size
        self._names: dict[str, int] = {}
        self._written: set[Path] = set()

    def files(self, pairs: list[Row]) -> list[tuple[Row, Path]]:
        """The file of each pair: `ab/SPLIT/NAME.png` by the product photo's name."""
        found = []
        for pair in pairs:
            self._names[pair.name] = self._names.get(pair.name, 0) + 1
            name = numbered(pair.name, self._names[pair.name])
            file = self._folder / (pair.get("split") or "train") / f"{name}.png"
            self._written.add(file)
            found.append((pair, file))
        return found

    def draw(self, job: tuple[Row, Path]) -> None:
        """Write the image of a pair.

        Raises:
            BadRow: One of its photos cannot be read.
        """
        pair, file = job
        halves = [fit_square(as_rgb(read_photo(pair[column])), self._size, "pad") for column in ("path", "target")]
        write_photo(file, np.concatenate(halves, axis=1))

    def sweep(self) -> None:
        """Remove the images of an earlier run that this one has not written."""
        for split in SPLITS:
            for file in sorted((self._folder / split).rglob("*.png")):
                if file not in self._written:
                    file.unlink()
