"""Memory that arrays leave behind: kept for the next one, not emptied again by the system."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from fashiontools.core.memory import keep_freed_memory
for largest in map(int, sys.argv[1:]):
    keep_freed_memory(largest)
np.ones(10 << 20)  # 80 MB, given back
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    np.ones(10 << 20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(*largest: int) -> int:
    """Page faults of five arrays of 80 MB, each of them freed before the next one."""
    environment = {"NUMPY_MADVISE_HUGEPAGE": "0"}  # whole pages, so that they can be counted
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, largest)], capture_output=True, text=True, check=True, env=environment
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_freed_memory_is_kept() -> None:
    assert faults() > 50_000  # 5 x 80 MB in pages of 4 KB are 102,400
    assert faults((1 << 31) - 1) < 1_000
    assert faults((1 << 31) - 1, 32 << 20) < 1_000, "asking for less afterwards changes nothing"
    assert faults(32 << 20) > 50_000
