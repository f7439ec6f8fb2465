"""Small pictures that can be learned, for the tests of `train coarse-to-fine`."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from fashiontools.core.manifest import Row
from fashiontools.train.data import Cached
from fashiontools.train.recipe import Data
from fashiontools.train.recipes.coarse_to_fine.options import CoarseToFineOptions

SIDE = 64
COLOURS = {"red": (200, 40, 50), "green": (50, 170, 60), "blue": (40, 60, 190), "gray": (120, 120, 125)}
# The smallest networks, and no VGG16.
SMALL = (
    "--size", SIDE, "--width", 4, "--text-width", 4, "--text-features", 16, "--word-count", 1, "--batch", 4,
    "--style-weight", 0, "--save-every", 2, "--workers", 1,
)  # fmt: skip


def options_of(**settings: object) -> CoarseToFineOptions:
    small = {
        "size": SIDE, "width": 4, "text_width": 4, "text_features": 16, "word_count": 1, "batch": 4,
        "style_weight": 0.0, "vgg": "untrained", "vgg_layers": "relu1_2",
    }  # fmt: skip
    return CoarseToFineOptions(**small | settings)


def painting(number: int) -> tuple[np.ndarray, np.ndarray, str]:
    """A coloured square on a light ground, (64, 64, 3) uint8; where the square is, 255; and what it is."""
    rng = np.random.default_rng(number)
    name = list(COLOURS)[number % len(COLOURS)]
    ground = np.linspace(190, 250, SIDE)[:, None, None] + rng.uniform(-15, 0, 3)
    photo = np.broadcast_to(ground, (SIDE, SIDE, 3)).astype(np.uint8).copy()
    garment = np.zeros((SIDE, SIDE), np.uint8)
    top, left = rng.integers(8, 24, 2)
    garment[top : top + 32, left : left + 28] = 255
    photo[garment > 0] = COLOURS[name]
    return cv2.GaussianBlur(photo, (0, 0), 1), garment, f"A {name} square, number {number}."


def data_of(count: int, held_out: Data | None = None, **columns: str) -> Data:
    """Paintings in memory, with rows."""
    photos, _, texts = zip(*map(painting, range(count)), strict=True)
    rows = [Row({"path": f"{n}.png", "description": text} | columns, str(n)) for n, text in enumerate(texts)]
    return Data(rows, Cached(np.stack(photos)), held_out)


def write_paintings(folder: Path, count: int, first: int = 0) -> Path:
    """Paintings in files, with garments and a manifest."""
    folder.mkdir(parents=True)
    lines = ["path,garment,description"]
    for number in range(first, first + count):
        photo, garment, text = painting(number)
        Image.fromarray(photo).save(folder / f"{number}.png")
        Image.fromarray(garment).save(folder / f"{number}.garment.png")
        lines.append(f'{number}.png,{number}.garment.png,"{text}"')
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder
