"""What the tests of training share: the command line in this very process, small options, folders of noise."""

import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from done import Done
from PIL import Image
from run_folders import HARD, SMALL
from tiny_recipe import TINY

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def command(in_process: Callable[..., Done], cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """`fashiontools train` in this process, the recipe of `tiny_recipe.py` among the others.

    What is compared byte for byte with a killed run goes through `run`, in a process of its own.
    """
    from fashiontools.train.table import RECIPES

    monkeypatch.setitem(RECIPES, "tiny", TINY)
    return lambda recipe, *words: in_process("train", recipe, "--cache", cache, *words)


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
