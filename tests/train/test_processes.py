"""Training in two processes over gloo, started by `--processes` and by a launcher, against one process.

The tiny recipe has no batch norm and is trained by SGD, its latents are drawn for all processes at once: two processes
compute what one does, but for the order of sums.
"""

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

import pytest
from run_folders import checkpoints_of, furthest, metrics_of, numbers, record_of, state, steps_done, tensors

from fashiontools.core.errors import UsageError
from fashiontools.train.launch import started

Run = Callable[..., "CompletedProcess[str]"]
Train = Callable[..., object]
Noise = Callable[[str, int], Path]

PROGRAM = Path(__file__).with_name("tiny_program.py")
TINY = ("--size", "8", "--batch", "7", "--save-every", "2", "--keep-checkpoints", "9", "--ema", "0.9")
SLOWEST_S = 120


@pytest.fixture(scope="module")
def alone(environment: dict[str, str]) -> dict[str, str]:
    """The environment, with one thread a process."""
    return {**environment, "OMP_NUM_THREADS": "1"}


def words(*more: object) -> list[str]:
    return [str(PROGRAM), "train", "tiny", *TINY, *map(str, more)]


def run_program(environment: dict[str, str], *command: str, stdin: str | None = None) -> "CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}),
        capture_output=True,
        text=True,
        env=environment,
        timeout=SLOWEST_S,
        check=False,
    )


@pytest.fixture
def photos(noise: Noise) -> Path:
    """Fifteen: two batches of seven, which two processes cannot halve, and one of a single photo, in each epoch."""
    return noise("fifteen", 15)


@pytest.fixture
def one(tiny: Train, photos: Path, tmp_path: Path) -> Path:
    """Five steps in one process."""
    done = tiny(photos, *TINY, "--steps", 5, "-o", tmp_path / "one")
    assert done.returncode == 0, done.stderr
    return tmp_path / "one"


def assert_like_one(run: Path, one: Path) -> None:
    assert checkpoints_of(run) == checkpoints_of(one) == [0, 2, 4, 5]
    moved = furthest(state(one, 0), state(one, 5), ["module.generator.0.weight", "module.discriminator.0.weight"])
    assert moved > 1e-3, "five steps are seen"
    assert furthest(tensors(run), tensors(one)) < 1e-5
    assert furthest(state(run, 5), state(one, 5)) < 1e-5
    for ours, theirs in zip(metrics_of(run), metrics_of(one), strict=True):
        assert {k: float(v) for k, v in ours.items()} == pytest.approx(
            {k: float(v) for k, v in theirs.items()}, abs=1e-5
        )
    assert numbers(run, 5)["position"] == numbers(one, 5)["position"] == {"step": 5, "epoch": 1, "seen": 14}


def assert_said_once(done: "CompletedProcess[str]", run: Path) -> None:
    assert done.stdout == f"path\n{run}\n"
    said = [line for line in done.stderr.splitlines() if line.startswith("train tiny: ")]  # torch may say more
    assert sum("in 2 processes" in line for line in said) == 1
    assert len(set(said)) == len(said), "no line comes twice"
    assert "Traceback" not in done.stderr


def test_two_processes_are_one_with_the_whole_batch(
    alone: dict[str, str], photos: Path, one: Path, tmp_path: Path
) -> None:
    run = tmp_path / "two"
    done = run_program(alone, *words(photos, "--steps", 5, "--processes", 2, "-o", run))
    assert done.returncode == 0, done.stderr
    assert_like_one(run, one)
    assert_said_once(done, run)
    assert {file.name for file in run.iterdir()} == {file.name for file in one.iterdir()}
    record = record_of(run)
    assert [session["processes"] for session in record["sessions"]] == [2]
    assert record["complete"] is True
    ours, theirs = (
        {key: value for key, value in record_of(folder).items() if key not in ("sessions", "totals", "torch_threads")}
        for folder in (run, one)
    )
    assert ours == theirs


def test_a_launcher_starts_the_same(alone: dict[str, str], photos: Path, one: Path, tmp_path: Path) -> None:
    """`accelerate launch` starts several processes on a machine without GPUs if it is told that it has some."""
    run = tmp_path / "launched"
    launch = (
        "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--num_machines", "1",
        "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", str(free_port()),
    )  # fmt: skip
    done = run_program(alone, *launch, *words(photos, "--steps", 5, "-o", run))
    assert done.returncode == 0, done.stderr
    assert_like_one(run, one)
    assert_said_once(done, run)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_a_loss_that_is_no_number_ends_both_and_is_told_once(
    alone: dict[str, str], photos: Path, tmp_path: Path
) -> None:
    """Step 3 is the first one of the second epoch; only the second process has the photo that fails."""
    run = tmp_path / "run"
    done = run_program(alone, *words(photos, "--steps", 9, "--processes", 2, "--fails-at", 3, "-o", run))
    assert done.returncode == 2
    assert done.stderr.count("turn 'discriminator' is nan at step 3") == 1
    assert "Traceback" not in done.stderr
    assert checkpoints_of(run) == [0, 2]
    assert not (run / "model.safetensors").exists()


# ------------------------------------------------------------------------------------------------------- broken off


@pytest.fixture
def two(alone: dict[str, str], photos: Path, tmp_path: Path):
    """Two processes under way; returns the first one and the number of the second."""
    run = tmp_path / "run"
    command = [sys.executable, *words(photos, "--steps", 10**6, "--keep-checkpoints", 2, "--processes", 2, "-o", run)]
    with subprocess.Popen(
        command,
        env=alone,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as first:
        try:
            end = time.monotonic() + SLOWEST_S
            while max(steps_of(run), default=0) < 6:
                assert first.poll() is None, first.stderr.read()
                assert time.monotonic() < end
                time.sleep(0.01)
            (second,) = others_of(first.pid)
            yield first, second
        finally:
            with contextlib.suppress(ProcessLookupError):
                first.kill()


def steps_of(run: Path) -> list[int]:
    with contextlib.suppress(FileNotFoundError):
        return [int(folder.name) for folder in (run / "checkpoints").iterdir() if folder.suffix == ""]
    return []


def others_of(first: int) -> list[int]:
    """The processes that a process started, from outside: by their parents."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(first)], capture_output=True, text=True, check=False)
    return [int(number) for number in found.stdout.split()]


def is_alive(number: int) -> bool:
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True, check=False)
    return found.stdout.strip()[:1] not in ("", "Z")


def assert_ends(number: int) -> None:
    end = time.monotonic() + 20
    while is_alive(number):
        assert time.monotonic() < end, "an orphan is left"
        time.sleep(0.05)


def test_killing_the_first_process_ends_the_other_in_silence_and_one_goes_on(
    two: tuple[subprocess.Popen[str], int], tiny: Train, photos: Path, tmp_path: Path
) -> None:
    first, second = two
    os.kill(first.pid, signal.SIGKILL)
    assert_ends(second)
    assert "Traceback" not in first.stderr.read()
    step = checkpoints_of(tmp_path / "run")[-1]
    position = numbers(tmp_path / "run", step)["position"]
    done = tiny(photos, *TINY, "--batch", 4, "--steps", step + 3, "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert f"going on from step {step:,}, photo {position['seen']:,} of epoch {position['epoch'] + 1:,}" in done.stderr
    assert "--batch was 7 and is 4 now; --processes was 2 and is 1 now" in done.stderr
    assert steps_done(tmp_path / "run") == step + 3
    seen = 15 * position["epoch"] + position["seen"]
    for _ in range(3):
        seen = min(seen + 4, seen // 15 * 15 + 15)
    assert numbers(tmp_path / "run", step + 3)["position"] == {"step": step + 3, "epoch": seen // 15, "seen": seen % 15}


@pytest.mark.slow
def test_the_first_process_tells_that_the_other_one_was_killed(two: tuple[subprocess.Popen[str], int]) -> None:
    first, second = two
    os.kill(second, signal.SIGKILL)
    assert first.wait(30) == 4
    told = first.stderr.read()
    assert "Traceback" not in told
    assert sum("ended by signal 9" in line for line in told.splitlines()) == 1


@pytest.mark.slow
def test_ctrl_c_ends_both_and_is_told_once(two: tuple[subprocess.Popen[str], int]) -> None:
    first, second = two
    os.killpg(first.pid, signal.SIGINT)
    assert first.wait(30) == 130
    assert_ends(second)
    assert first.stderr.read().splitlines()[1:] == ["fashiontools: stopped; what is finished is kept"]


@pytest.mark.slow
def test_an_error_of_the_other_process_alone_is_told_by_the_first(
    alone: dict[str, str], noise: Noise, tmp_path: Path
) -> None:
    """Decoding in every epoch, a photo vanishes: whose slice it is in says what."""
    photos = noise("vanishing", 15)
    run = tmp_path / "run"
    command = words(photos, "--no-cache", "--steps", 10**6, "--keep-checkpoints", 2, "--processes", 2, "-o", run)
    with subprocess.Popen(
        [sys.executable, *command], env=alone, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as first:  # fmt: skip
        while max(steps_of(run), default=0) < 4:
            assert first.poll() is None
            time.sleep(0.01)
        (photos / "00.png").unlink()
        assert first.wait(SLOWEST_S) == 2
        told = first.stderr.read().splitlines()
    assert sum("00.png could be read when training began" in line for line in told) == 1
    assert "Traceback" not in "".join(told)


# ---------------------------------------------------------------------------------------------------- the real command


def test_dcgan_in_two_processes_from_a_pipe_and_on_in_one(run: Run, train: Train, noise: Noise, tmp_path: Path) -> None:
    """Standard input can be read once, by the first process; the other sees the same rows."""
    photos, folder = noise("nineteen", 19), tmp_path / "run"
    small = ("--size", "16", "--generator-width", "8", "--discriminator-width", "8", "--save-every", "3")
    listed = "path\n" + "".join(f"{file}\n" for file in sorted(photos.iterdir()))
    where = ("--where", f"path!={photos / '00.png'}")
    options = (*small, *where, "--batch", "8", "--steps", "4", "--processes", "2", "-o", folder)
    done = run("train", "dcgan", *options, stdin=listed, env={"OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    assert "18 photos, 3 steps an epoch, 4 in all, on cpu in 2 processes" in done.stderr
    assert len(set(done.stderr.splitlines())) == len(done.stderr.splitlines())
    assert numbers(folder, 4)["position"] == {"step": 4, "epoch": 1, "seen": 8}
    one = run_again_from_pipe(train, listed, where, folder)
    assert "going on from step 4, photo 8 of epoch 2" in one
    assert numbers(folder, 6)["position"] == {"step": 6, "epoch": 2, "seen": 0}


def run_again_from_pipe(train: Train, listed: str, where: tuple[str, str], folder: Path) -> str:
    with patch("sys.stdin", io.TextIOWrapper(io.BytesIO(listed.encode()))):
        done = train("-", *where, "--batch", 5, "--steps", 6, "-o", folder)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.slow
def test_processes_that_read_other_photos_are_refused(alone: dict[str, str], noise: Noise, tmp_path: Path) -> None:
    """As under a launcher, where each process would read a part of one pipe."""
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    together = []
    for rank, photos in enumerate((noise("fifteen", 15), noise("sixteen", 16))):
        ranked = {**alone, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)}
        command = [sys.executable, *words(photos, "--steps", 5, "-o", tmp_path / "run")]
        together.append(
            subprocess.Popen(command, env=ranked, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        )
    told = [process.communicate(timeout=SLOWEST_S)[1].splitlines() for process in together]
    assert [process.returncode for process in together] == [2, 2]
    assert "do not read the same photos" in told[0][-1]
    assert told[1] == []
    assert not (tmp_path / "run").exists()


def test_two_ways_to_say_how_many_that_contradict_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    for wanted in (1, 2):
        with started(wanted):
            pass
    with pytest.raises(UsageError, match="--processes 3, but the launcher started 2"), started(3):
        pass
