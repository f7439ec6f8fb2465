"""Small published sets with boxes, drawn in the layouts in which they are distributed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 90, 120

# The fifty categories of DeepFashion with their types, in the set's order.
DEEPFASHION = [
    *((name, 1) for name in (
        "Anorak", "Blazer", "Blouse", "Bomber", "Button-Down", "Cardigan", "Flannel", "Halter", "Henley", "Hoodie",
        "Jacket", "Jersey", "Parka", "Peacoat", "Poncho", "Sweater", "Tank", "Tee", "Top", "Turtleneck",
    )),
    *((name, 2) for name in (
        "Capris", "Chinos", "Culottes", "Cutoffs", "Gauchos", "Jeans", "Jeggings", "Jodhpurs", "Joggers", "Leggings",
        "Sarong", "Shorts", "Skirt", "Sweatpants", "Sweatshorts", "Trunks",
    )),
    *((name, 3) for name in (
        "Caftan", "Cape", "Coat", "Coverup", "Dress", "Jumpsuit", "Kaftan", "Kimono", "Nightdress", "Onesie", "Robe",
        "Romper", "Shirtdress", "Sundress",
    )),
]  # fmt: skip


def draw_photo(file: Path, seed: int, width: int = WIDTH, height: int = HEIGHT) -> Path:
    """A JPEG of noise: every photo has bytes of its own."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, quality=50)
    return file


def number_of(category: str) -> int:
    """The number of one of DeepFashion's categories, from 1."""
    return 1 + [name for name, _ in DEEPFASHION].index(category)


class DeepfashionSet:
    """Category and Attribute Prediction, with as many photos as are added.

    Args:
        folder: Where.
        coarse: The folder of the coarse lists.
    """

    def __init__(self, folder: Path, coarse: str = "Anno_coarse") -> None:
        self.folder, self.coarse = folder, coarse
        self.photos: list[tuple[str, str, tuple[int, ...], str]] = []

    def add(self, category: str, box: tuple[int, ...], split: str = "train", *, drawn: bool = True) -> str:
        """A photo with its box x_1, y_1, x_2, y_2; returns its name."""
        name = f"img/Sheer_Pleated-Front_{category}/img_{len(self.photos) + 1:08d}.jpg"
        if drawn:
            draw_photo(self.folder / "Img" / name, len(self.photos))
        self.photos.append((name, category, box, split))
        return name

    def write_coarse(self, *, partition: bool = True) -> Path:
        """Lists by name, as Anno_coarse and Eval have them."""
        place = self.folder / self.coarse
        rows = self.photos
        self._categories(place)
        boxes = [f"{name:<70}" + "  ".join(f"{corner:03d}" for corner in box) for name, _, box, _ in rows]
        _write_list(place / "list_category_img.txt", "image_name  category_label",
                    [f"{name:<70}{number_of(category)}" for name, category, _, _ in rows])  # fmt: skip
        _write_list(place / "list_bbox.txt", "image_name  x_1  y_1  x_2  y_2", boxes)
        if partition:
            _write_list(self.folder / "Eval/list_eval_partition.txt", "image_name  evaluation_status",
                        [f"{name:<70}{split}" for name, _, _, split in rows])  # fmt: skip
        return self.folder

    def write_fine(self, place: str = "Anno_fine") -> Path:
        """Files of train, val and test whose lines belong together, as Anno_fine has them."""
        self._categories(self.folder / place)
        for part in ("train", "val", "test"):
            rows = [photo for photo in self.photos if photo[3] == part]
            for suffix, lines in (
                ("", [name for name, _, _, _ in rows]),
                ("_cate", [str(number_of(category)) for _, category, _, _ in rows]),
                ("_bbox", [" ".join(map(str, box)) for _, _, box, _ in rows]),
                ("_attr", ["0 1 0"] * len(rows)),
            ):
                (self.folder / place / f"{part}{suffix}.txt").write_text("".join(f"{line}\n" for line in lines))
        return self.folder

    @staticmethod
    def _categories(place: Path) -> None:
        lines = [f"{name:<15}{kind}" for name, kind in DEEPFASHION]
        _write_list(place / "list_category_cloth.txt", "category_name  category_type", lines)


def _write_list(file: Path, header: str, lines: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{len(lines)}\n{header}\n" + "".join(f"{line}\n" for line in lines))


def garment(category: str, number: int, box: list[float], **changed: Any) -> dict[str, Any]:
    """One item of DeepFashion2, with every key that the set has."""
    left, top, right, bottom = box
    return {
        "segmentation": [[left, top, right, top, right, bottom]],
        "scale": 2,
        "viewpoint": 2,
        "zoom_in": 1,
        "landmarks": [0, 0, 0, left, top, 2],
        "style": 1,
        "bounding_box": box,
        "category_id": number,
        "occlusion": 3,
        "category_name": category,
    } | changed


def write_deepfashion2_photo(folder: Path, part: str, number: int, *items: Any, pair: int = 7) -> Path:
    """A photo of DeepFashion2 and its annotation; returns the annotation's file."""
    draw_photo(folder / part / "image" / f"{number:06d}.jpg", number)
    file = folder / part / "annos" / f"{number:06d}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    named = {f"item{place}": item for place, item in enumerate(items, 1)}
    file.write_text(json.dumps({**dict(reversed(named.items())), "source": "shop", "pair_id": pair}))
    return file
