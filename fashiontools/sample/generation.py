"""Numbered images from a generator that was trained to make them from noise."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fashiontools.core.contact_sheet import grid
from fashiontools.core.device import pick_device
from fashiontools.core.images import read_photo, write_photo
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.sample.latents import path_latent
from fashiontools.sample.options import SampleOptions
from fashiontools.train.pixels import to_pixels
from fashiontools.train.run_folder import load_network

GRID = "grid.png"
NUMBER = 64
_AT_ONCE = 16
_LARGEST_GRID = 256


def generate(folder: Path, run: dict[str, Any], options: SampleOptions, out: Output, progress: Progress) -> Table:
    """Make images of latent vectors.

    Args:
        folder: The run folder.
        run: Its `run.json`.
        options: How many, and which.
        out: Where: `NNNNNN.png`, and `grid.png` with the first 256 of them.
        progress: Where progress goes.

    Returns:
        One row per image: `path`, `source` (the run folder), `id` (its number).

    Raises:
        UsageError: The run has no generator.
    """
    maker = _Maker(folder, run, options)
    rows = (
        Row({"path": "", "source": str(folder), "id": str(number)}, f"{number:06d}")
        for number in range(options.number or NUMBER)
    )

    def work(row: Row) -> list[Row]:
        file = out.path(f"{row.name}.png")
        write_photo(file, maker.image(int(row["id"])))
        return [row.having(path=str(file))]

    done = out.each(Table(("path", "source", "id"), rows), work, progress, workers=1, unit="images")
    return done if options.dry_run else Table(done.columns, _then_grid(done, out, options))


def _then_grid(table: Table, out: Output, options: SampleOptions) -> Iterator[Row]:
    files: list[str] = []
    for row in table.rows:
        if len(files) < _LARGEST_GRID:
            files.append(row["path"])
        yield row
    columns = options.interpolate or max(1, round(len(files) ** 0.5))
    write_photo(out.path(GRID), grid([read_photo(file) for file in files], columns))


class _Maker:
    """Makes images in blocks of 16 with fixed borders, so that an image's bytes do not depend on its neighbours.

    A convolution's last bits may depend on the batch size; with fixed blocks a run that was stopped and one that
    asks for more images make the same ones.
    """

    def __init__(self, folder: Path, run: dict[str, Any], options: SampleOptions) -> None:
        self._device = pick_device(options.device)
        self._generator = load_network(folder, run, "generator", self._device)
        self._options = options
        self._block = -1
        self._pixels = np.empty(0)

    def image(self, number: int) -> np.ndarray:
        """The image of a number: (H, W, 3) uint8 RGB."""
        block, within = divmod(number, _AT_ONCE)
        if block != self._block:
            self._pixels = self._generate(range(block * _AT_ONCE, (block + 1) * _AT_ONCE))
            self._block = block
        return self._pixels[within]

    def _generate(self, numbers: range) -> np.ndarray:
        options = self._options
        latents = [
            path_latent(options.seed, number, self._generator.latent, options.truncation, options.interpolate)
            for number in numbers
        ]
        with torch.no_grad():
            return to_pixels(self._generator(torch.stack(latents).to(self._device)))
