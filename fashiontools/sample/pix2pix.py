"""Images of photos by the generator of a `train pix2pix` run."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from fashiontools.train.pixels import to_images, to_pixels
from fashiontools.train.run_folder import best_file, load_network
from fashiontools.train.shapes import Square


class Pix2pixTranslator:
    """A `Translator`.

    With the weights that held-out pairs were made best with, where there are some. Noise is on, as in the paper
    (section 3.2: dropout "at both training and test time").

    Args:
        folder: The run folder.
        run: Its `run.json`.
        device: Where the generator runs.

    Raises:
        UsageError: The run is damaged.
    """

    def __init__(self, folder: Path, run: dict[str, Any], device: torch.device) -> None:
        self.square = Square(run["options"]["size"], run["options"]["fit"])
        self._generator = load_network(folder, run, "generator", device, best_file(folder))
        self._device = device

    def translate(self, photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """As `Translator.translate`."""
        drawn = torch.Generator().manual_seed(int(rng.integers(2**63)))
        noise = self._generator.draw_noise(*photo.shape[:2], [drawn])
        with torch.no_grad():
            image = to_images(photo[None]).to(self._device)
            return to_pixels(self._generator(image, [one.to(self._device) for one in noise]))[0]
