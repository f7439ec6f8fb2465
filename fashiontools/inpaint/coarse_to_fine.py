"""Fills by a run of `train coarse-to-fine`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fashiontools.core.errors import UsageError
from fashiontools.core.images import as_rgb
from fashiontools.inpaint.windows import Window, enlarge, shrink, window_of
from fashiontools.models.inpainting.coarse_to_fine import coarse_to_fine
from fashiontools.models.inpainting.smooth import push_pull
from fashiontools.models.text.vocabulary import Vocabulary
from fashiontools.train.pixels import to_images
from fashiontools.train.recipes.coarse_to_fine.recipe import VOCABULARY
from fashiontools.train.run_folder import load_network


@dataclass(frozen=True)
class Hole:
    """A photo to fill.

    Attributes:
        photo: (H, W, 3) or (H, W) uint8.
        mask: (H, W) uint8, 255 = hole; neither empty nor everything.
        description: Of the photo; may be empty.
    """

    photo: np.ndarray
    mask: np.ndarray
    description: str = ""


class CoarseToFineFill:
    """The networks of a run, ready to fill.

    Args:
        folder: The run folder.
        run: Its `run.json`.
        device: Where they run.

    Attributes:
        at_once: Holes that the networks take at once.
        reads_descriptions: Whether the run was trained with them.
    """

    at_once = 16

    def __init__(self, folder: Path, run: dict[str, Any], device: torch.device) -> None:
        options = run["options"]
        self._size, self._fit, self._device = options["size"], options["fit"], device
        self._settings = {"hole": options["hole"], "pasted": options["residual"]}
        self._length = options["text_length"]
        self.reads_descriptions: bool = options["descriptions"]
        self._coarse, self._refinement = (load_network(folder, run, name, device) for name in ("coarse", "refinement"))
        if self.reads_descriptions:
            self._text = load_network(folder, run, "text", device)
            self._vocabulary = _read_vocabulary(folder)

    def fill(self, holes: Sequence[Hole], *, raw: bool = False) -> list[np.ndarray]:
        """Fill holes.

        Photos go through the networks in blocks of one size, the last one filled up, and descriptions one by one, so
        that the bytes of a fill do not depend on what was filled beside it.

        Args:
            holes: Of any sizes.
            raw: Give the networks' output for the whole window as it is, known pixels included, as the paper's table
                looks at it; else the fill, blended into the photo, whose known pixels are unchanged to the bit.

        Returns:
            As many photos as holes, each of its photo's shape, uint8.
        """
        filled: list[np.ndarray] = []
        for start in range(0, len(holes), self.at_once):
            some = holes[start : start + self.at_once]
            windows = [window_of(hole.mask, self._fit) for hole in some]
            outputs = self._outputs(some, windows)
            filled += [_back(*parts, raw=raw) for parts in zip(some, windows, outputs, strict=True)]
        return filled

    def _outputs(self, holes: Sequence[Hole], windows: Sequence[Window]) -> np.ndarray:
        """The refinement network's output, (N, S, S, 3) float32 in [0, 255]."""
        photos = np.full((self.at_once, self._size, self._size, 3), 255, np.uint8)
        masks = np.zeros((self.at_once, self._size, self._size), np.uint8)
        for number, (hole, window) in enumerate(zip(holes, windows, strict=True)):
            cut = window.cut(as_rgb(hole.photo), 255), window.cut(hole.mask, 0)
            photos[number], masks[number] = shrink(*cut, self._size)
        photo = to_images(torch.from_numpy(photos).to(self._device))
        mask = torch.from_numpy(masks).to(self._device).unsqueeze(1).float().div_(255)
        with torch.inference_mode():
            text = self._texts(holes) if self.reads_descriptions else None
            _, refined = coarse_to_fine(self._coarse, self._refinement, photo, mask, text, **self._settings)
        pixels = (refined[: len(holes)].float() + 1) * 127.5
        return pixels.permute(0, 2, 3, 1).cpu().numpy()

    def _texts(self, holes: Sequence[Hole]) -> Tensor:
        descriptions = [hole.description for hole in holes] + [""] * (self.at_once - len(holes))
        tokens = torch.from_numpy(self._vocabulary.encode(descriptions, self._length)).to(self._device)
        return torch.cat([self._text(line) for line in tokens.split(1)])


def _read_vocabulary(folder: Path) -> Vocabulary:
    try:
        return Vocabulary.from_json((folder / VOCABULARY).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder / VOCABULARY} is damaged or missing: {error}") from None


def _back(hole: Hole, window: Window, output: np.ndarray, *, raw: bool) -> np.ndarray:
    """Put an output back into its photo."""
    photo = as_rgb(hole.photo)
    large = enlarge(output, window.height, window.width)
    if not raw:
        inside = window.cut(hole.mask, 0)
        large = _without_seam(window.cut(photo, 255), inside, large)
    result = window.put(photo, np.clip(np.rint(large), 0, 255).astype(np.uint8))
    if not raw:
        result = np.where(hole.mask[..., None] > 0, result, photo)
    return result if hole.photo.ndim == 3 else np.rint(result.mean(axis=2)).astype(np.uint8)


def _without_seam(photo: np.ndarray, mask: np.ndarray, fill: np.ndarray) -> np.ndarray:
    """The fill, shifted so that it meets the photo at the rim: the difference around the hole, spread into it.

    What Poisson blending does (Perez, Gangnet and Blake 2003), with the pyramid's smooth interpolation instead of an
    equation to solve. All of it (H, W, 3), the mask (H, W).
    """
    difference = torch.from_numpy(photo.astype(np.float32) - fill).permute(2, 0, 1).unsqueeze(0)
    spread = push_pull(difference, torch.from_numpy(mask).view(1, 1, *mask.shape).float().div_(255))
    return fill + spread[0].permute(1, 2, 0).numpy()
