"""Fixtures of the tests of `scrape pinterest`: the real command, a real browser, a local Pinterest."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from manifests import rows_of
from pinning import QUICK
from scraping import LOOPBACK_ALONE, Scraped
from sites.browser import chromium
from sites.server import Sites

ScrapePins = Callable[..., Scraped]


@pytest.fixture(scope="session")
def browser() -> str:
    """Where the browser is; without one the test is skipped, in CI it fails."""
    return chromium()


@pytest.fixture(scope="session")
def scrape_pins(run: Callable[..., subprocess.CompletedProcess[str]], browser: str) -> ScrapePins:
    """Run `scrape pinterest` on sites; with a folder, into it."""

    def fetch(sites: Sites, folder: Path | None, *flags: str | Path, **settings: Any) -> Scraped:
        output = () if folder is None else ("-o", folder)
        settings["env"] = {**LOOPBACK_ALONE, **settings.get("env", {})}
        done = run("scrape", "pinterest", *output, *QUICK, *sites.flags, *flags, **settings)
        assert "Traceback" not in done.stderr, done.stderr
        place = folder or Path("/nowhere")
        rows = rows_of(place) if (place / "manifest.csv").exists() else []
        return Scraped(place, done.returncode, done.stdout, done.stderr, rows)

    return fetch
