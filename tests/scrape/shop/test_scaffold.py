"""The scaffold: what it writes passes its own test once it stands in the table, and it never harms what is there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fashiontools.core.errors import UsageError
from fashiontools.scrape.shop.scaffold import table_line, write_site

ROOT = Path(__file__).parents[3]
NEW = [
    "fashiontools/scrape/shop/sites/newshop.py",
    "tests/sites/shops_newshop.py",
    "tests/scrape/shop/test_site_newshop.py",
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of our source, and of the tests that concern shops."""
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "fashiontools", tmp_path / "fashiontools", ignore=skipped)
    for folder in ("tests/sites", "tests/scrape/shop"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=skipped)
    shared = [*(ROOT / "tests").glob("*.py"), *(ROOT / "tests/scrape").glob("*.py")]
    for file in (ROOT / "pyproject.toml", *(file for file in shared if not file.name.startswith("test_"))):
        shutil.copy(file, tmp_path / file.relative_to(ROOT))
    return tmp_path


def run(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=checkout, env=environment, capture_output=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip


def scaffold(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(checkout, "fashiontools.scrape.shop.scaffold", *words)


def test_what_is_written_passes_its_test_once_it_stands_in_the_table(checkout: Path) -> None:
    done = scaffold(checkout, "newshop", "www.newshop.example")
    assert (done.returncode, done.stdout) == (0, "")
    assert all((checkout / path).is_file() and path in done.stderr for path in NEW)
    line = table_line("newshop", "www.newshop.example")
    assert line in done.stderr
    tests = ("pytest", "-n0", "-p", "no:cacheprovider", "tests/scrape/shop/test_site_newshop.py")
    before = run(checkout, *tests)
    assert before.returncode == 1
    assert "unknown shop 'newshop'" in before.stdout
    table = checkout / "fashiontools/scrape/shop/table.py"
    text = table.read_text(encoding="utf-8")
    table.write_text(
        text.replace("SITES: dict[str, Entry] = {\n", f"SITES: dict[str, Entry] = {{\n    {line}\n"), "utf-8"
    )
    after = run(checkout, *tests, "tests/scrape/shop/test_site_contract.py", "-k", "newshop")
    assert after.returncode == 0, after.stdout
    assert " passed" in after.stdout


def test_new_files_are_formatted_as_ours(checkout: Path) -> None:
    write_site("newshop", "www.newshop.example", checkout)
    for check in (("check",), ("format", "--check")):
        done = run(checkout, "ruff", *check, *NEW)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "host", "says"),
    [
        ("zalando", "www.zalando.de", "there is a shop 'zalando' already"),
        ("generic", "www.shop.example", "there is a shop 'generic' already"),
        ("My-Shop", "www.shop.example", "expected small letters and digits"),
        ("class", "www.shop.example", "expected small letters and digits"),
        ("../x", "www.shop.example", "expected small letters and digits"),
        ("", "www.shop.example", "expected small letters and digits"),
        ("newshop", "https://www.shop.example/", "is not the name of a host"),
        ("newshop", 'a"b.example', "is not the name of a host"),
    ],
)
def test_what_cannot_be_a_shop_writes_nothing(tmp_path: Path, name: str, host: str, says: str) -> None:
    for path in NEW:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    with pytest.raises(UsageError, match=says):
        write_site(name, host, tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("there", NEW)
def test_nothing_is_written_over(tmp_path: Path, there: str) -> None:
    for path in NEW:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        write_site("newshop", "www.newshop.example", tmp_path)
    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ["mine"]


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not the folder of fashiontools' source"):
        write_site("newshop", "www.newshop.example", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "fashiontools.scrape.shop.scaffold", "newshop"],
        capture_output=True, encoding="utf-8", cwd=tmp_path, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "fashiontools: expected NAME HOST, for example: asos www.asos.com\n")
