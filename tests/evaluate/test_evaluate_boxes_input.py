"""What `evaluate --metrics ap` is given: which photo is which, photos seen in training, bad rows, wrong words."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from box_commands import PHOTOS, Run, Scores, ap, evaluate, found_rows, one_line, scores_of, write_found
from manifests import rows_of, write_manifest

from fashiontools.core.errors import UsageError
from fashiontools.evaluate.box_reference import read_reference
from fashiontools.evaluate.options import EvaluateOptions
from fashiontools.evaluate.same_photos import digest_of, find_photos

# ---------------------------------------------------------------------------------------------------- which photo


@pytest.fixture
def copied(clothes: Path, tmp_path: Path) -> Path:
    """A copy of the photos, and what was found on it, in `found`."""
    shutil.copytree(clothes / "listed" / "photos", tmp_path / "copy" / "photos")
    (tmp_path / "found").mkdir()
    write_found(tmp_path / "found", [{**r, "path": f"photos/{Path(r['path']).name}"} for r in found_rows(clothes)],
                tmp_path / "copy")  # fmt: skip
    return tmp_path


def test_copies_are_found_by_name(run: Run, clothes: Path, copied: Path, whole: Scores) -> None:
    done = evaluate(run, clothes, found=copied / "found")
    assert "told by their names" in done.stderr
    assert scores_of(done)["ap", "all"]["mean"] == whole["ap", "all"]["mean"]
    assert "photos found by their names" in done.stdout


def test_renamed_copies_are_found_by_sha256(run: Run, clothes: Path, copied: Path, whole: Scores) -> None:
    rows = rows_of(copied / "found")
    for row in rows:
        file = copied / "found" / row["path"]
        row["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest().upper()
        row["path"] = f"elsewhere/{1000 - int(file.stem)}.png"
    write_manifest(copied / "found", rows)
    done = evaluate(run, clothes, found=copied / "found")
    assert scores_of(done)["ap", "all"]["mean"] == whole["ap", "all"]["mean"]
    assert "photos found by SHA-256" in done.stdout


def test_photos_through_links_are_the_same_photos(run: Run, clothes: Path, tmp_path: Path, whole: Scores) -> None:
    (tmp_path / "link").symlink_to(clothes / "listed" / "photos")
    rows = [{**row, "path": f"link/{Path(row['path']).name}"} for row in found_rows(clothes)]
    write_manifest(tmp_path, rows)
    assert list(ap(run, clothes, found=tmp_path).items()) == list(whole.items())


def test_names_that_two_photos_could_mean_are_bad_rows(run: Run, clothes: Path, copied: Path) -> None:
    shutil.copytree(copied / "copy", copied / "again")
    rows = rows_of(copied / "found")
    here = sum(row["path"].endswith("01.png") for row in rows)
    assert here
    twin = [row | {"path": row["path"].replace("copy", "again")} for row in rows if row["path"].endswith("01.png")]
    write_manifest(copied / "found", rows + twin)
    one_more = evaluate(run, clothes, "--max-errors", "50%", found=copied / "found")
    assert f"{2 * here} bad: 2 photos with detections could be '01' of the reference" in one_more.stderr
    strict = evaluate(run, clothes, "--max-errors", "0", found=copied / "found")
    assert strict.returncode == 3


def test_photos_that_the_reference_lacks_are_counted_and_left_out(
    run: Run, clothes: Path, tmp_path: Path, whole: Scores
) -> None:
    rows = found_rows(clothes)
    others = [{**rows[0], "path": str(tmp_path / f"other-{number}.png")} for number in range(3)]
    write_manifest(tmp_path, rows + others)
    done = evaluate(run, clothes, found=tmp_path)
    assert "3 detections on 3 photos that the reference does not have are left out, such as" in done.stderr
    assert scores_of(done)["ap", "all"]["mean"] == whole["ap", "all"]["mean"]
    write_manifest(tmp_path, others)
    none = evaluate(run, clothes, found=tmp_path)
    one_line(none, 2, "no photo with detections is one of", tmp_path / "other-0.png", "expected the same files")


def test_where_chooses_detections_and_reference_split_photos(run: Run, clothes: Path) -> None:
    both = evaluate(run, clothes, "--where", "split=val", "--reference-split", "val")
    assert "left out" not in both.stderr
    alone = evaluate(run, clothes, "--reference-split", "val")
    assert "of other splits are left out" in alone.stderr
    assert both.stdout == alone.stdout
    hint = evaluate(run, clothes, "--where", "split=val")
    assert "their boxes count as missed (--reference-split names the split that is scored)" in hint.stderr
    every = evaluate(run, clothes, "--reference-split", "train,val")
    assert every.stdout.replace(" of split train,val", "") == evaluate(run, clothes).stdout
    one_line(evaluate(run, clothes, "--reference-split", "val,tset"), 2, "--reference-split tset: the reference has no")
    none = evaluate(run, clothes, "--where", "split=train", "--reference-split", "val")
    one_line(none, 2, "no detection is on a photo of --reference-split val")


# ------------------------------------------------------------------------------------------------------ seen photos


@pytest.fixture
def trained(clothes: Path, tmp_path: Path) -> Path:
    """Detections whose detector was trained on the photos of `train`: `found`, beside its run folder `run`."""
    photos = sorted((clothes / "listed" / "photos").iterdir())
    digests = sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in photos[::2])
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "trained-on.txt").write_text("".join(f"{digest}\n" for digest in digests))
    (tmp_path / "found").mkdir()
    write_manifest(tmp_path / "found", found_rows(clothes))
    record = {"command": "detect-crop", "detector_run": str(tmp_path / "run"), "complete": True}
    (tmp_path / "found" / "run.json").write_text(json.dumps(record))
    return tmp_path


@pytest.mark.parametrize("reference", ["set/annotations.json", "set"])
def test_a_detector_is_not_scored_on_what_it_was_trained_on(
    run: Run, clothes: Path, trained: Path, reference: str, whole: Scores
) -> None:
    words = ("--reference", clothes / reference)
    for found in (trained / "found", trained / "found" / "manifest.csv"):
        refused = evaluate(run, clothes, *words, found=found)
        assert (refused.returncode, refused.stdout) == (2, "")
        line = refused.stderr.splitlines()[-1]
        assert f"trained on {PHOTOS // 2} of these {PHOTOS} photos: --reference-split val" in line
        assert "--allow-seen" in line
    val = evaluate(run, clothes, *words, "--reference-split", "val", found=trained / "found")
    assert f"the detector was trained on 0 of these {PHOTOS // 2} photos" in val.stdout
    allowed = evaluate(run, clothes, *words, "--allow-seen", found=trained / "found")
    assert f"the detector was trained on {PHOTOS // 2} of these {PHOTOS} photos" in allowed.stdout
    assert scores_of(allowed)["ap", "all"]["mean"] == whole["ap", "all"]["mean"]
    in_its_folder = run("evaluate", "--metrics", "ap", *words, cwd=trained / "found")
    assert in_its_folder.returncode == 2, "the current folder is read where nothing is named"


def test_what_cannot_be_known_is_called_unknown(run: Run, clothes: Path, trained: Path) -> None:
    unknown = "unknown whether the detector has seen these photos"
    piped = "\n".join([(trained / "found" / "manifest.csv").read_text()])
    assert unknown in evaluate(run, clothes, found="-", stdin=piped).stdout
    assert unknown in evaluate(run, clothes).stdout
    (trained / "run" / "trained-on.txt").write_text("no digest\n")
    assert "trained-on.txt is damaged" in evaluate(run, clothes, found=trained / "found").stderr
    shutil.rmtree(trained / "run")
    gone = evaluate(run, clothes, found=trained / "found")
    assert unknown in gone.stdout
    assert f"evaluate: {unknown}\n" in gone.stderr


def test_a_run_that_was_moved_is_known_by_what_stands_beside_the_detections(
    run: Run, clothes: Path, trained: Path
) -> None:
    shutil.copy(trained / "run" / "trained-on.txt", trained / "found")
    (trained / "run").rename(trained / "elsewhere")
    refused = evaluate(run, clothes, found=trained / "found")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"trained on {PHOTOS // 2} of these {PHOTOS} photos" in refused.stderr.splitlines()[-1]
    (trained / "found" / "trained-on.txt").write_text("no digest\n")
    assert "found/trained-on.txt is damaged" in evaluate(run, clothes, found=trained / "found").stderr


# --------------------------------------------------------------------------------------------------------- bad input


BAD = {
    "damaged box: '1 2 3'; expected x y w h in pixels": {"box": "1 2 3"},
    "damaged box: 'nan 2 3 4'; expected x y w h in pixels": {"box": "nan 2 3 4"},
    "empty box: 5 5 0 9": {"box": "5 5 0 9"},
    "empty box: 5 5 9 -9": {"box": "5 5 9 -9"},
    "no score: the row has a box": {"score": ""},
    "damaged score: 'high'; expected a number": {"score": "high"},
    "damaged score: 'inf'; expected a number": {"score": "inf"},
    "no label: the row has a box": {"label": ""},
}


def test_bad_rows_are_counted_and_judged(run: Run, clothes: Path, tmp_path: Path, whole: Scores) -> None:
    rows = found_rows(clothes)
    for start in (0, 4):  # five reasons are told
        chosen = dict(list(BAD.items())[start : start + 4])
        earlier = {**rows[1], "box": "never read", "status": "failed", "error": "gone"}
        write_manifest(tmp_path, [*({**rows[0], **change} for change in chosen.values()), earlier, *rows])
        done = evaluate(run, clothes, "--max-errors", "4", found=tmp_path)
        for reason in chosen:
            assert f"evaluate: 1 bad: {reason}\n" in done.stderr
        assert "1 bad before" in done.stderr
        assert list(scores_of(done).items()) == list(whole.items())
    strict = evaluate(run, clothes, "--max-errors", "3", found=tmp_path)
    assert strict.returncode == 3
    assert "4 of 37 rows are bad" in strict.stderr.splitlines()[-1]


def test_rows_without_a_photo_and_inputs_without_columns_are_no_bugs(
    run: Run, clothes: Path, tmp_path: Path, whole: Scores
) -> None:
    write_manifest(tmp_path, [*found_rows(clothes), {"path": "", "box": "1 1 9 9", "label": "full", "score": "1"}])
    done = evaluate(run, clothes, clothes / "listed" / "photos", found=tmp_path)
    assert "1 bad: no path" in done.stderr
    assert "1 photos have no detections" not in done.stderr
    assert list(scores_of(done).items()) == list(whole.items())


def test_one_detection_a_photo_is_told(run: Run, clothes: Path, tmp_path: Path) -> None:
    one = {row["path"]: row for row in found_rows(clothes)}
    write_manifest(tmp_path, list(one.values()))
    assert "ap wants all there are (detect-crop --all --min-score 0)" in evaluate(run, clothes, found=tmp_path).stderr
    assert "ap wants" not in evaluate(run, clothes).stderr


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"box": "0 0 5 0"}, "empty box: 0 0 5 0"),
        ({"box": "1e300 0 1e300 1"}, "damaged box: '1e300 0 1e300 1'"),
        ({"area": "nan"}, "damaged area: 'nan'; expected square pixels"),
        ({"area": "much"}, "damaged area: 'much'"),
        ({"label": ""}, "no label: the row has a box"),
        ({"path": ""}, "no path"),
    ],
)
def test_bad_rows_of_a_reference_are_told(tmp_path: Path, change: dict[str, str], reason: str) -> None:
    good = {"path": "a.png", "box": "0 0 9 9", "label": "full", "area": ""}
    write_manifest(tmp_path, [good, good | change])
    reference = read_reference(tmp_path)
    ((told, count),) = reference.totals.reasons.items()
    assert (told[: len(reason)], count) == (reason, 1)
    assert [(len(image.boxes), image.areas) for image in reference.images] == [(1, [81.0])]


@pytest.mark.parametrize("name", ["a\0/b.png", "\udcff/b.png"])
def test_names_that_no_file_can_have_are_only_not_there(tmp_path: Path, name: str) -> None:
    content = {
        "images": [{"id": 1, "file_name": name}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9], "area": None}],
        "categories": [{"id": 1, "name": "full"}],
    }
    (tmp_path / "set.json").write_text(json.dumps(content))
    (image,) = read_reference(tmp_path / "set.json").images
    assert digest_of(image) == ""
    assert find_photos([image], [image]) == ([0], "their files")
    assert image.areas == [81.0]


def test_labels_that_the_reference_lacks_are_left_out(run: Run, clothes: Path, tmp_path: Path, whole: Scores) -> None:
    rows = found_rows(clothes)
    write_manifest(tmp_path, [*rows, {**rows[0], "label": "shoe"}, {**rows[1], "label": "hat"}])
    done = evaluate(run, clothes, found=tmp_path)
    assert "labels that the reference lacks are left out, as COCO does (hat: 1, shoe: 1)" in done.stderr
    assert list(scores_of(done).items()) == list(whole.items())
    write_manifest(tmp_path, [{**row, "label": "shoe"} for row in rows])
    none = evaluate(run, clothes, found=tmp_path)
    assert (none.returncode, none.stdout) == (2, "")
    told = none.stderr.splitlines()[-1]
    assert told.endswith(f"no detection has a label of the reference: shoe: {len(rows)}; expected upper, lower, full")


def test_bad_boxes_of_the_reference_are_judged_too(run: Run, clothes: Path, tmp_path: Path, whole: Scores) -> None:
    content = json.loads((clothes / "set" / "annotations.json").read_text())
    for image in content["images"]:
        image["file_name"] = str(clothes / "listed" / "photos" / Path(image["file_name"]).name)
    one = content["annotations"][0]
    wrong = [{"bbox": [1, 2, 3]}, {"bbox": [1, 1, 0, 5]}, {"category_id": 99}, {"image_id": 999}]
    content["annotations"] += [{**one, "id": 1000 + number, **change} for number, change in enumerate(wrong)]
    content["images"].append({**content["images"][0], "id": 500})
    file = tmp_path / "damaged.JSON"
    file.write_text(json.dumps(content))
    done = evaluate(run, clothes, "--reference", file, "--max-errors", "20%")
    assert "reference: " in done.stderr
    assert "5 bad" in done.stderr
    assert scores_of(done)["ap", "all"]["mean"] == whole["ap", "all"]["mean"]
    assert evaluate(run, clothes, "--reference", file, "--max-errors", "4").returncode == 3


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"metrics": "ap,ssim"}, "ap compares boxes, ssim images; score them one by one"),
        ({"metrics": "fid,ap"}, "ap compares boxes, fid images"),
        ({"metrics": "l1", "at_score": 0.0}, "--at-score is for ap: --metrics l1 does not look at it"),
        ({"metrics": "l1", "at_iou": 0.5}, "--at-iou is for ap"),
        ({"metrics": "fid", "allow_seen": True}, "--allow-seen is for ap"),
        ({"metrics": "l1", "plot": Path("a.png")}, "--plot is for ap"),
        ({"metrics": "l1", "reference_split": "val"}, "--reference-split is for ap"),
        ({"metrics": "fid", "per_image": Path("a.csv")}, "--per-image is for metrics of pairs and for ap"),
        ({"metrics": "ap", "resize": "area"}, "--resize is for metrics of pairs: --metrics ap"),
        ({"metrics": "ap", "against": [Path()]}, "--against is for metrics of sets"),
        ({"metrics": "ap", "limit": 3}, "--limit draws some detections"),
        ({"metrics": "ap", "at_iou": 0.1}, "--at-iou 0.1: expected an overlap above 0.1 and up to 1"),
        ({"metrics": "ap", "at_iou": 1.5}, "--at-iou 1.5"),
        ({"metrics": "ap", "at_iou": float("nan")}, "--at-iou nan"),
        ({"metrics": "ap", "at_score": float("nan")}, "--at-score nan: expected a number"),
        ({"metrics": "ap", "plot": Path("curves.jpg")}, "--plot curves.jpg: expected a name that ends in .png"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(chosen: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as refused:
        EvaluateOptions(**chosen)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--at-iou", "0"), "--at-iou 0: expected an overlap"),
        (("--reference-split", "vall"), "the reference has no such photo; its splits are train, val"),
        (("--reference", "nowhere.json"), "nowhere.json: no such file; expected COCO's JSON"),
        (("--reference", "nowhere"), "nowhere: no such file or folder"),
        (("--reference", "-"), "--reference cannot be standard input"),
        (("--reference", "listed/photos"), "no column 'box': ap compares with boxes and their labels"),
        (("--reference", "list.json"), "list.json is damaged: not JSON at character 0"),
        (("--reference", "other.json"), "other.json is no COCO file of boxes: it has no 'annotations'"),
        (("--reference", "empty"), "empty has no boxes"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    run: Run, clothes: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    (tmp_path / "list.json").write_text("[1, 2]")
    (tmp_path / "other.json").write_text('{"images": []}')
    (tmp_path / "empty").mkdir()
    write_manifest(tmp_path / "empty", [{"path": "a.png", "box": "", "label": ""}])
    (tmp_path / "listed").symlink_to(clothes / "listed")
    one_line(evaluate(run, clothes, *words, "--per-image", "each.csv", "--plot", "a.png", cwd=tmp_path), 2, told)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "list.json", "listed", "other.json"]


def test_detections_need_a_reference_and_their_columns(run: Run, clothes: Path) -> None:
    without = run("evaluate", clothes / "found", "--metrics", "ap")
    one_line(without, 2, "ap needs the boxes that were to be found: name them with --reference annotations.json")
    one_line(evaluate(run, clothes, found=clothes / "listed"), 2, "no column 'score': ap scores boxes")
    one_line(evaluate(run, clothes, found=clothes / "listed" / "photos"), 2, "no column 'box'")


def test_detections_without_a_good_row_are_nothing_to_score(run: Run, clothes: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("path,box,label,score\n")
    one_line(evaluate(run, clothes, found=tmp_path), 2, "nothing to score: the input has no good rows")
