"""`import fashiongen`: small HDF5 files made here as the set has them, the paper's split, and how it goes wrong."""

import csv
import io
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from fashiontools.core.errors import BadRow
from fashiontools.import_data.fashiongen.hdf5 import FashiongenFile
from fashiontools.import_data.fashiongen.split import PAPER_SIZES, draw_paper_split, sizes_for

Run = Callable[..., subprocess.CompletedProcess[str]]
Tree = Callable[[Path], dict[str, bytes]]

CATEGORIES = (
    "TOPS", "SWEATERS", "PANTS", "JEANS", "SHIRTS", "DRESSES", "SHORTS", "SKIRTS", "JACKETS & COATS", "JUMPSUITS",
)  # fmt: skip
PAPER = ("top", "sweater", "pant", "jean", "shirt", "dress", "short", "skirt", "coat")
SIDE = 24


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)


def texts(values: list[str]) -> np.ndarray:
    return np.array([value.encode("latin-1") for value in values]).reshape(-1, 1)


def write_file(
    path: Path, count: int, *, per_product: int = 4, chunks: tuple[int, ...] | None = (3, 8, 8, 1), **changed: object
) -> Path:
    """Write a file as the set has it: photos (N, H, W, 3) uint8, texts (N, 1) of bytes, product numbers (N, 1)."""
    numbers = range(count)
    arrays: dict[str, object] = {
        "index": np.arange(count).reshape(-1, 1),
        "input_image": pictures(count),
        "input_description": texts([f"Long sleeve caf\xe9 jacket in 'dust' grey.  No {i}." for i in numbers]),
        "input_category": texts([CATEGORIES[i // per_product % len(CATEGORIES)] for i in numbers]),
        "input_subcategory": texts(["BOMBERS"] * count),
        "input_name": texts([f"Grey Jacket {i // per_product}" for i in numbers]),
        "input_gender": texts(["Women"] * count),
        "input_productID": (1000 + np.arange(count) // per_product).reshape(-1, 1),
        "input_pose": texts([f"id_gridfs_{i % per_product + 1}" for i in numbers]),
        **changed,
    }
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            if values is not None:
                packed = (
                    {"chunks": chunks, "compression": "gzip", "fletcher32": True}
                    if name == "input_image" and chunks
                    else {}
                )
                file.create_dataset(name, data=values, **packed)
    return path


@pytest.fixture
def train(tmp_path: Path) -> Path:
    return write_file(tmp_path / "fashiongen_256_256_train.h5", 80)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# ------------------------------------------------------------------------------------------------------ the command


def test_a_file_becomes_photos_and_a_manifest(in_process: Run, train: Path, tmp_path: Path) -> None:
    done = in_process("import", "fashiongen", train, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    rows = rows_of(done.stdout)
    assert list(rows[0]) == [
        "path", "id", "source", "group", "view", "name", "category", "subcategory", "gender", "description", "split",
        "width", "height", "status", "error",
    ]  # fmt: skip
    assert len(rows) == 72, "jumpsuits are none of the nine categories"
    photos = pictures(80)
    for row in rows:
        number = int(row["source"].removeprefix("fashiongen_256_256_train.h5#"))
        assert (np.asarray(Image.open(row["path"])) == photos[number]).all()
        assert row["category"] == PAPER[number // 4 % 10]
        assert row["group"] == str(1000 + number // 4)
        assert row["view"] == f"id_gridfs_{number % 4 + 1}"
        assert row["description"] == f"Long sleeve café jacket in 'dust' grey. No {number}."
        assert (row["split"], row["width"], row["height"]) == ("train", str(SIDE), str(SIDE))
        assert row["path"].endswith(f"out/fashiongen_256_256_train/{row['category']}/{number:06d}.png")
    assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("words", "categories"),
    [
        ("coat", {"coat"}),
        ("Jackets & Coats, JUMPSUITS", {"coat", "jumpsuits"}),
        ("all", {*PAPER, "jumpsuits"}),
    ],
)
def test_categories_are_chosen_by_either_name(
    in_process: Run, train: Path, tmp_path: Path, words: str, categories: set[str]
) -> None:
    done = in_process("import", "fashiongen", train, "--categories", words, "-o", tmp_path / "out")
    assert {row["category"] for row in rows_of(done.stdout)} == categories


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("fashiongen_256_256_validation.h5", "val"),
        ("fashion_test.h5", "test"),
        ("latest.h5", ""),
        ("constrained.h5", ""),
    ],
)
def test_the_files_own_split_is_in_its_name(in_process: Run, tmp_path: Path, name: str, split: str) -> None:
    file = write_file(tmp_path / name, 4)
    rows = rows_of(in_process("import", "fashiongen", file, "-o", tmp_path / "out").stdout)
    assert {row["split"] for row in rows} == {split}


def test_the_papers_split_is_scaled_and_keeps_products_together(in_process: Run, train: Path, tmp_path: Path) -> None:
    validation = write_file(tmp_path / "fashiongen_256_256_validation.h5", 64, per_product=1)
    done = in_process("import", "fashiongen", train, validation, "--split", "paper", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    rows = rows_of(done.stdout)
    assert len(rows) == 72 + 58
    assert (
        "130 photos of the paper's 260,000 are there: its proportions make 100 train / 15 val / 15 test" in done.stderr
    )
    assert Counter(row["split"] for row in rows) == {"train": 100, "val": 15, "test": 15}
    sides: dict[str, set[str]] = {}
    for row in rows:
        sides.setdefault(row["group"], set()).add(row["split"])
    assert all(len(side) == 1 for side in sides.values())
    few = in_process(
        "import", "fashiongen", train, validation, "--split", "paper", "--limit", "9", "-o", tmp_path / "few"
    )
    split_of = {row["id"]: row["split"] for row in rows}
    assert all(row["split"] == split_of[row["id"]] for row in rows_of(few.stdout))
    seeded = in_process(
        "import", "fashiongen", train, validation, "--split", "paper", "--seed", "5", "-o", tmp_path / "seed"
    )
    assert {row["id"]: row["split"] for row in rows_of(seeded.stdout)} != split_of


@pytest.mark.parametrize("workers", ["1", "3"])
def test_the_same_bytes_whatever_the_workers(
    in_process: Run, train: Path, tmp_path: Path, tree: Tree, workers: str
) -> None:
    assert in_process("import", "fashiongen", train, "-o", tmp_path / "two", "--workers", "2").returncode == 0
    assert in_process("import", "fashiongen", train, "-o", tmp_path / "other", "--workers", workers).returncode == 0
    assert tree(tmp_path / "two") == tree(tmp_path / "other")


def test_a_killed_run_is_continued(
    in_process: Run, start: Callable, wait_for: Callable, tmp_path: Path, tree: Tree
) -> None:
    file = write_file(tmp_path / "fashiongen_train.h5", 900)
    assert in_process("import", "fashiongen", file, "-o", tmp_path / "whole").returncode == 0
    killed = start("import", "fashiongen", file, "-o", tmp_path / "killed", "--workers", "1", stdout=subprocess.DEVNULL)
    log = tmp_path / "killed" / "rows.log.part"
    wait_for(lambda: log.exists() and log.read_bytes().count(b"\n") > 20)
    killed.kill()
    killed.wait()
    assert not (tmp_path / "killed" / "manifest.csv").exists()
    done = in_process("import", "fashiongen", file, "-o", tmp_path / "killed")
    assert re.search(r"\d+ of them earlier", done.stderr)
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")


def test_a_file_that_has_changed_is_read_again(in_process: Run, train: Path, tmp_path: Path) -> None:
    in_process("import", "fashiongen", train, "-o", tmp_path / "out")
    assert "72 of them earlier" in in_process("import", "fashiongen", train, "-o", tmp_path / "out").stderr
    write_file(train, 80, input_image=np.zeros((80, SIDE, SIDE, 3), np.uint8))
    done = in_process("import", "fashiongen", train, "-o", tmp_path / "out")
    assert "earlier" not in done.stderr
    assert not np.asarray(Image.open(rows_of(done.stdout)[0]["path"])).any()


def damage(path: Path, number: int) -> None:
    """Overwrite the chunks of a photo within the file."""
    with h5py.File(path, "r") as file:
        array = file["input_image"]
        places = [array.id.get_chunk_info(i) for i in range(array.id.get_num_chunks())]
    with open(path, "r+b") as stream:
        for place in places:
            if place.chunk_offset[0] == number // 3 * 3:
                stream.seek(place.byte_offset)
                stream.write(b"\xff" * place.size)


def test_a_damaged_chunk_costs_its_own_photos_alone(in_process: Run, tmp_path: Path) -> None:
    file = write_file(tmp_path / "train.h5", 60)
    damage(file, 21)
    done = in_process("import", "fashiongen", file, "-o", tmp_path / "out", "--max-errors", "3")
    assert done.returncode == 0, done.stderr
    bad = {row["source"]: row["error"] for row in rows_of(done.stdout) if row["status"] == "failed"}
    assert bad == {f"train.h5#{number}": f"train.h5 is damaged at photo {number}" for number in (21, 22, 23)}
    strict = in_process("import", "fashiongen", file, "-o", tmp_path / "out", "--max-errors", "2")
    assert strict.returncode == 3
    assert "3 of 56 rows are bad" in strict.stderr


def test_without_the_library_one_line_says_what_to_install(run: Run, train: Path, tmp_path: Path) -> None:
    (tmp_path / "absent").mkdir()
    (tmp_path / "absent" / "h5py.py").write_text("raise ImportError('not installed')\n")
    done = run("import", "fashiongen", train, "-o", tmp_path / "out", env={"PYTHONPATH": str(tmp_path / "absent")})
    assert done.returncode == 4
    assert done.stderr == (
        "fashiontools: import fashiongen needs the library h5py (pip install 'fashiontools[fashiongen]')\n"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"input_description": None}, "is not FashionGen: it has no input_description, only"),
        (
            {"input_image": np.zeros((8, SIDE, SIDE), np.uint8)},
            "input_image is 8 x 24 x 24 uint8; expected N x 256 x 256",
        ),
        ({"input_image": np.zeros((8, SIDE, SIDE, 3), np.float32)}, "float32; expected N x 256 x 256 x 3 uint8"),
        ({"input_name": texts(["a"] * 7)}, "input_name is not one text for each of the 8 photos"),
    ],
)
def test_other_hdf5_files_are_refused(in_process: Run, tmp_path: Path, changed: dict[str, object], told: str) -> None:
    file = write_file(tmp_path / "train.h5", 8, chunks=None, **changed)
    done = in_process("import", "fashiongen", file, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "import fashiongen reads HDF5 files: name"),
        (["nowhere.h5"], "nowhere.h5: no such file"),
        (["text.h5"], "text.h5 is not HDF5, or is not whole"),
        (["half.h5"], "half.h5 is not HDF5, or is not whole"),
        (["train.h5", "again/train.h5"], "two files are called train"),
        (["train.h5", "--categories", "sweter"], "no category 'sweter'; did you mean sweater"),
        (["train.h5", "--categories", " ,"], "no category ''"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, tmp_path: Path, words: list[str], told: str) -> None:
    write_file(tmp_path / "train.h5", 8)
    (tmp_path / "again").mkdir()
    write_file(tmp_path / "again" / "train.h5", 8)
    (tmp_path / "text.h5").write_text("not HDF5")
    whole = (tmp_path / "train.h5").read_bytes()
    (tmp_path / "half.h5").write_bytes(whole[: len(whole) // 2])
    done = run("import", "fashiongen", *words, "-o", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


# ------------------------------------------------------------------------------------------------------------ HDF5


@pytest.mark.parametrize("chunks", [None, (1, 24, 24, 3), (7, 8, 8, 1), (50, 24, 24, 3)])
def test_photos_come_out_as_they_went_in_whatever_the_chunks(tmp_path: Path, chunks: tuple[int, ...] | None) -> None:
    file = FashiongenFile(str(write_file(tmp_path / "train.h5", 150, chunks=chunks)))
    photos = pictures(150)
    for number in [*range(150), 149, 0, 75]:
        assert (file.photo(number) == photos[number]).all()


def test_few_blocks_are_kept_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fashiontools.import_data.fashiongen.hdf5._KEPT_BYTES", 3 * 64 * SIDE * SIDE * 3)
    file = FashiongenFile(str(write_file(tmp_path / "train.h5", 700)))
    for number in range(700):
        file.photo(number)
        assert sum(block.nbytes for block in file._blocks.values()) <= 3 * 66 * SIDE * SIDE * 3


def test_texts_may_be_of_variable_length_and_flat(tmp_path: Path) -> None:
    names = np.array(["Über", "Öl"], dtype=object)
    file = write_file(
        tmp_path / "train.h5",
        2,
        chunks=None,
        input_brand=texts(["  A\nB\0\0", "C"]),
        input_season=np.array([b"SS2017", b"FW2016"]),
    )
    with h5py.File(file, "a") as stream:
        stream.create_dataset("input_composition", data=[name.encode("latin-1") for name in names])
    read = FashiongenFile(str(file))
    assert list(read.texts("brand")) == ["A B", "C"]
    assert list(read.texts("season")) == ["SS2017", "FW2016"]
    assert list(read.texts("composition")) == ["Über", "Öl"]
    assert list(read.texts("group")) == ["1000", "1000"]


def test_a_damaged_photo_is_a_bad_row(tmp_path: Path) -> None:
    path = write_file(tmp_path / "train.h5", 9)
    damage(path, 3)
    file = FashiongenFile(str(path))
    with pytest.raises(BadRow, match="damaged at photo 4"):
        file.photo(4)
    assert (file.photo(6) == pictures(9)[6]).all()


# ------------------------------------------------------------------------------------------------------------- split


def test_the_papers_sizes() -> None:
    assert PAPER_SIZES == {"train": 200_000, "val": 30_000, "test": 30_000}
    assert sizes_for(260_000) == sizes_for(300_000) == PAPER_SIZES
    assert sizes_for(224_293) == {"train": 172_533, "val": 25_880, "test": 25_880}
    assert [sum(sizes_for(photos).values()) for photos in range(50)] == list(range(50))


@pytest.mark.parametrize("photos", [260_000, 293_008])
def test_with_enough_photos_the_papers_sizes_are_met_to_the_photo(photos: int) -> None:
    products = [str(number) for number in np.random.default_rng(2).integers(0, photos // 4, photos)]
    split = draw_paper_split(products, seed=3)
    counts = Counter(split.of)
    assert (counts["val"], counts["test"]) == (30_000, 30_000)
    assert counts["train"] == 200_000
    assert counts[""] == photos - 260_000
    side = dict(zip(products, split.of, strict=True))
    assert [side[product] for product in products] == split.of


def test_the_split_depends_on_products_and_seed_alone() -> None:
    products = [f"p{number // 3}" for number in range(300)]
    order = np.random.default_rng(0).permutation(300)
    split = draw_paper_split(products, 0).of
    shuffled = draw_paper_split([products[i] for i in order], 0).of
    assert [split[i] for i in order] == shuffled
    assert draw_paper_split(products, 1).of != split
