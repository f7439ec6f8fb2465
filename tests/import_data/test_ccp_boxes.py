"""`import ccp`: boxes from pixel labels, one per class and person."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from manifests import rows_of
from pycocotools.coco import COCO
from scipy.ndimage import find_objects
from scipy.ndimage import label as connected
from test_ccp import IN_A_BLAZER, IN_A_DRESS, LABELS, write_set

from fashiontools.core.boxes import parse_box
from fashiontools.import_data.ccp.boxes import CLASSES, people_of, worn_boxes
from fashiontools.import_data.ccp.garments import GARMENTS, Place

Run = Callable[..., subprocess.CompletedProcess[str]]
H, W = 200, 300


def drawn(*worn: tuple[str, int, int, int, int]) -> np.ndarray:
    """A label map of rectangles: label, x, y, width, height."""
    label_map = np.zeros((H, W), np.uint8)
    for label, x, y, width, height in worn:
        label_map[y : y + height, x : x + width] = LABELS.index(label)
    return label_map


def told(label_map: np.ndarray) -> list[tuple[str, str, tuple[float, ...]]]:
    return [(found.label, found.category, tuple(found.box)) for found in worn_boxes(label_map, LABELS)]


def test_every_class_is_of_the_labels_and_bottoms_are_lower() -> None:
    names = {label: text.split() for label, text in CLASSES.items()}
    assert list(names) == ["upper", "lower", "full"]
    everything = [name for some in names.values() for name in some]
    assert len(everything) == len(set(everything)) == 27
    assert set(everything) <= set(GARMENTS)
    assert {name for name, garment in GARMENTS.items() if garment.place is Place.BOTTOM} == set(names["lower"])
    assert {name for name, garment in GARMENTS.items() if garment.place is Place.LAYER} == {
        *names["upper"], *names["full"]
    }  # fmt: skip


def test_a_box_goes_around_all_parts_of_a_class() -> None:
    blazer_over_a_shirt = drawn(("blazer", 100, 20, 60, 60), ("shirt", 120, 20, 20, 50), ("jeans", 105, 80, 40, 100))
    assert told(blazer_over_a_shirt) == [
        ("upper", "blazer, shirt", (100, 20, 60, 60)),
        ("lower", "jeans", (105, 80, 40, 100)),
    ]
    cut_by_a_belt = drawn(("skirt", 100, 80, 40, 20), ("belt", 100, 100, 40, 5), ("skirt", 95, 105, 50, 40))
    assert told(cut_by_a_belt) == [("lower", "skirt", (95, 80, 50, 65))]


def test_specks_make_no_box_and_do_not_stretch_one() -> None:
    one_percent = H * W // 100
    assert told(drawn(("dress", 100, 20, 50, 100), ("dress", 150, 125, 20, 29), ("bag", 150, 90, 20, 35))) == [
        ("full", "dress", (100, 20, 50, 100))
    ]
    assert told(drawn(("skin", 100, 20, 40, 150), ("shirt", 110, 30, 20, one_percent // 20))) != []
    assert told(drawn(("skin", 100, 20, 40, 150), ("shirt", 110, 30, 20, one_percent // 20 - 1))) == []


def test_parts_that_meet_at_a_corner_are_one() -> None:
    small = 24 * 24  # a speck alone
    assert small < H * W // 100
    assert told(drawn(("skin", 90, 0, 90, 150), ("skirt", 100, 50, 24, 24), ("skirt", 124, 74, 24, 24))) == [
        ("lower", "skirt", (100, 50, 48, 48))
    ]
    assert people_of(drawn(("coat", 20, 20, 60, 80), ("dress", 80, 100, 60, 80)) > 0).max() == 1


def test_what_is_small_beside_a_person_is_no_person() -> None:
    a_sleeve = drawn(("coat", 20, 20, 70, 150), ("coat", 110, 60, 30, 30))
    assert told(a_sleeve) == [("full", "coat", (20, 20, 120, 150))]
    a_child = drawn(("coat", 20, 20, 70, 150), ("coat", 110, 60, 30, 40))
    assert told(a_child) == [("full", "coat", (20, 20, 70, 150)), ("full", "coat", (110, 60, 30, 40))]


def test_people_side_by_side_have_boxes_of_their_own() -> None:
    two = drawn(
        ("top", 30, 30, 50, 60), ("pants", 35, 90, 40, 90), ("top", 200, 35, 40, 50), ("skirt", 200, 85, 40, 40)
    )
    assert told(two) == [
        ("upper", "top", (30, 30, 50, 60)),
        ("lower", "pants", (35, 90, 40, 90)),
        ("upper", "top", (200, 35, 40, 50)),
        ("lower", "skirt", (200, 85, 40, 40)),
    ]


def test_a_gap_does_not_make_two_people() -> None:
    upright = drawn(("top", 100, 20, 60, 60), ("top", 110, 84, 40, 30), ("boots", 100, 185, 20, 15))
    assert people_of(upright > 0).max() == 1
    assert told(upright) == [("upper", "top", (100, 20, 60, 94))]
    a_bag_held_away = drawn(("coat", 100, 20, 60, 150), ("bag", 200, 100, 20, 20))
    assert people_of(a_bag_held_away > 0).max() == 1


def test_what_lies_apart_belongs_to_the_nearest_person() -> None:
    people = people_of(
        drawn(("coat", 20, 20, 60, 160), ("dress", 200, 20, 60, 160), ("bag", 180, 120, 10, 10), ("hat", 90, 20, 9, 9))
        > 0
    )
    assert (people[100, 40], people[100, 220], people[125, 185], people[25, 95]) == (1, 2, 2, 1)


@pytest.mark.parametrize("seed", range(4))
def test_boxes_are_those_of_another_library(seed: int) -> None:
    rng = np.random.default_rng(seed)
    label_map = drawn(("skin", 0, 0, W, H))  # one person, so that the classes alone decide
    for _ in range(30):
        x, y, size = rng.integers(0, W - 40), rng.integers(0, H - 40), rng.integers(5, 40)
        label_map[y : y + size, x : x + size] = rng.integers(1, len(LABELS))
    expected = []
    for label, names in CLASSES.items():
        region = np.isin(label_map, [LABELS.index(name) for name in names.split()])
        parts, _ = connected(region, np.ones((3, 3)))
        kept = np.isin(parts, [n for n in range(1, parts.max() + 1) if (parts == n).sum() >= region.size / 100])
        if kept.any():
            rows, columns = find_objects(kept.astype(int))[0]
            box = columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start
            expected.append((label, box))
    assert [(label, box) for label, _, box in told(label_map)] == expected


def test_the_set_as_rows_and_as_coco(in_process: Run, tmp_path: Path) -> None:
    people = {"0001": IN_A_BLAZER, "0002": IN_A_DRESS}
    folder = write_set(tmp_path / "set", people, {"1005": ["coat", "skirt"]})
    out = tmp_path / "street"
    done = in_process("import", "ccp", folder, "-o", out)
    assert done.returncode == 0, done.stderr
    rows = rows_of(out)
    assert [(row["id"], row["label"], row["category"], row["box"]) for row in rows] == [
        ("0001", "upper", "blazer, shirt", "30 30 60 60"),
        ("0001", "lower", "jeans", "40 90 40 80"),
        ("0002", "full", "dress", "35 30 50 120"),
        ("1005", "", "", ""),
    ]
    assert rows[0]["garment"] == rows[1]["garment"] == "garment/0001.jpg.png"
    coco = COCO(str(out / "annotations.json"))
    assert [image["file_name"] for image in coco.dataset["images"]] == [
        "../set/photos/0001.jpg",
        "../set/photos/0002.jpg",
    ]
    assert [each["bbox"] for each in coco.dataset["annotations"]] == [list(parse_box(row["box"])) for row in rows[:3]]
    assert "3 boxes on 2 photos: upper 1, lower 1, full 1" in done.stderr
    assert {file.name for file in out.glob("*.png")} == {"categories.png", "labels.png"}
    assert json.loads((out / "run.json").read_text())["totals"]["boxes"] == {"upper": 1, "lower": 1, "full": 1}
    other = in_process("import", "ccp", folder, "-o", out, "--no-boxes")
    assert other.returncode == 2
    assert "--boxes was True" in other.stderr
    assert in_process("import", "ccp", folder, "-o", tmp_path / "photos", "--no-boxes").returncode == 0
    assert [row["id"] for row in rows_of(tmp_path / "photos")] == ["0001", "0002", "1005"]
    assert not (tmp_path / "photos" / "annotations.json").exists()
