"""Boxes of photos from manifests: what is read, what is left out and why, and which photos are held out."""

import hashlib
import shutil
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


def test_rows_of_one_path_are_one_photo_wherever_they_stand() -> None:
    rows = [row(path) for path in ("a", "a", "b", "a")]
    assert [[one["path"] for one in group] for group in by_photo(rows)] == [["a"] * 3, ["b"]]


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


def test_a_box_is_on_the_parent_where_there_is_one_and_the_crop_tells_nothing_of_it(photo: str, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((10, 10, 3), np.uint8)).save(tmp_path / "crop.png")
    measured = {"width": "10", "height": "10", "sha256": "ab" * 32}
    found = read(row(str(tmp_path / "crop.png"), "50 20 40 40", parent=photo, **measured))
    assert found.rows[0]["path"] == photo
    assert found.boxes[0][:2] == (100, 80)
    assert found.boxes[0].sha256 == hashlib.sha256(Path(photo).read_bytes()).hexdigest()


@pytest.mark.parametrize("damage", [{"sha256": "soon"}, {"width": "0"}, {"height": "tall"}])
def test_what_is_no_measurement_is_measured(photo: str, damage: dict[str, str]) -> None:
    found = read(row(photo, "1 1 9 9", **{"width": "300", "height": "200", "sha256": "AB" * 32} | damage))
    assert found.boxes[0][:2] == (100, 80)
    upper = read(row(photo, "1 1 9 9", width="100", height="80", sha256="AB" * 32))
    assert upper.boxes[0].sha256 == "ab" * 32


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
    for number in (1, 11):  # the second box of a photo to learn from, and of one that is held out
        changed = list(rows)
        changed[number] = rows[number].having(box="5 4 31 40")
        _, other = read_data(changed, *detector(tmp_path), QUIET)
        assert first == same != other
    shuffled = [*rows[1:], rows[0]]
    data, _ = read_data(shuffled, *detector(tmp_path), QUIET)
    assert [len(one.labels) for one in data.boxes] == [2] * 5


def test_a_held_out_row_that_is_none_is_counted_as_any_other(rows: list[Row], tmp_path: Path) -> None:
    rows[10] = rows[10].having(box="4 4 0 0")
    options, out = detector(tmp_path)
    data, _ = read_data(rows, options, out, QUIET)
    assert out.totals.bad == 1
    assert data.held_out is not None
    assert [one.labels for one in data.held_out.boxes] == [("lower",), ("upper", "lower")]
    for number in range(10, 14):
        rows[number] = rows[number].having(box="4 4 0 0")
    with pytest.raises(UsageError, match=r"split val has no photo to judge by: .*5\.png: empty box"):
        read_data(rows, *detector(tmp_path), QUIET)


def test_copies_of_held_out_photos_are_not_trained_on(
    rows: list[Row], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under another name, or as a further row of the same photo."""
    shutil.copy(rows[10]["path"], rows[0]["path"])
    rows[2] = rows[2].having(path=rows[12]["path"])
    data, _ = read_data(rows, *detector(tmp_path), Progress("train"))
    assert [Path(one["path"]).stem for one in data.rows] == ["1", "2", "3", "4"]
    assert "1 photos are copies of held-out ones" in capsys.readouterr().err


def test_nothing_but_held_out_rows_is_nothing_to_train_on(rows: list[Row], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="every row is of split val or test"):
        read_data(rows[10:], *detector(tmp_path), QUIET)
