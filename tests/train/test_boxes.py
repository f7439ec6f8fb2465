"""Boxes of photos from manifests: what is read, what is left out and why, and which photos are held out."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashiontools.core.errors import UsageError
from fashiontools.core.manifest import Row
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.train.boxes import BoxedPhotos, by_photo, read_boxes
from fashiontools.train.reading import read_data
from fashiontools.train.recipes.classifier.options import ClassifierOptions
from fashiontools.train.recipes.detector.options import DetectorOptions

QUIET = Progress("train", quiet=True)


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """A photo of 100 x 80 pixels, stored on its side: EXIF turns it upright."""
    image = Image.fromarray(np.full((100, 80, 3), 9, np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=exif)
    return str(tmp_path / "turned.jpg")


def row(path: str, box: str = "", label: str = "upper", **more: str) -> Row:
    return Row({"path": path, "box": box, "label": label} | more, Path(path).name)


def read(*rows: Row) -> BoxedPhotos:
    return read_boxes(rows, workers=1, progress=QUIET)


def test_rows_that_follow_each_other_are_one_photo() -> None:
    rows = [row(path) for path in ("a", "a", "b", "a")]
    assert [len(group) for group in by_photo(rows)] == [2, 1, 1]


def test_boxes_are_in_pixels_of_the_upright_photo(photo: str) -> None:
    found = read(row(photo, "0 0 100 80"), row(photo, "10 5 20.5 30", "lower"))
    assert len(found.rows) == 1
    (boxes,) = found.boxes
    assert (boxes.width, boxes.height) == (100, 80)
    assert boxes.boxes.tolist() == [[0, 0, 100, 80], [10, 5, 20.5, 30]]
    assert boxes.labels == ("upper", "lower")
    assert len(boxes.sha256) == 64
    assert found.bad == []


@pytest.mark.parametrize(
    ("box", "label", "reason"),
    [
        ("10 10 0 20", "upper", "empty box"),
        ("10 10 20 -5", "upper", "empty box"),
        ("90 10 40 20", "upper", "box outside the photo"),
        ("10 10 20", "upper", "damaged box"),
        ("nan 0 5 5", "upper", "damaged box"),
        ("10 10 20 20", "", "a box without a label"),
    ],
)
def test_a_box_that_is_none_is_left_out_with_its_reason(photo: str, box: str, label: str, reason: str) -> None:
    found = read(row(photo, box, label), row(photo, "1 2 30 40", "lower"))
    assert [reason in told for _, told in found.bad] == [True]
    assert found.boxes[0].labels == ("lower",)
    alone = read(row(photo, box, label))
    assert (alone.rows, alone.boxes, len(alone.bad)) == ([], [], 1), "and the photo is none without boxes"


def test_a_row_without_a_box_is_a_photo_without_boxes(photo: str) -> None:
    found = read(row(photo, "", ""))
    assert found.boxes[0].boxes.shape == (0, 4)
    assert found.bad == []


def test_what_a_manifest_has_measured_is_not_measured_again(tmp_path: Path) -> None:
    measured = {"width": "300", "height": "200", "sha256": "ab" * 32}
    found = read(row(str(tmp_path / "not there.jpg"), "0 0 300 200", **measured))
    assert found.boxes[0][:3] == (300, 200, "ab" * 32)


def test_a_box_is_on_the_parent_where_there_is_one(photo: str, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((10, 10, 3), np.uint8)).save(tmp_path / "crop.png")
    found = read(row(str(tmp_path / "crop.png"), "50 20 40 40", parent=photo, width="10", height="10", sha256=""))
    assert found.rows[0]["path"] == photo
    assert found.boxes[0].width == 100


# ---------------------------------------------------------------------------------------------------------- held out


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    """Five photos of train, two of val, one of test; two rows each."""
    found = []
    for number, split in enumerate(["train"] * 5 + ["val"] * 2 + ["test"]):
        file = tmp_path / "photos" / f"{number}.png"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((64, 48, 3), 20 * number, np.uint8)).save(file)
        found += [row(str(file), f"{4 + n} 4 30 40", label, split=split) for n, label in enumerate(("upper", "lower"))]
    return found


def detector(tmp_path: Path, **more: object) -> tuple[DetectorOptions, Output]:
    options = DetectorOptions(backbone="mobilenet", weights="none", size=64, max_size=96, no_cache=True, **more)
    return options, Output(tmp_path / "run", "train", options)


def test_the_split_says_what_is_held_out_and_what_is_left_out(rows: list[Row], tmp_path: Path) -> None:
    data, _ = read_data(rows, *detector(tmp_path), QUIET)
    assert [Path(one["path"]).stem for one in data.rows] == list("01234")
    assert data.held_out is not None
    assert [Path(one["path"]).stem for one in data.held_out.rows] == ["5", "6"]
    assert [len(one.labels) for one in data.boxes] == [2] * 5
    assert data.photos.sizes.tolist() == [[85, 64]] * 5


def test_validation_wins_over_the_split(rows: list[Row], tmp_path: Path) -> None:
    lines = [",".join(("path", "box", "label"))] + [f"photos/7.png,4 4 30 40,{label}" for label in ("upper", "full")]
    (tmp_path / "judge.csv").write_text("\n".join(lines) + "\n")
    data, _ = read_data(rows, *detector(tmp_path, validation=tmp_path / "judge.csv"), QUIET)
    assert [Path(one["path"]).stem for one in data.rows] == list("0123456")
    assert data.held_out is not None
    assert data.held_out.boxes[0].labels == ("upper", "full")


def test_photos_of_several_rows_are_seen_once_by_any_recipe(rows: list[Row], tmp_path: Path) -> None:
    options = ClassifierOptions(size=16, no_cache=True)
    data, _ = read_data(rows, options, Output(tmp_path / "run", "train", options), QUIET)
    assert [Path(one["path"]).stem for one in data.rows] == list("01234")
    assert {one["label"] for one in data.rows} == {"upper"}, "of several rows the first counts"
    assert data.held_out is not None
    assert len(data.held_out.rows) == 2


def test_other_boxes_are_another_input(rows: list[Row], tmp_path: Path) -> None:
    _, first = read_data(rows, *detector(tmp_path), QUIET)
    _, same = read_data(rows, *detector(tmp_path), QUIET)
    rows[1] = rows[1].having(box="5 4 31 40")
    _, other = read_data(rows, *detector(tmp_path), QUIET)
    assert first == same != other


def test_a_held_out_box_that_is_none_is_told_before_training(rows: list[Row], tmp_path: Path) -> None:
    rows[10] = rows[10].having(box="4 4 0 0")
    with pytest.raises(UsageError, match="split val"):
        read_data(rows, *detector(tmp_path), QUIET)


def test_nothing_but_held_out_rows_is_nothing_to_train_on(rows: list[Row], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="every row is of split val or test"):
        read_data(rows[10:], *detector(tmp_path), QUIET)
