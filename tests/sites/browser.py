"""A real Chromium for the tests, which reaches the local sites under their real names and nothing else."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from sites.connections import HERE
from sites.server import Sites

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PAGE_LOAD_S = 20
SOON_S = 5.0
LEFT = "aborted by navigation"  # the driver's word for it


def chromium() -> str:
    """Where the browser is. Without one the test is skipped, or, where `CI` is set, fails."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found and shutil.which("chromedriver"):
        return found
    missing = "no browser: install Chromium and its driver (Debian: apt install chromium chromium-driver)"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@contextlib.contextmanager
def driver(sites: Sites, *, images: bool = False, width: int = 1280, height: int = 900) -> Iterator[WebDriver]:
    """A browser with a window of this size in px, with its own profile; no host but the sites' has an address."""
    binary = chromium()
    hosts = [word.partition(":")[0] for word in sites.flags if word.endswith(f":{HERE}:{sites.port}")]
    rules = [f"MAP {host}:443 {HERE}:{sites.port}" for host in hosts]
    rules += ["MAP * ~NOTFOUND", f"EXCLUDE {HERE}"]
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    with tempfile.TemporaryDirectory(prefix="profile-", ignore_cleanup_errors=True) as profile:
        for word in (
            *QUIET,
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
            f"--host-resolver-rules={', '.join(rules)}",
            "--ignore-certificate-errors",
            f"--blink-settings=imagesEnabled={str(images).lower()}",
        ):
            options.add_argument(word)
        started = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            started.set_page_load_timeout(PAGE_LOAD_S)
            yield started
        finally:
            started.quit()


def there(browser: WebDriver, selector: str) -> bool:
    """Whether any element is there now."""
    return bool(browser.find_elements(By.CSS_SELECTOR, selector))


def soon(browser: WebDriver, selector: str) -> WebElement:
    """The element, once it is there."""

    def found(waiting: WebDriver) -> WebElement | None:
        try:
            return waiting.find_element(By.CSS_SELECTOR, selector)
        except WebDriverException as error:
            if LEFT not in (error.msg or ""):
                raise
            return None  # the page was left while it was looked at: the next one is looked at

    return WebDriverWait(browser, SOON_S, 0.02).until(found)
