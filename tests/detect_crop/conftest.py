"""What the tests of detect-crop share: the command in this very process, drawn product photos, a detector's run."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from detector_runs import write_run
from done import Done
from manifests import write_manifest
from PIL import Image
from things import SIDE, THINGS, product_photo


@pytest.fixture
def detect_crop(in_process: Callable[..., Done]) -> Callable[..., Done]:
    """`fashiontools detect-crop` in this process."""
    return partial(in_process, "detect-crop")


@pytest.fixture(scope="session")
def detector_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of `train detector`; tests read it."""
    return write_run(tmp_path_factory.mktemp("runs") / "detector")


@pytest.fixture(scope="session")
def products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The photos of `THINGS` with a mask, a garment and a target each; tests read them and never write there."""
    folder = tmp_path_factory.mktemp("products") / "photos"
    rows = []
    for seed, (name, box) in enumerate(THINGS.items()):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(seed)
        Image.fromarray(product_photo(box, seed)).save(file, quality=98, subsampling=0)
        row = {"path": name, "color": f"color {seed}", "sha256": "00", "phash": "11", "area": "5", "label": ""}
        for column in ("mask", "garment", "target"):
            pixels = rng.integers(0, 2, (SIDE, SIDE), np.uint8) * np.uint8(255)
            if column == "target":
                pixels = rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
            beside = folder / column / f"{seed}.png"
            beside.parent.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(beside)
            row[column] = f"{column}/{seed}.png"
        rows.append(row)
    write_manifest(folder, rows)
    return folder
