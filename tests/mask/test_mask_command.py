"""`mask` through the real command line, on drawn photos whose garments are known."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import cv2
import numpy as np
import pytest
from manifests import rows_of, write_manifest
from PIL import Image

from fashiontools.core.errors import UsageError
from fashiontools.mask.options import MaskOptions

Run = Callable[..., "CompletedProcess[str]"]
AREAS = {"rectangle": (1 / 32, 1 / 16), "center": (0.25, 0.25), "strokes": (0.1, 0.25), "random-boxes": (0.1, 0.3)}
SHAPES = (*AREAS, "garment")


def mask_at(folder: Path, row: dict[str, str]) -> np.ndarray:
    """The mask of a row, after a check that the file is what the manifest says a mask is."""
    image = Image.open(folder / row["mask"])
    assert image.format == "PNG"
    assert image.mode == "L"
    mask = np.asarray(image)
    assert set(np.unique(mask)) <= {0, 255}
    return mask


def garment_of(folder: Path, row: dict[str, str]) -> np.ndarray:
    return np.asarray(Image.open(folder / row["garment"]).convert("L")) >= 128


def rounding(row: dict[str, str]) -> float:
    """How much the area of one box may change, as a share, when its sides are rounded to pixels."""
    height, width = int(row["height"]), int(row["width"])
    return ((height + width) / 2 + 0.25) / (height * width)


def by_content(folder: Path, rows: list[dict[str, str]]) -> dict[str, bytes]:
    """The bytes of the masks by the digest of their photo."""
    return {
        hashlib.sha256((folder / row["path"]).read_bytes()).hexdigest(): (folder / row["mask"]).read_bytes()
        for row in rows
    }


def write_photos(folder: Path, count: int, size: tuple[int, int] = (60, 50)) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 256, (*size, 3), np.uint8)
        names.append(f"photo{number}.png")
        Image.fromarray(pixels).save(folder / names[-1])
    return names


@pytest.fixture(scope="module")
def masks(run: Run, lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Path]]:
    """Draws masks for the lookbook, once for each set of options."""
    made: dict[tuple[str, ...], Path] = {}

    def draw(*options: str) -> Path:
        if options not in made:
            folder = tmp_path_factory.mktemp("mask") / "holes"
            done = run("mask", lookbook, *options, "-o", folder)
            assert done.returncode == 0, done.stderr
            made[options] = folder
        return made[options]

    yield draw


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> str:
    return request.param


# ------------------------------------------------------------------------------------------------------- every shape


def test_every_photo_has_its_mask_of_its_own_size(masks: Callable[..., Path], lookbook: Path, shape: str) -> None:
    folder = masks("--shape", shape)
    rows = rows_of(folder)
    assert [(folder / row["path"]).resolve() for row in rows] == [lookbook / row["path"] for row in rows_of(lookbook)]
    for row in rows:
        mask = mask_at(folder, row)
        assert mask.shape == (int(row["height"]), int(row["width"]))
        assert mask.any()
        assert row["status"] == "ok"


@pytest.mark.parametrize("name", ["rectangle", "center", "strokes"])
def test_area_is_inside_its_range(masks: Callable[..., Path], name: str) -> None:
    folder = masks("--shape", name)
    for row in rows_of(folder):
        share = mask_at(folder, row).mean() / 255
        slack = 0 if name == "strokes" else rounding(row)
        assert AREAS[name][0] - slack <= share <= AREAS[name][1] + slack, row["path"]


@pytest.mark.parametrize("name", ["rectangle", "center", "strokes", "random-boxes"])
def test_area_can_be_chosen(masks: Callable[..., Path], name: str) -> None:
    folder = masks("--shape", name, "--area", "0.15", "0.2", *(["--count", "1"] if name == "random-boxes" else []))
    for row in rows_of(folder):
        slack = 0 if name == "strokes" else rounding(row)
        assert 0.15 - slack <= mask_at(folder, row).mean() / 255 <= 0.2 + slack


def sides(mask: np.ndarray) -> tuple[int, int, int, int]:
    x, y, width, height = cv2.boundingRect(mask)
    assert cv2.countNonZero(mask) == width * height, "a rectangle is full"
    return x, y, width, height


@pytest.mark.parametrize(
    ("options", "low", "high"),
    [((), 0.75, 1.25), (("--aspect", "2", "2.2"), 2, 2.2), (("--aspect", "0.5", "0.5"), 0.5, 0.5)],
)
def test_rectangle_keeps_its_aspect(
    masks: Callable[..., Path], options: tuple[str, ...], low: float, high: float
) -> None:
    folder = masks("--shape", "rectangle", *options)
    for row in rows_of(folder):
        _, _, width, height = sides(mask_at(folder, row))
        assert (width + 0.5) / (height - 0.5) >= low
        assert (width - 0.5) / (height + 0.5) <= high


def test_center_can_have_another_aspect(masks: Callable[..., Path]) -> None:
    folder = masks("--shape", "center", "--area", "0.1", "0.1", "--aspect", "1", "1")
    for row in rows_of(folder):
        _, _, width, height = sides(mask_at(folder, row))
        assert abs(width - height) <= 1


@pytest.mark.parametrize("options", [(), ("--count", "3"), ("--area", "0.15", "0.2"), ("--touch-garment", "1")])
def test_rectangle_is_inside_the_central_three_fifths(masks: Callable[..., Path], options: tuple[str, ...]) -> None:
    folder = masks("--shape", "rectangle", *options)
    for row in rows_of(folder):
        mask = mask_at(folder, row)
        (height, width), (x, y, box_width, box_height) = mask.shape, cv2.boundingRect(mask)
        assert height / 5 <= y + 0.5
        assert y + box_height <= 4 * height / 5 + 0.5
        assert width / 5 <= x + 0.5
        assert x + box_width <= 4 * width / 5 + 0.5


def test_anywhere_leaves_the_central_three_fifths(masks: Callable[..., Path]) -> None:
    folder = masks("--shape", "rectangle", "--position", "anywhere", "--touch-garment", "0")
    outside = 0
    for row in rows_of(folder):
        mask = mask_at(folder, row)
        height, width = mask.shape
        outside += not mask[
            round(height / 5) : round(4 * height / 5), round(width / 5) : round(4 * width / 5)
        ].all() and (mask[: round(height / 5)].any() or mask[round(4 * height / 5) :].any())
    assert outside >= 3


@pytest.mark.parametrize("count", [1, 3])
def test_count_is_the_number_of_parts(masks: Callable[..., Path], count: int) -> None:
    options = ("--area", "0.01", "0.01", "--position", "anywhere", "--touch-garment", "0")
    folder = masks("--shape", "rectangle", *options, "--count", str(count))
    parts = [cv2.connectedComponents(mask_at(folder, row))[0] - 1 for row in rows_of(folder)]
    assert max(parts) == count
    assert np.median(parts) == count  # a few overlap


def test_more_strokes_make_more_parts(masks: Callable[..., Path]) -> None:
    def parts(count: str) -> float:
        folder = masks("--shape", "strokes", "--count", count, "--area", "0.03", "0.04")
        return float(np.mean([cv2.connectedComponents(mask_at(folder, row))[0] - 1 for row in rows_of(folder)]))

    assert parts("1") == 1
    assert parts("6") > 2


def test_per_photo_writes_adjacent_rows_with_different_masks(masks: Callable[..., Path], lookbook: Path) -> None:
    folder = masks("--per-photo", "3")
    rows = rows_of(folder)
    assert len(rows) == 3 * len(rows_of(lookbook))
    for start in range(0, len(rows), 3):
        own = rows[start : start + 3]
        assert len({row["path"] for row in own}) == 1
        assert len({row["mask"] for row in own}) == 3
        assert len({mask_at(folder, row).tobytes() for row in own}) == 3


def test_the_first_of_several_masks_is_the_only_one_of_one(masks: Callable[..., Path]) -> None:
    one, three = masks(), masks("--per-photo", "3")
    assert [mask_at(one, row).tobytes() for row in rows_of(one)] == [
        mask_at(three, row).tobytes() for row in rows_of(three)[::3]
    ]


# ------------------------------------------------------------------------------------------------------- the garment


def test_garment_shape_is_the_garment(masks: Callable[..., Path]) -> None:
    folder = masks("--shape", "garment")
    for row in rows_of(folder):
        assert np.array_equal(mask_at(folder, row) > 0, garment_of(folder, row))


@pytest.mark.parametrize("options", [("--shape", "rectangle"), ("--shape", "rectangle", "--count", "3")])
def test_rectangles_cover_eight_garment_pixels_where_it_is_known(
    masks: Callable[..., Path], options: tuple[str, ...]
) -> None:
    folder = masks(*options)
    for row in rows_of(folder):
        mask, garment = mask_at(folder, row), garment_of(folder, row)
        count, labels = cv2.connectedComponents(mask)
        for number in range(1, count):
            assert np.count_nonzero(garment[labels == number]) >= 8, row["path"]


def test_touch_garment_counts_pixels(masks: Callable[..., Path]) -> None:
    folder = masks("--touch-garment", "300")
    for row in rows_of(folder):
        assert np.count_nonzero(garment_of(folder, row)[mask_at(folder, row) > 0]) >= 300


def test_touch_garment_zero_lets_holes_fall_anywhere(run: Run, tmp_path: Path) -> None:
    """A garment in the outermost corner cannot be touched by a central hole, and then need not be."""
    book = tmp_path / "book"
    names = write_photos(book, 4)
    garment = np.zeros((60, 50), np.uint8)
    garment[:5, :5] = 255
    Image.fromarray(garment).save(book / "corner.png")
    manifest = write_manifest(book, [{"path": name, "garment": "corner.png"} for name in names])
    bad = run("mask", manifest, "-o", tmp_path / "bad", "--max-errors", "100%")
    assert bad.returncode == 0
    for row in rows_of(tmp_path / "bad"):
        assert row["status"] == "failed"
        assert "garment" in row["error"]
        assert row["mask"] == ""
    assert list((tmp_path / "bad").rglob("*.png")) == []
    assert run("mask", manifest, "-o", tmp_path / "good", "--touch-garment", "0").returncode == 0
    assert all(row["status"] == "ok" for row in rows_of(tmp_path / "good"))


def test_an_unknown_garment_is_estimated_where_it_is_asked_for(run: Run, tmp_path: Path) -> None:
    """One dark square on white: holes that have to cover 100 of its pixels find it."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(6):
        pixels = np.full((200, 200, 3), 255, np.uint8)
        left = 45 + 15 * number
        pixels[100:120, left : left + 20] = (120, 20, 30)
        Image.fromarray(pixels).save(photos / f"{number}.png")
    done = run("mask", photos, "-o", tmp_path / "holes", "--touch-garment", "100")
    assert done.returncode == 0, done.stderr
    for number, row in enumerate(rows_of(tmp_path / "holes")):
        left = 45 + 15 * number
        assert np.count_nonzero(mask_at(tmp_path / "holes", row)[100:120, left : left + 20]) >= 80


@pytest.mark.parametrize(
    ("garment", "reason"),
    [
        (np.zeros((60, 50), np.uint8), "empty"),
        (np.full((30, 25), 255, np.uint8), "25 x 30"),
        (None, "no such file"),
    ],
    ids=["empty", "of another size", "missing"],
)
def test_a_garment_mask_that_does_not_fit_is_a_bad_row(
    run: Run, tmp_path: Path, garment: np.ndarray | None, reason: str
) -> None:
    names = write_photos(tmp_path / "book", 2)
    if garment is not None:
        Image.fromarray(garment).save(tmp_path / "book" / "garment.png")
    manifest = write_manifest(tmp_path / "book", [{"path": names[0], "garment": "garment.png"}, {"path": names[1]}])
    done = run("mask", manifest, "--shape", "garment", "-o", tmp_path / "holes")
    assert done.returncode == 0, done.stderr  # of under twenty rows one may be bad
    bad, good = rows_of(tmp_path / "holes")
    assert bad["status"] == "failed"
    assert reason in bad["error"]
    assert good["status"] == "ok"


# ------------------------------------------------------------------------------------------------ what masks hang on


def test_masks_hang_on_the_photo_not_on_name_or_order(run: Run, tmp_path: Path) -> None:
    names = write_photos(tmp_path / "one", 5)
    (tmp_path / "two" / "deep").mkdir(parents=True)
    for number, name in enumerate(names):
        shutil.copyfile(tmp_path / "one" / name, tmp_path / "two" / "deep" / f"{9 - number} ü.png")
    for folder in ("one", "two"):
        assert run("mask", tmp_path / folder, "-o", tmp_path / f"holes-{folder}").returncode == 0
    one, two = (by_content(tmp_path / f"holes-{n}", rows_of(tmp_path / f"holes-{n}")) for n in ("one", "two"))
    assert one == two
    assert len(set(one.values())) == 5


@pytest.mark.parametrize("name", ["rectangle", "strokes"])
def test_another_seed_draws_other_masks(masks: Callable[..., Path], name: str) -> None:
    first, second = masks("--shape", name), masks("--shape", name, "--seed", "1")
    same = [
        mask_at(first, a).tobytes() == mask_at(second, b).tobytes()
        for a, b in zip(rows_of(first), rows_of(second), strict=True)
    ]
    assert sum(same) <= 1


def test_gray_and_tiny_photos_get_masks(run: Run, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for size in ((1, 1), (2, 3), (5, 90), (90, 5)):
        Image.fromarray(np.full(size, 99, np.uint8)).save(photos / f"{size[0]}x{size[1]}.png")
    done = run("mask", photos, "-o", tmp_path / "holes")
    assert done.returncode == 0, done.stderr
    for row in rows_of(tmp_path / "holes"):
        assert mask_at(tmp_path / "holes", row).any()


# --------------------------------------------------------------------------------------------- files, rows, messages


def test_nothing_but_masks_is_written(masks: Callable[..., Path]) -> None:
    folder = masks("--per-photo", "3")
    expected = {row["mask"] for row in rows_of(folder)} | {"manifest.csv", "run.json", "rows.log"}
    assert {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()} == expected


def test_columns_of_the_input_are_copied(masks: Callable[..., Path], lookbook: Path) -> None:
    before, after = rows_of(lookbook), rows_of(masks())
    paths = {"path", "parent", "mask", "target", "garment"}
    for old, new in zip(before, after, strict=True):
        assert {k: v for k, v in old.items() if k not in paths} == {k: new[k] for k in old if k not in paths}
    assert list(after[0])[: len(before[0])] == list(before[0])


def test_preview_shows_photos_and_holes(run: Run, lookbook: Path, tmp_path: Path) -> None:
    assert run("mask", lookbook, "-o", tmp_path / "holes", "--preview").returncode == 0
    sheet = np.asarray(Image.open(tmp_path / "holes" / "preview.png"))
    assert sheet.ndim == 3
    assert sheet.shape[0] > sheet.shape[1]  # two columns, sixteen lines
    assert np.all(sheet == (255, 0, 128), axis=2).any()


def test_no_preview_unless_asked(masks: Callable[..., Path]) -> None:
    assert not (masks() / "preview.png").exists()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"shape": "strokes", "aspect": (1, 2)}, "--aspect"),
        ({"shape": "strokes", "position": "central"}, "--position"),
        ({"shape": "strokes", "touch_garment": 5}, "--touch-garment"),
        ({"shape": "center", "count": 2}, "--count"),
        ({"shape": "center", "position": "anywhere"}, "--position"),
        ({"shape": "center", "touch_garment": 1}, "--touch-garment"),
        ({"shape": "garment", "area": (0.1, 0.2)}, "--area"),
        ({"shape": "garment", "aspect": (1, 1)}, "--aspect"),
        ({"shape": "garment", "count": 2}, "--count"),
        ({"area": (0.3, 0.2)}, "--area"),
        ({"area": (0.3, 1.2)}, "--area"),
        ({"aspect": (0, 1)}, "--aspect"),
    ],
)
def test_options_without_a_meaning_are_refused_by_name(options: dict[str, object], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        MaskOptions(**options)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--shape", "strokes", "--aspect", "1", "2"), "--aspect has no meaning for --shape strokes"),
        (("--count", "0"), "--count"),
        (("--shape", "circle"), "circle"),
    ],
)
def test_options_that_cannot_be_meant_are_refused_in_one_line(
    run: Run, lookbook: Path, tmp_path: Path, options: tuple[str, ...], named: str
) -> None:
    done = run("mask", lookbook, *options, "-o", tmp_path / "holes")
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr
    assert not (tmp_path / "holes").exists()


def test_a_hole_that_does_not_fit_is_a_bad_row(run: Run, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", 2)
    done = run("mask", tmp_path / "photos", "--area", "0.5", "0.6", "-o", tmp_path / "holes")
    assert done.returncode == 3
    assert all("does not fit" in row["error"] for row in rows_of(tmp_path / "holes"))


def test_a_corrupt_photo_is_a_bad_row_and_the_others_get_masks(run: Run, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", 3)
    (tmp_path / "photos" / "photo1.png").write_bytes(b"no picture")
    done = run("mask", tmp_path / "photos", "-o", tmp_path / "holes")
    assert done.returncode == 0
    assert [row["status"] for row in rows_of(tmp_path / "holes")] == ["ok", "failed", "ok"]
