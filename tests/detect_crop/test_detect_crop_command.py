"""`detect-crop` through the command line: rows, names, pipes, previews, and what it refuses."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from done import Done
from manifests import rows_of, write_manifest
from PIL import Image
from things import THINGS, busy_photo, product_photo

from fashiontools.core.errors import UsageError
from fashiontools.detect_crop.options import DetectCropOptions

Detect = Callable[..., Done]


def test_boxes_only_adds_boxes_to_the_photos_rows(detect_crop: Detect, products: Path, tmp_path: Path) -> None:
    assert detect_crop(products, "--boxes-only", "-o", tmp_path / "boxes").returncode == 0
    rows, source = rows_of(tmp_path / "boxes"), rows_of(products)
    for row, before, box in zip(rows, source, THINGS.values(), strict=True):
        assert (tmp_path / "boxes" / row["path"]).resolve() == products / before["path"]
        assert np.abs(np.array(row["box"].split(), float) - box).max() <= 1
        assert (row["label"], row["status"], row["area"]) == ("full", "ok", "")
        assert (row["color"], row["sha256"], row["phash"]) == (before["color"], "00", "11")
        assert (tmp_path / "boxes" / row["mask"]).resolve() == products / before["mask"]
        assert "parent" not in row
    assert sorted(file.name for file in (tmp_path / "boxes").iterdir()) == [
        "manifest.csv", "rejected.csv", "rows.log", "run.json",
    ]  # fmt: skip


def test_boxes_of_a_crop_are_in_its_own_pixels(detect_crop: Detect, products: Path, tmp_path: Path) -> None:
    """A box is in pixels of `parent` where there is one; these are not."""
    assert detect_crop(products, "--margin", 0.3, "-o", tmp_path / "crops").returncode == 0
    assert detect_crop(tmp_path / "crops", "--boxes-only", "-o", tmp_path / "boxes").returncode == 0
    (row,) = (row for row in rows_of(tmp_path / "boxes") if row["path"].endswith("a.png.png"))
    assert row["box"] == "15 27 50 90"
    assert row["parent"] == ""


def test_of_a_photos_boxes_the_first_row_is_worked_on(detect_crop: Detect, products: Path, tmp_path: Path) -> None:
    """Also where a bad row is among them; rows that differ in their mask are no boxes of one photo."""
    rows = [
        {"path": "a.png", "box": "1 2 3 4", "label": "upper", "mask": ""},
        {"path": "a.png", "box": "x", "label": "upper", "mask": "", "status": "failed", "error": "damaged box"},
        {"path": "a.png", "box": "5 6 7 8", "label": "lower", "mask": ""},
        {"path": "b/c.jpg", "box": "", "label": "full", "mask": "mask/0.png"},
        {"path": "b/c.jpg", "box": "", "label": "full", "mask": "mask/1.png"},
    ]
    copy = tmp_path / "photos.csv"
    write_manifest(tmp_path, rows).rename(copy)
    text = copy.read_text().replace("a.png", f"{products}/a.png").replace("b/c.jpg", f"{products}/b/c.jpg")
    copy.write_text(text.replace("mask/", f"{products}/mask/"))
    assert detect_crop(copy, "--max-errors", "100%", "-o", tmp_path / "crops").returncode == 0
    found = [(row["path"], row["label"], row["status"]) for row in rows_of(tmp_path / "crops")]
    assert found[0] == ("a.png.png", "upper", "ok")
    assert found[1][1:] == ("upper", "failed")
    assert found[2:] == [("b/c.jpg.png", "full", "ok"), ("b/c.jpg.2.png", "full", "ok")]
    masks = [(tmp_path / "crops" / row["mask"]).read_bytes() for row in rows_of(tmp_path / "crops")[2:]]
    assert masks[0] != masks[1]


def test_foreground_takes_the_label_of_the_row(run: Callable, lookbook: Path, tmp_path: Path) -> None:
    """So a labelled set can be cut to one kind, and a plain folder keeps its subfolders as labels."""
    done = run("detect-crop", lookbook, "--where", "view=product", "--keep", "upper", "-o", tmp_path / "upper")
    assert done.returncode == 0, done.stderr
    products = [row for row in rows_of(lookbook) if row["view"] == "product"]
    kept = {row["group"] for row in rows_of(tmp_path / "upper")}
    assert kept == {row["group"] for row in products if row["label"] == "upper"} != set()
    reasons = {row["group"]: row["reason"] for row in rows_of(tmp_path / "upper" / "rejected.csv")}
    assert reasons == {row["group"]: f"best is {row['label']}" for row in products if row["label"] != "upper"} != {}


def test_what_is_cut_lies_on_what_is_known_of_product_photos(run: Callable, lookbook: Path, tmp_path: Path) -> None:
    """On the lookbook's own product photos the box is the garment's: IoU 0.98 and more."""
    assert run("detect-crop", lookbook, "--where", "view=product", "-o", tmp_path / "crops").returncode == 0
    rows = {row["group"]: row for row in rows_of(tmp_path / "crops")}
    products = [row for row in rows_of(lookbook) if row["view"] == "product"]
    assert len(rows) == len(products) == 6
    for product in products:
        x, y, width, height = map(float, product["box"].split())
        a, b, c, d = map(float, rows[product["group"]]["box"].split())
        across, down = min(x + width, a + c) - max(x, a), min(y + height, b + d) - max(y, b)
        assert across * down / (width * height + c * d - across * down) > 0.93
        garment = np.asarray(Image.open(tmp_path / "crops" / rows[product["group"]]["garment"]))
        whole = np.asarray(Image.open(lookbook / product["garment"]).convert("L"))
        assert (garment > 0).sum() > 0.98 * (whole >= 128).sum()


def test_a_pipe_has_absolute_paths_and_takes_rows(run: Callable, products: Path, tmp_path: Path) -> None:
    done = run("detect-crop", "-", "-o", "crops", cwd=tmp_path, stdin=f"path\n{products}/a.png\n{products}/b/c.jpg\n")
    assert done.returncode == 0, done.stderr
    header, *rows = done.stdout.splitlines()
    assert header == "path,parent,box,label,score,width,height,status,error"
    assert rows[0].split(",")[:3] == [f"{tmp_path}/crops/a.png.png", f"{products}/a.png", "40 60 50 90"]
    assert rows[1].startswith(f"{tmp_path}/crops/b/c.jpg.png,{products}/b/c.jpg,")


def test_the_preview_shows_the_first_photos_with_their_boxes(
    detect_crop: Detect, tmp_path: Path, tree: Callable
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(23):
        Image.fromarray(product_photo((40, 60, 50, 90), number)).save(folder / f"{number:02d}.png")
    Image.fromarray(busy_photo()).save(folder / "busy.png")
    for words in ([], ["--boxes-only"]):
        out = tmp_path / f"crops{len(words)}"
        assert detect_crop(folder, "--preview", *words, "-o", out).returncode == 0
        sheet = np.asarray(Image.open(out / "preview.png"))
        assert sheet.shape == (4 * 326 + 6, 5 * 326 + 6, 3)
        first = sheet[6:326, 6:326]
        ratio = 320 / 200
        left, top, right, bottom = (round(side * ratio) for side in (40, 60, 90, 150))
        for line in (first[top + 8 : bottom - 8, left], first[top + 8 : bottom - 8, right]):
            assert len(np.unique(line, axis=0)) == 1, "one colour from top to bottom"
            assert np.ptp(line[0].astype(int)) > 100, "and no gray"
        assert (first[:40, :40] > 240).all()
    assert np.array_equal(*(np.asarray(Image.open(tmp_path / f"crops{n}" / "preview.png")) for n in (0, 1)))


def test_a_dry_run_writes_nothing(detect_crop: Detect, products: Path, tmp_path: Path) -> None:
    done = detect_crop(products, "--dry-run", "-o", tmp_path / "crops")
    assert done.returncode == 0
    assert "would do a.png" in done.stderr
    assert "4 rows, 4 to do" in done.stderr
    assert not (tmp_path / "crops").exists()


def test_another_rule_is_refused_on_the_same_folder(detect_crop: Detect, products: Path, tmp_path: Path) -> None:
    assert detect_crop(products, "-o", tmp_path / "crops").returncode == 0
    done = detect_crop(products, "--any", "-o", tmp_path / "crops")
    assert done.returncode == 2
    assert "--any was False in" in done.stderr


def test_run_json_counts_what_was_rejected(detect_crop: Detect, products: Path, tmp_path: Path) -> None:
    assert detect_crop(products, "--min-size", 45, "-o", tmp_path / "crops").returncode == 0
    record = json.loads((tmp_path / "crops" / "run.json").read_text())
    assert record["complete"] is True
    assert record["totals"] == {"rows": 4, "done": 4, "bad": 0, "passed": 0, "rejected": 2}


def test_what_a_run_was_trained_on_stands_beside_its_boxes(
    detect_crop: Detect, detector_run: Path, products: Path, tmp_path: Path
) -> None:
    """And goes where its boxes go, since the run may be moved; of the runs before nothing is left."""
    shutil.copytree(detector_run, tmp_path / "run")
    (tmp_path / "run" / "trained-on.txt").write_text("0" * 64 + "\n")
    words = ("--boxes-only", "-o", tmp_path / "boxes")
    assert detect_crop(products, "--model", tmp_path / "run", *words).returncode == 0
    assert (tmp_path / "boxes" / "trained-on.txt").read_text() == "0" * 64 + "\n"
    (tmp_path / "run" / "trained-on.txt").unlink()
    assert detect_crop(products, "--model", tmp_path / "run", *words).returncode == 0
    assert (tmp_path / "boxes" / "trained-on.txt").exists(), "it goes on with the same weights"
    assert detect_crop(products, "--model", detector_run, *words, "--overwrite").returncode == 0
    assert not (tmp_path / "boxes" / "trained-on.txt").exists()


@pytest.mark.parametrize("name", ["a.csv", "photos"])
def test_a_class_that_nothing_can_be_of_is_refused(
    detect_crop: Detect, products: Path, tmp_path: Path, name: str
) -> None:
    """Neither a table without labels nor a folder without subfolders says what is on its photos."""
    photos = tmp_path / "photos"
    photos.mkdir()
    Image.fromarray(product_photo((40, 40, 60, 60))).save(photos / "p.png")
    (tmp_path / "a.csv").write_text("path\nphotos/p.png\n")
    done = detect_crop(tmp_path / name, "--keep", "skirts", "-o", tmp_path / "crops")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "--keep skirts: no row of the input has a label, and so each box is `full`" in done.stderr
    assert not (tmp_path / "crops").exists()
    assert detect_crop(tmp_path / name, "--keep", "skirts,full", "-o", tmp_path / "crops").returncode == 0
    assert len(rows_of(tmp_path / "crops")) == 1


def test_rows_without_a_label_before_the_first_with_one_are_not_lost(detect_crop: Detect, tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "skirts/c.png", "skirts/d.png"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(product_photo((40, 40, 60, 60), len(name))).save(tmp_path / "photos" / name)
    assert detect_crop(tmp_path / "photos", "--keep", "skirts", "-o", tmp_path / "crops").returncode == 0
    assert [row["path"] for row in rows_of(tmp_path / "crops")] == ["skirts/c.png.png", "skirts/d.png.png"]
    assert len(rows_of(tmp_path / "crops" / "rejected.csv")) == 2


def test_no_rows_make_empty_files(run: Callable, tmp_path: Path) -> None:
    done = run("detect-crop", "-", "--preview", "-o", tmp_path / "crops", stdin="path,label\n")
    assert done.returncode == 0, done.stderr
    header = "path,label,parent,box,score,width,height,status,error\n"
    assert (tmp_path / "crops" / "manifest.csv").read_text() == header
    assert (tmp_path / "crops" / "rejected.csv").read_text() == "path,label,reason,best_label,best_score\n"


BAD = [
    (["--any", "--all"], "give one of them"),
    (["--keep", " ,"], "--keep is empty"),
    (["--model", "foregrund"], "unknown model 'foregrund': did you mean foreground?"),
    (
        ["--model", "nosuch"],
        "known: foreground, person (or the folder of a finished run of `fashiontools train detector`)",
    ),
    (["--model", "runs/none"], "--model runs/none: there is no such run folder; named models: foreground, person"),
    (["--weights", "resnet50"], "--weights are for --model person, and it is foreground"),
    (["--boxes-only", "--size", "64", "--square", "pad"], "leave out --square, --size"),
    (["--device", "cuda"], "--device cuda has no meaning for --model foreground"),
    (["--model", "person", "--keep", "shirt"], "the model has no class 'shirt': known: full, lower, upper"),
    (["--min-score", "2"], "--min-score"),
    (["--margin", "-1"], "--margin"),
]


@pytest.mark.parametrize(("words", "told"), BAD)
def test_bad_options_are_one_line_and_write_nothing(
    detect_crop: Detect, products: Path, tmp_path: Path, words: list[str], told: str
) -> None:
    done = detect_crop(products, *words, "-o", tmp_path / "crops")
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, ""), done.stderr
    assert told in done.stderr
    assert not (tmp_path / "crops").exists()


def test_options_tell_their_rule_and_classes() -> None:
    assert DetectCropOptions(keep=" full,upper, full").kept == ("full", "upper")
    assert [DetectCropOptions(**{rule: True}).rule for rule in ("any", "all")] == ["any", "all"]
    assert (DetectCropOptions().rule, DetectCropOptions().kept) == ("best", ())
    with pytest.raises(UsageError, match="there is no such run folder"):
        DetectCropOptions(model="a/b")
