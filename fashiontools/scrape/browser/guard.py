"""The driver's process, in a group of its own that dies with us, however we die."""

import os
import re
import secrets
import select
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

# The shell waits for the end of its input, which comes when this process ends; then all that it started goes, and what
# that has left. A signal that the shell alone does not heed leaves it the time.
_SHELL = '"$@" </dev/null & trap "" USR1; cat >/dev/null; kill -USR1 0; sleep 0.1; rm -rf -- "$SCRATCH"; kill -KILL 0'
_PORT = re.compile(rb"successfully on port (\d+)")
_SECRET = re.compile("PASSWORD|SECRET|TOKEN")
_END_S = 5
_LONGEST_TEMPORARY = 30  # bytes


class Guard:
    """A driver, and the shell that ends it, and every browser that it started, with us.

    Args:
        driver: The program.

    Attributes:
        scratch: A folder that is removed in the end.
    """

    def __init__(self, driver: Path) -> None:
        self.scratch = _scratch_folder()
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _SHELL, "sh", str(driver), "--port=0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_without_secrets() | {"SCRATCH": str(self.scratch), "TMPDIR": str(self.scratch)},
            start_new_session=True,  # Ctrl-C is for us, who then end it
        )
        self.scratch.mkdir(mode=0o700)  # now that somebody removes it, whatever happens

    def port(self, seconds: float) -> int | None:
        """The port that the driver says it listens on; None where it says nothing in so many seconds, or ends."""
        assert self._process.stdout is not None
        number = self._process.stdout.fileno()
        said = b""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([number], [], [], left)[0]:
            more = os.read(number, 4096)
            said += more
            if found := _PORT.search(said):
                return int(found[1])
            if not more:
                break
        return None

    def end(self) -> None:
        """End it all at once, from any thread."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _without_secrets() -> dict[str, str]:
    """The environment, without what a browser has no need to know."""
    return {name: value for name, value in os.environ.items() if not _SECRET.search(name)}


def _scratch_folder() -> Path:
    """A folder, not made yet, with a short path: Chromium's sockets are below it, and theirs have 107 bytes at most."""
    is_long = len(os.fsencode(tempfile.gettempdir())) > _LONGEST_TEMPORARY
    return Path("/tmp" if is_long else tempfile.gettempdir(), f"fashiontools-browser-{secrets.token_hex(6)}")
