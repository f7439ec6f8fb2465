"""`import celeba`: attributes and landmarks as columns, boxes of the photos in the wild, every kind of damage."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from box_sets import draw_photo
from manifests import rows_of
from pycocotools.coco import COCO

Run = Callable[..., subprocess.CompletedProcess[str]]
Tree = Callable[[Path], dict[str, bytes]]

ATTRIBUTES_LINE = (
    "5_o_Clock_Shadow Arched_Eyebrows Attractive Bags_Under_Eyes Bald Bangs Big_Lips Big_Nose Black_Hair Blond_Hair "
    "Blurry Brown_Hair Bushy_Eyebrows Chubby Double_Chin Eyeglasses Goatee Gray_Hair Heavy_Makeup High_Cheekbones Male "
    "Mouth_Slightly_Open Mustache Narrow_Eyes No_Beard Oval_Face Pale_Skin Pointy_Nose Receding_Hairline Rosy_Cheeks "
    "Sideburns Smiling Straight_Hair Wavy_Hair Wearing_Earrings Wearing_Hat Wearing_Lipstick Wearing_Necklace "
    "Wearing_Necktie Young "
)
LANDMARKS_LINE = (
    "lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y rightmouth_x rightmouth_y"
)
ATTRIBUTES, LANDMARKS = ATTRIBUTES_LINE.split(), LANDMARKS_LINE.split()
ALIGNED, WILD = [69, 109, 106, 113, 77, 142, 73, 152, 108, 154], [165, 184, 244, 176, 196, 249, 194, 271, 266, 260]


def write_set(folder: Path, people: list[set[str]], *, flat: bool = False, boxes: list[str] | None = None) -> Path:
    """A set of as many photos as there are sets of attributes, with the spaces that the set's files have."""
    anno, evaluation, img = (folder, folder, folder) if flat else (folder / "Anno", folder / "Eval", folder / "Img")
    anno.mkdir(parents=True, exist_ok=True)
    evaluation.mkdir(parents=True, exist_ok=True)
    names = [f"{number:06d}.jpg" for number in range(1, len(people) + 1)]
    for number, name in enumerate(names):
        draw_photo(img / "img_align_celeba" / name, number, 178, 218)
        draw_photo(img / "img_celeba" / name, 1000 + number, 400, 500)
    signs = [" ".join(f"{1 if name in has else -1:>2}" for name in ATTRIBUTES) for has in people]
    write_list(anno / "list_attr_celeba.txt", ATTRIBUTES_LINE, names, signs)
    for kind, place in (("_align", ALIGNED), ("", WILD)):
        values = ["  ".join(str(value + number) for value in place) for number in range(len(names))]
        write_list(anno / f"list_landmarks{kind}_celeba.txt", LANDMARKS_LINE, names, values)
    write_list(anno / "list_bbox_celeba.txt", "image_id x_1 y_1 width height", names,
               boxes or ["   95  71 226 313"] * len(names))  # fmt: skip
    parts = [f"{name} {number % 3}\n" for number, name in enumerate(names)]
    (evaluation / "list_eval_partition.txt").write_text("".join(parts))
    return folder


def write_list(file: Path, header: str, names: list[str], values: list[str]) -> None:
    file.write_text(f"{len(names)}\n{header}\n" + "".join(f"{n} {v}\n" for n, v in zip(names, values, strict=True)))


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return write_set(tmp_path / "set", [{"Male", "Mustache"}, {"Young"}, {"Smiling", "Young"}, {"Mustache"}])


def test_attributes_and_landmarks_are_columns(in_process: Run, faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = in_process("import", "celeba", faces, "-o", out)
    assert done.returncode == 0, done.stderr
    rows = rows_of(out)
    header = list(rows[0])
    assert [column for column in header if column in ATTRIBUTES] == ATTRIBUTES
    assert [column for column in header if column in LANDMARKS] == LANDMARKS
    assert "box" not in header
    first = rows[0]
    assert {name for name in ATTRIBUTES if first[name] == "1"} == {"Male", "Mustache"}
    assert {first[name] for name in ATTRIBUTES} == {"1", "-1"}
    assert [int(first[name]) for name in LANDMARKS] == ALIGNED
    assert [int(rows[2][name]) for name in LANDMARKS] == [value + 2 for value in ALIGNED]
    assert (first["path"], first["id"]) == ("../set/Img/img_align_celeba/000001.jpg", "000001")
    assert [row["split"] for row in rows] == ["train", "val", "test", "train"]
    assert (first["width"], first["height"]) == ("178", "218")
    assert not (out / "annotations.json").exists(), "boxes of other photos are no annotations of these"


def test_where_asks_for_an_attribute(in_process: Run, faces: Path, tmp_path: Path) -> None:
    done = in_process("import", "celeba", faces, "--where", "Mustache=1", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in rows_of(tmp_path / "out")] == ["000001", "000004"]
    refused = in_process("import", "celeba", faces, "--where", "Moustache=1", "-o", tmp_path / "other")
    assert refused.returncode == 2
    assert "no column 'Moustache'" in refused.stderr


def test_photos_in_the_wild_have_boxes(in_process: Run, faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = in_process("import", "celeba", faces, "--wild", "-o", out)
    assert done.returncode == 0, done.stderr
    first = rows_of(out)[0]
    assert (first["path"], first["label"], first["box"]) == (
        "../set/Img/img_celeba/000001.jpg",
        "face",
        "95 71 226 313",
    )
    assert [int(first[name]) for name in LANDMARKS] == WILD
    coco = COCO(str(out / "annotations.json"))
    assert len(coco.getAnnIds(catIds=coco.getCatIds(catNms=["face"]))) == 4
    assert "4 boxes on 4 photos: face 4" in done.stderr


def test_all_in_one_folder_and_people(in_process: Run, tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", [{"Young"}, {"Bald"}], flat=True)
    (folder / "identity_CelebA.txt").write_text("000001.jpg 2880\n000002.jpg 2937\n")
    done = in_process("import", "celeba", folder, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert [row["group"] for row in rows_of(tmp_path / "out")] == ["2880", "2937"]


def edit(file: Path, name: str, new: str) -> None:
    changed, count = re.subn(rf"(?m)^{name} .*\n", lambda _: new, file.read_text())
    assert count == 1
    file.write_text(changed)


def test_every_damage_is_a_bad_row_with_its_reason(in_process: Run, tmp_path: Path) -> None:
    boxes = ["95 71 226 313"] * 6 + ["0 0 0 0", "300 71 226 313"]
    folder = write_set(tmp_path / "set", [{"Young"}] * 8, boxes=boxes)
    anno = folder / "Anno"
    edit(anno / "list_attr_celeba.txt", "000001.jpg", "000001.jpg 1 -1 1\n")
    edit(anno / "list_attr_celeba.txt", "000002.jpg", f"000002.jpg {'0 ' * 40}\n")
    edit(anno / "list_landmarks_celeba.txt", "000003.jpg", "")
    edit(anno / "list_landmarks_celeba.txt", "000004.jpg", "000004.jpg 1 2 3\n")
    edit(folder / "Eval/list_eval_partition.txt", "000005.jpg", "000005.jpg 3\n")
    (folder / "Img/img_celeba/000006.jpg").unlink()
    done = in_process("import", "celeba", folder, "--wild", "-o", tmp_path / "out", "--max-errors", "9")
    assert done.returncode == 0, done.stderr
    for row, pattern in zip(
        rows_of(tmp_path / "out"),
        (
            r"damaged line: list_attr_celeba.txt:3: expected IMAGE and 40 times 1 or -1, found '000001.jpg 1 -1 1'",
            r"damaged line: list_attr_celeba.txt:4: expected IMAGE and 40 times 1 or -1, found '000002.* \.\.\.'",
            r"not in list_landmarks_celeba.txt: 000003.jpg",
            r"damaged line: list_landmarks_celeba.txt:5: expected IMAGE and ten coordinates, found '.* 1 2 3'",
            r"damaged line: list_eval_partition.txt:5: expected IMAGE and 0 .train., 1 .val. or 2 .test., found .*",
            r"no such file",
            r"empty box: 0 0 0 0",
            r"box outside the photo: 300 71 226 313 on 400 x 500 pixels",
        ),
        strict=True,
    ):
        assert re.fullmatch(pattern, row["error"]), (pattern, row["error"])


@pytest.mark.parametrize(
    ("place", "words", "told"),
    [
        ("Anno/list_attr_celeba.txt", [], "no Anno/list_attr_celeba.txt; expected CelebA as it is distributed"),
        ("Anno/list_bbox_celeba.txt", ["--wild"], "no Anno/list_bbox_celeba.txt"),
        ("Img/img_align_celeba", [], "no Img/img_align_celeba; unpack the set's photos, or try --wild"),
        ("Img/img_celeba", ["--wild"], "no Img/img_celeba; unpack the set's photos, or try --aligned"),
    ],
)
def test_what_is_missing_is_named(
    in_process: Run, faces: Path, tmp_path: Path, place: str, words: list[str], told: str
) -> None:
    (faces / place).rename(faces / "away")
    done = in_process("import", "celeba", faces, *words, "-o", tmp_path / "out")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert told in done.stderr


def test_boxes_may_be_missing_where_they_are_not_asked_for(
    in_process: Run, faces: Path, tmp_path: Path, tree: Tree
) -> None:
    (faces / "Anno/list_bbox_celeba.txt").unlink()
    (faces / "Eval/list_eval_partition.txt").unlink()
    before = tree(faces)
    done = in_process("import", "celeba", faces, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert all(row["split"] for row in rows_of(tmp_path / "out")), "drawn by SHA-256"
    assert "4 of them earlier" in in_process("import", "celeba", faces, "-o", tmp_path / "out").stderr
    assert tree(faces) == before
