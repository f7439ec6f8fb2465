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

    code = run()
    # Nobody needs to look for garbage in what ends with the process: that takes as long as loading numpy. Only a
    # library that PyTorch loads counts what is left of it, and complains.
    if "torch" not in sys.modules:
        gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
