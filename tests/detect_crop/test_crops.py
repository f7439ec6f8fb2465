"""Crops through the command line, against NumPy's slices of the photos."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from done import Done
from manifests import rows_of, write_manifest
from PIL import Image
from things import SIDE, THINGS, product_photo

Detect = Callable[..., Done]


def pixels_of(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file))


def numbers(box: str) -> list[int]:
    return [int(side) for side in box.split()]


def test_a_crop_is_the_pixels_of_its_box_and_all_that_belongs_to_it_is_cut_alike(
    detect_crop: Detect, products: Path, tmp_path: Path
) -> None:
    done = detect_crop(products, "-o", tmp_path / "crops")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "crops")
    assert [row["path"] for row in rows] == [f"{name}.png" for name in THINGS]
    for seed, (row, (name, box)) in enumerate(zip(rows, THINGS.items(), strict=True)):
        x, y, width, height = numbers(row["box"])
        if name.endswith(".png"):
            assert (x, y, width, height) == box
        assert np.abs(np.array([x, y, width, height]) - box).max() <= 1
        assert (tmp_path / "crops" / row["parent"]).resolve() == products / name
        assert (row["width"], row["height"]) == (str(width), str(height))
        assert (row["label"], row["status"], row["color"]) == ("full", "ok", f"color {seed}")
        assert (row["sha256"], row["phash"], row["area"]) == ("", "", "")
        assert 0.5 <= float(row["score"]) <= 1
        part = (slice(y, y + height), slice(x, x + width))
        assert np.array_equal(pixels_of(tmp_path / "crops" / row["path"]), pixels_of(products / name)[part])
        for column in ("mask", "garment", "target"):
            assert row[column] == f"_{column}/{name}.png"
            whole = pixels_of(products / column / f"{seed}.png")
            assert np.array_equal(pixels_of(tmp_path / "crops" / row[column]), whole[part])
    assert rows_of(tmp_path / "crops" / "rejected.csv") == []


@pytest.mark.parametrize("margin", [0.1, 0.25, 1])
def test_a_margin_is_a_share_of_the_box_and_ends_with_the_photo(
    detect_crop: Detect, products: Path, tmp_path: Path, margin: float
) -> None:
    assert detect_crop(products, "--margin", margin, "-o", tmp_path / "crops").returncode == 0
    for seed, row in enumerate(rows_of(tmp_path / "crops")):
        x, y, width, height = numbers(row["box"])
        left, right = max(0, round(x - margin * width)), min(SIDE, round(x + width + margin * width))
        top, bottom = max(0, round(y - margin * height)), min(SIDE, round(y + height + margin * height))
        part = (slice(top, bottom), slice(left, right))
        crop = pixels_of(tmp_path / "crops" / row["path"])
        assert np.array_equal(crop, pixels_of(products / list(THINGS)[seed])[part])
        assert np.array_equal(
            pixels_of(tmp_path / "crops" / row["mask"]), pixels_of(products / f"mask/{seed}.png")[part]
        )
        assert (row["width"], row["height"]) == (str(right - left), str(bottom - top))


def test_square_pad_puts_white_around_the_crop_and_nothing_around_masks(
    detect_crop: Detect, products: Path, tmp_path: Path
) -> None:
    assert detect_crop(products, "--square", "pad", "-o", tmp_path / "crops").returncode == 0
    for seed, row in enumerate(rows_of(tmp_path / "crops")):
        x, y, width, height = numbers(row["box"])
        side = max(width, height)
        assert (row["width"], row["height"]) == (str(side), str(side))
        across, down = (side - width) // 2, (side - height) // 2
        photo = pixels_of(products / list(THINGS)[seed])
        wanted = np.pad(
            photo[y : y + height, x : x + width],
            ((down, side - height - down), (across, side - width - across), (0, 0)),
            constant_values=255,
        )
        assert np.array_equal(pixels_of(tmp_path / "crops" / row["path"]), wanted)
        for column in ("mask", "garment"):
            whole = pixels_of(products / column / f"{seed}.png")[y : y + height, x : x + width]
            wanted = np.pad(whole, ((down, side - height - down), (across, side - width - across)))
            assert np.array_equal(pixels_of(tmp_path / "crops" / row[column]), wanted)


def test_square_extend_shows_more_of_the_photo(detect_crop: Detect, products: Path, tmp_path: Path) -> None:
    done = detect_crop(products, "--square", "extend", "--margin", 0.5, "-o", tmp_path / "crops")
    assert done.returncode == 0, done.stderr
    # Left, top and side of each square, by hand; all of them lie within the photo.
    wanted = {"a.png": (0, 15, 180), "b/c.jpg": (60, 0, 140), "b/d.png": (0, 50, 150), "e.png": (0, 0, 190)}
    for name, row in zip(THINGS, rows_of(tmp_path / "crops"), strict=True):
        left, top, side = wanted[name]
        photo = pixels_of(products / name)
        crop = pixels_of(tmp_path / "crops" / row["path"])
        assert crop.shape == (side, side, 3), name
        assert np.array_equal(crop, photo[top : top + side, left : left + side]), name


def test_square_extend_is_white_beyond_the_photo(detect_crop: Detect, tmp_path: Path) -> None:
    (tmp_path / "wide").mkdir()
    photo = product_photo((20, 60, 150, 40))[50:120]  # 70 x 200
    Image.fromarray(photo).save(tmp_path / "wide" / "p.png")
    assert detect_crop(tmp_path / "wide", "--square", "extend", "-o", tmp_path / "crops").returncode == 0
    crop = pixels_of(tmp_path / "crops" / "p.png.png")
    assert crop.shape == (150, 150, 3)
    assert np.array_equal(crop[40:110], photo[:, 20:170])
    assert (crop[:40] == 255).all()
    assert (crop[110:] == 255).all()


@pytest.mark.parametrize("words", [[], ["--square", "pad"]])
def test_size_is_the_longer_side(detect_crop: Detect, products: Path, tmp_path: Path, words: list[str]) -> None:
    assert detect_crop(products, *words, "--size", 32, "-o", tmp_path / "small").returncode == 0
    assert detect_crop(products, *words, "-o", tmp_path / "whole").returncode == 0
    for small, whole in zip(rows_of(tmp_path / "small"), rows_of(tmp_path / "whole"), strict=True):
        assert small["box"] == whole["box"]
        shrunk, large = (pixels_of(place / row["path"]) for place, row in
                         ((tmp_path / "small", small), (tmp_path / "whole", whole)))  # fmt: skip
        assert max(shrunk.shape) == 32
        assert (small["width"], small["height"]) == (str(shrunk.shape[1]), str(shrunk.shape[0]))
        wanted = cv2.resize(large, shrunk.shape[1::-1], interpolation=cv2.INTER_AREA)
        assert np.array_equal(shrunk, wanted)
        mask = pixels_of(tmp_path / "small" / small["mask"])
        assert mask.shape == shrunk.shape[:2]
        assert set(np.unique(mask)) <= {0, 255}


def test_exif_orientation_turns_photo_and_box(detect_crop: Detect, tmp_path: Path) -> None:
    """The file lies on its side: boxes and crops are of the photo as it is shown."""
    folder = tmp_path / "turned"
    folder.mkdir()
    shown = product_photo((30, 100, 60, 80))[:, :150]
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees clockwise to show it
    Image.fromarray(np.rot90(shown)).save(folder / "p.jpg", quality=98, subsampling=0, exif=exif)
    assert detect_crop(folder, "-o", tmp_path / "crops").returncode == 0
    (row,) = rows_of(tmp_path / "crops")
    assert np.abs(np.array(numbers(row["box"])) - (30, 100, 60, 80)).max() <= 1
    x, y, width, height = numbers(row["box"])
    crop = pixels_of(tmp_path / "crops" / row["path"])
    assert crop.shape == (height, width, 3)
    assert np.abs(crop.astype(int) - shown[y : y + height, x : x + width]).mean() < 12


def test_large_photos_are_cut_at_full_size(detect_crop: Detect, tmp_path: Path) -> None:
    """They are looked at through a reduced decode; crops are not reduced."""
    folder = tmp_path / "large"
    folder.mkdir()
    photo = np.full((2000, 1600, 3), 240, np.uint8)
    photo[400:1600, 300:1100] = np.random.default_rng(0).integers(0, 120, (1200, 800, 3), np.uint8)
    Image.fromarray(photo).save(folder / "p.jpg", quality=95)
    assert detect_crop(folder, "-o", tmp_path / "crops").returncode == 0
    (row,) = rows_of(tmp_path / "crops")
    x, y, width, height = numbers(row["box"])
    assert np.abs(np.array([x, y, width, height]) - (300, 400, 800, 1200)).max() <= 12
    decoded = cv2.cvtColor(cv2.imread(str(folder / "p.jpg")), cv2.COLOR_BGR2RGB)
    assert np.array_equal(pixels_of(tmp_path / "crops" / row["path"]), decoded[y : y + height, x : x + width])


def test_gray_photos_stay_gray(detect_crop: Detect, tmp_path: Path) -> None:
    (tmp_path / "gray").mkdir()
    gray = product_photo((40, 40, 60, 60))[..., 0]
    Image.fromarray(gray).save(tmp_path / "gray" / "p.png")
    assert detect_crop(tmp_path / "gray", "-o", tmp_path / "crops").returncode == 0
    assert np.array_equal(pixels_of(tmp_path / "crops" / "p.png.png"), gray[40:100, 40:100])


def test_a_mask_of_another_size_is_a_bad_row(detect_crop: Detect, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.fromarray(product_photo((40, 40, 60, 60))).save(folder / "p.png")
    Image.fromarray(np.zeros((10, 20), np.uint8)).save(folder / "m.png")
    write_manifest(folder, [{"path": "p.png", "mask": "m.png"}])
    assert detect_crop(folder, "-o", tmp_path / "crops").returncode == 0
    (row,) = rows_of(tmp_path / "crops")
    assert (row["status"], row["error"]) == ("failed", "the mask is 20 x 10, the photo 200 x 200")
    assert (tmp_path / "crops" / row["path"]).resolve() == folder / "p.png"
