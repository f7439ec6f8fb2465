"""What the tests of training share: the command line in this very process, and a small set of options."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

SMALL = (
    "--size", "16", "--generator-width", "8", "--discriminator-width", "8", "--batch", "8", "--save-every", "3",
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    """What became of a command."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def train(capsys: pytest.CaptureFixture[str], cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """`fashiontools train dcgan` in this process: the same parser, messages and exit codes, without loading torch anew.

    What is compared byte for byte with a killed run goes through `run`, in a process of its own.
    """
    import typer

    from fashiontools.cli import app
    from fashiontools.core.errors import exit_code_of

    def run_train(*words: object) -> Done:
        arguments = ["train", "dcgan", *SMALL, "--cache", str(cache), *map(str, words)]
        monkeypatch.setattr("sys.argv", ["fashiontools", *arguments])
        capsys.readouterr()
        tree = typer.main.get_command(app)
        code = exit_code_of(lambda: tree.main(arguments, prog_name="fashiontools", standalone_mode=False))
        return Done(code, *capsys.readouterr())

    return run_train


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where decoded photos are kept."""
    return tmp_path_factory.mktemp("photos")
