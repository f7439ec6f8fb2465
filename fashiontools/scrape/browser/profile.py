"""The folder in which a browser keeps its cookies: whose it is, and whether its owner still lives."""

import os
import socket
from pathlib import Path

from fashiontools.core.errors import Unavailable, UsageError

_LOCK = "SingletonLock"
_LEFT = (_LOCK, "SingletonSocket", "SingletonCookie", "DevToolsActivePort")


def open_profile(folder: Path) -> Path:
    """Make a profile folder that only its owner can read, and remove the lock of a browser that died.

    Raises:
        UsageError: It cannot be made.
        Unavailable: A living browser uses it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise UsageError(f"--profile {folder}: {error.strerror}") from None
    owner = _owner(folder / _LOCK)
    if owner is not None:
        raise Unavailable(f"the profile {folder} is used by another browser ({owner})", "wait, or give another one")
    for name in _LEFT:
        (folder / name).unlink(missing_ok=True)
    return folder


def _owner(lock: Path) -> str | None:
    """Who holds the lock: a link to `host-pid`; nobody, where that process is gone."""
    try:
        host, _, pid = os.readlink(lock).rpartition("-")
    except OSError:
        return None
    if not pid.isdecimal():
        return None
    if host != socket.gethostname():
        return f"on {host}"
    return f"process {pid}" if _lives(int(pid)) else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:  # in a container that buries no orphans a dead process still has its number
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return True
