"""Files asked for ahead of the need."""

import errno
import os
import time
from pathlib import Path

import pytest

from fashiontools.core.files import disk_reads, fetch, read_bytes

PAGE = 1 << 16


def on_disk_alone(file: Path) -> Path:
    """A new file that the system has thrown out of memory."""
    file.write_bytes(os.urandom(PAGE))
    with open(file, "rb") as stream:
        os.fsync(stream.fileno())
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return file


def is_in_memory(file: Path) -> bool:
    """Whether a file can be read without the disk; to be asked once, for asking fetches it as well."""
    opened = os.open(file, os.O_RDONLY)
    try:
        return os.preadv(opened, [bytearray(PAGE)], 0, os.RWF_NOWAIT) == PAGE
    except OSError as error:
        if error.errno != errno.EAGAIN:
            pytest.skip("this file system does not say what is in memory")
        return False
    finally:
        os.close(opened)


@pytest.mark.skipif(not hasattr(os, "RWF_NOWAIT"), reason="only Linux says what is in memory")
def test_the_system_reads_what_was_asked_for(tmp_path: Path) -> None:
    for wait in (0.1, 1, 10):  # as a busy disk needs
        asked, other = (on_disk_alone(tmp_path / f"{name} {wait}.bin") for name in ("asked", "other"))
        fetch([str(asked)])
        time.sleep(wait)
        if is_in_memory(other):
            pytest.skip("this file system keeps all files in memory")
        if is_in_memory(asked):
            return
    pytest.fail("what was asked for was not read")


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="nobody asks")
def test_the_disk_is_at_work_for_what_is_not_in_memory_alone(tmp_path: Path) -> None:
    file = str(on_disk_alone(tmp_path / "photo.bin"))
    counts = [disk_reads()]
    for _ in range(2):
        assert len(read_bytes(file)) == PAGE
        counts.append(disk_reads())
    if counts[1] == counts[0]:
        pytest.skip("this file system keeps all files in memory, or does not count")
    assert counts[2] == counts[1]


def test_asking_for_what_is_not_there_says_nothing(tmp_path: Path) -> None:
    there = tmp_path / "there.bin"
    there.write_bytes(b"bytes")
    before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    fetch([str(tmp_path / "missing"), str(tmp_path), "nul\0", "", str(there)])
    assert read_bytes(str(there)) == b"bytes"
    assert (len(os.listdir("/proc/self/fd")) if before else 0) == before
