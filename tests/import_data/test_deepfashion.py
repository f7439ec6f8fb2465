"""`import deepfashion`: the coarse and the fine release, the thesis's split, every kind of damage."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from box_sets import DEEPFASHION, HEIGHT, WIDTH, DeepfashionSet, number_of
from manifests import rows_of
from PIL import Image
from pycocotools.coco import COCO

from fashiontools.import_data.splits import ThesisSplit

Run = Callable[..., subprocess.CompletedProcess[str]]
Tree = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def clothes(tmp_path: Path) -> DeepfashionSet:
    found = DeepfashionSet(tmp_path / "set")
    found.add("Blouse", (10, 20, 80, 100), "train")
    found.add("Jeans", (5, 50, 60, 119), "val")
    found.add("Dress", (1, 1, 90, 120), "test")
    found.add("Blouse", (30, 30, 50, 60), "train")
    return found


def test_the_coarse_release_becomes_a_manifest(in_process: Run, clothes: DeepfashionSet, tmp_path: Path) -> None:
    out = tmp_path / "clothes"
    done = in_process("import", "deepfashion", clothes.write_coarse(), "-o", out)
    assert done.returncode == 0, done.stderr
    rows = rows_of(out)
    assert [(row["category"], row["label"], row["box"], row["split"]) for row in rows] == [
        ("blouse", "upper", "10 20 70 80", "train"),
        ("jeans", "lower", "5 50 55 69", "val"),
        ("dress", "full", "1 1 89 119", "test"),
        ("blouse", "upper", "30 30 20 30", "train"),
    ]
    assert rows[0]["path"] == "../set/Img/img/Sheer_Pleated-Front_Blouse/img_00000001.jpg"
    assert rows[0]["id"] == "Sheer_Pleated-Front_Blouse/img_00000001"
    assert (rows[0]["width"], rows[0]["height"], rows[0]["status"]) == (str(WIDTH), str(HEIGHT), "ok")
    assert not list(out.rglob("*.jpg")), "photos stay where they lie"


def test_annotations_are_coco_s(in_process: Run, clothes: DeepfashionSet, tmp_path: Path) -> None:
    out = tmp_path / "clothes"
    done = in_process("import", "deepfashion", clothes.write_coarse(), "-o", out)
    coco = COCO(str(out / "annotations.json"))
    assert list(coco.dataset) == ["info", "licenses", "images", "annotations", "categories"]
    assert [(each["id"], each["name"]) for each in coco.loadCats(coco.getCatIds())] == [
        (1, "upper"), (2, "lower"), (3, "full"),
    ]  # fmt: skip
    assert Counter(each["category_id"] for each in coco.loadAnns(coco.getAnnIds())) == {1: 2, 2: 1, 3: 1}
    for image in coco.loadImgs(coco.getImgIds()):
        with Image.open(out / image["file_name"]) as photo:
            assert photo.size == (image["width"], image["height"])
    assert len(coco.getAnnIds(areaRng=[32**2, 96**2])) == 2
    assert len(coco.getAnnIds(areaRng=[0, 32**2])) == 1
    assert "4 boxes on 4 photos: upper 2, lower 1, full 1" in done.stderr
    assert "small 1, medium 2, large 1; 0 photos without boxes" in done.stderr
    assert "photos by split: test 1, train 2, val 1" in done.stderr
    assert coco.dataset["annotations"][0]["category"] == "blouse"
    assert coco.dataset["images"][1]["split"] == "val"


def test_charts_show_the_top_twenty_categories_and_the_three_types(in_process: Run, tmp_path: Path) -> None:
    clothes = DeepfashionSet(tmp_path / "set")
    for name, _ in DEEPFASHION[:30]:
        clothes.add(name, (10, 20, 80, 100))
    in_process("import", "deepfashion", clothes.write_coarse(), "-o", tmp_path / "many")
    heights = {}
    for file in ("categories.png", "labels.png"):
        with Image.open(tmp_path / "many" / file) as chart:
            heights[file] = chart.height
            assert len(chart.convert("L").getcolors() or ()) > 10, "something is drawn"
    assert heights["categories.png"] == round((1.2 + 0.28 * 20) * 100)
    assert heights["labels.png"] == round((1.2 + 0.28 * 2) * 100)


@pytest.mark.parametrize("place", ["Anno", "Anno_coarse"])
def test_either_place_of_the_coarse_lists(in_process: Run, tmp_path: Path, place: str) -> None:
    clothes = DeepfashionSet(tmp_path / "set", coarse=place)
    clothes.add("Skirt", (10, 20, 80, 100))
    done = in_process("import", "deepfashion", clothes.write_coarse(), "-o", tmp_path / "out", "--release", "coarse")
    assert done.returncode == 0, done.stderr
    assert [row["label"] for row in rows_of(tmp_path / "out")] == ["lower"]


@pytest.mark.parametrize("place", ["Anno", "Anno_fine"])
def test_the_fine_release(in_process: Run, clothes: DeepfashionSet, tmp_path: Path, place: str) -> None:
    clothes.write_fine(place)
    done = in_process("import", "deepfashion", clothes.folder, "-o", tmp_path / "fine")
    assert done.returncode == 0, done.stderr
    assert [(row["label"], row["box"], row["split"]) for row in rows_of(tmp_path / "fine")] == [
        ("upper", "10 20 70 80", "train"),
        ("upper", "30 30 20 30", "train"),
        ("lower", "5 50 55 69", "val"),
        ("full", "1 1 89 119", "test"),
    ]


def test_where_both_releases_are_there_one_can_be_named(
    in_process: Run, clothes: DeepfashionSet, tmp_path: Path
) -> None:
    clothes.write_fine()
    clothes.add("Hoodie", (10, 20, 80, 100))
    clothes.write_coarse()
    in_process("import", "deepfashion", clothes.folder, "-o", tmp_path / "auto")
    in_process("import", "deepfashion", clothes.folder, "--release", "fine", "-o", tmp_path / "fine")
    assert (len(rows_of(tmp_path / "auto")), len(rows_of(tmp_path / "fine"))) == (5, 4)


# ------------------------------------------------------------------------------------------------------------ splits


def test_the_thesis_s_split_takes_its_share_and_follows_the_seed(in_process: Run, tmp_path: Path) -> None:
    clothes = DeepfashionSet(tmp_path / "set")
    for _ in range(29):
        clothes.add("Tee", (10, 20, 80, 100), "test")
    folder = clothes.write_coarse()

    def drawn(*words: str) -> dict[str, str]:
        out = tmp_path / "-".join(["out", *words])
        done = in_process("import", "deepfashion", folder, "--split-by", "thesis", *words, "-o", out)
        assert "split by the thesis: 20 train, 9 val" in done.stderr
        return {row["source"]: row["split"] for row in rows_of(out)}

    first = drawn()
    assert Counter(first.values()) == {"train": 20, "val": 9}
    assert drawn("--seed", "1") != first
    few = drawn("--limit", "5")
    assert few.items() <= first.items(), "who is drawn does not depend on who is read"


def test_the_thesis_s_split_of_the_whole_set_is_200_000_to_89_222() -> None:
    split = ThesisSplit((f"img/{number}.jpg" for number in range(289_222)), seed=0)
    assert split.sizes == {"train": 200_000, "val": 89_222}
    assert Counter(split.of(f"img/{number}.jpg") for number in range(289_222)) == split.sizes


def test_without_a_partition_the_bytes_of_the_photo_decide(in_process: Run, tmp_path: Path) -> None:
    clothes = DeepfashionSet(tmp_path / "set")
    for _ in range(200):
        clothes.add("Tee", (10, 20, 80, 100))
    folder = clothes.write_coarse(partition=False)
    first, copy = (folder / "Img" / clothes.photos[place][0] for place in (0, 1))
    copy.write_bytes(first.read_bytes())
    in_process("import", "deepfashion", folder, "-o", tmp_path / "out")
    splits = [row["split"] for row in rows_of(tmp_path / "out")]
    assert splits[0] == splits[1]
    for name, share in (("train", 0.8), ("val", 0.1), ("test", 0.1)):
        assert abs(splits.count(name) - 200 * share) < 4 * (200 * share * (1 - share)) ** 0.5


# ------------------------------------------------------------------------------------------------------------ damage


def damaged(clothes: DeepfashionSet) -> Iterator[tuple[str, str]]:
    """Add a photo of every kind of damage; yields its name and a pattern of what its row says."""
    for box, told in (
        ((10, 20, 10, 100), r"empty box: 10 20 0 80"),
        ((50, 60, 40, 100), r"empty box: 50 60 -10 40"),
        ((10, 20, 95, 100), rf"box outside the photo: 10 20 85 80 on {WIDTH} x {HEIGHT} pixels"),
        ((200, 200, 260, 260), r"box outside the photo: 200 200 60 60 on .*"),
    ):
        yield clothes.add("Tee", box), told
    yield clothes.add("Tee", (1, 2, 30, 40), drawn=False), r"no such file"
    cut = clothes.add("Tee", (1, 2, 30, 40))
    whole = (clothes.folder / "Img" / cut).read_bytes()
    (clothes.folder / "Img" / cut).write_bytes(whole[: len(whole) // 2])
    yield cut, r"corrupt image: .*"
    empty = clothes.add("Tee", (1, 2, 30, 40))
    (clothes.folder / "Img" / empty).write_bytes(b"")
    yield empty, r"the file is empty"
    text = clothes.add("Tee", (1, 2, 30, 40))
    (clothes.folder / "Img" / text).write_text("<html>not found</html>")
    yield text, r"not an image that can be read .*"


def edit(file: Path, line: str, new: str) -> None:
    """Change the one line of a list that begins so; an empty one leaves it out."""
    text = file.read_text()
    changed, count = re.subn(rf"(?m)^{re.escape(line)}.*\n", lambda _: new, text)
    assert count == 1
    file.write_text(changed)


def test_every_damage_is_a_bad_row_with_its_reason(in_process: Run, clothes: DeepfashionSet, tmp_path: Path) -> None:
    told = dict(damaged(clothes))
    lists = {name: clothes.add("Tee", (1, 2, 30, 40)) for name in (
        "category", "word", "bare", "box", "corner", "twice", "partition", "side",
    )}  # fmt: skip
    folder = clothes.write_coarse()
    categories, boxes = folder / "Anno_coarse/list_category_img.txt", folder / "Anno_coarse/list_bbox.txt"
    partition = folder / "Eval/list_eval_partition.txt"
    edit(categories, lists["category"], f"{lists['category']}  51\n")
    edit(categories, lists["word"], f"{lists['word']}  Tee\n")
    edit(categories, lists["bare"], f"{lists['bare']}\n")
    edit(boxes, lists["box"], "")
    edit(boxes, lists["corner"], f"{lists['corner']}  001 002 030\n")
    edit(boxes, lists["twice"], f"{lists['twice']}  1 2 30 40\n{lists['twice']}  1 2 30 41\n")
    edit(partition, lists["partition"], "")
    edit(partition, lists["side"], f"{lists['side']}  training\n")
    told |= {
        lists["category"]: r"unknown category: 51, of 50 \(list_category_img.txt:15\)",
        lists["word"]: r"damaged line: list_category_img.txt:16: expected IMAGE CATEGORY, found '.*'",
        lists["bare"]: r"damaged line: list_category_img.txt:17: expected IMAGE CATEGORY, found '.*'",
        lists["box"]: r"not in list_bbox.txt: .*",
        lists["corner"]: r"damaged line: list_bbox.txt:18: expected IMAGE X_1 Y_1 X_2 Y_2, found '.*",
        lists["twice"]: r"listed 2 times in list_bbox.txt: .*",
        lists["partition"]: r"not in list_eval_partition.txt: .*",
        lists["side"]: r"damaged line: list_eval_partition.txt:21: expected IMAGE and train, val or test, found '.*",
    }
    out = tmp_path / "out"
    done = in_process("import", "deepfashion", folder, "-o", out, "--max-errors", "16")
    assert done.returncode == 0, done.stderr
    bad = {row["source"]: row["error"] for row in rows_of(out) if row["status"] == "failed"}
    assert bad.keys() == told.keys()
    for name, pattern in told.items():
        assert re.fullmatch(pattern, bad[name]), (pattern, bad[name])
    assert "bad rows: 4 damaged line, 2 empty box, 2 box outside the photo" in done.stderr
    assert len(COCO(str(out / "annotations.json")).getImgIds()) == 4
    assert in_process("import", "deepfashion", folder, "-o", out, "--max-errors", "15").returncode == 3


def test_boxes_a_pixel_over_the_edge_are_cut_and_all_with_clip_boxes(in_process: Run, tmp_path: Path) -> None:
    clothes = DeepfashionSet(tmp_path / "set")
    clothes.add("Tee", (10, 20, WIDTH + 1, HEIGHT + 1))
    clothes.add("Tee", (10, 20, WIDTH + 40, 100))
    clothes.add("Tee", (200, 200, 240, 240))
    folder = clothes.write_coarse()
    for words, boxes in (
        ([], [f"10 20 {WIDTH - 10} {HEIGHT - 20}", None, None]),
        (["--clip-boxes"], [f"10 20 {WIDTH - 10} {HEIGHT - 20}", f"10 20 {WIDTH - 10} 80", None]),
    ):
        out = tmp_path / "-".join(["out", *words])
        in_process("import", "deepfashion", folder, *words, "--max-errors", "2", "-o", out)
        assert [row["box"] if row["status"] == "ok" else None for row in rows_of(out)] == boxes


def test_lists_that_do_not_add_up_are_told(in_process: Run, clothes: DeepfashionSet, tmp_path: Path) -> None:
    folder = clothes.write_coarse()
    edit(folder / "Anno_coarse/list_category_img.txt", clothes.photos[1][0], "")
    done = in_process("import", "deepfashion", folder, "-o", tmp_path / "out")
    assert "list_category_img.txt says that it lists 4 photos, and lists 3" in done.stderr
    assert "1 boxes of list_bbox.txt belong to photos that list_category_img.txt does not list" in done.stderr


def test_fine_files_that_do_not_fit_together(in_process: Run, clothes: DeepfashionSet, tmp_path: Path) -> None:
    clothes.write_fine()
    place = clothes.folder / "Anno_fine"
    (place / "train_bbox.txt").write_text("10 20 80\n")
    (place / "val_cate.txt").write_text("Jeans\n")
    (place / "test.txt").write_text("\n" + (place / "test.txt").read_text())
    in_process("import", "deepfashion", clothes.folder, "-o", tmp_path / "out", "--max-errors", "9")
    assert [row["error"] for row in rows_of(tmp_path / "out")] == [
        "damaged line: train_bbox.txt:1: expected X_1 Y_1 X_2 Y_2, found '10 20 80'",
        "damaged list: train_bbox.txt ends before line 2",
        "damaged line: val_cate.txt:1: expected CATEGORY, found 'Jeans'",
        "damaged list: an empty line before test.txt:2",
    ]


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (lambda folder: (folder / "Anno_coarse/list_bbox.txt").unlink(), "list_bbox.txt: no such file"),
        (lambda folder: (folder / "Img").rename(folder / "Images"), "no Img/img; unpack the set's Img/img.zip"),
        (
            lambda folder: (folder / "Anno_coarse/list_category_img.txt").unlink(),
            "no Anno_coarse/list_category_img.txt or Anno_fine/train_cate.txt",
        ),
        (
            lambda folder: edit(folder / "Anno_coarse/list_category_cloth.txt", "Tee", "Tee 4\n"),
            "list_category_cloth.txt:20: expected CATEGORY TYPE, a type of 1 (upper), 2 (lower) or 3 (full), found",
        ),
        (
            lambda folder: edit(folder / "Anno_coarse/list_category_cloth.txt", "Tee", ""),
            "list_category_cloth.txt says that it has 50 categories, and has 49",
        ),
        (
            lambda folder: (folder / "Anno_coarse/list_category_img.txt").write_text("img/a.jpg 3\n"),
            "list_category_img.txt:1: expected the number of its lines, found 'img/a.jpg 3'",
        ),
    ],
)
def test_a_set_that_cannot_be_understood_is_refused(
    in_process: Run, clothes: DeepfashionSet, tmp_path: Path, breaks: Callable[[Path], object], told: str
) -> None:
    folder = clothes.write_coarse()
    breaks(folder)
    done = in_process("import", "deepfashion", folder, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_set_is_never_written_to(run: Run, clothes: DeepfashionSet, tree: Tree) -> None:
    folder = clothes.write_coarse()
    before = tree(folder)
    for words in (["-o", folder / "out"], []):
        done = run("import", "deepfashion", folder, *words, cwd=folder)
        assert done.returncode == 2
        assert "is in the set, which is never written to" in done.stderr
    assert tree(folder) == before


# ------------------------------------------------------------------------------------------------------ running again


def test_a_second_run_does_only_what_has_changed(in_process: Run, clothes: DeepfashionSet, tmp_path: Path) -> None:
    folder, out = clothes.write_coarse(), tmp_path / "out"
    in_process("import", "deepfashion", folder, "-o", out)
    assert "4 of them earlier" in in_process("import", "deepfashion", folder, "-o", out).stderr
    edit(folder / "Anno_coarse/list_bbox.txt", clothes.photos[0][0], f"{clothes.photos[0][0]} 1 2 30 40\n")
    assert "3 of them earlier" in in_process("import", "deepfashion", folder, "-o", out).stderr
    assert rows_of(out)[0]["box"] == "1 2 29 38"
    assert COCO(str(out / "annotations.json")).dataset["annotations"][0]["bbox"] == [1, 2, 29, 38]
    refused = in_process("import", "deepfashion", folder, "-o", out, "--split-by", "thesis")
    assert (refused.returncode, "--split-by was own" in refused.stderr) == (2, True)


@pytest.mark.slow
def test_a_killed_run_is_continued(
    in_process: Run, start: Callable, wait_for: Callable, tmp_path: Path, tree: Tree
) -> None:
    clothes = DeepfashionSet(tmp_path / "set")
    for number in range(1500):
        clothes.add(DEEPFASHION[number % 50][0], (10, 20, 80, 100), drawn=number < 30)
    folder = clothes.write_coarse()
    for number in range(30, 1500):
        file = folder / "Img" / clothes.photos[number][0]
        file.parent.mkdir(exist_ok=True)
        file.hardlink_to(folder / "Img" / clothes.photos[number % 30][0])
    assert in_process("import", "deepfashion", folder, "-o", tmp_path / "whole").returncode == 0
    killed = start("import", "deepfashion", folder, "-o", tmp_path / "killed", stdout=subprocess.DEVNULL)
    log = tmp_path / "killed" / "rows.log.part"
    wait_for(lambda: log.exists() and log.read_bytes().count(b"\n") > 20)
    killed.kill()
    killed.wait()
    assert not (tmp_path / "killed" / "annotations.json").exists()
    done = in_process("import", "deepfashion", folder, "-o", tmp_path / "killed", "--workers", "1")
    assert re.search(r"\d+ of them earlier", done.stderr)
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")


def test_where_limit_and_dry_run(in_process: Run, clothes: DeepfashionSet, tmp_path: Path) -> None:
    folder = clothes.write_coarse()
    dry = in_process("import", "deepfashion", folder, "-o", tmp_path / "dry", "--dry-run")
    assert "4 rows, 4 to do" in dry.stderr
    assert not (tmp_path / "dry").exists()
    in_process(
        "import", "deepfashion", folder, "-o", tmp_path / "some", "--where", "label=upper", "--where", "split=train"
    )
    assert [row["category"] for row in rows_of(tmp_path / "some")] == ["blouse", "blouse"]
    in_process("import", "deepfashion", folder, "-o", tmp_path / "few", "--limit", "3")
    assert len(COCO(str(tmp_path / "few" / "annotations.json")).getImgIds()) == 3


def test_categories_are_numbered_as_the_set_numbers_them() -> None:
    assert (number_of("Anorak"), number_of("Jeans"), number_of("Dress"), len(DEEPFASHION)) == (1, 26, 41, 50)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_set(environment: dict[str, str], tmp_path: Path) -> None:
    peaks = []
    for count in (2_000, 30_000):
        clothes = DeepfashionSet(tmp_path / f"set{count}")
        first = clothes.folder / "Img" / clothes.add("Tee", (10, 20, 80, 100))
        for _ in range(count - 1):
            (clothes.folder / "Img" / clothes.add("Tee", (10, 20, 80, 100), drawn=False)).hardlink_to(first)
        words = [
            "import",
            "deepfashion",
            str(clothes.write_coarse()),
            "--split-by",
            "thesis",
            "-o",
            str(tmp_path / "out"),
        ]
        command = [sys.executable, "-m", "fashiontools", *words, "--overwrite"]
        started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(started.pid, 0)
        assert status == 0
        peaks.append(usage.ru_maxrss / 1024)
    assert peaks[1] - peaks[0] < 25, peaks  # MiB; 28,000 rows of one kilobyte each would be more
