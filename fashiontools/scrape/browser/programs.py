"""The browser and its driver: found, or told what to install."""

import os
import shutil
from pathlib import Path

from fashiontools.core.errors import Unavailable, UsageError

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_BUNDLES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_DRIVER = "chromedriver"
_HINT = "apt install chromium chromium-driver, or install Chrome, or name one with --browser PATH"


def find_browser(named: Path | None) -> Path:
    """The browser to use.

    Args:
        named: What the user wants; None takes the first Chromium or Chrome that is installed.

    Raises:
        UsageError: What was named is no program.
        Unavailable: There is none.
    """
    if named is not None:
        found = shutil.which(named)
        if found is None:
            raise UsageError(f"--browser {named}: not a program that can be run")
        return Path(found)
    installed = [*filter(None, map(shutil.which, _BROWSERS)), *filter(os.path.exists, _BUNDLES)]
    if not installed:
        raise Unavailable("no browser is installed: neither Chromium nor Chrome", _HINT)
    return Path(installed[0])


def find_driver(browser: Path) -> Path:
    """The ChromeDriver that goes with a browser: the installed one, else one that Selenium's own manager fetches.

    Raises:
        Unavailable: There is none.
    """
    beside = browser.resolve().parent / _DRIVER
    installed = str(beside) if os.access(beside, os.X_OK) else shutil.which(_DRIVER)
    if installed is not None:
        return Path(installed)
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.common.selenium_manager import SeleniumManager

    try:
        words = ["--browser", "chrome", "--browser-path", str(browser)]
        return Path(SeleniumManager().binary_paths(words)["driver_path"])
    except (WebDriverException, OSError, KeyError):
        raise Unavailable(f"no {_DRIVER} for {browser} is installed, and none could be fetched", _HINT) from None
