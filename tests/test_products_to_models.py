"""examples/products_to_models.sh: from a shop to images of its products on people."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from manifests import rows_of
from PIL import Image
from sites.server import Sites
from sites.shops_lookbook import LIST, LookbookPhotos, LookbookShop

Run = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[1]
SIDE = 32
TRAINED = f"--size {SIDE} --patch 16 --generator-width 8 --discriminator-width 8 --batch 4 --epochs 3"


@pytest.fixture(scope="module")
def house(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house") / "lookbook"
    done = run("import", "lookbook", "--products", 14, "--height", 200, "--seed", 2, "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def example(environment: dict[str, str], tmp_path: Path) -> Run:
    """Run the script where `fashiontools` and `python` are those of these tests."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, words in (("python", ""), ("fashiontools", "-m fashiontools")):
        (programs / name).write_text(f"#!/bin/sh\nexec '{sys.executable}' {words} \"$@\"\n", encoding="utf-8")
        (programs / name).chmod(0o755)

    def run_example(*words: object, **settings: str) -> subprocess.CompletedProcess[str]:
        path = f"{programs}:{environment['PATH']}"
        return subprocess.run(
            ["sh", str(ROOT / "examples" / "products_to_models.sh"), *map(str, words)],
            capture_output=True, text=True, cwd=tmp_path, env={**environment, "PATH": path, **settings}, check=False,
        )  # fmt: skip

    return run_example


@pytest.fixture
def shop(house: Path) -> Iterator[Sites]:
    with Sites(LookbookShop(rows_of(house)), LookbookPhotos(house)) as sites:
        yield sites


def flags_for(shop: Sites) -> dict[str, str]:
    scrape = " ".join([*shop.flags, "--delay", "0.001", "--retries", "0"])
    return {"SCRAPE_FLAGS": scrape, "CLUSTER_FLAGS": "--product first", "TRAIN_FLAGS": TRAINED}


@pytest.mark.slow
def test_again_it_asks_nobody_and_says_the_same(example: Run, shop: Sites) -> None:
    done = example(LIST, "out", **flags_for(shop))
    asked = len(shop.requests)
    again = example(LIST, "out", **flags_for(shop))
    assert (again.returncode, again.stdout) == (0, done.stdout), again.stderr
    assert len(shop.requests) == asked


def test_from_a_shop_to_images(example: Run, house: Path, shop: Sites, tmp_path: Path) -> None:
    done = example(LIST, "out", **flags_for(shop))
    assert done.returncode == 0, done.stderr
    steps = re.findall(r"^== ([\w-]+)", done.stdout, re.MULTILINE)
    assert steps == ["scrape", "label", "cluster-pairs", "train", "sample", "evaluate"]

    rows = rows_of(house)
    out, drawn = tmp_path / "out", {row["group"]: row for row in rows}
    labelled = rows_of(out / "labelled")
    assert len(labelled) == len(rows)
    for row in labelled:
        known = drawn[row["group"].rpartition(":")[2]]
        for column in ("category", "color", "length", "sleeve_length", "fit", "pattern", "neckline"):
            assert row[column] == known[column], row["attributes"]
        assert row["description"].startswith("A ")

    pairs = rows_of(out / "pairs")
    assert len(pairs) >= 12
    assert {row["split"] for row in pairs} == {"train", "val", "test"}
    worn = rows_of(out / "worn")
    assert {row["group"] for row in worn} == {row["group"] for row in pairs if row["split"] == "test"}
    for row in worn:
        assert Image.open(out / "worn" / row["path"]).size == (SIDE, SIDE)
    for name in ("worn", "copies"):
        scores = json.loads((out / f"{name}.json").read_text())["scores"]
        assert {(one["metric"], one["n"]) for one in scores} == {(m, len(worn)) for m in ("psnr", "ssim", "l1")}
    assert len(re.findall(r"^(images|copies of the input) +(psnr|ssim|l1) +[0-9.]+ ", done.stdout, re.MULTILINE)) == 6
    pictures = re.findall(r"^  (out/.*\.png)  ", done.stdout, re.MULTILINE)
    assert [Path(picture).name for picture in pictures] == ["clusters.png", "grid.png"]
    assert all((tmp_path / picture).is_file() for picture in pictures)


def test_a_folder_of_photos_needs_no_scraping(example: Run, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    done = example("photos", "out", TRAIN_FLAGS=TRAINED)
    assert done.returncode == 2
    assert re.findall(r"^== ([\w-]+)", done.stdout, re.MULTILINE) == ["label"]
    assert "Traceback" not in done.stderr


def test_what_it_takes_is_told(example: Run) -> None:
    done = example()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "usage: sh examples/products_to_models.sh SHOP [OUT]\n"
