"""Pinterest in a browser: target after target, and no browser where nothing is to be looked through."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fashiontools.core.errors import BadRow, Unavailable
from fashiontools.core.manifest import Row
from fashiontools.core.progress import Progress
from fashiontools.scrape.browser.browser import Browser, BrowserSettings
from fashiontools.scrape.browser.programs import find_browser
from fashiontools.scrape.listing import Extent, Found, Listing, list_targets
from fashiontools.scrape.pinterest.grid import Grid
from fashiontools.scrape.pinterest.login import Credentials, sign_in
from fashiontools.scrape.pinterest.options import PinterestOptions
from fashiontools.scrape.pinterest.pins import Pins
from fashiontools.scrape.pinterest.targets import HOME, Target, hosts_of
from fashiontools.scrape.receipt import Receipt
from fashiontools.scrape.web.client import Client


class PinterestSite:
    """The targets of a run.

    Args:
        targets: In their order.
        options: How patient and how polite.
        extent: How far each is looked through.
        client: Knows what robots.txt allows, and whose turn it is.
        credentials: Who signs in, if anybody.
        receipt: Told what the site says of each target.
        progress: Told what cannot be had.

    Attributes:
        failure: Why not all could be had, if so; to be raised when all that was listed is done.
    """

    def __init__(
        self,
        targets: list[Target],
        options: PinterestOptions,
        extent: Extent,
        client: Client,
        credentials: Credentials | None,
        receipt: Receipt,
        progress: Progress,
    ) -> None:
        self._targets = targets
        self._options = options
        self._extent = extent
        self._client = client
        self._credentials = credentials
        self._receipt = receipt
        self._progress = progress
        self._browser: Browser | None = None

    def rows(self, folder: Path | None) -> Iterator[Row]:
        """The rows of all targets.

        Args:
            folder: Where what was listed is remembered; None remembers nothing.

        Raises:
            Unavailable: The browser or the site cannot be had, or some of the targets; after all rows.
        """
        searches = [(target.url, _Search(self, target)) for target in self._targets]
        try:
            yield from list_targets(Listing(folder), searches, self._extent, self._receipt, self._progress)
        finally:
            if self._browser is not None:
                self._browser.__exit__()

    def ready(self) -> None:
        """See whether there is anything to be had, before what is old goes.

        Raises:
            Unavailable: There is no browser, or the first target may not be looked at.
        """
        find_browser(self._options.browser)
        self.ask_leave(self._targets[0])

    def cut(self) -> None:
        """End what the browser is at, from another thread."""
        if (browser := self._browser) is not None:
            browser.cut()

    def grid(self, target: Target) -> Grid:
        """A target in the browser, which is opened, and signed in, for the first one.

        Raises:
            Unavailable: robots.txt refuses the page, or there is no browser, or no login.
        """
        self.ask_leave(target)
        if self._browser is None:
            self._browser = Browser(self._settings())
            self._browser.__enter__()
            if self._credentials is not None:
                sign_in(self._browser, self._credentials, self._progress, by_hand=self._options.show)
        return Grid(
            self._browser,
            target,
            self._client.pace,
            include=self._options.included,
            rows_of=Pins(self._browser, self._client, target).rows_of,
            max_scrolls=self._options.max_scrolls,
            patience=self._options.patience,
            retries=self._options.retries,
        )

    def ask_leave(self, target: Target) -> None:
        """Ask whether a target, and the login where there is one, may be looked at.

        Raises:
            Unavailable: robots.txt refuses it, or its host is not there.
        """
        for url in (target.url, *([f"{HOME}/login/"] if self._credentials and self._browser is None else [])):
            try:
                self._client.ask_leave(url)
            except BadRow as error:
                raise Unavailable(f"{url}: {error.message}", _hint(error)) from None

    def _settings(self) -> BrowserSettings:
        options = self._options
        return BrowserSettings(
            program=options.browser,
            profile=options.profile or (_state_folder() if self._credentials else None),
            show=options.show,
            hosts=hosts_of(self._targets, signs_in=self._credentials is not None),
            detours=self._client.detours,
            cacert=options.cacert,
            agent=self._client.agent,
            timeout=options.timeout,
        )


class _Search:
    """A target that is looked through when it is asked for."""

    def __init__(self, site: PinterestSite, target: Target) -> None:
        self._site = site
        self._target = target
        self._grid: Grid | None = None

    def __iter__(self) -> Iterator[Found]:
        self._grid = self._site.grid(self._target)
        return iter(self._grid)

    def facts(self) -> dict[str, Any]:
        return self._grid.facts() if self._grid is not None else {}


def _hint(error: BadRow) -> str:
    """What to type next: where a site's rules refuse us, there are lists of photos that nobody refuses."""
    is_refused = error.message.startswith("robots.txt")
    return "; ".join(filter(None, (error.hint, "scrape urls works anywhere" if is_refused else "")))


def _state_folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME", "")
    return Path(state if os.path.isabs(state) else Path.home() / ".local" / "state", "fashiontools", "pinterest")
