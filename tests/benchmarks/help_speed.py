"""`fashiontools --help` over a bare typer program's `--help`: the bar is at most 1.3.

Run: python tests/benchmarks/help_speed.py
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
BARE = '''
import typer

app = typer.Typer()


@app.command()
def first(number: int = 1) -> None:
    """The first command."""


@app.command()
def second(number: int = 1) -> None:
    """The second command."""


app()
'''


def seconds(*command: str) -> float:
    """The wall time of one whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Alternate the programs and print the ratios of their medians."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE, encoding="utf-8")
        programs = {
            "bare typer --help": (sys.executable, str(bare), "--help"),
            "fashiontools --help": (sys.executable, "-m", "fashiontools", "--help"),
            "fashiontools train dcgan --help": (sys.executable, "-m", "fashiontools", "train", "dcgan", "--help"),
        }
        times: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(ROUNDS + 1):
            for name, command in programs.items():
                times[name].append(seconds(*command))
    medians = {name: statistics.median(found[1:]) for name, found in times.items()}  # the first round warms up
    for name, median in medians.items():
        print(f"{name:34} {median:.3f} s   ratio {median / medians['bare typer --help']:.2f}")


if __name__ == "__main__":
    main()
