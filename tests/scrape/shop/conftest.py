"""Fixtures of the tests of `scrape shop`."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from manifests import rows_of
from scraping import LOOPBACK_ALONE, QUICK, Scrape, Scraped
from sites.server import Sites


@pytest.fixture(scope="session")
def scrape_shop(run: Callable[..., subprocess.CompletedProcess[str]]) -> Scrape:
    """Run `scrape shop` on shops, or URLs of their lists, into a folder."""

    def scrape(sites: Sites, folder: Path, *words: str | Path) -> Scraped:
        done = run("scrape", "shop", *words, "-o", folder, *QUICK, *sites.flags, env=LOOPBACK_ALONE)
        assert "Traceback" not in done.stderr
        rows = rows_of(folder) if (folder / "manifest.csv").exists() else []
        return Scraped(folder, done.returncode, done.stdout, done.stderr, rows)

    return scrape
