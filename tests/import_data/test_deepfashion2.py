"""`import deepfashion2`: several garments per photo, the thirteen categories, every kind of damage."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from box_sets import draw_photo, garment, write_deepfashion2_photo
from manifests import rows_of
from pycocotools.coco import COCO

Run = Callable[..., subprocess.CompletedProcess[str]]
Tree = Callable[[Path], dict[str, bytes]]

# The set's own numbering, as its README gives it.
THIRTEEN = {
    1: "short sleeve top", 2: "long sleeve top", 3: "short sleeve outwear", 4: "long sleeve outwear", 5: "vest",
    6: "sling", 7: "shorts", 8: "trousers", 9: "skirt", 10: "short sleeve dress", 11: "long sleeve dress",
    12: "vest dress", 13: "sling dress",
}  # fmt: skip
TOP = garment(THIRTEEN[1], 1, [10, 10, 60, 50])
SKIRT = garment(THIRTEEN[9], 9, [12, 50, 58, 100], style=0)


@pytest.fixture
def clothes(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    write_deepfashion2_photo(folder, "train", 1, TOP, SKIRT)
    write_deepfashion2_photo(folder, "train", 2)
    write_deepfashion2_photo(folder, "validation", 1, garment(THIRTEEN[11], 11, [5, 5, 80, 110]), pair=9)
    draw_photo(folder / "test" / "image" / "000001.jpg", 99)
    return folder


def test_a_set_becomes_a_manifest(in_process: Run, clothes: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = in_process("import", "deepfashion2", clothes, "-o", out)
    assert done.returncode == 0, done.stderr
    rows = rows_of(out)
    told = ("path", "category", "label", "box", "split", "group", "domain")
    assert [tuple(row[column] for column in told) for row in rows] == [
        ("../set/train/image/000001.jpg", "short sleeve top", "upper", "10 10 50 40", "train", "7-1", "shop"),
        ("../set/train/image/000001.jpg", "skirt", "lower", "12 50 46 50", "train", "", "shop"),
        ("../set/train/image/000002.jpg", "", "", "", "train", "", ""),
        ("../set/validation/image/000001.jpg", "long sleeve dress", "full", "5 5 75 105", "val", "9-1", "shop"),
    ]
    assert [rows[0][grade] for grade in ("scale", "occlusion", "zoom_in", "viewpoint")] == ["2", "3", "1", "2"]
    assert "test: 1 photos without annotations are left out" in done.stderr
    coco = COCO(str(out / "annotations.json"))
    assert (len(coco.getImgIds()), len(coco.getAnnIds())) == (3, 3)
    assert len(coco.getAnnIds(imgIds=[1])) == 2
    assert coco.getAnnIds(imgIds=[2]) == []
    assert "1 photos without boxes" in done.stderr


def test_the_thirteen_categories_are_three(in_process: Run, tmp_path: Path) -> None:
    for number, name in THIRTEEN.items():
        write_deepfashion2_photo(tmp_path / "set", "train", number, garment(name, number, [10, 10, 60, 50]))
    in_process("import", "deepfashion2", tmp_path / "set", "-o", tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert [row["category"] for row in rows] == list(THIRTEEN.values())
    assert [row["label"] for row in rows] == ["upper"] * 6 + ["lower"] * 3 + ["full"] * 4


def test_items_go_by_their_numbers(in_process: Run, tmp_path: Path) -> None:
    items = [garment(THIRTEEN[1], 1, [x, 10, x + 40, 50]) for x in range(12)]
    write_deepfashion2_photo(tmp_path / "set", "train", 1, *items)
    in_process("import", "deepfashion2", tmp_path / "set", "-o", tmp_path / "out")
    assert [row["box"] for row in rows_of(tmp_path / "out")] == [f"{x} 10 40 40" for x in range(12)]


def test_one_part_alone(in_process: Run, clothes: Path, tmp_path: Path) -> None:
    in_process("import", "deepfashion2", clothes / "validation", "-o", tmp_path / "out")
    assert [row["split"] for row in rows_of(tmp_path / "out")] == ["val"]
    (clothes / "train").rename(tmp_path / "mine")
    in_process("import", "deepfashion2", tmp_path / "mine", "-o", tmp_path / "drawn")
    assert all(row["split"] in ("train", "val", "test") for row in rows_of(tmp_path / "drawn"))


DAMAGED_ITEMS = {
    r"unknown category: 14, of 13 \(item1 of .*": garment("cape", 14, [1, 2, 30, 40]),
    r"unknown category: \"9\", of 13 .*": garment("skirt", "9", [1, 2, 30, 40]),
    r"unknown category: 9 is 'skirt', and is named \"trousers\" .*": garment("trousers", 9, [1, 2, 30, 40]),
    r"damaged box: \[1, 2, 30\]; expected \[x1, y1, x2, y2\] .*": garment(
        "skirt", 9, [1, 2, 30, 40], bounding_box=[1, 2, 30]
    ),
    r"damaged box: \[1, 2, 30, NaN\].*": garment("skirt", 9, [1, 2, 30, float("nan")]),
    r"damaged box: null.*": garment("skirt", 9, [1, 2, 30, 40], bounding_box=None),
    r"empty box: 30 2 0 38": garment("skirt", 9, [30, 2, 30, 40]),
    r"empty box: 30 40 -29 -38": garment("skirt", 9, [30, 40, 1, 2]),
    r"box outside the photo: 60 2 60 38 on 90 x 120 pixels": garment("skirt", 9, [60, 2, 120, 40]),
    r"damaged annotation: no object .*": ["skirt"],
}


def test_every_damaged_item_is_a_bad_row_and_its_neighbour_is_not(in_process: Run, tmp_path: Path) -> None:
    for number, item in enumerate(DAMAGED_ITEMS.values(), 1):
        write_deepfashion2_photo(tmp_path / "set", "train", number, item, TOP)
    done = in_process("import", "deepfashion2", tmp_path / "set", "-o", tmp_path / "out", "--max-errors", "99")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "out")
    assert [row["status"] for row in rows] == ["failed", "ok"] * len(DAMAGED_ITEMS)
    for pattern, row in zip(DAMAGED_ITEMS, rows[::2], strict=True):
        assert re.fullmatch(pattern, row["error"]), (pattern, row["error"])
    assert len(COCO(str(tmp_path / "out" / "annotations.json")).getAnnIds()) == len(DAMAGED_ITEMS)
    assert "3 unknown category, 3 damaged box, 2 empty box" in done.stderr


def test_every_damaged_file_is_a_bad_row(in_process: Run, clothes: Path, tmp_path: Path) -> None:
    place = clothes / "train" / "annos"
    for number, text in enumerate(('{"item1": {', "[1, 2]", "", "\x80\x04N."), 3):
        write_deepfashion2_photo(clothes, "train", number).write_text(text)
    draw_photo(clothes / "train" / "image" / "000007.jpg", 7)
    (place / "000008.json").write_text(json.dumps({"item1": TOP, "source": "user", "pair_id": 1}))
    done = in_process("import", "deepfashion2", clothes, "-o", tmp_path / "out", "--max-errors", "99")
    assert done.returncode == 0, done.stderr
    bad = {row["id"]: row["error"] for row in rows_of(tmp_path / "out") if row["status"] == "failed"}
    assert list(bad) == ["000003", "000004", "000005", "000006", "000007", "000008"]
    for number in ("000003", "000005", "000006"):
        assert bad[number].startswith(f"damaged annotation: {number}.json is not JSON (")
    assert bad["000004"] == "damaged annotation: 000004.json holds no object of items"
    assert bad["000007"] == "no annotation: annos/000007.json is not there"
    assert bad["000008"] == "no such file"


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (lambda folder: [part.rename(folder / f"x{part.name}") for part in folder.iterdir()], "no train/image, valid"),
        (
            lambda folder: [
                (folder / part / "annos").rename(folder / f"{part}-annos") for part in ("train", "validation")
            ],
            "photos, but no annotations; expected train/annos",
        ),
    ],
)
def test_what_is_no_such_set_is_refused(
    in_process: Run, clothes: Path, tmp_path: Path, breaks: Callable[[Path], object], told: str
) -> None:
    breaks(clothes)
    done = in_process("import", "deepfashion2", clothes, "-o", tmp_path / "out")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_set_is_never_written_to(in_process: Run, clothes: Path, tree: Tree, tmp_path: Path) -> None:
    before = tree(clothes)
    assert in_process("import", "deepfashion2", clothes, "-o", clothes / "train" / "out").returncode == 2
    assert in_process("import", "deepfashion2", clothes, "-o", tmp_path / "out").returncode == 0
    assert tree(clothes) == before


def test_a_second_run_does_only_what_has_changed(in_process: Run, clothes: Path, tmp_path: Path, tree: Tree) -> None:
    out = tmp_path / "out"
    in_process("import", "deepfashion2", clothes, "-o", out, "--workers", "1")
    assert "4 of them earlier" in in_process("import", "deepfashion2", clothes, "-o", out).stderr
    write_deepfashion2_photo(clothes, "train", 1, TOP, garment(THIRTEEN[8], 8, [12, 50, 58, 100]), TOP)
    changed = in_process("import", "deepfashion2", clothes, "-o", out, "--workers", "2")
    assert changed.returncode == 0
    assert [row["label"] for row in rows_of(out)] == ["upper", "lower", "upper", "", "full"]
    in_process("import", "deepfashion2", clothes, "-o", tmp_path / "anew")
    assert tree(out) == tree(tmp_path / "anew")
