"""`export` through the real command line: copies, links and squares, laid out in folders."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from manifests import rows_of, write_manifest
from PIL import Image

Run = Callable[..., "CompletedProcess[str]"]
OURS = {"manifest.csv", "run.json", "rows.log"}


def save(file: Path, pixels: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)


def photo(number: int, size: tuple[int, int] = (30, 20)) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (*size, 3), np.uint8)


def pixels_of(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file))


def files_in(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir()} - OURS


def exported(run: Run, *words: object) -> "CompletedProcess[str]":
    done = run("export", *words)
    assert done.returncode == 0, done.stderr
    return done


# --------------------------------------------------------------------------------------------------- copies and links


def test_copies_have_the_same_bytes_and_lie_as_in_the_input(run: Run, lookbook: Path, tmp_path: Path) -> None:
    exported(run, lookbook, "-o", tmp_path / "out")
    before, after = rows_of(lookbook), rows_of(tmp_path / "out")
    assert [row["path"] for row in after] == [row["path"] for row in before]
    for old, new in zip(before, after, strict=True):
        for column in ("path", "garment"):
            file = tmp_path / "out" / new[column]
            assert not file.is_symlink()
            assert file.read_bytes() == (lookbook / old[column]).read_bytes()
        assert (tmp_path / "out" / new["parent"]).resolve() == lookbook / old["path"]
        assert new["box"] == old["box"]
        assert new["description"] == old["description"]
    assert files_in(tmp_path / "out") == {row["path"] for row in after} | {row["garment"] for row in after}


def test_links_resolve_to_the_photos_even_when_the_tree_moves(run: Run, tmp_path: Path) -> None:
    save(tmp_path / "tree" / "photos" / "a b" / "ü.png", photo(0))
    exported(run, tmp_path / "tree" / "photos", "--link", "-o", tmp_path / "tree" / "out")
    (tmp_path / "tree").rename(tmp_path / "moved")
    link = tmp_path / "moved" / "out" / rows_of(tmp_path / "moved" / "out")[0]["path"]
    assert link.is_symlink()
    assert link.resolve() == tmp_path / "moved" / "photos" / "a b" / "ü.png"


def test_a_box_in_pixels_of_the_old_parent_is_emptied(run: Run, tmp_path: Path) -> None:
    save(tmp_path / "in" / "a.png", photo(0))
    rows = [{"path": "a.png", "box": "1 2 3 4", "parent": parent} for parent in ("", "whole.png")]
    exported(run, write_manifest(tmp_path / "in", rows), "-o", tmp_path / "out")
    assert [row["box"] for row in rows_of(tmp_path / "out")] == ["1 2 3 4", ""]


# ------------------------------------------------------------------------------------------------------------ squares


@pytest.fixture(scope="module")
def trio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tall and a wide photo with mask, garment and target that mark the same rectangle."""
    folder, rows = tmp_path_factory.mktemp("trio"), []
    for name, size in (("tall", (60, 30)), ("wide", (30, 60))):
        mark = np.zeros(size, np.uint8)
        mark[10:20, 10:20] = 255
        image = np.where(mark[..., None] > 0, np.uint8(200), np.zeros((*size, 3), np.uint8))
        for kind, pixels in (("photo", image), ("target", image), ("mask", mark), ("garment", mark)):
            save(folder / f"{name}-{kind}.png", pixels)
        columns = ("mask", "garment", "target")
        rows.append({"path": f"{name}-photo.png"} | {column: f"{name}-{column}.png" for column in columns})
        rows[-1] |= {"box": "10 10 10 10", "width": str(size[1]), "height": str(size[0]), "sha256": "x"}
    write_manifest(folder, rows)
    return folder


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_photos_masks_garments_and_targets_become_square_alike(run: Run, trio: Path, tmp_path: Path, fit: str) -> None:
    exported(run, trio, "--size", "30", "--fit", fit, "-o", tmp_path / "out")
    for row in rows_of(tmp_path / "out"):
        image, target, mask, garment = (
            pixels_of(tmp_path / "out" / row[column]) for column in ("path", "target", "mask", "garment")
        )
        assert image.shape == target.shape == (30, 30, 3)
        assert np.array_equal(image, target)
        assert mask.shape == garment.shape == (30, 30)
        assert set(np.unique(mask)) <= {0, 255}
        assert np.array_equal(mask, garment)
        marked = (image[..., 0] >= 100) & (image[..., 0] <= 220)
        assert np.count_nonzero(marked != (mask > 0)) <= 0.02 * 900  # the soft rim of a resized rectangle
        assert [row["width"], row["height"], row["box"], row["sha256"]] == ["30", "30", "", ""]


def test_pad_puts_white_around_photos_and_no_hole_around_masks(run: Run, trio: Path, tmp_path: Path) -> None:
    exported(run, trio, "--size", "40", "--fit", "pad", "-o", tmp_path / "out")
    tall = rows_of(tmp_path / "out")[0]
    assert (pixels_of(tmp_path / "out" / tall["path"])[:, :9] == 255).all()
    assert (pixels_of(tmp_path / "out" / tall["mask"])[:, :9] == 0).all()
    assert (pixels_of(tmp_path / "out" / tall["mask"])[:, 31:] == 0).all()


def test_crop_keeps_the_centre(run: Run, tmp_path: Path) -> None:
    image = np.zeros((50, 30, 3), np.uint8)
    image[10:40] = 80
    save(tmp_path / "in" / "a.png", image)
    exported(run, tmp_path / "in", "--size", "30", "-o", tmp_path / "out")
    assert (pixels_of(tmp_path / "out" / "a.png") == 80).all()


def test_squares_of_jpegs_are_pngs_that_keep_the_old_suffix(run: Run, lookbook: Path, tmp_path: Path) -> None:
    exported(run, lookbook, "--size", "32", "--limit", "2", "-o", tmp_path / "out")
    for row in rows_of(tmp_path / "out"):
        assert row["path"].endswith(".jpg.png")
        assert Image.open(tmp_path / "out" / row["path"]).format == "PNG"


@pytest.mark.parametrize(
    ("options", "named"),
    [(("--link", "--size", "20"), "--link"), (("--fit", "pad"), "--size"), (("--size", "0"), "--size")],
)
def test_contradictions_are_refused_in_one_line(
    run: Run, trio: Path, tmp_path: Path, options: tuple[str, ...], named: str
) -> None:
    done = run("export", trio, *options, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr
    assert not (tmp_path / "out").exists()


# ------------------------------------------------------------------------------------------------------------ layouts


def test_layouts(run: Run, tmp_path: Path) -> None:
    save(tmp_path / "in" / "a" / "x.png", photo(0))
    save(tmp_path / "in" / "a" / "b" / "y.png", photo(1))
    expected = {
        "tree": {"a/x.png", "a/b/y.png"},
        "flat": {"a_x.png", "a_b_y.png"},
        "label": {"a/x.png", "a/b/y.png"},  # a plain folder's label is its subfolder
    }
    for layout, files in expected.items():
        exported(run, tmp_path / "in", "--layout", layout, "-o", tmp_path / layout)
        assert files_in(tmp_path / layout) == files


def test_layout_label_makes_a_folder_per_label(run: Run, lookbook: Path, tmp_path: Path) -> None:
    exported(run, lookbook, "--layout", "label", "-o", tmp_path / "out")
    for before, after in zip(rows_of(lookbook), rows_of(tmp_path / "out"), strict=True):
        assert Path(after["path"]).parts[0] == before["label"]
        assert len(Path(after["path"]).parts) == 2
        assert (tmp_path / "out" / after["path"]).read_bytes() == (lookbook / before["path"]).read_bytes()


@pytest.mark.parametrize("label", ["../../up", "/etc", "a/../../b", "..\\..\\up", "./x", "c/d"])
def test_a_label_cannot_leave_the_folder(run: Run, tmp_path: Path, label: str) -> None:
    save(tmp_path / "in" / "a.png", photo(0))
    manifest = write_manifest(tmp_path / "in", [{"path": "a.png", "label": label}])
    exported(run, manifest, "--layout", "label", "-o", tmp_path / "deep" / "out")
    assert len(files_in(tmp_path / "deep" / "out")) == 1
    assert files_in(tmp_path) == {"in/a.png", "in/manifest.csv"} | {
        f"deep/out/{name}" for name in files_in(tmp_path / "deep" / "out") | OURS
    }


def test_a_row_without_a_label_is_a_bad_row_and_an_input_without_labels_is_refused(run: Run, tmp_path: Path) -> None:
    save(tmp_path / "in" / "a.png", photo(0))
    rows = [{"path": "a.png", "label": "tops"}, {"path": "a.png", "label": ""}, {"path": "a.png", "label": ".."}]
    done = run("export", write_manifest(tmp_path / "in", rows), "--layout", "label", "-o", tmp_path / "out")
    assert done.returncode == 3
    assert [row["status"] for row in rows_of(tmp_path / "out")] == ["ok", "failed", "failed"]
    manifest = write_manifest(tmp_path / "in", [{"path": "a.png"}])
    refused = run("export", manifest, "--layout", "label", "-o", tmp_path / "none")
    assert refused.returncode == 2
    assert "label" in refused.stderr


def assert_all_different(folder: Path, sources: list[Path]) -> None:
    """Each exported row still is the photo that it came from."""
    rows = rows_of(folder)
    assert len({row["path"] for row in rows}) == len(sources)
    for row, source in zip(rows, sources, strict=True):
        assert np.array_equal(pixels_of(folder / row["path"]), pixels_of(source))


@pytest.mark.parametrize("layout", ["tree", "flat", "label"])
def test_equal_names_of_several_inputs_do_not_collide(run: Run, tmp_path: Path, layout: str) -> None:
    sources = []
    for number, folder in enumerate(["one/photos", "two/photos", "other"]):
        save(tmp_path / folder / "x" / "a.png", photo(number))
        sources.append(tmp_path / folder / "x" / "a.png")
    inputs = [tmp_path / folder for folder in ("one/photos", "two/photos", "other")]
    exported(run, *inputs, "--layout", layout, "-o", tmp_path / "out")
    assert_all_different(tmp_path / "out", sources)


def test_names_of_several_inputs_still_end_like_images(run: Run, tmp_path: Path) -> None:
    """The folder is for tools that know files by their suffix."""
    for folder in ("one/photos", "two/photos"):
        save(tmp_path / folder / "a.png", photo(0))
    exported(run, tmp_path / "one/photos", tmp_path / "two/photos", "-o", tmp_path / "out")
    assert {Path(name).suffix for name in files_in(tmp_path / "out")} == {".png"}


@pytest.mark.parametrize(
    ("names", "options"),
    [
        pytest.param(["a/b.png", "a_b.png"], ("--layout", "flat"), id="flat: a slash and an underscore"),
        pytest.param(["t/a/b.png", "t/a_b.png"], ("--layout", "label"), id="label: a slash and an underscore"),
        pytest.param(["a.jpg", "a.jpg.png"], ("--size", "30"), id="size: a.jpg becomes a.jpg.png"),
    ],
)
def test_names_that_become_equal_do_not_collide(
    run: Run, tmp_path: Path, names: list[str], options: tuple[str, ...]
) -> None:
    for number, name in enumerate(names):
        save(tmp_path / "in" / name, np.full((30, 30, 3), 50 + 100 * number, np.uint8))
    manifest = write_manifest(tmp_path / "in", [{"path": name, "label": "t"} for name in names])
    exported(run, manifest, *options, "-o", tmp_path / "out")
    assert_all_different(tmp_path / "out", [tmp_path / "in" / name for name in names])


def test_a_photo_in_a_folder_called_mask_and_a_mask_do_not_collide(run: Run, tmp_path: Path) -> None:
    save(tmp_path / "in" / "a.png", photo(0))
    save(tmp_path / "in" / "mask" / "a.png", photo(1))
    hole = np.zeros((30, 20), np.uint8)
    hole[3:9, 3:9] = 255
    save(tmp_path / "in" / "holes" / "a.png", hole)
    rows = [{"path": "a.png", "mask": "holes/a.png"}, {"path": "mask/a.png", "mask": ""}]
    exported(run, write_manifest(tmp_path / "in", rows), "-o", tmp_path / "out")
    first, second = rows_of(tmp_path / "out")
    assert np.array_equal(pixels_of(tmp_path / "out" / first["mask"]), hole)
    assert np.array_equal(pixels_of(tmp_path / "out" / second["path"]), photo(1))


# ------------------------------------------------------------------------------------------- bad rows, --where, --limit


@pytest.mark.parametrize("options", [(), ("--link",), ("--size", "16")], ids=["copy", "link", "size"])
def test_a_corrupt_photo_is_a_bad_row_and_not_exported(run: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    save(tmp_path / "in" / "good.png", photo(0))
    jpeg = tmp_path / "in" / "torn.jpg"
    save(jpeg, photo(1, (90, 90)))
    jpeg.write_bytes(jpeg.read_bytes()[:900])
    exported(run, tmp_path / "in", *options, "-o", tmp_path / "out")
    good, torn = rows_of(tmp_path / "out")
    assert (good["status"], torn["status"]) == ("ok", "failed")
    assert torn["error"]
    assert files_in(tmp_path / "out") == {good["path"]}


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scored")
    rows = []
    for number in range(12):
        save(folder / f"{number:02d}.png", photo(number, (4, 4)))
        score = "" if number == 11 else str(number)
        rows.append({"path": f"{number:02d}.png", "score": score, "kind": "even" if number % 2 == 0 else "odd=1"})
    write_manifest(folder, rows)
    return folder


def exported_names(run: Run, scored: Path, out: Path, *options: str) -> list[str]:
    exported(run, scored, *options, "-o", out)
    return [Path(row["path"]).stem for row in rows_of(out)]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (["kind!=even"], range(1, 12, 2)),
        (["score>8.5"], [9, 10]),
        (["score>2", "score<9", "kind=even"], [4, 6, 8]),
        (["kind=odd=1", "score="], [11]),
    ],
)
def test_where_keeps_the_rows_for_which_it_holds(
    run: Run, scored: Path, tmp_path: Path, where: list[str], expected: list[int]
) -> None:
    options = [word for condition in where for word in ("--where", condition)]
    assert exported_names(run, scored, tmp_path / "out", *options) == [f"{number:02d}" for number in expected]


@pytest.mark.parametrize("condition", ["colour=red", "score>many"])
def test_a_condition_that_cannot_be_read_is_refused(run: Run, scored: Path, tmp_path: Path, condition: str) -> None:
    done = run("export", scored, "--where", condition, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_limit_is_seeded_and_stable(run: Run, scored: Path, tmp_path: Path) -> None:
    first = exported_names(run, scored, tmp_path / "1", "--limit", "4")
    assert first == sorted(first)
    assert first != ["00", "01", "02", "03"], "drawn, not cut off"
    assert set(first) < set(exported_names(run, scored, tmp_path / "3", "--limit", "7"))
    assert first != exported_names(run, scored, tmp_path / "4", "--limit", "4", "--seed", "1")


def test_run_json_says_how_many(run: Run, scored: Path, tmp_path: Path) -> None:
    exported(run, scored, "--limit", "4", "-o", tmp_path / "out")
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["command"] == "export"
    assert record["complete"] is True
    assert record["totals"]["done"] == 4
