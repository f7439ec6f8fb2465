"""`import lookbook` through the real command line: what its manifest promises, looked up in its files."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from manifests import Rows, rows_of
from PIL import Image, UnidentifiedImageError

Run = Callable[..., "CompletedProcess[str]"]
PRODUCTS = 8
COPIES = ("recompressed", "resized", "cropped", "mirrored")
# Written apart from the drawing's own words: what a shop may call a category, and a colour.
NOUNS = {
    "blouses": ("bluse", "blouse"), "dresses": ("kleid", "dress"), "jackets": ("jacke|blazer|mantel", "jacket"),
    "knitwear": ("strick", "knit"), "pants": ("hose|shorts", "pants"), "skirts": ("rock", "skirt"),
    "tops": ("top", "top"),
}  # fmt: skip
COLOURS = {
    "beige": "beige|sand", "black": "schwarz", "blue": "blau", "gray": "grau", "green": "grün", "pink": "pink|rosa",
    "red": "rot", "white": "weiß|offwhite", "yellow": "gelb",
}  # fmt: skip
LABELS = {"pants": "lower", "skirts": "lower", "dresses": "full"}


def says(text: str, words: str) -> bool:
    return any(word in text.lower() for word in words.split("|"))


@pytest.fixture(scope="module")
def house(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight products, half of whose photos have a copy, and a third a broken file."""
    folder = tmp_path_factory.mktemp("house") / "house"
    words = ("--products", PRODUCTS, "--height", "120", "--duplicates", "0.5", "--corrupt", "0.3")
    done = run("import", "lookbook", *words, "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def products(house: Path) -> dict[str, Rows]:
    """The rows of each product's own photos, without copies and broken files."""
    found = defaultdict(list)
    for row in rows_of(house):
        if not row["copy"]:
            found[row["group"]].append(row)
    return found


def test_each_product_has_a_packshot_and_three_to_five_worn_photos(products: dict[str, Rows]) -> None:
    assert len(products) == PRODUCTS
    for rows in products.values():
        packshots = [row for row in rows if row["view"] == "product"]
        worn = [row for row in rows if row["view"] == "model"]
        assert len(packshots) == 1
        assert 3 <= len(worn) <= 5
        assert len(packshots) + len(worn) == len(rows)
        assert packshots[0]["pose"] == ""
        assert {row["pose"] for row in worn} <= {"front", "back", "upper", "detail"}
        assert "front" in {row["pose"] for row in worn}
    poses = {row["pose"] for rows in products.values() for row in rows}
    assert poses == {"", "front", "back", "upper", "detail"}


def test_masks_fit_the_photos_and_boxes_fit_the_masks(house: Path, products: dict[str, Rows]) -> None:
    for row in (row for rows in products.values() for row in rows):
        photo = Image.open(house / row["path"])
        garment = Image.open(house / row["garment"])
        assert (photo.size, photo.mode, garment.mode) == ((90, 120), "RGB", "L")
        assert (row["width"], row["height"]) == ("90", "120")
        assert garment.size == photo.size
        pixels = np.asarray(garment)
        assert set(np.unique(pixels)) == {0, 255}
        y, x = np.nonzero(pixels)
        box = [int(number) for number in row["box"].split()]
        assert box == [x.min(), y.min(), x.max() + 1 - x.min(), y.max() + 1 - y.min()]


def test_words_agree_with_category_and_colour(products: dict[str, Rows]) -> None:
    facts = ("brand", "name", "category", "color", "fit", "pattern", "attributes", "description", "label")
    for rows in products.values():
        assert len({tuple(row[column] for column in facts) for row in rows}) == 1, "photos of one product differ"
        row = rows[0]
        german, english = NOUNS[row["category"]]
        assert all(row[column] for column in facts)
        assert says(row["name"], german)
        assert says(row["name"], COLOURS[row["color"]])
        assert says(row["description"], english)
        assert f" {row['color']} " in row["description"]
        assert row["description"].startswith("A ")
        assert row["description"].endswith(".")
        assert all(f"{key}:\xa0" in row["attributes"] for key in ("Muster", "Passform", "Material Oberstoff"))
        assert row["label"] == LABELS.get(row["category"], "upper")


def test_copies_are_what_they_say(house: Path, products: dict[str, Rows]) -> None:
    originals = {row["path"]: row for rows in products.values() for row in rows}
    copies = [row for row in rows_of(house) if row["copy"] in COPIES]
    assert 0.3 < len(copies) / len(originals) < 0.7
    assert {row["copy"] for row in copies} == set(COPIES)
    for row in copies:
        original = originals[row["parent"]]
        for column in ("group", "view", "pose", "description", "box"):
            assert row[column] == original[column]
        before, after = (Image.open(house / one["path"]).convert("RGB") for one in (original, row))
        assert (row["width"], row["height"]) == tuple(map(str, after.size))
        assert Image.open(house / row["garment"]).size == after.size
        assert (after.size == before.size) == (row["copy"] in ("recompressed", "mirrored"))
        turned = before.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if row["copy"] == "mirrored" else before
        cut = [round((a - b) / 2) for a, b in zip(before.size, after.size, strict=True)]
        if row["copy"] == "cropped":
            turned = before.crop((*cut, before.width - cut[0], before.height - cut[1]))
        same = np.asarray(turned.resize(after.size, Image.Resampling.BOX)).astype(int)
        assert np.abs(same - np.asarray(after)).mean() < 12


def test_broken_files_do_not_open(house: Path, products: dict[str, Rows]) -> None:
    broken = [row for row in rows_of(house) if row["copy"] == "broken"]
    assert 0.1 < len(broken) / sum(map(len, products.values())) < 0.5
    for row in broken:
        assert not any(row[column] for column in row if column not in ("path", "copy", "status"))
        with pytest.raises((UnidentifiedImageError, OSError)):
            Image.open(house / row["path"]).load()


def test_without_being_asked_nothing_is_copied_or_broken(lookbook: Path) -> None:
    assert {row["copy"] for row in rows_of(lookbook)} == {""}
    assert not (lookbook / "copies").exists()
    assert not (lookbook / "broken").exists()


def test_the_smallest_height_works(run: Run, tmp_path: Path) -> None:
    """All categories are among 24 products, so that each is drawn at that size."""
    done = run("import", "lookbook", "--products", "24", "--height", "85", "-o", tmp_path / "house")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "house")
    assert {row["category"] for row in rows} == set(NOUNS)
    assert {(row["width"], row["height"], row["status"]) for row in rows} == {("64", "85", "ok")}
    assert all(np.asarray(Image.open(tmp_path / "house" / row["garment"])).any() for row in rows)


def test_one_less_is_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    done = run("import", "lookbook", "--products", "1", "--height", "84", "-o", tmp_path / "house")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "--height" in done.stderr
    assert "85" in done.stderr
    assert not (tmp_path / "house").exists()
