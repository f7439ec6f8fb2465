"""What the tests of training share: the command line in this very process, small options, folders of noise."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from PIL import Image
from run_folders import HARD, SMALL
from tiny_recipe import TINY

Run = Callable[..., "CompletedProcess[str]"]


@dataclass(frozen=True)
class Done:
    """What became of a command."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """`fashiontools train` in this process: the same parser, messages and exit codes, without loading torch anew.

    What is compared byte for byte with a killed run goes through `run`, in a process of its own.
    """
    import typer

    from fashiontools.cli import app
    from fashiontools.core.errors import exit_code_of
    from fashiontools.train.table import RECIPES

    monkeypatch.setitem(RECIPES, "tiny", TINY)

    def run_command(recipe: str, *words: object) -> Done:
        arguments = ["train", recipe, "--cache", str(cache), *map(str, words)]
        monkeypatch.setattr("sys.argv", ["fashiontools", *arguments])
        capsys.readouterr()
        tree = typer.main.get_command(app)
        code = exit_code_of(lambda: tree.main(arguments, prog_name="fashiontools", standalone_mode=False))
        return Done(code, *capsys.readouterr())

    return run_command


@pytest.fixture
def train(command: Callable[..., Done]) -> Callable[..., Done]:
    """`train dcgan`, small."""
    return lambda *words: command("dcgan", *SMALL, *words)


@pytest.fixture
def tiny(command: Callable[..., Done]) -> Callable[..., Done]:
    """`train tiny`: the recipe of `tiny_recipe.py`."""
    return lambda *words: command("tiny", "--size", 8, *words)


@pytest.fixture(scope="session")
def unbroken(run: Run, lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty steps of `train dcgan` at once."""
    folder = tmp_path_factory.mktemp("unbroken") / "run"
    done = run("train", "dcgan", lookbook, *SMALL, *HARD, "--steps", 20, "-o", folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"path\n{folder}\n"
    return folder


@pytest.fixture(scope="session")
def ten_steps(run: Run, lookbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten steps; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("ten") / "run"
    done = run("train", "dcgan", lookbook, *SMALL, *HARD, "--steps", 10, "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def begun(ten_steps: Path, tmp_path: Path) -> Path:
    """A copy of the ten steps to spoil."""
    return Path(shutil.copytree(ten_steps, tmp_path / "begun"))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where decoded photos are kept."""
    return tmp_path_factory.mktemp("photos")


@pytest.fixture(scope="session")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Path]:
    """Make a folder of so many photos of noise; a folder that is there already is returned."""
    root = tmp_path_factory.mktemp("noise")

    def make(name: str, count: int) -> Path:
        (root / name).mkdir(exist_ok=True)
        for number in range(count):
            pixels = np.random.default_rng([len(name), number]).integers(0, 256, (16, 16, 3), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number:02d}.png")
        return root / name

    return make
