"""`import aligned`: pairs side by side, cut in two without loss, in the layouts of pix2pix's own sets."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manifests import rows_of
from PIL import Image

Command = Callable[..., Any]
Tree = Callable[[Path], dict[str, bytes]]


def halves(number: int, height: int = 16, half: int = 20) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(number)
    return tuple(rng.integers(0, 256, (height, half, 3), np.uint8) for _ in range(2))


@pytest.fixture
def edges2shoes(tmp_path: Path) -> Path:
    """As the set lies: `train/N_AB.jpg`, `val/N_AB.jpg`; PNG here, so that nothing is lost before we read it."""
    folder = tmp_path / "edges2shoes"
    for number in range(5):
        file = folder / ("train" if number < 3 else "val") / f"{number}_AB.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.hstack(halves(number))).save(file)
    return folder


@pytest.fixture
def aligned(in_process: Command) -> Command:
    return lambda *words: in_process("import", "aligned", *words)


@pytest.mark.parametrize("direction", ["a-to-b", "b-to-a"])
def test_the_halves_are_the_pair(aligned: Command, edges2shoes: Path, tmp_path: Path, direction: str) -> None:
    done = aligned(edges2shoes, "--direction", direction, "-o", tmp_path / "pairs")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "pairs")
    assert [row["path"] for row in rows] == [
        *(f"train/{number}_AB.png.png" for number in range(3)), *(f"val/{number}_AB.png.png" for number in (3, 4)),
    ]  # fmt: skip
    assert [row["split"] for row in rows] == ["train"] * 3 + ["val"] * 2
    for number, row in enumerate(rows):
        left, right = halves(number)
        wanted = (left, right) if direction == "a-to-b" else (right, left)
        for column, pixels in zip(("path", "target"), wanted, strict=True):
            assert np.array_equal(np.asarray(Image.open(tmp_path / "pairs" / row[column])), pixels)
        assert (row["width"], row["height"]) == ("20", "16")
        assert row["box"] == ("0 0 20 16" if direction == "a-to-b" else "20 0 20 16")
        assert (tmp_path / "pairs" / row["parent"]).resolve() == (edges2shoes / row["id"]).resolve()


def test_splits_are_known_by_their_usual_names(aligned: Command, tmp_path: Path) -> None:
    for name in ("Train", "valid", "validation", "test", "other"):
        (tmp_path / "set" / name).mkdir(parents=True)
        Image.fromarray(np.hstack(halves(0))).save(tmp_path / "set" / name / "1.png")
    Image.fromarray(np.hstack(halves(0))).save(tmp_path / "set" / "1.png")
    done = aligned(tmp_path / "set", "-o", tmp_path / "pairs")
    assert done.returncode == 0, done.stderr
    found = {row["id"]: row["split"] for row in csv.DictReader(io.StringIO(done.stdout))}
    assert found == {
        "1.png": "", "Train/1.png": "train", "valid/1.png": "val", "validation/1.png": "val", "test/1.png": "test",
        "other/1.png": "",
    }  # fmt: skip


def test_what_has_no_halves_or_is_no_image_is_a_bad_row(aligned: Command, edges2shoes: Path, tmp_path: Path) -> None:
    Image.fromarray(halves(9, half=21)[0]).save(edges2shoes / "train" / "odd.png")
    (edges2shoes / "train" / "none.jpg").write_bytes(b"none")
    done = aligned(edges2shoes, "--max-errors", 2, "-o", tmp_path / "pairs")
    assert done.returncode == 0, done.stderr
    bad = {row["id"]: row["error"] for row in rows_of(tmp_path / "pairs") if row["status"] == "failed"}
    assert bad["train/odd.png"] == "21 x 16 pixels: an odd width has no halves"
    assert set(bad) == {"train/odd.png", "train/none.jpg"}


def test_gray_pairs_stay_gray_and_a_limit_draws(aligned: Command, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for number in range(9):
        Image.fromarray(np.hstack(halves(number))[:, :, 0]).save(tmp_path / "set" / f"{number}.png")
    done = aligned(tmp_path / "set", "--limit", 4, "--seed", 1, "-o", tmp_path / "pairs")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "pairs")
    assert len(rows) == 4
    assert np.asarray(Image.open(tmp_path / "pairs" / rows[0]["target"])).shape == (16, 20)


def test_a_second_run_does_nothing_twice_and_workers_change_nothing(
    aligned: Command, edges2shoes: Path, tmp_path: Path, tree: Tree
) -> None:
    assert aligned(edges2shoes, "--workers", 1, "-o", tmp_path / "one").returncode == 0
    assert aligned(edges2shoes, "--workers", 3, "-o", tmp_path / "three").returncode == 0
    assert tree(tmp_path / "one") == tree(tmp_path / "three")
    times = {file: file.stat().st_mtime_ns for file in (tmp_path / "one").rglob("*.png")}
    assert aligned(edges2shoes, "-o", tmp_path / "one").returncode == 0
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "one").rglob("*.png")} == times


def test_a_set_is_never_written_to_and_must_be_there(aligned: Command, edges2shoes: Path, tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in edges2shoes.rglob("*") if file.is_file()}
    done = aligned(edges2shoes, "-o", edges2shoes / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "never written to" in done.stderr
    assert {file: file.read_bytes() for file in edges2shoes.rglob("*") if file.is_file()} == before
    assert aligned(tmp_path / "nowhere", "-o", tmp_path / "pairs").returncode == 2


def test_a_folder_of_ours_is_told_from_a_set(aligned: Command, edges2shoes: Path, tmp_path: Path) -> None:
    assert aligned(edges2shoes, "-o", tmp_path / "pairs").returncode == 0
    done = aligned(tmp_path / "pairs", "-o", tmp_path / "again")
    assert (done.returncode, done.stdout) == (2, "")
    assert "has a manifest" in done.stderr


def test_a_set_may_lie_deeper(aligned: Command, edges2shoes: Path, tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    edges2shoes.rename(tmp_path / "datasets" / "edges2shoes")
    assert aligned(tmp_path / "datasets", "-o", tmp_path / "pairs").returncode == 0
    assert [row["split"] for row in rows_of(tmp_path / "pairs")] == ["train"] * 3 + ["val"] * 2
