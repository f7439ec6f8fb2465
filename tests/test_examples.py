"""The shell scripts that users start with."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def sh(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the repository."""
    return subprocess.run(
        ["sh", str(ROOT / script), *arguments], capture_output=True, text=True, env={**os.environ, **environment}
    )


@pytest.fixture
def old_python(tmp_path: Path) -> str:
    """A Python that says it is too old."""
    python = tmp_path / "python3.9"
    python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    return str(python)


@pytest.mark.parametrize("script", ["examples/quickstart.sh", "tests/run.sh"])
def test_old_python_is_told_in_one_line(script: str, old_python: str) -> None:
    done = sh(script, PYTHON=old_python)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "3.11" in done.stderr


@pytest.mark.parametrize("script", ["examples/quickstart.sh", "tests/run.sh", ".ci/run", "examples/environment.sh"])
def test_script_parses(script: str) -> None:
    subprocess.run(["sh", "-n", str(ROOT / script)], check=True)


def test_missing_venv_is_told_in_one_line(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\n[ "$1" = -m ] && exit 1\nexit 0\n', encoding="utf-8")
    python.chmod(0o755)
    clone = tmp_path / "clone"
    (clone / "examples").mkdir(parents=True)
    for name in ("quickstart.sh", "environment.sh"):
        (clone / "examples" / name).write_bytes((ROOT / "examples" / name).read_bytes())
    done = subprocess.run(
        ["sh", "examples/quickstart.sh"],
        cwd=clone,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHON": str(python)},
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "venv" in done.stderr
    assert not (clone / ".venv").exists()
