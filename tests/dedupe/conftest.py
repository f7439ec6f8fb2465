"""Photos that the tests of dedupe share."""

import os
import shutil
from pathlib import Path

import cv2
import pytest

from fashiontools.core.images import read_photo, write_photo


@pytest.fixture
def pair(lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """a.jpg is the smaller and newer copy of b.jpg; c.jpg is another photo."""
    folder = tmp_path_factory.mktemp("pair")
    first, second = sorted(lookbook.glob("*/p*@1.jpg"))[:2]
    photo = read_photo(str(first))
    half = cv2.resize(photo, (photo.shape[1] * 3 // 4, photo.shape[0] * 3 // 4), interpolation=cv2.INTER_AREA)
    write_photo(folder / "a.jpg", half, 92)
    shutil.copy(first, folder / "b.jpg")
    shutil.copy(second, folder / "c.jpg")
    os.utime(folder / "a.jpg", (2000, 2000))
    os.utime(folder / "b.jpg", (1000, 1000))
    return folder
