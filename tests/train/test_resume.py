"""A training that was stopped and is run again ends as one that was not: bit for bit on the CPU, or it is refused."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from run_folders import HARD, SMALL, checkpoints_of, numbers, record_of, weights

Run = Callable[..., "CompletedProcess[str]"]
Train = Callable[..., object]
Tree = Callable[[Path], dict[str, bytes]]


def wait_for(file: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a file is there and the process still runs."""
    end = time.monotonic() + 60
    while not file.exists():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < end, f"{file} did not come"
        time.sleep(0.005)


def kill_at(command: list[str], environment: dict[str, str], file: Path, delay: float = 0) -> None:
    """Start a command and kill it so many seconds after a file is there."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(file, process)
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)


def test_killed_twice_and_run_again_is_byte_for_byte_an_unbroken_run(
    run: Run, environment: dict[str, str], lookbook: Path, tmp_path: Path, unbroken: Path, tree: Tree
) -> None:
    words = ["train", "dcgan", str(lookbook), *SMALL, *HARD, "--steps", "20", "-o", str(tmp_path / "run")]
    command = [sys.executable, "-m", "fashiontools", *words]
    for step in (6, 15):
        kill_at(command, environment, tmp_path / "run" / "checkpoints" / f"{step:08d}")
        assert record_of(tmp_path / "run")["complete"] is False
    done = run(*words)
    assert done.returncode == 0, done.stderr
    assert "going on from step 15" in done.stderr or "going on from step 18" in done.stderr
    assert tree(tmp_path / "run") == tree(unbroken)


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.0, 0.03, 0.08, 0.2, 0.5])
def test_killed_at_any_moment(
    run: Run, environment: dict[str, str], lookbook: Path, tmp_path: Path, unbroken: Path, tree: Tree, delay: float
) -> None:
    """From the moment on at which the folder appears."""
    words = ["train", "dcgan", str(lookbook), *SMALL, *HARD, "--steps", "20", "-o", str(tmp_path / "run")]
    command = [sys.executable, "-m", "fashiontools", *words]
    kill_at(command, environment, tmp_path / "run", delay)
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


@pytest.mark.parametrize("moment", ["tensors written", "not yet renamed"])
def test_killed_while_a_checkpoint_is_written(
    train: Train, lookbook: Path, begun: Path, unbroken: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """What lies half written beside the checkpoints is no checkpoint, and does not stay."""
    from fashiontools.train import checkpoint

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if moment == "tensors written":
            patch.setattr(checkpoint.json, "dumps", stop)
        else:
            patch.setattr(checkpoint.os, "replace", stop)
        assert train(lookbook, *HARD, "--steps", 20, "-o", begun).returncode == 130
    assert (begun / "checkpoints" / "00000012.part").exists() or checkpoints_of(begun)[-1] == 10
    done = train(lookbook, *HARD, "--steps", 20, "-o", begun)
    assert done.returncode == 0, done.stderr
    assert "going on from step 10" in done.stderr
    assert weights(begun) == weights(unbroken)
    assert checkpoints_of(begun) == [18, 20]


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


def test_another_batch_goes_on_with_the_next_photo_and_says_so(
    train: Train, lookbook: Path, begun: Path, tree: Tree
) -> None:
    """Ten steps of eight over some 20 photos: the eleventh begins where they ended, whatever its size."""
    before = numbers(begun, 10)["position"]
    photos = record_of(begun)["totals"]["photos"]
    done = train(lookbook, *HARD, "--batch", 5, "--steps", 12, "-o", begun)
    assert done.returncode == 0, done.stderr
    assert f"going on from step 10, photo {before['seen']} of epoch {before['epoch'] + 1}" in done.stderr
    assert "--batch was 8 and is 5 now" in done.stderr
    seen = before["seen"]
    for _ in range(2):
        seen = 0 if seen + 5 >= photos else seen + 5
    assert numbers(begun, 12)["position"]["seen"] == seen
    assert record_of(begun)["options"]["batch"] == 5
    again = train(lookbook, *HARD, "--batch", 5, "--steps", 12, "-o", begun)
    assert "--batch was" not in again.stderr


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
