"""Fixtures that all tests share: the real command line, a real lookbook, and trees to compare byte for byte."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from done import Done
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a test that is slow on a busy machine is not wrong
settings.load_profile("untimed")

# Each core has a worker of its own: torch's threads, two for each of them, would fight for the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
Tree = Callable[[Path], dict[str, bytes]]

SLOWEST_S = 300


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="Run the slow tests too, and those for a GPU where one is.")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--all"):
        config.option.markexpr = "not network" if _has_gpu() else "not gpu and not network"


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of every command that a test starts: nothing lands in the user's own cache."""
    cache = tmp_path_factory.mktemp("cache")
    return {**os.environ, "XDG_CACHE_HOME": str(cache), "COLUMNS": "120", "PYTHONFAULTHANDLER": ""}


@pytest.fixture(scope="session")
def run(environment: dict[str, str]) -> Run:
    """Run the real command line in a process of its own, with text in and out.

    `stdin` is text to pipe in; without it standard input is /dev/null. `env` adds to the environment.
    """

    def run_command(
        *words: str | Path, stdin: str | None = None, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fashiontools", *map(str, words)],
            **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}),
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            cwd=cwd,
            env={**environment, **(env or {})},
            timeout=SLOWEST_S,
            check=False,
        )

    return run_command


@pytest.fixture
def in_process(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """The command line in this very process: the same parser, messages and exit codes, without loading torch anew."""
    from fashiontools.cli import run

    def run_command(*words: object) -> Done:
        arguments = [str(word) for word in words]
        monkeypatch.setattr("sys.argv", ["fashiontools", *arguments])
        capsys.readouterr()
        code = run(arguments)
        return Done(code, *capsys.readouterr())

    return run_command


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Start the real command line and go on, to feed it, to break it off or to watch it; standard input is a pipe."""
    started: list[subprocess.Popen[str]] = []

    def start_command(*words: str | Path, cwd: Path | None = None, **settings: object) -> subprocess.Popen[str]:
        piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = subprocess.Popen(
            [sys.executable, "-m", "fashiontools", *map(str, words)],
            **{**piped, **settings},
            encoding="utf-8",
            cwd=cwd,
            env=environment,
            start_new_session=True,
            preexec_fn=_listen_to_ctrl_c,
        )
        started.append(command)
        return command

    yield start_command
    for command in started:
        if command.poll() is None:
            os.killpg(command.pid, signal.SIGKILL)
        for stream in filter(None, (command.stdin, command.stdout, command.stderr)):
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        command.wait()


def _listen_to_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests run in the background may have it ignored


@pytest.fixture(scope="session")
def wait_for() -> Callable[[Callable[[], bool]], None]:
    """Wait until something is true, looking a thousand times a second."""

    def wait(is_true: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not is_true():
            assert time.monotonic() < end, "it never became true"
            time.sleep(0.001)

    return wait


@pytest.fixture(scope="session")
def lookbook(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lookbook of six products, drawn once by the command line. Tests read it and never write to it."""
    folder = tmp_path_factory.mktemp("shared") / "lookbook"
    done = run("import", "lookbook", "--products", "6", "--height", "160", "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def tree() -> Tree:
    """Every file of a folder as {relative path: bytes}, but for what design.md lets differ: logs and sessions."""

    def read_tree(folder: Path) -> dict[str, bytes]:
        logs = ("rows.log", "fetched.log")
        files = sorted(path for path in folder.rglob("*") if not path.is_dir() and path.name not in logs)
        return {path.relative_to(folder).as_posix(): _comparable(path) for path in files}

    return read_tree


def _comparable(path: Path) -> bytes:
    if path.name != "run.json":
        return path.read_bytes()
    record = json.loads(path.read_bytes())
    record.pop("sessions", None)
    return json.dumps(record, indent=1).encode()
