"""Fixtures of the tests of scrapers."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from manifests import rows_of
from scraping import LOOPBACK_ALONE, QUICK, Scrape, Scraped
from sites.server import Sites


@pytest.fixture(scope="session")
def scrape(run: Callable[..., subprocess.CompletedProcess[str]]) -> Scrape:
    """Fetch URLs, one a line or as text on standard input, or those of a file, from sites into a folder."""

    def fetch(sites: Sites, folder: Path, urls: list[str] | str | Path, *flags: str | Path) -> Scraped:
        words: tuple[str | Path, ...] = (urls,) if isinstance(urls, Path) else ("-",)
        stdin = None if isinstance(urls, Path) else urls if isinstance(urls, str) else "\n".join(urls)
        done = run(
            "scrape", "urls", *words, "-o", folder, *QUICK, *sites.flags, *flags, stdin=stdin, env=LOOPBACK_ALONE
        )
        assert "Traceback" not in done.stderr
        rows = rows_of(folder) if (folder / "manifest.csv").exists() else []
        return Scraped(folder, done.returncode, done.stdout, done.stderr, rows)

    return fetch
