"""`import coco`: COCO files of any kind in, the same boxes out; a reader that holds one element at a time."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from box_sets import DeepfashionSet, draw_photo
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import rows_of, write_manifest
from PIL import Image
from pycocotools.coco import COCO

from fashiontools.core.errors import UsageError
from fashiontools.import_data.coco import json_stream
from fashiontools.import_data.coco.json_stream import stream_object

Run = Callable[..., subprocess.CompletedProcess[str]]
Tree = Callable[[Path], dict[str, bytes]]


def image(number: Any, name: str = "") -> dict[str, Any]:
    return {"id": number, "file_name": name or f"{number:06d}.jpg", "width": 90, "height": 120, "license": 2}


def box(number: Any, photo: Any, category: Any = 1, bbox: Any = (10, 20, 30.5, 40), **more: Any) -> dict[str, Any]:
    shape = {"segmentation": [[10, 20, 40, 20, 40, 60]], "area": 600.25, "iscrowd": 0}
    return shape | {"id": number, "image_id": photo, "category_id": category, "bbox": bbox} | more


CATEGORIES = [{"id": 1, "name": "shirt", "supercategory": "clothes"}, {"id": 27, "name": "trousers"}]


def write_coco(file: Path, images: list[Any], annotations: list[Any], **more: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = {"info": {"year": 2017}, "licenses": [{"id": 2, "name": "CC BY", "url": ""}], "annotations": annotations}
    file.write_text(json.dumps(whole | {"images": images, "categories": CATEGORIES} | more))
    return file


@pytest.fixture
def clothes(tmp_path: Path) -> Path:
    """COCO's own layout: annotations/instances_val2017.json and val2017/."""
    for number in (1, 2, 3):
        draw_photo(tmp_path / "set" / "val2017" / f"{number:06d}.jpg", number)
    boxes = [box(5, 2), box(6, 1, 27, [0, 0, 90, 120]), box(7, 2, 27, [1, 1, 5, 5]), box(8, 2, iscrowd=1)]
    return write_coco(tmp_path / "set/annotations/instances_val2017.json", [image(1), image(2), image(3)], boxes)


def test_a_file_becomes_a_manifest(in_process: Run, clothes: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = in_process("import", "coco", clothes, "--map", "trousers=lower", "-o", out)
    assert done.returncode == 0, done.stderr
    assert [
        tuple(row[c] for c in ("path", "id", "category", "label", "box", "area", "split")) for row in rows_of(out)
    ] == [
        ("../set/val2017/000001.jpg", "1", "trousers", "lower", "0 0 90 120", "600.25", "val"),
        ("../set/val2017/000002.jpg", "2", "shirt", "shirt", "10 20 30.5 40", "600.25", "val"),
        ("../set/val2017/000002.jpg", "2", "trousers", "lower", "1 1 5 5", "600.25", "val"),
        ("../set/val2017/000003.jpg", "3", "", "", "", "", "val"),
    ]
    assert "1 crowds of instances_val2017.json are left out" in done.stderr
    written = COCO(str(out / "annotations.json"))
    assert [(each["id"], each["name"]) for each in written.dataset["categories"]] == [
        (1, "upper"), (2, "lower"), (3, "full"), (4, "shirt"),
    ]  # fmt: skip
    assert [(each["bbox"], each["area"], each["category_id"]) for each in written.dataset["annotations"]] == [
        ([0, 0, 90, 120], 600.25, 2), ([10, 20, 30.5, 40], 600.25, 4), ([1, 1, 5, 5], 600.25, 2),
    ]  # fmt: skip
    assert written.dataset["licenses"] == [{"id": 2, "name": "CC BY", "url": ""}]


def test_what_we_write_comes_back_the_same(in_process: Run, tmp_path: Path) -> None:
    set_ = DeepfashionSet(tmp_path / "set")
    for category, box_, split in (
        ("Tee", (1, 2, 30, 40), "train"), ("Jeans", (5, 5, 80, 119), "val"), ("Coat", (3, 3, 60, 100), "test"),
    ):  # fmt: skip
        set_.add(category, box_, split)
    in_process("import", "deepfashion", set_.write_coarse(), "-o", tmp_path / "first")
    done = in_process("import", "coco", tmp_path / "first" / "annotations.json", "-o", tmp_path / "second")
    assert done.returncode == 0, done.stderr
    kept = ("path", "category", "label", "box", "split", "width", "height", "sha256")
    first, second = ([[row[c] for c in kept] for row in rows_of(tmp_path / name)] for name in ("first", "second"))
    assert first == second
    images, annotations = (
        [json.loads((tmp_path / name / "annotations.json").read_text())[part] for name in ("first", "second")]
        for part in ("images", "annotations")
    )
    assert (images[0], annotations[0]) == (images[1], annotations[1])
    files = [(tmp_path / name / "annotations.json").read_bytes() for name in ("first", "second")]
    assert files[0] == files[1]


def test_several_files_and_a_folder_of_photos(in_process: Run, tmp_path: Path) -> None:
    files = []
    for part in ("train", "test"):
        draw_photo(tmp_path / "elsewhere" / f"{part}.jpg", len(files))
        files.append(write_coco(tmp_path / f"{part}.json", [image(1, f"{part}.jpg")], [box(1, 1)]))
    refused = in_process("import", "coco", *files, "-o", tmp_path / "out")
    assert refused.returncode == 2
    assert "its photos (train.jpg is the first) are not found: give --photos DIR" in refused.stderr
    done = in_process("import", "coco", *files, "--photos", tmp_path / "elsewhere", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert [(row["path"], row["split"]) for row in rows_of(tmp_path / "out")] == [
        ("../elsewhere/train.jpg", "train"), ("../elsewhere/test.jpg", "test"),
    ]  # fmt: skip


DAMAGED = {
    r"unknown category: 3, of 2 \(annotation 100\)": box(100, 1, 3),
    r"unknown category: , of 2 .*": box(101, 1, None),
    r"damaged box: \[1, 2, 3\]; expected \[x, y, width, height\] \(annotation 102\)": box(102, 1, 1, [1, 2, 3]),
    r"damaged box: \[1, 2, 3, nan\].*": box(103, 1, 1, [1, 2, 3, float("nan")]),
    r"damaged box: ; .*": box(104, 1, 1, None),
    r"empty box: 1 2 0 30": box(105, 1, 1, [1, 2, 0, 30]),
    r"box outside the photo: -5 2 30 30 on 90 x 120 pixels": box(106, 1, 1, [-5, 2, 30, 30]),
    r"damaged annotation: 107 is on image 77, which is not in the file": box(107, 77),
}


def test_every_damage_is_a_bad_row_with_its_reason(in_process: Run, tmp_path: Path) -> None:
    draw_photo(tmp_path / "000001.jpg", 1)
    images = [image(1), image(2), image(1), {"id": 4}, image(5, "a\0b.jpg"), image(6, "\ud800.jpg")]
    file = write_coco(tmp_path / "clothes.json", images, [*DAMAGED.values(), box(9, 1)])
    done = in_process("import", "coco", file, "-o", tmp_path / "out", "--max-errors", "99")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "out")
    assert [row["status"] for row in rows].count("ok") == 1
    errors = [row["error"] for row in rows if row["status"] == "failed"]
    for pattern in DAMAGED:
        assert sum(bool(re.fullmatch(pattern, error)) for error in errors) == 1, (pattern, errors)
    assert {row["error"] for row in rows if row["id"] in ("2", "5", "6")} == {"no such file"}
    assert "damaged annotation: image 1 is there twice" in errors
    assert "damaged annotation: an image without file_name" in errors
    written = COCO(str(tmp_path / "out" / "annotations.json"))
    assert (len(written.getImgIds()), len(written.getAnnIds())) == (1, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is damaged: it is cut off"),
        ("[]", "is damaged: not JSON at character 0"),
        ('{"images": [{"id": 1}', "is damaged: it is cut off"),
        ('{"images": [{"id": 1} {"id": 2}]}', "is damaged: not JSON at character 22"),
        ('{"images": [], "categories": []}', "is no COCO file of boxes: it has no 'annotations'"),
        ('{"images": 3, "categories": [], "annotations": nul', "is damaged"),
        ("\x80\x04N.", "is damaged: not JSON at character 0"),
        (b"\xff\xfe{}", "is damaged: it is not UTF-8"),
    ],
)
def test_a_file_that_is_no_coco_is_refused(in_process: Run, tmp_path: Path, text: str | bytes, told: str) -> None:
    (tmp_path / "a.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    done = in_process("import", "coco", tmp_path / "a.json", "-o", tmp_path / "out")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "import coco reads COCO's JSON files, or manifests"),
        (["FILE", "photos"], "photos is a manifest, and other inputs are COCO's JSON: import them one by one"),
        (["photos"], "no column 'box': import coco writes boxes and their labels; the columns are path, label"),
        (["FILE", "--coco", "FILE"], "would be written over"),
        (["nowhere.json"], "nowhere.json: no such file"),
        (["FILE", "--map", "trousers"], "--map 'trousers': expected CATEGORY=LABEL, such as trousers=lower"),
        (["FILE", "--map", "hat=upper"], "--map hat: no such category; known: shirt, trousers"),
        (["FILE", "--photos", "nowhere"], "--photos nowhere: no such folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, clothes: Path, tmp_path: Path, words: list[str], told: str) -> None:
    typed = [str(clothes) if word == "FILE" else word for word in words]
    draw_photo(tmp_path / "photos" / "a.jpg", 1)
    done = run("import", "coco", *typed, "-o", tmp_path / "out", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_set_is_never_written_to(in_process: Run, clothes: Path, tree: Tree) -> None:
    before = tree(clothes.parent.parent)
    for place in (clothes.parent.parent / "val2017" / "out", clothes.parent):
        assert in_process("import", "coco", clothes, "-o", place).returncode == 2
    assert tree(clothes.parent.parent) == before


def test_a_second_run_does_only_what_is_missing(in_process: Run, clothes: Path, tmp_path: Path) -> None:
    in_process("import", "coco", clothes, "-o", tmp_path / "out")
    assert "4 of them earlier" in in_process("import", "coco", clothes, "-o", tmp_path / "out").stderr


# ----------------------------------------------------------------------------------------------- manifests as COCO


def test_any_manifest_with_box_and_label_is_written_as_coco(in_process: Run, lookbook: Path, tmp_path: Path) -> None:
    file = tmp_path / "boxes" / "lookbook.json"
    words = ("import", "coco", lookbook, "--coco", file, "-o", tmp_path / "out", "--max-errors", "99")
    done = in_process(*words)
    assert done.returncode == 0, done.stderr
    rows = [row for row in rows_of(tmp_path / "out") if row["status"] == "ok" and row["box"]]
    coco = COCO(str(file))
    photos = {os.path.normpath(tmp_path / "out" / (row["parent"] or row["path"])) for row in rows}
    images = {each["id"]: each for each in coco.dataset["images"]}
    boxed = {images[each["image_id"]]["file_name"] for each in coco.dataset["annotations"]}
    assert {os.path.normpath(file.parent / name) for name in boxed} == photos
    assert len({each["file_name"] for each in images.values()}) == len(images), "each photo is one image"
    names = {each["id"]: each["name"] for each in coco.dataset["categories"]}
    for each in coco.dataset["annotations"]:
        with Image.open(file.parent / images[each["image_id"]]["file_name"]) as photo:
            left, top, width, height = each["bbox"]
            assert 0 <= left < left + width <= photo.width
            assert 0 <= top < top + height <= photo.height
    assert {names[each["category_id"]] for each in coco.dataset["annotations"]} == {row["label"] for row in rows}
    assert not (tmp_path / "out" / "annotations.json").exists()


def test_boxes_of_a_manifest_are_checked(in_process: Run, tmp_path: Path) -> None:
    photo = str(draw_photo(tmp_path / "a.jpg", 1))
    crop = str(draw_photo(tmp_path / "crop.jpg", 2, 20, 20))
    other = str(draw_photo(tmp_path / "other.jpg", 3))
    rows = [
        {"path": photo, "box": "1 2 30 40", "label": "upper", "score": "0.5", "mine": "x"},
        {"path": photo, "box": "1 2 300 40", "label": "upper"},
        {"path": photo, "box": "1 2 30", "label": "upper"},
        {"path": photo, "box": "1 2 30 40", "label": ""},
        {"path": crop, "parent": photo, "box": "50 60 40 60", "label": "lower"},
        {"path": photo, "box": "9 9 9 9", "label": "upper", "status": "failed", "error": "before"},
        {"path": other},
        {"path": crop, "parent": photo, "box": "1 2 30 40", "label": "upper"},
        {"path": crop, "parent": photo, "box": "2 3 30 40", "label": "upper"},
    ]
    done = in_process("import", "coco", write_manifest(tmp_path, rows), "-o", tmp_path / "out", "--max-errors", "9")
    assert done.returncode == 0, done.stderr
    assert [row["error"] for row in rows_of(tmp_path / "out")] == [
        "",
        "box outside the photo: 1 2 300 40 on 90 x 120 pixels",
        "damaged box: '1 2 30'; expected x y w h in pixels",
        "no label: the row has a box",
        "",
        "before",
        *("", "", ""),
    ]
    coco = COCO(str(tmp_path / "out" / "annotations.json"))
    assert [(each["file_name"], each["width"]) for each in coco.dataset["images"]] == [
        ("../a.jpg", 90), ("../other.jpg", 90),
    ]  # fmt: skip
    told = [[each[key] for key in ("image_id", "bbox", "category_id")] for each in coco.dataset["annotations"]]
    assert told == [[1, [1, 2, 30, 40], 1], [1, [50, 60, 40, 60], 2], [1, [2, 3, 30, 40], 1]]
    assert coco.dataset["annotations"][0]["score"] == 0.5
    assert rows_of(tmp_path / "out")[0]["mine"] == "x"


def test_a_pipe_is_a_manifest(run: Run, clothes: Path, tmp_path: Path) -> None:
    rows = run("import", "coco", clothes, "-o", tmp_path / "first").stdout
    done = run("import", "coco", "-", "-o", tmp_path / "second", stdin=rows)
    assert done.returncode == 0, done.stderr
    first, second = (json.loads((tmp_path / name / "annotations.json").read_text()) for name in ("first", "second"))
    assert first["annotations"] == second["annotations"]


# ------------------------------------------------------------------------------------------------------- the reader


def test_the_stream_holds_one_element_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", 1000)
    text = json.dumps({"images": [image(number) for number in range(5000)]})
    read = 0

    def source(size: int) -> str:
        nonlocal read
        read += size
        return text[read - size : read]

    members = json_stream._Reader(source).members()
    assert next(members) == ("images", None, False)
    for number in range(100):
        assert next(members)[1]["id"] == number
    assert read < 20_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150)
@given(
    value=st.dictionaries(st.text(max_size=4), JSON, max_size=4),
    chunk=st.integers(1, 9),
    indent=st.sampled_from([None, 1]),
)
def test_the_stream_says_what_python_s_own_reader_says(value: dict[str, Any], chunk: int, indent: int | None) -> None:
    import tempfile

    before = json_stream._CHUNK
    json_stream._CHUNK = chunk
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(value, file, indent=indent)
            file.flush()
            found: dict[str, Any] = {}
            for key, part, listed in stream_object(Path(file.name)):
                if listed:
                    found[key].append(part)
                else:
                    found[key] = [] if isinstance(value[key], list) else part
            assert found == value
            text = json.dumps(value, indent=indent)
            Path(file.name).write_text(text[:-1])
            with pytest.raises(UsageError, match="is damaged"):
                list(stream_object(Path(file.name)))
    finally:
        json_stream._CHUNK = before
