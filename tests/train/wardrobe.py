"""Small photos with boxes that can be learned, for the tests of `train detector`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from fashiontools.core.boxes import Box, format_box
from fashiontools.core.manifest import Row
from fashiontools.train.boxes import PhotoBoxes
from fashiontools.train.data import Cached
from fashiontools.train.recipe import Data
from fashiontools.train.recipes.detector.options import DetectorOptions
from fashiontools.train.shapes import Scaled

SHORTER, LONGER = 64, 96
COLOURS = {"upper": (210, 40, 50), "lower": (40, 60, 200), "full": (40, 170, 60)}
SMALL = (
    "--backbone", "mobilenet", "--size", SHORTER, "--max-size", LONGER, "--proposals", 40, "--samples", 16,
    "--batch", 4, "--warmup", 0, "--save-every", 2, "--validate-every", 2, "--workers", 1,
)  # fmt: skip


def options_of(**settings: object) -> DetectorOptions:
    small = {
        "backbone": "mobilenet", "weights": "none", "size": SHORTER, "max_size": LONGER, "proposals": 40,
        "samples": 32, "batch": 4, "flip": False, "optimizer": "adamw", "rate": 0.001, "warmup": 0,
    }  # fmt: skip
    return DetectorOptions(**small | settings)


def garments(number: int) -> tuple[np.ndarray, list[tuple[Box, str]]]:
    """A tall or a wide photo, (H, W, 3) uint8, and its boxes: two garments, one, or none at all (every fourth)."""
    rng = np.random.default_rng(number)
    height, width = ((128, 96), (96, 128))[number % 2]
    photo = rng.integers(200, 240, (height, width, 3)).astype(np.uint8)
    kinds = (["upper", "lower"], ["full"], ["lower"], [])[number % 4]
    boxes = []
    for place, label in enumerate(kinds):
        x, y = int(rng.integers(8, 24)), 6 + place * height // 2 + int(rng.integers(0, 6))
        across = int(rng.integers(48, 60))
        down = height // 2 - 14 if len(kinds) > 1 else height - 20
        photo[y : y + down, x : x + across] = COLOURS[label]
        boxes.append((Box(x, y, across, down), label))
    return photo, boxes


def data_of(numbers: Sequence[int], held_out: Data | None = None) -> Data:
    """Photos in memory at their own scale, with what is on them."""
    drawn = [garments(number) for number in numbers]
    rows = [Row({"path": f"{number}.png"}, str(number)) for number in numbers]
    boxes = []
    for number, (photo, found) in zip(numbers, drawn, strict=True):
        each = np.array([box for box, _ in found], float).reshape(-1, 4)
        labels = tuple(label for _, label in found)
        boxes.append(PhotoBoxes(photo.shape[1], photo.shape[0], f"{number:064x}", each, labels))
    scaled = Cached([photo for photo, _ in drawn], Scaled(SHORTER, LONGER))
    return Data(rows, scaled, held_out, boxes=boxes)


def write_wardrobe(folder: Path, count: int, held_out: int = 0) -> Path:
    """A folder of photos with a manifest, a row for each box; the last ones are of split val."""
    lines = ["path,box,label,split"]
    for number in range(count):
        photo, boxes = garments(number)
        Image.fromarray(photo).save(folder / f"{number}.png")
        split = "val" if number >= count - held_out else "train"
        for box, label in boxes or [(None, "")]:
            lines.append(f"{number}.png,{format_box(box) if box else ''},{label},{split}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder
