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
from run_folders import HARD, SMALL, checkpoints_of, record_of, weights

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
