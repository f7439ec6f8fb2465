"""`inpaint` through the real command line: files, rows and bad rows."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import cv2
import numpy as np
import pytest
from manifests import rows_of, write_manifest
from PIL import Image

Run = Callable[..., "CompletedProcess[str]"]
MODELS = ("mean", "telea", "navier-stokes", "harmonic", "patchmatch")


def pixels_of(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file))


@pytest.fixture(scope="module")
def holes(run: Run, lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("holes") / "holes"
    done = run("mask", lookbook, "--limit", "8", "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def oddities(tmp_path: Path) -> Path:
    """Photos of odd sizes, in colour and gray, with holes of one pixel and at the border."""
    rng, rows = np.random.default_rng(5), []
    sizes = {"a b.png": (7, 5, 3), "gray.png": (31, 18), "ü/tall.png": (90, 6, 3), "wide.png": (6, 70)}
    for name, size in sizes.items():
        (tmp_path / "book" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, size, np.uint8)).save(tmp_path / "book" / name)
        mask = np.zeros(size[:2], np.uint8)
        mask[0, :] = mask[:, -1] = mask[size[0] // 2, size[1] // 2] = 255
        Image.fromarray(mask).save(tmp_path / "book" / f"{name}.hole.png")
        rows.append({"path": name, "mask": f"{name}.hole.png"})
    return write_manifest(tmp_path / "book", rows)


@pytest.mark.parametrize("model", MODELS)
def test_known_pixels_are_unchanged_and_holes_are_filled(run: Run, holes: Path, tmp_path: Path, model: str) -> None:
    done = run("inpaint", holes, "--model", model, "-o", tmp_path / "filled")
    assert done.returncode == 0, done.stderr
    for row in rows_of(tmp_path / "filled"):
        photo = cv2.imread(str(tmp_path / "filled" / row["target"]))[..., ::-1]
        filled, mask = pixels_of(tmp_path / "filled" / row["path"]), pixels_of(tmp_path / "filled" / row["mask"])
        assert Image.open(tmp_path / "filled" / row["path"]).format == "PNG"
        assert np.array_equal(filled[mask == 0], photo[mask == 0])
        assert not np.array_equal(filled[mask > 0], photo[mask > 0])


@pytest.mark.parametrize("model", MODELS)
def test_odd_sizes_gray_photos_and_holes_at_the_border(run: Run, oddities: Path, tmp_path: Path, model: str) -> None:
    done = run("inpaint", oddities, "--model", model, "-o", tmp_path / "filled")
    assert done.returncode == 0, done.stderr
    for row in rows_of(tmp_path / "filled"):
        photo, filled = (pixels_of(tmp_path / "filled" / row[column]) for column in ("target", "path"))
        mask = pixels_of(tmp_path / "filled" / row["mask"])
        assert filled.shape == photo.shape
        assert np.array_equal(filled[mask == 0], photo[mask == 0])


def test_patchmatch_is_deterministic_whatever_the_workers(run: Run, holes: Path, tmp_path: Path) -> None:
    images = []
    for number, workers in enumerate("112"):
        folder = tmp_path / str(number)
        done = run("inpaint", holes, "--model", "patchmatch", "--limit", "5", "--workers", workers, "-o", folder)
        assert done.returncode == 0, done.stderr
        images.append({file.name: file.read_bytes() for file in folder.rglob("*.png")})
    assert len(images[0]) == 5
    assert images[0] == images[1] == images[2]


def test_one_photo_too_small_for_patchmatch_does_not_stop_the_others(run: Run, tmp_path: Path) -> None:
    rows = []
    for name, side in (("small", 3), ("large", 24)):
        Image.fromarray(np.full((side, side, 3), 90, np.uint8)).save(tmp_path / f"{name}.png")
        mask = np.zeros((side, side), np.uint8)
        mask[1, 1] = 255
        Image.fromarray(mask).save(tmp_path / f"{name}.hole.png")
        rows.append({"path": f"{name}.png", "mask": f"{name}.hole.png"})
    done = run("inpaint", write_manifest(tmp_path, rows), "--model", "patchmatch", "-o", tmp_path / "filled")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
    assert [row["status"] for row in rows_of(tmp_path / "filled")] == ["failed", "ok"]


# -------------------------------------------------------------------------------------------------------------- rows


def test_rows_point_to_fill_original_and_mask(run: Run, holes: Path, tmp_path: Path) -> None:
    assert run("inpaint", holes, "-o", tmp_path / "filled").returncode == 0
    for before, after in zip(rows_of(holes), rows_of(tmp_path / "filled"), strict=True):
        original = (holes / before["path"]).resolve()
        assert (tmp_path / "filled" / after["path"]).resolve().is_relative_to(tmp_path / "filled")
        assert after["path"].endswith(".jpg.png")
        assert (tmp_path / "filled" / after["parent"]).resolve() == original
        assert (tmp_path / "filled" / after["target"]).resolve() == original
        for column in ("mask", "garment"):
            assert (tmp_path / "filled" / after[column]).resolve() == (holes / before[column]).resolve()
        for column in ("box", "width", "height", "label", "description", "pose"):
            assert after[column] == before[column]


def test_what_described_the_old_pixels_is_emptied(run: Run, tmp_path: Path) -> None:
    """A box in pixels of the photo still fits the fill; one in pixels of an older parent does not."""
    Image.fromarray(np.full((20, 20, 3), 90, np.uint8)).save(tmp_path / "p.png")
    mask = np.zeros((20, 20), np.uint8)
    mask[5:9, 5:9] = 255
    Image.fromarray(mask).save(tmp_path / "m.png")
    facts = {"path": "p.png", "mask": "m.png", "box": "1 2 3 4", "score": "0.9", "sha256": "ab", "phash": "cd"}
    manifest = write_manifest(tmp_path, [facts | {"parent": "", "note": "x"}, facts | {"parent": "old.png"}])
    assert run("inpaint", manifest, "-o", tmp_path / "filled").returncode == 0
    alone, cropped = rows_of(tmp_path / "filled")
    assert [alone["box"], cropped["box"]] == ["1 2 3 4", ""]
    for row in (alone, cropped):
        assert [row[column] for column in ("score", "sha256", "phash")] == ["", "", ""]
    assert alone["note"] == "x"


def test_a_mask_without_a_hole_leaves_the_photo_as_it_is(run: Run, tmp_path: Path) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (9, 8, 3), np.uint8)
    Image.fromarray(photo).save(tmp_path / "p.png")
    Image.fromarray(np.zeros((9, 8), np.uint8)).save(tmp_path / "m.png")
    manifest = write_manifest(tmp_path, [{"path": "p.png", "mask": "m.png"}])
    assert run("inpaint", manifest, "-o", tmp_path / "filled").returncode == 0
    row = rows_of(tmp_path / "filled")[0]
    assert row["status"] == "ok"
    assert np.array_equal(pixels_of(tmp_path / "filled" / row["path"]), photo)


def test_rows_that_cannot_be_filled_say_why(run: Run, tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 10, 3), 90, np.uint8)).save(tmp_path / "p.png")
    for name, size, value in (("other", (10, 20), 0), ("all", (20, 10), 255), ("good", (20, 10), 0)):
        mask = np.full(size, value, np.uint8)
        mask[0, 0] = 255
        Image.fromarray(mask).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes(b"nothing")
    masks = {
        "other.png": "the mask is 20 x 10, the photo 10 x 20",
        "all.png": "whole photo",
        "": "no mask",
        "gone.png": "gone.png",
        "broken.png": "broken.png",
    }
    rows = [{"path": "p.png", "mask": name} for name in [*masks, "good.png"]]
    rows.append({"path": "missing.png", "mask": "good.png"})
    done = run("inpaint", write_manifest(tmp_path, rows), "-o", tmp_path / "filled")
    assert done.returncode == 3
    *bad, good, missing = rows_of(tmp_path / "filled")
    for row, reason in zip(bad, masks.values(), strict=True):
        assert row["status"] == "failed"
        assert reason in row["error"]
        assert row["path"].endswith("p.png")
    assert good["status"] == "ok"
    assert (tmp_path / "filled" / good["path"]).exists()
    assert "no such file" in missing["error"]


# ---------------------------------------------------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("typed", "near"), [("tela", "telea"), ("navier", "navier-stokes"), ("patch-match", "patchmatch")]
)
def test_an_unknown_model_names_the_near_ones(run: Run, holes: Path, tmp_path: Path, typed: str, near: str) -> None:
    done = run("inpaint", holes, "--model", typed, "-o", tmp_path / "filled")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert near in done.stderr
    assert not (tmp_path / "filled").exists()


def test_an_input_without_masks_says_who_draws_some(run: Run, lookbook: Path, tmp_path: Path) -> None:
    done = run("inpaint", lookbook, "-o", tmp_path / "filled")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "fashiontools mask" in done.stderr
    assert not (tmp_path / "filled").exists()


def test_preview_shows_photo_hole_and_fill(run: Run, holes: Path, tmp_path: Path) -> None:
    assert run("inpaint", holes, "-o", tmp_path / "filled", "--preview").returncode == 0
    sheet = pixels_of(tmp_path / "filled" / "preview.png")
    columns = np.where(np.all(sheet == (255, 0, 128), axis=2).any(axis=0))[0]
    assert len(columns) > 0
    third = sheet.shape[1] / 3
    assert third < columns.min()
    assert columns.max() < 2 * third
