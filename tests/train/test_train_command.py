"""`train dcgan` through the command line: run folders, photos good and bad, what is refused, what is left to see."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from run_folders import HARD, checkpoints_of, metrics_of, record_of, weights

Train = Callable[..., object]
Tree = Callable[[Path], dict[str, bytes]]

PREVIEW_SIDE = 8 * (16 + 2) + 2


# ------------------------------------------------------------------------------------------------------ the run folder


def test_a_run_folder_is_complete(unbroken: Path, lookbook: Path) -> None:
    record = record_of(unbroken)
    assert (record["command"], record["recipe"], record["complete"]) == ("train", "dcgan", True)
    assert record["options"]["steps"] == 20
    assert record["models"]["generator"]["name"] == "dcgan-generator"
    assert record["torch_threads"] >= 1
    assert record["totals"]["photos"] == len((lookbook / "manifest.csv").read_text().splitlines()) - 1
    assert checkpoints_of(unbroken) == [18, 20]
    assert {entry.name for entry in unbroken.iterdir()} == {
        "run.json", "model.safetensors", "checkpoints", "metrics.csv", "losses.png", "previews",
        "real_vs_generated.png",
    }  # fmt: skip
    assert not [file for file in unbroken.rglob("*") if "pkl" in file.name or ".part" in file.name]


def test_metrics_have_a_line_per_epoch(unbroken: Path) -> None:
    per_epoch = -(-record_of(unbroken)["totals"]["photos"] // 8)
    lines = metrics_of(unbroken)
    assert set(lines[0]) == {"epoch", "step", "loss_d", "loss_g", "d_x", "d_g_z"}
    assert [int(line["epoch"]) for line in lines] == list(range(1, 20 // per_epoch + 1))
    assert [int(line["step"]) for line in lines] == [per_epoch * int(line["epoch"]) for line in lines]
    for line in lines:
        assert 0 < float(line["d_x"]) < 1
        assert 0 < float(line["d_g_z"]) < 1
        assert float(line["loss_d"]) > 0


def test_the_best_epoch_follows_its_printed_rule(unbroken: Path) -> None:
    best = record_of(unbroken)["totals"]["best_epoch"]
    distance = {
        int(line["epoch"]): abs(float(line["d_x"]) - 0.5) + abs(float(line["d_g_z"]) - 0.5)
        for line in metrics_of(unbroken)
    }
    assert best["epoch"] == min(distance, key=distance.__getitem__)
    assert "0.5" in best["rule"]


def test_pictures_have_their_sizes(unbroken: Path, lookbook: Path) -> None:
    assert Image.open(unbroken / "previews" / "00000020.png").size == (PREVIEW_SIDE, PREVIEW_SIDE)
    assert Image.open(unbroken / "real_vs_generated.png").size == (2 * PREVIEW_SIDE + 16, PREVIEW_SIDE)
    losses = Image.open(unbroken / "losses.png")
    assert min(losses.size) > 300
    assert len(np.unique(np.asarray(losses.convert("RGB")).reshape(-1, 3), axis=0)) > 10


def test_real_vs_generated_shows_photos_on_the_left(unbroken: Path) -> None:
    """Photos are bright and varied; what twenty steps generate is near mid-gray."""
    sheet = np.asarray(Image.open(unbroken / "real_vs_generated.png")).astype(float)
    real, generated = sheet[2:18, 2:18], sheet[2:18, PREVIEW_SIDE + 16 + 2 : PREVIEW_SIDE + 16 + 18]
    assert np.abs(generated - 127.5).mean() < np.abs(real - 127.5).mean()


def test_previews_come_every_so_many_steps(train: Train, lookbook: Path, tmp_path: Path) -> None:
    done = train(lookbook, "--steps", 5, "--preview-every", 2, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert sorted(file.stem for file in (tmp_path / "run" / "previews").iterdir()) == [
        "00000002", "00000004", "00000005",
    ]  # fmt: skip


def test_epochs_end_a_run(train: Train, lookbook: Path, tmp_path: Path) -> None:
    assert train(lookbook, "--epochs", 2, "--batch", 20, "-o", tmp_path / "run").returncode == 0
    assert [line["epoch"] for line in metrics_of(tmp_path / "run")] == ["1", "2"]


def test_the_same_run_twice_has_the_same_bytes_and_another_seed_other_weights(
    train: Train, lookbook: Path, tmp_path: Path, tree: Tree
) -> None:
    """Whatever was drawn from the global generators before: a new process starts them from the clock."""
    for number, (name, seed) in enumerate((("a", 0), ("b", 0), ("c", 1))):
        random.seed(number)
        np.random.seed(number)
        assert train(lookbook, "--steps", 2, "--seed", seed, "-o", tmp_path / name).returncode == 0
    assert weights(tmp_path / "a") == weights(tmp_path / "b")
    assert weights(tmp_path / "a") != weights(tmp_path / "c")
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_a_dry_run_writes_nothing(train: Train, lookbook: Path, tmp_path: Path) -> None:
    done = train(lookbook, "--steps", 2, "--dry-run", "-o", tmp_path / "run")
    assert done.returncode == 0
    assert "photos; nothing was written" in done.stderr
    assert not (tmp_path / "run").exists()


# -------------------------------------------------------------------------------------------------------------- photos


def test_no_cache_gives_the_same_weights(train: Train, lookbook: Path, tmp_path: Path, ten_steps: Path) -> None:
    done = train(lookbook, *HARD, "--no-cache", "--steps", 10, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert weights(tmp_path / "run") == weights(ten_steps)


def test_a_second_run_takes_the_cache(train: Train, lookbook: Path, tmp_path: Path) -> None:
    options = (lookbook, "--steps", 2, "--cache", tmp_path / "cache")
    assert train(*options, "-o", tmp_path / "one").returncode == 0
    files = {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").iterdir()}
    assert len(files) == 2
    assert train(*options, "-o", tmp_path / "two").returncode == 0
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").iterdir()} == files
    assert weights(tmp_path / "one") == weights(tmp_path / "two")


def write_photos(folder: Path, good: int, bad: int) -> None:
    folder.mkdir()
    for number in range(good):
        pixels = np.random.default_rng(number).integers(0, 256, (20, 20, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
    for number in range(bad):
        (folder / f"bad{number}.png").write_bytes(b"no photo")


def test_bad_photos_are_counted_and_left_out(train: Train, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", good=24, bad=2)
    done = train(tmp_path / "photos", "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "2 bad" in done.stderr
    totals = record_of(tmp_path / "run")["totals"]
    assert (totals["rows"], totals["done"], totals["bad"], totals["photos"]) == (26, 24, 2, 24)


def test_too_many_bad_photos_stop_it_before_the_training(train: Train, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", good=12, bad=8)
    done = train(tmp_path / "photos", "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 3
    assert "--max-errors" in done.stderr
    assert not (tmp_path / "run").exists()


def test_nothing_but_bad_photos_is_refused(train: Train, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", good=0, bad=2)
    done = train(tmp_path / "photos", "--steps", 2, "--max-errors", "100%", "-o", tmp_path / "run")
    assert done.returncode == 2
    assert "nothing to train on" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--size", "30", "--layers", "3"), "--size"),
        (("--kernel", "1"), "--kernel"),
        (("--time-limit", "soon"), "--time-limit"),
        (("--batch", "0"), "--batch"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_line(
    train: Train, lookbook: Path, tmp_path: Path, options: tuple[str, ...], named: str
) -> None:
    done = train(lookbook, *options, "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_batch_of_one_photo_trains(train: Train, tmp_path: Path) -> None:
    """Seventeen photos in batches of eight leave one over; batch norm over one photo still has pixels."""
    write_photos(tmp_path / "photos", good=17, bad=0)
    assert train(tmp_path / "photos", "--steps", 4, "-o", tmp_path / "run").returncode == 0
