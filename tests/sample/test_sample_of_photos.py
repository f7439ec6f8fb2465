"""`sample --input`: images of photos by a run that learned pairs; targets, noise, grids, going on, refusals."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from manifests import rows_of, write_manifest
from PIL import Image
from safetensors.torch import load_file, save_file

from fashiontools.core.random import generator_of
from fashiontools.train.run_folder import load_network, open_run
from fashiontools.train.shapes import Square

Command = Callable[..., Any]
Tree = Callable[[Path], dict[str, bytes]]
SIDE = 24
SMALL = ("--size", SIDE, "--generator-width", 4, "--discriminator-width", 4, "--patch", 16, "--no-cache")


@pytest.fixture(scope="module")
def pairs(lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs of the lookbook: each packshot and a photo of someone who wears it; the sixth has no target."""
    folder = tmp_path_factory.mktemp("pairs")
    rows = [row for row in rows_of(lookbook) if row["status"] in ("", "ok") and not row.get("copy")]
    worn = {row["group"]: row for row in rows if row["view"] == "model"}
    products = [row for row in rows if row["view"] == "product" and row["group"] in worn][:6]
    found = [
        {
            **{name: row[name] for name in ("group", "color", "box", "width", "height")},
            "path": str(lookbook / row["path"]),
            "garment": str(lookbook / row["garment"]),
            "target": str(lookbook / worn[row["group"]]["path"]) if number < 5 else "",
            "split": "train" if number < 3 else "test",
        }
        for number, row in enumerate(products)
    ]
    assert len(found) == 6
    write_manifest(folder, found)
    return folder


@pytest.fixture(scope="module")
def trained(run: Callable[..., Any], pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained") / "run"
    done = run("train", "pix2pix", pairs, *SMALL, "--batch", 3, "--rate", 0.01, "--steps", 12, "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def sample(in_process: Command) -> Command:
    return lambda *words: in_process("sample", *words)


def pixels_of(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file))


def test_rows_images_targets_and_grid(sample: Command, trained: Path, pairs: Path, tmp_path: Path) -> None:
    done = sample(trained, "--input", pairs, "-o", tmp_path / "worn")
    assert done.returncode == 0, done.stderr
    before, rows = rows_of(pairs), rows_of(tmp_path / "worn")
    assert len(rows) == 6
    for old, new in zip(before, rows, strict=True):
        name = Path(old["path"]).name
        assert new["path"].endswith(f"{name}.png")
        assert Path(tmp_path / "worn" / new["parent"]).resolve() == Path(old["path"]).resolve()
        assert (new["group"], new["color"], new["split"], new["draw"]) == (
            old["group"], old["color"], old["split"], "1",
        )  # fmt: skip
        # What described the pixels of the packshot describes nothing here.
        assert {new[column] for column in ("box", "garment", "width", "height")} == {""}
        assert pixels_of(tmp_path / "worn" / new["path"]).shape == (SIDE, SIDE, 3)
        assert bool(new["target"]) == bool(old["target"])
        if old["target"]:
            wanted = Square(SIDE, "pad").read(old["target"])
            assert np.array_equal(pixels_of(tmp_path / "worn" / new["target"]), wanted)
    grid = pixels_of(tmp_path / "worn" / "grid.png")
    assert grid.shape == (6 * (SIDE + 2) + 2, 3 * (SIDE + 2) + 2, 3)
    line = [grid[2 : 2 + SIDE, 2 + x * (SIDE + 2) : 2 + x * (SIDE + 2) + SIDE] for x in range(3)]
    assert np.array_equal(line[0], Square(SIDE, "pad").read(before[0]["path"]))
    assert np.array_equal(line[1], pixels_of(tmp_path / "worn" / rows[0]["path"]))
    assert np.array_equal(line[2], pixels_of(tmp_path / "worn" / rows[0]["target"]))


def test_an_image_is_the_generators_with_the_photos_own_noise(
    sample: Command, trained: Path, pairs: Path, tmp_path: Path
) -> None:
    assert sample(trained, "--input", pairs, "-n", 2, "--seed", 7, "-o", tmp_path / "worn").returncode == 0
    generator = load_network(trained, open_run(trained), "generator", torch.device("cpu"))
    rows = rows_of(tmp_path / "worn")
    assert [row["draw"] for row in rows] == ["1", "2"] * 6
    for row in rows[:4]:
        data = (tmp_path / "worn" / row["parent"]).read_bytes()
        drawn = generator_of(7, hashlib.sha256(data).digest(), int(row["draw"])).integers(2**63)
        noise = generator.draw_noise(SIDE, SIDE, [torch.Generator().manual_seed(int(drawn))])
        photo = torch.from_numpy(Square(SIDE, "pad").of(data)).permute(2, 0, 1)[None] / 127.5 - 1
        with torch.no_grad():
            made = ((generator(photo, noise)[0].permute(1, 2, 0).numpy() + 1) * 127.5).round()
        assert np.abs(pixels_of(tmp_path / "worn" / row["path"]) - made).max() <= 1
    first, second = (pixels_of(tmp_path / "worn" / row["path"]).astype(int) for row in rows[:2])
    assert np.abs(first - second).max() > 0


def test_evaluate_works_at_once(
    sample: Command, in_process: Command, trained: Path, pairs: Path, tmp_path: Path
) -> None:
    done = sample(trained, "--input", pairs, "--where", "split=train", "-o", tmp_path / "worn")
    assert done.returncode == 0, done.stderr
    scored = in_process("evaluate", tmp_path / "worn", "--metrics", "ssim,psnr")
    assert scored.returncode == 0, scored.stderr
    assert scored.stdout.count("\n") == 3


def test_no_target_is_needed(sample: Command, trained: Path, lookbook: Path, tmp_path: Path) -> None:
    photo = next(iter(sorted(lookbook.rglob("*.jpg"))))
    done = sample(trained, "--input", photo, "-n", 3, "-o", tmp_path / "worn")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "worn")
    assert [row["path"] for row in rows] == [f"{photo.name}.png", f"{photo.name}-2.png", f"{photo.name}-3.png"]
    assert "target" not in rows[0]
    assert pixels_of(tmp_path / "worn" / "grid.png").shape == (SIDE + 4, 4 * (SIDE + 2) + 2, 3)


@pytest.mark.parametrize("words", [("--workers", 1), ("--workers", 3)])
def test_more_images_of_each_begin_with_the_same_ones(
    sample: Command, trained: Path, pairs: Path, tmp_path: Path, tree: Tree, words: tuple[object, ...]
) -> None:
    assert sample(trained, "--input", pairs, "-n", 3, "-o", tmp_path / "once").returncode == 0
    assert sample(trained, "--input", pairs, *words, "-o", tmp_path / "grown").returncode == 0
    done = sample(trained, "--input", pairs, "-n", 3, *words, "-o", tmp_path / "grown")
    assert done.returncode == 0, done.stderr
    assert "18 done, 6 of them earlier" in done.stderr
    assert tree(tmp_path / "grown") == tree(tmp_path / "once")


def test_bad_photos_and_bad_targets_are_bad_rows(sample: Command, trained: Path, pairs: Path, tmp_path: Path) -> None:
    rows = rows_of(pairs)
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    rows[0]["path"] = str(tmp_path / "broken.jpg")
    rows[1]["target"] = str(tmp_path / "gone.jpg")
    rows[2] |= {"status": "failed", "error": "before"}
    write_manifest(tmp_path, rows)
    done = sample(trained, "--input", tmp_path, "-n", 2, "--max-errors", 4, "-o", tmp_path / "worn")
    assert done.returncode == 0, done.stderr
    found = rows_of(tmp_path / "worn")
    assert [row["status"] for row in found] == ["failed"] * 4 + ["failed"] + ["ok"] * 6
    assert found[2]["error"].startswith("target: ")
    assert (found[4]["error"], found[4]["draw"]) == ("before", "")
    assert sample(trained, "--input", tmp_path, "-n", 2, "--max-errors", 3, "-o", tmp_path / "other").returncode == 3


def test_photos_come_through_a_pipe(run: Callable[..., Any], trained: Path, pairs: Path, tmp_path: Path) -> None:
    text = (pairs / "manifest.csv").read_text()
    done = run("sample", trained, "--input", "-", "--limit", 2, "-o", tmp_path / "worn", stdin=text)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 3
    assert str(tmp_path / "worn") in done.stdout


def test_nothing_is_written_in_a_rehearsal(sample: Command, trained: Path, pairs: Path, tmp_path: Path) -> None:
    done = sample(trained, "--input", pairs, "-n", 2, "--dry-run", "-o", tmp_path / "worn")
    assert done.returncode == 0, done.stderr
    assert "12 to do" in done.stderr
    assert not (tmp_path / "worn").exists()


def test_the_weights_that_were_judged_best_make_the_images(
    sample: Command, trained: Path, pairs: Path, tmp_path: Path
) -> None:
    """Here weights of which none is anything: the images are as gray as the middle of the range."""
    shutil.copytree(trained, tmp_path / "run")
    zeros = {name: value * 0 for name, value in load_file(trained / "model.safetensors").items()}
    save_file(zeros, tmp_path / "run" / "best.safetensors")
    assert sample(tmp_path / "run", "--input", pairs, "--limit", 1, "-o", tmp_path / "worn").returncode == 0
    (row,) = rows_of(tmp_path / "worn")
    assert set(pixels_of(tmp_path / "worn" / row["path"]).ravel()) == {128}


def test_a_run_that_was_trained_on_is_another_one(sample: Command, trained: Path, pairs: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "run")
    assert sample(tmp_path / "run", "--input", pairs, "-o", tmp_path / "worn").returncode == 0
    weights = bytearray((tmp_path / "run" / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (tmp_path / "run" / "model.safetensors").write_bytes(weights)
    done = sample(tmp_path / "run", "--input", pairs, "-o", tmp_path / "worn")
    assert done.returncode == 2
    assert "other weights" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "makes images of photos: name them with --input"),
        (("--input", "PAIRS", "--truncation", "1"), "--truncation has no meaning for"),
        (("--input", "PAIRS", "--interpolate", "3"), "--interpolate has no meaning for"),
        (("--input", "nowhere"), "nowhere"),
        (("--input", "PAIRS", "--where", "colour=red"), "colour"),
    ],
)
def test_what_means_nothing_is_refused(
    sample: Command, trained: Path, pairs: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = sample(trained, *(str(pairs) if word == "PAIRS" else word for word in words), "-o", tmp_path / "worn")
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert not (tmp_path / "worn").exists()
