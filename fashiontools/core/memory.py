"""What the C library does with memory that arrays and tensors leave behind."""

import ctypes

PHOTOS = 32 << 20
"""Bytes that are enough for the arrays of photos."""

ANYTHING = (1 << 31) - 1
"""The most that glibc can be told: all tensors of a training."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_kept = 0


def keep_freed_memory(largest: int) -> None:
    """Teach glibc to keep freed blocks for the next array, instead of giving them back to the system each time.

    The system hands out empty pages, and emptying them takes a fifth of the time of threads that work on arrays of a
    megabyte, and a tenth of that of a training on the CPU. Elsewhere than with glibc nothing happens.

    Args:
        largest: Bytes of the largest block that is kept; a smaller one than was asked for before changes nothing.
    """
    global _kept
    if largest <= _kept:
        return
    _kept = largest
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, largest)
        mallopt(_M_TRIM_THRESHOLD, min(2 * largest, ANYTHING))
