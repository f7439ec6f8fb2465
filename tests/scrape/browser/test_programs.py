"""The browser and its driver: found, or told what to install."""

from pathlib import Path

import pytest

from fashiontools.core.errors import Unavailable, UsageError
from fashiontools.scrape.browser.programs import find_browser, find_driver


def program(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


def test_the_first_that_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chrome = program(tmp_path / "google-chrome")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser(None) == chrome
    chromium = program(tmp_path / "chromium")
    assert find_browser(None) == chromium
    assert find_browser(chrome) == chrome


def test_without_any_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="apt install chromium chromium-driver") as raised:
        find_browser(None)
    assert "\n" not in str(raised.value)


def test_a_named_one_must_be_a_program(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("x")
    for named in (tmp_path / "text", tmp_path / "none", Path("no-such-program")):
        with pytest.raises(UsageError, match="--browser"):
            find_browser(named)


def test_the_driver_beside_the_browser_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = program(tmp_path / "own" / "chromium")
    elsewhere = program(tmp_path / "bin" / "chromedriver")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_driver(browser) == elsewhere
    beside = program(tmp_path / "own" / "chromedriver")
    assert find_driver(browser) == beside
