"""The processes of a training: how `--processes` starts them, what each does where another one ends.

Those that `accelerate launch` or torchrun started are there already; they are told by the variables RANK and
WORLD_SIZE, which `--processes` sets too.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from threading import Thread

import torch

from fashiontools.core.errors import FashiontoolsError, Unavailable, UsageError
from fashiontools.core.progress import Progress

_LINE = "FASHIONTOOLS_LINE"  # the number of the socket to the process that started this one
_READY = b"r"
_GRACE_S = 5.0
_Other = tuple[subprocess.Popen[bytes], socket.socket]


def step_back(progress: Progress) -> None:
    """Where this is not the first process, say and print nothing from here on: the first one says it all."""
    if int(os.environ.get("RANK", "0")) > 0:
        progress.silence()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


@contextmanager
def started(wanted: int, piped: bytes | None = None):
    """Start the other processes of a training, with this one's own command line; this one becomes the first.

    Under `accelerate launch` (or torchrun) they are there already, and `wanted` must not say otherwise. None outlives
    the first one, and where another one ends early the first one tells why.

    Args:
        wanted: `--processes`.
        piped: What the others find on their standard input, where the first one has read its own.

    Raises:
        UsageError: The launcher started another number.
        FashiontoolsError: What stopped another process.
    """
    if _LINE in os.environ:
        with _followed():
            yield
        return
    launched = int(os.environ.get("WORLD_SIZE", "1")) if "RANK" in os.environ else None
    if launched is not None and wanted not in (1, launched):
        raise UsageError(f"--processes {wanted}, but the launcher started {launched}: give one of the two")
    if launched is None and wanted > 1:
        with _others(wanted, piped):
            yield
        return
    try:
        yield
    except FashiontoolsError as error:
        if int(os.environ.get("RANK", "0")) == 0:
            raise
        raise SystemExit(error.exit_code) from None  # the first process says the same


@contextmanager
def _followed():
    """In a process that another one started: report to it, and end when it ends, whatever ended it."""
    line = socket.socket(fileno=int(os.environ[_LINE]))
    watch = Thread(target=_end_with, args=(line,), daemon=True)
    watch.start()
    line.sendall(_READY)
    try:
        yield
    except FashiontoolsError as error:
        line.sendall(str(error).encode())
        raise SystemExit(error.exit_code) from None
    except RuntimeError:
        watch.join(_GRACE_S)  # a broken connection: if the first process is gone, it needs no traceback
        raise


def _end_with(line: socket.socket) -> None:
    with suppress(OSError):
        line.recv(1)
    os._exit(1)


@contextmanager
def _others(wanted: int, piped: bytes | None):
    """Start the others, wait until each one is ready, and end them in the end."""
    shared = {
        "WORLD_SIZE": str(wanted),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(_free_port()),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // wanted))),
    }
    started = [_start(number, shared, piped) for number in range(1, wanted)]
    before = {key: os.environ.get(key) for key in (*shared, *_rank(0))}
    os.environ.update(shared | _rank(0))
    torch.set_num_threads(int(shared["OMP_NUM_THREADS"]))
    try:
        for other, line in started:
            if not line.recv(len(_READY)):
                raise _why(other, line)
        yield
        for other, _ in started:
            other.wait()
    except RuntimeError:  # a broken connection, or a bug of ours
        if gone := _gone(started):
            raise _why(*gone) from None
        raise
    finally:
        for other, line in started:
            with suppress(ProcessLookupError):
                other.kill()
            other.wait()
            line.close()
        for key, value in before.items():
            os.environ.pop(key, None) if value is None else os.environ.update({key: value})


def _start(number: int, shared: Mapping[str, str], piped: bytes | None) -> _Other:
    mine, theirs = socket.socketpair()
    with theirs, TemporaryFile() as manifest:
        manifest.write(piped or b"")
        manifest.seek(0)
        other = subprocess.Popen(
            [sys.executable, *sys.orig_argv[1:]],
            env=os.environ | shared | _rank(number) | {_LINE: str(theirs.fileno())},
            stdin=subprocess.DEVNULL if piped is None else manifest,
            stdout=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,  # Ctrl-C is for the first process, which ends the others
        )
    return other, mine


def _gone(started: Sequence[_Other]) -> _Other | None:
    """The first of the other processes that ended, which may take it a moment after its connections broke."""
    end = time.monotonic() + _GRACE_S
    while time.monotonic() < end:
        for other, line in started:
            if other.poll() is not None:
                return other, line
        time.sleep(0.05)
    return None


def _why(other: subprocess.Popen[bytes], line: socket.socket) -> FashiontoolsError:
    """What another process said before it ended, or else how it ended."""
    code = other.wait()
    told = b"".join(iter(lambda: line.recv(4096), b"")).decode()
    if told:
        error = FashiontoolsError(told)
        error.exit_code = code
        return error
    how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    return Unavailable(f"another process of this training was ended {how}", "its checkpoints are kept: run it again")


def _rank(number: int) -> dict[str, str]:
    return {"RANK": str(number), "LOCAL_RANK": str(number)}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
