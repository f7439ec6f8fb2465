"""The manual pages: generated ones are fresh, hand-written ones are complete, all of them render."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from fashiontools.cli import COMMANDS
from fashiontools.core.manifest import PATH_COLUMNS, PIXEL_COLUMNS
from fashiontools.man import pages

MAN = Path(__file__).parents[1] / "man"
GENERATED = pages()


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_generated_page_is_fresh(name: str) -> None:
    assert (MAN / name).read_text(encoding="utf-8") == GENERATED[name], "run: python -m fashiontools.man man"


def test_no_page_of_a_command_that_is_gone() -> None:
    by_hand = {"fashiontools.1", "fashiontools-manifest.5"}
    assert {page.name for page in MAN.iterdir()} == set(GENERATED) | by_hand


def test_every_page_is_installed_in_the_folder_of_its_section() -> None:
    """`man` looks for fashiontools-dedupe(1) in share/man/man1."""
    settings = tomllib.loads((MAN.parent / "pyproject.toml").read_text(encoding="utf-8"))
    for page in MAN.iterdir():
        folders = [
            folder
            for folder, patterns in settings["tool"]["setuptools"]["data-files"].items()
            if any(page in MAN.parent.glob(pattern) for pattern in patterns)
        ]
        assert folders == [f"share/man/man{page.suffix[1:]}"], page.name


def test_overview_names_every_command() -> None:
    text = (MAN / "fashiontools.1").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"fashiontools\\-{name}(1)" in text


def test_overview_has_every_exit_code() -> None:
    text = (MAN / "fashiontools.1").read_text(encoding="utf-8")
    for code in (0, 1, 2, 3, 4, 70, 130, 141):
        assert f".B {code}\n" in text


def test_manifest_page_names_every_column_the_code_treats_specially() -> None:
    text = (MAN / "fashiontools-manifest.5").read_text(encoding="utf-8")
    for column in {*PATH_COLUMNS, *PIXEL_COLUMNS, "status", "error", "label"}:
        assert re.search(rf"\b{column}\b", text), column


@pytest.mark.parametrize("name", sorted([*GENERATED, "fashiontools.1", "fashiontools-manifest.5"]))
@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_page_renders_without_a_warning(name: str) -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", str(MAN / name)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert name.rpartition(".")[0].upper() in done.stdout
