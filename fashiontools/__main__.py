"""The program: what holds for the whole process, then the command line."""

import gc
import os
import sys

_OBJECTS = 100_000  # made before Python looks for garbage: rows are none, and looking for it halts all threads


def main() -> None:
    """What `fashiontools` and `python -m fashiontools` run."""
    # Our products of matrices are small and our workers are the threads: OpenBLAS's own would fight them for the cores
    # (25 times slower hashes, measured), and how it splits a sum changes the last bits.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(_OBJECTS)
    from fashiontools.cli import run  # after the settings: loading typer makes objects, too

    gc.freeze()  # what has been loaded lasts to the end: there is no garbage to look for in it
    sys.exit(run())


if __name__ == "__main__":
    main()
