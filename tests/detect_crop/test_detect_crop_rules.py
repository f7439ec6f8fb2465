"""Which boxes are kept, with a network that finds many: against all its boxes, sorted out by hand."""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from detector_runs import CLASSES, SEED, SIZE, detector, write_run
from done import Done
from manifests import Rows, rows_of
from PIL import Image

from fashiontools.core.boxes import Box
from fashiontools.core.manifest import Row
from fashiontools.detect_crop.choosing import Choice, Rejection
from fashiontools.detect_crop.cropper import Cropper
from fashiontools.detect_crop.detection import Detection, Looked, Photo
from fashiontools.detect_crop.networks import NetworkDetector
from fashiontools.models.detection.faster_rcnn import Found

Detect = Callable[..., Done]
LEAST = 6
"""Pixels: the surest boxes of some photos have fewer."""


@pytest.fixture(scope="module")
def every_box(run: Callable, detector_run: Path, lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All boxes of the lookbook's photos."""
    folder = tmp_path_factory.mktemp("every") / "boxes"
    done = run(
        "detect-crop", lookbook, "--model", detector_run, "--boxes-only", "--all", "--min-score", 0, "-o", folder
    )
    assert done.returncode == 0, done.stderr
    return folder


def by_photo(rows: Rows, folder: Path, column: str = "path") -> dict[Path, Rows]:
    found: dict[Path, Rows] = defaultdict(list)
    for row in rows:
        found[(folder / row[column]).resolve()].append(row)
    return dict(found)


def facts(row: dict[str, str]) -> tuple[str, str, str]:
    return row["box"], row["label"], row["score"]


def test_all_boxes_come_with_the_photos_own_columns(every_box: Path, lookbook: Path) -> None:
    source = {(lookbook / row["path"]).resolve(): row for row in rows_of(lookbook)}
    found = by_photo(rows_of(every_box), every_box)
    rejected = by_photo(rows_of(every_box / "rejected.csv"), every_box)
    assert set(found) | set(rejected) == set(source)
    assert not set(found) & set(rejected)
    assert len({row["label"] for rows in found.values() for row in rows}) > 1
    assert max(map(len, found.values())) > 3
    for photo, rows in found.items():
        scores = [float(row["score"]) for row in rows]
        assert scores == sorted(scores, reverse=True)
        for row in rows:
            assert row["label"] in CLASSES
            assert row["status"] == "ok"
            assert row["parent"] == ""
            x, y, width, height = map(float, row["box"].split())
            assert min(x, y) >= 0
            assert x + width <= int(row["width"]) + 0.01
            assert y + height <= int(row["height"]) + 0.01
            for column in ("group", "description", "width", "height"):
                assert row[column] == source[photo][column]
            assert (every_box / row["garment"]).resolve() == (lookbook / source[photo]["garment"]).resolve()


@pytest.mark.parametrize("keep", ["full", "upper,lower"])
@pytest.mark.parametrize("rule", ["best", "any", "all"])
def test_each_rule_keeps_what_its_help_says(
    detect_crop: Detect, detector_run: Path, lookbook: Path, every_box: Path, tmp_path: Path, keep: str, rule: str
) -> None:
    words = [] if rule == "best" else [f"--{rule}"]
    common = ("--model", detector_run, "--boxes-only", "--min-score", 0.4, "--min-size", LEAST, "--keep", keep)
    done = detect_crop(lookbook, *common, *words, "-o", tmp_path / "boxes")
    assert done.returncode == 0, done.stderr
    kept = by_photo(rows_of(tmp_path / "boxes"), tmp_path / "boxes")
    rejected = by_photo(rows_of(tmp_path / "boxes" / "rejected.csv"), tmp_path / "boxes")
    for photo, rows in by_photo(rows_of(every_box), every_box).items():
        wanted, reason = sorted_out(rows, rule, keep.split(","))
        if wanted:
            assert [facts(row) for row in kept[photo]] == [facts(row) for row in wanted]
            assert photo not in rejected
        else:
            (row,) = rejected[photo]
            assert photo not in kept
            assert row["reason"].startswith(reason)
            if rule == "best" and reason.startswith("best is "):
                assert row["best_label"] == reason.removeprefix("best is ")
            else:
                assert (row["best_label"], row["best_score"]) == (rows[0]["label"], rows[0]["score"])
    assert kept
    assert rejected


def sorted_out(rows: Rows, rule: str, keep: list[str]) -> tuple[Rows, str]:
    """The rows that a rule keeps of a photo's, or the beginning of the reason why it keeps none."""
    sure = [row for row in rows if float(row["score"]) >= 0.4]
    if not sure:
        return [], "no detection above 0.4"
    large = [row for row in sure if min(map(float, row["box"].split()[2:])) >= LEAST]
    best = (large or sure)[0]["label"]
    if rule == "best" and best not in keep:
        return [], f"best is {best}"
    if all(row["label"] not in keep for row in sure):
        return [], f"no {' or '.join(keep)} above 0.4"
    wanted = [row for row in large if row["label"] in keep]
    return wanted if rule == "all" else wanted[:1], "too small: "


def detection(label: str, score: float, side: float = 50) -> Detection:
    return Detection(Box(0, 0, side, side), label, score)


def test_of_equally_sure_boxes_the_class_that_was_named_first_is_taken() -> None:
    looked = Looked(tuple(detection(label, 0.9) for label in ("full", "upper", "lower")))
    assert [one.label for one in Choice("best", ("lower", "upper"), 0.5, 1).of(looked)] == ["lower"]
    assert [one.label for one in Choice("best", (), 0.5, 1).of(looked)] == ["full"]
    assert [one.label for one in Choice("all", ("lower", "full"), 0.5, 1).of(looked)] == ["full", "lower"]


def test_a_score_is_enough_that_reaches_the_least() -> None:
    looked = Looked((detection("full", 0.5),))
    assert Choice("best", (), 0.5, 50).of(looked) == looked.found
    assert Choice("best", (), 0.51, 1).of(looked) == Rejection("no detection above 0.51", looked.found[0])
    assert Choice("best", (), 0.5, 51).of(looked) == Rejection("too small: 50 x 50 pixels", looked.found[0])
    assert Choice("best", (), 0.5, 1).of(Looked((), "too dark")) == Rejection("too dark", None)


def test_boxes_that_are_too_small_stand_in_no_others_way() -> None:
    speck, shirt, dress = detection("full", 0.9, 5), detection("upper", 0.89), detection("full", 0.8)
    looked = Looked((speck, shirt, dress))
    assert Choice("best", (), 0.5, 20).of(looked) == (shirt,)
    assert Choice("any", ("full",), 0.5, 20).of(looked) == (dress,)
    assert Choice("all", ("full",), 0.5, 20).of(looked) == (dress,)
    assert Choice("best", ("full",), 0.5, 20).of(looked) == Rejection("best is upper", shirt)
    assert Choice("any", ("full",), 0.85, 20).of(looked) == Rejection("too small: 5 x 5 pixels", speck)
    assert Choice("any", ("lower",), 0.5, 20).of(looked) == Rejection("no lower above 0.5", speck)


def test_a_person_whose_kept_part_is_too_small_is_too_small() -> None:
    looked = Looked((detection("full", 0.9, 100), detection("upper", 0.9, 30), detection("upper", 0.8, 90)))
    assert Choice("best", ("upper",), 0.5, 50).of(looked) == Rejection("too small: 30 x 30 pixels", looked.found[0])


# ------------------------------------------------------------------------------------------------------ the network


def test_boxes_are_the_networks_own_in_pixels_of_the_photo() -> None:
    """A photo that needs no scaling, put on its canvas by hand."""
    network = detector()
    blocks = np.random.default_rng(3).integers(0, 256, (12, 8, 3), np.uint8)
    photo = np.kron(blocks, np.ones((12, 12, 1), np.uint8))
    assert photo.shape == (144, SIZE, 3)
    batch = torch.zeros(1, 3, 160, SIZE)
    batch[0, :, :144] = torch.from_numpy(photo).permute(2, 0, 1).float() / 127.5 - 1
    with torch.no_grad():
        (found,) = network(batch, torch.tensor([[144, SIZE]]))
    large = (found.boxes[:, 2:] - found.boxes[:, :2]).amin(dim=1) >= 0.5  # half of what is left out
    found = Found(found.boxes[large], found.labels[large], found.scores[large])
    assert len(found.scores) > 2
    looked = NetworkDetector(network, torch.device("cpu")).detect([Photo(photo, 288, 2 * SIZE)])[0]
    assert [one.label for one in looked.found] == [CLASSES[label] for label in found.labels.tolist()]
    assert np.allclose([one.score for one in looked.found], found.scores, atol=0.01)
    corners = np.array([one.box.corners for one in looked.found])
    assert np.allclose(corners, 2 * found.boxes, atol=0.5)


def test_batches_find_what_single_photos_do(lookbook: Path, tmp_path: Path) -> None:
    """As on a GPU, here on the CPU: two photos of a canvas at a time, the last ones filled up, bad rows among them."""
    rows = [Row({"path": str(lookbook / row["path"])}, row["path"]) for row in rows_of(lookbook)]
    rows[3:3] = [Row({"path": str(tmp_path / "none.jpg")}, "none.jpg")]
    Image.fromarray(np.asarray(Image.open(rows[0]["path"])).swapaxes(0, 1)).save(tmp_path / "wide.png")
    rows.insert(1, Row({"path": str(tmp_path / "wide.png")}, "wide.png"))
    outcomes = []
    for at_once in (1, 2):
        looking = NetworkDetector(detector(), torch.device("cpu"))
        looking.at_once = at_once
        outcomes.append(Cropper(looking, Choice("best", (), 0.3, 1), None, tmp_path, 2).work(rows))
    for row, one, other in zip(rows, *outcomes, strict=True):
        if row.name == "none.jpg":
            assert str(one) == str(other) == "no such file"
            continue
        assert (one.rejection is None) == (other.rejection is None)
        for found, again in zip(one.rows, other.rows, strict=True):
            assert found["path"] == again["path"] == row["path"]
            assert found["label"] == again["label"]
            assert np.allclose(*(np.array(which["box"].split(), float) for which in (found, again)), atol=0.05)


def test_workers_and_what_is_done_before_change_no_byte(
    detect_crop: Detect, detector_run: Path, lookbook: Path, tmp_path: Path, tree: Callable[[Path], Any]
) -> None:
    words = (lookbook, "--model", detector_run, "--preview", "--all", "--keep", "full,upper")
    assert detect_crop(*words, "--workers", 1, "-o", tmp_path / "one").returncode == 0
    assert detect_crop(*words, "--workers", 3, "--limit", 5, "-o", tmp_path / "many").returncode == 0
    assert detect_crop(*words, "--workers", 3, "-o", tmp_path / "many").returncode == 0
    assert tree(tmp_path / "one") == tree(tmp_path / "many")
    assert "-2.png" in "".join(tree(tmp_path / "one"))


def test_the_best_weights_of_a_run_are_taken_and_no_others_go_on(
    detect_crop: Detect, lookbook: Path, tmp_path: Path, detector_run: Path
) -> None:
    """`best.safetensors`, where there is one; the folder says which run made it."""
    both = write_run(tmp_path / "both", seed=1, best=SEED)
    for name, model in (("plain", detector_run), ("best", both)):
        words = (lookbook, "--model", model, "--boxes-only", "-o", tmp_path / name)
        assert detect_crop(*words).returncode == 0
    assert rows_of(tmp_path / "plain") == rows_of(tmp_path / "best")
    record = json.loads((tmp_path / "best" / "run.json").read_text())
    assert record["detector_run"] == str(both)
    (both / "best.safetensors").unlink()
    done = detect_crop(lookbook, "--model", both, "--boxes-only", "-o", tmp_path / "best")
    assert done.returncode == 2
    assert "was made with other weights" in done.stderr
    again = detect_crop(lookbook, "--model", both, "--boxes-only", "--overwrite", "-o", tmp_path / "best")
    assert again.returncode == 0
    assert rows_of(tmp_path / "best") != rows_of(tmp_path / "plain")


@pytest.mark.parametrize(
    ("changes", "words", "told"),
    [
        ({"recipe": "dcgan"}, [], "is a run of 'dcgan'; detect-crop takes those of detector"),
        ({"complete": False}, [], "is unfinished: run it again"),
        ({"command": "mask"}, [], "is not a training run"),
        ({}, ["--keep", "uper,full"], "--keep: the model has no class 'uper': did you mean upper?"),
        ({}, ["--keep", "shoes"], "known: full, lower, upper"),
    ],
)
def test_a_run_that_does_not_fit_is_one_line_and_writes_nothing(
    detect_crop: Detect, lookbook: Path, tmp_path: Path, changes: dict, words: list[str], told: str
) -> None:
    folder = write_run(tmp_path / "run", **changes)
    done = detect_crop(lookbook, "--model", folder, *words, "-o", tmp_path / "crops")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert told in done.stderr
    assert not (tmp_path / "crops").exists()
