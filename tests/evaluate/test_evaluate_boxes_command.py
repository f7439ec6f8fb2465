"""`evaluate --metrics ap` through the real command line: real photos, the JSON that `import` writes, pycocotools."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from box_commands import LABELS, PHOTOS, Run, Scores, ap, evaluate, found_rows, scores_of
from manifests import Rows, rows_of, write_manifest
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

TWELVE = (
    "ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large",
    "ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large",
)  # fmt: skip


def by_pycocotools(clothes: Path, rows: Rows, split: str | None = None) -> tuple[list[float], np.ndarray]:
    """Its twelve numbers and its precision, from the files themselves."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(clothes / "set" / "annotations.json"))
        ids = {os.path.basename(image["file_name"]): image["id"] for image in truth.dataset["images"]}
        categories = {category["name"]: category["id"] for category in truth.dataset["categories"]}
        results = [
            {
                "image_id": ids[os.path.basename(row["path"])],
                "category_id": categories[row["label"]],
                "bbox": [float(value) for value in row["box"].split()],
                "score": float(row["score"]),
            }
            for row in rows
        ]
        judge = COCOeval(truth, truth.loadRes(results), "bbox")
        if split:
            judge.params.imgIds = [image["id"] for image in truth.dataset["images"] if image["split"] == split]
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return list(judge.stats), judge.eval["precision"]


@pytest.mark.parametrize("split", [None, "val"])
def test_the_numbers_are_those_of_pycocotools_on_the_same_files(run: Run, clothes: Path, split: str | None) -> None:
    found = ap(run, clothes, *(("--reference-split", split) if split else ()))
    truth, precision = by_pycocotools(clothes, rows_of(clothes / "found"), split)
    told = [found[name, "all"]["mean"] for name in TWELVE]
    assert told == ["" if value == -1 else repr(float(value)) for value in truth]
    for place, label in enumerate(LABELS):
        assert float(found["ap50", label]["mean"]) == precision[0, :, place, 0, 2].mean()
        assert [metric for metric, region in found if region == label][:12] == list(TWELVE)
    for name in ("ap", "ap50", "precision", "recall"):
        row = found[name, "all"]
        assert float(row["low"]) <= float(row["mean"]) <= float(row["high"])
    assert f"reference {PHOTOS // 2 if split else PHOTOS} photos" in found["ap", "all"]["recipe"]


def test_a_manifest_is_as_good_a_reference_as_its_json(run: Run, clothes: Path, whole: Scores) -> None:
    def numbers(scores: Scores) -> list[list[str]]:
        return [list(row.values())[:-1] for row in scores.values()]

    from_json = numbers(whole)
    assert numbers(ap(run, clothes, "--reference", clothes / "set")) == from_json
    assert numbers(ap(run, clothes, "--reference", clothes / "listed" / "manifest.csv")) == from_json
    assert numbers(ap(run, clothes, "--where", "score>0", found=clothes / "found" / "manifest.csv")) == from_json


def test_a_folder_with_the_json_alone_is_read_through_it(
    run: Run, clothes: Path, tmp_path: Path, whole: Scores
) -> None:
    shutil.copytree(clothes / "listed" / "photos", tmp_path / "listed" / "photos")
    (tmp_path / "json").mkdir()
    shutil.copy(clothes / "set" / "annotations.json", tmp_path / "json")
    assert ap(run, clothes, "--reference", tmp_path / "json")["ap", "all"]["mean"] == whole["ap", "all"]["mean"]


def test_rows_of_a_pipe_are_scored(run: Run, clothes: Path, whole: Scores) -> None:
    piped = ap(run, clothes, found="-", stdin=(clothes / "found" / "manifest.csv").read_text(), cwd=clothes / "found")
    assert list(piped.items()) == list(whole.items())


def test_crops_are_detections_on_their_parents(run: Run, clothes: Path, tmp_path: Path, whole: Scores) -> None:
    crops = [
        {**row, "path": str(tmp_path / f"crop-{number}.png"), "parent": row["path"], "sha256": "0" * 64}
        for number, row in enumerate(found_rows(clothes))
    ]
    write_manifest(tmp_path, crops)
    assert list(ap(run, clothes, found=tmp_path).items()) == list(whole.items())


def test_a_photo_without_detections_counts_as_missed_and_its_empty_row_as_looked_at(
    run: Run, clothes: Path, tmp_path: Path
) -> None:
    some = [row for row in found_rows(clothes) if row["path"].endswith("01.png")]
    write_manifest(tmp_path, some)
    without = evaluate(run, clothes, found=tmp_path)
    assert f"{PHOTOS - 1} of {PHOTOS} photos have no detections at all" in without.stderr
    empty = [
        {"path": str(file), "box": "", "label": "", "score": ""}
        for file in sorted((clothes / "listed" / "photos").iterdir())
        if file.name != "01.png"
    ]
    write_manifest(tmp_path, [*some, *empty])
    looked_at = evaluate(run, clothes, found=tmp_path)
    assert looked_at.stdout == without.stdout
    assert "no detections at all" not in looked_at.stderr
    truth, _ = by_pycocotools(clothes, some)
    assert scores_of(without)["ap50", "all"]["mean"] == repr(float(truth[1]))


def test_per_image_counts_add_up_and_can_be_asked(run: Run, clothes: Path, tmp_path: Path) -> None:
    words = ("--at-score", "0.3", "--at-iou", "0.7", "--per-image", tmp_path / "each.csv")
    found = ap(run, clothes, *words, "--reference-split", "val")
    each = rows_of(tmp_path / "each.csv")
    assert [Path(tmp_path, row["path"]).resolve().name for row in each] == [f"{n:02}.png" for n in range(1, PHOTOS, 2)]
    assert {row["split"] for row in each} == {"val"}

    def total(column: str) -> int:
        return sum(int(row[column]) for row in each)

    kinds = ("duplicate", "wrong_class", "badly_placed", "wrong_both", "background")
    for name in ("true_positives", *kinds, "missed"):
        assert total(name) == float(found[name, "all"]["mean"])
    assert total("false_positives") == sum(map(total, kinds))
    assert total("boxes") == total("true_positives") + total("false_negatives") == int(found["recall", "all"]["n"])
    assert float(found["recall", "all"]["mean"]) == total("true_positives") / total("boxes")
    looked_at = [
        row for row in rows_of(clothes / "found") if row["split"] == "val" and float(row["score"]) >= 0.3
    ]  # fmt: skip
    assert total("true_positives") + total("false_positives") == len(looked_at) == int(found["precision", "all"]["n"])
    assert "score >= 0.3, IoU >= 0.7" in found["ap", "all"]["recipe"]


def test_the_plot_is_drawn_alike_each_time(run: Run, clothes: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        ap(run, clothes, "--plot", tmp_path / "new" / f"{name}.png")
    first = tmp_path / "new" / "a.png"
    assert first.read_bytes() == (tmp_path / "new" / "b.png").read_bytes()
    with Image.open(first) as picture:
        pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    for colour in ((31, 119, 180), (255, 127, 14), (44, 160, 44)):  # a curve for each of the three classes
        assert np.sum(np.all(pixels == colour, axis=1)) > 200


def test_json_says_what_csv_says_and_null_where_undefined(run: Run, clothes: Path, tmp_path: Path) -> None:
    large = [{**row, "box": "0 0 120 120"} for row in rows_of(clothes / "listed") if row["box"]]
    write_manifest(tmp_path, [{**row, "path": str(clothes / "listed" / row["path"])} for row in large])
    words = ("--reference", tmp_path)
    printed = ap(run, clothes, *words)
    assert printed["ap_small", "all"]["mean"] == printed["ar_small", "all"]["mean"] == ""
    assert printed["ap_small", "all"]["n"] == "0"
    found = json.loads(evaluate(run, clothes, *words, "--json").stdout)
    assert len(found["scores"]) == len(printed)
    for score in found["scores"]:
        row = printed[score["metric"], score["region"]]
        assert row["recipe"] == found["recipe"]
        for key in ("mean", "low", "high"):
            assert row[key] == ("" if score[key] is None else repr(score[key]))


def test_torch_is_not_loaded(clothes: Path, environment: dict[str, str]) -> None:
    program = (
        "import sys\n"
        "from fashiontools.__main__ import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print('torch' in sys.modules, 'matplotlib' in sys.modules, file=sys.stderr)\n"
    )
    words = ["evaluate", clothes / "found", "--metrics", "ap", "--reference", clothes / "set", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stderr == "False False\n"


def test_head_closes_quietly(clothes: Path, environment: dict[str, str]) -> None:
    words = ("evaluate", str(clothes / "found"), "--metrics", "ap", "--reference", str(clothes / "set"), "--quiet")
    line = f'"{sys.executable}" -m fashiontools {" ".join(words)} | head -n 1'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=environment, check=False)
    assert (done.stdout, done.stderr) == ("metric,region,mean,low,high,median,n,identical,recipe\n", "")
