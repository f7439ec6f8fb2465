"""The lock of a profile: obeyed while its owner lives, removed when it is dead."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fashiontools.core.errors import Unavailable, UsageError
from fashiontools.scrape.browser.profile import open_profile


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    folder = open_profile(tmp_path / "new" / "profile")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    open_profile(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_living_owner_is_told(tmp_path: Path) -> None:
    (tmp_path / "SingletonLock").symlink_to(f"{socket.gethostname()}-{os.getpid()}")
    with pytest.raises(Unavailable, match=f"process {os.getpid()}"):
        open_profile(tmp_path)
    assert os.path.islink(tmp_path / "SingletonLock")


def test_another_machine_is_told(tmp_path: Path) -> None:
    (tmp_path / "SingletonLock").symlink_to("elsewhere.example-1")
    with pytest.raises(Unavailable, match=r"on elsewhere\.example"):
        open_profile(tmp_path)


@pytest.mark.parametrize("is_buried", [True, False])
def test_what_the_dead_left_is_removed(tmp_path: Path, is_buried: bool) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert dead.stdout is not None
    dead.stdout.read()  # until it is gone; unburied, it still has its number
    if is_buried:
        dead.wait()
    else:
        os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    (tmp_path / "SingletonLock").symlink_to(f"{socket.gethostname()}-{dead.pid}")
    (tmp_path / "SingletonSocket").symlink_to("/tmp/gone/socket")
    (tmp_path / "Cookies").write_text("kept")
    open_profile(tmp_path)
    dead.wait()
    assert os.listdir(tmp_path) == ["Cookies"]


def test_a_lock_that_is_no_link_is_none(tmp_path: Path) -> None:
    (tmp_path / "SingletonLock").write_text("x")
    open_profile(tmp_path)


def test_what_cannot_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="--profile"):
        open_profile(tmp_path / "file" / "profile")
