"""`train dcgan` through the command line: run folders, exact resume, refusals, and what is left to look at."""

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from PIL import Image

Run = Callable[..., "CompletedProcess[str]"]
Train = Callable[..., object]
Tree = Callable[[Path], dict[str, bytes]]

SMALL = (
    "--size", "16", "--generator-width", "8", "--discriminator-width", "8", "--batch", "8", "--save-every", "3",
)  # fmt: skip
HARD = ("--flip", "--dropout", "0.2")  # what takes random numbers besides the latents
PREVIEW_SIDE = 8 * (16 + 2) + 2


def weights(run: Path) -> bytes:
    return (run / "model.safetensors").read_bytes()


def record_of(run: Path) -> dict:
    return json.loads((run / "run.json").read_text())


def checkpoints_of(run: Path) -> list[int]:
    return sorted(int(folder.name) for folder in (run / "checkpoints").iterdir())


def metrics_of(run: Path) -> list[dict[str, str]]:
    with open(run / "metrics.csv", newline="") as stream:
        return list(csv.DictReader(stream))


def steps_done(run: Path) -> int:
    return record_of(run)["totals"]["steps"]


@pytest.fixture(scope="module")
def unbroken(run: Run, lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty steps at once."""
    folder = tmp_path_factory.mktemp("unbroken") / "run"
    done = run("train", "dcgan", lookbook, *SMALL, *HARD, "--steps", 20, "-o", folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"path\n{folder}\n"
    return folder


@pytest.fixture(scope="module")
def ten_steps(run: Run, lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten steps; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("ten") / "run"
    done = run("train", "dcgan", lookbook, *SMALL, *HARD, "--steps", 10, "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def begun(ten_steps: Path, tmp_path: Path) -> Path:
    """A copy of the ten steps to spoil."""
    return Path(shutil.copytree(ten_steps, tmp_path / "begun"))


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


# ------------------------------------------------------------------------------------------------------------- resume


def wait_for(file: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a file is there and the process still runs."""
    end = time.monotonic() + 60
    while not file.exists():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < end, f"{file} did not come"
        time.sleep(0.005)


def test_killed_and_run_again_is_byte_for_byte_an_unbroken_run(
    run: Run, environment: dict[str, str], lookbook: Path, tmp_path: Path, unbroken: Path, tree: Tree
) -> None:
    words = ["train", "dcgan", str(lookbook), *SMALL, *HARD, "--steps", "20", "-o", str(tmp_path / "run")]
    command = [sys.executable, "-m", "fashiontools", *words]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(tmp_path / "run" / "checkpoints" / "00000006", process)
        os.kill(process.pid, signal.SIGKILL)
    assert record_of(tmp_path / "run")["complete"] is False
    done = run(*words)
    assert done.returncode == 0, done.stderr
    assert "going on from step" in done.stderr
    assert tree(tmp_path / "run") == tree(unbroken)


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.0, 0.03, 0.08, 0.2, 0.5])
def test_killed_at_any_moment(
    run: Run, environment: dict[str, str], lookbook: Path, tmp_path: Path, unbroken: Path, tree: Tree, delay: float
) -> None:
    """From the moment on at which the folder appears."""
    words = ["train", "dcgan", str(lookbook), *SMALL, *HARD, "--steps", "20", "-o", str(tmp_path / "run")]
    command = [sys.executable, "-m", "fashiontools", *words]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(tmp_path / "run", process)
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
    done = run(*words)
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "run") == tree(unbroken)


def test_killed_before_its_first_checkpoint_it_can_be_run_again(
    train: Train, lookbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoint 0 is written first: a kill before it must leave nothing that refuses to begin."""
    from fashiontools.train import checkpoint

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save_file", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert train(lookbook, "--steps", 2, "-o", tmp_path / "run").returncode == 130
    done = train(lookbook, "--steps", 2, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr


def test_more_steps_go_on(train: Train, lookbook: Path, begun: Path, unbroken: Path) -> None:
    done = train(lookbook, *HARD, "--steps", 20, "-o", begun)
    assert done.returncode == 0, done.stderr
    assert "going on from step 10" in done.stderr
    assert weights(begun) == weights(unbroken)
    assert (begun / "metrics.csv").read_bytes() == (unbroken / "metrics.csv").read_bytes()


def test_run_again_as_it_was_changes_nothing(
    train: Train, lookbook: Path, begun: Path, ten_steps: Path, tree: Tree
) -> None:
    assert train(lookbook, *HARD, "--steps", 10, "-o", begun).returncode == 0
    assert tree(begun) == tree(ten_steps)


def test_overwrite_starts_anew(train: Train, lookbook: Path, begun: Path, tmp_path: Path, tree: Tree) -> None:
    assert train(lookbook, "--steps", 4, "--overwrite", "-o", begun).returncode == 0
    assert train(lookbook, "--steps", 4, "-o", tmp_path / "fresh").returncode == 0
    assert tree(begun) == tree(tmp_path / "fresh")


@pytest.mark.parametrize("change", [("--no-flip",), ("--rate", "0.1"), ("--seed", "3")], ids=lambda c: c[0])
def test_a_changed_option_is_refused(
    train: Train, lookbook: Path, begun: Path, tree: Tree, change: tuple[str, ...]
) -> None:
    before = tree(begun)
    done = train(lookbook, *HARD, *change, "--steps", 20, "-o", begun)
    assert done.returncode == 2
    assert change[0].replace("--no-", "--") in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert tree(begun) == before


def test_a_changed_input_is_refused(train: Train, lookbook: Path, begun: Path, tree: Tree) -> None:
    before = tree(begun)
    done = train(lookbook, "--where", "view=model", *HARD, "--steps", 20, "-o", begun)
    assert done.returncode == 2
    assert "input" in done.stderr.splitlines()[-1]
    assert tree(begun) == before


def test_free_options_may_change(train: Train, lookbook: Path, begun: Path, unbroken: Path) -> None:
    options = ("--save-every", 7, "--workers", 1, "--keep-checkpoints", 1, "--quiet", "--preview-every", 1000)
    done = train(lookbook, *HARD, *options, "--steps", 20, "-o", begun)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert weights(begun) == weights(unbroken)
    assert checkpoints_of(begun) == [20]


@pytest.mark.parametrize("file", ["state.safetensors", "state.json"])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_checkpoint_is_an_error_that_says_how_to_go_on(
    train: Train, lookbook: Path, begun: Path, unbroken: Path, file: str, damage: str
) -> None:
    newest = begun / "checkpoints" / "00000010"
    if damage == "cut":
        (newest / file).write_bytes((newest / file).read_bytes()[:100])
    else:
        (newest / file).unlink()
    done = train(lookbook, *HARD, "--steps", 20, "-o", begun)
    assert done.returncode == 2
    message = done.stderr.splitlines()[-1]
    assert str(newest) in message
    assert "step 9" in message
    shutil.rmtree(newest)
    assert train(lookbook, *HARD, "--steps", 20, "-o", begun).returncode == 0
    assert weights(begun) == weights(unbroken)


def test_no_checkpoint_is_an_error_and_never_a_fresh_start(train: Train, lookbook: Path, begun: Path) -> None:
    shutil.rmtree(begun / "checkpoints")
    before = weights(begun)
    done = train(lookbook, *HARD, "--steps", 20, "-o", begun)
    assert done.returncode == 2
    assert "no checkpoint" in done.stderr.splitlines()[-1]
    assert weights(begun) == before


def test_the_time_limit_counts_all_sessions_and_only_stops(train: Train, lookbook: Path, tmp_path: Path) -> None:
    options = (lookbook, "--epochs", 100_000, "-o", tmp_path / "run")
    first = train(*options, "--time-limit", "0.5s")
    assert first.returncode == 0, first.stderr
    assert "time limit" in first.stderr
    steps = steps_done(tmp_path / "run")
    assert steps >= 1
    assert record_of(tmp_path / "run")["complete"] is True
    assert checkpoints_of(tmp_path / "run")[-1] == steps
    assert train(*options, "--time-limit", "0.5s").returncode == 0
    assert steps_done(tmp_path / "run") == steps
    assert train(*options, "--time-limit", "0.5s", "--time-limit", "1m", "--steps", steps + 2).returncode == 0
    assert steps_done(tmp_path / "run") == steps + 2


def test_a_loss_that_is_no_number_stops_and_keeps_the_checkpoint(train: Train, lookbook: Path, tmp_path: Path) -> None:
    done = train(lookbook, "--steps", 10, "--rate", "1e30", "--save-every", 100, "-o", tmp_path / "run")
    assert "Traceback" not in done.stderr
    assert "nan" in done.stderr
    assert "--rate" in done.stderr
    assert checkpoints_of(tmp_path / "run") == [0]
    assert not (tmp_path / "run" / "model.safetensors").exists()
    assert done.returncode not in (0, 70), "design.md: 70 is a bug, with its traceback"


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
