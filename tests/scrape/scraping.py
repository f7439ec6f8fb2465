"""What tests of scrapers share: a run that has ended, and hosts whose answers a test writes itself."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from manifests import Rows
from sites.server import Answer, Request, Site, Sites

QUICK = ("--delay", "0.001", "--retries", "0", "--max-errors", "100%")
LOOPBACK_ALONE = {"PYTHONPATH": str(Path(__file__).with_name("loopback"))}
"""Part of an environment in which Python connects to nothing beyond loopback."""
OURS = {"manifest.csv", "rows.log", "run.json", "fetched.log"}


@dataclass
class Scraped:
    """A run of `scrape urls` that has ended."""

    folder: Path
    code: int
    stdout: str
    stderr: str
    rows: Rows

    @property
    def printed(self) -> Rows:
        return list(csv.DictReader(io.StringIO(self.stdout)))

    @property
    def photos(self) -> set[str]:
        """All files of the folder but those that every run writes."""
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()} - OURS

    @property
    def errors(self) -> list[str]:
        return [row["error"] for row in self.rows]


Scrape = Callable[..., Scraped]


class Answering(Site):
    """A host that answers as a test's own function says."""

    def __init__(self, host: str, respond: Callable[[Request], Answer], robots: Answer | None = None) -> None:
        super().__init__(host, robots)
        self.respond = respond

    def answer(self, request: Request) -> Answer:
        return self.respond(request)


def asked(sites: Sites, host: str) -> list[str]:
    """The paths that were asked for, in order, without robots.txt."""
    return [request.path for request in sites.of(host) if request.path != "/robots.txt"]
