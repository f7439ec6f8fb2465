"""A browser that speaks to one site."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver import ChromeOptions, Remote
from selenium.webdriver.chrome.remote_connection import ChromeRemoteConnection
from selenium.webdriver.common.proxy import Proxy, ProxyType
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.webelement import WebElement
from urllib3.exceptions import HTTPError

from fashiontools.core.errors import Unavailable
from fashiontools.scrape.browser.guard import Guard
from fashiontools.scrape.browser.profile import open_profile
from fashiontools.scrape.browser.programs import find_browser, find_driver
from fashiontools.scrape.browser.rules import resolver_rules, trusted_key
from fashiontools.scrape.web.addresses import Detour

_START_S = 60
_FLAGS = (
    "--blink-settings=imagesEnabled=false",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-blink-features=AutofillServerCommunication",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--lang=en-US",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--no-proxy-server",
    "--window-size=1920,1440",
)


@dataclass(frozen=True, kw_only=True)
class BrowserSettings:
    """How a browser is started.

    Attributes:
        program: Which one; None takes the first that is installed.
        profile: Where cookies stay; None keeps nothing.
        show: Open a window.
        hosts: The only hosts that it may speak to.
        detours: Where they are, if elsewhere.
        cacert: A certificate to trust there.
        agent: Added to its own name, so that the site knows us.
        timeout: Seconds for a page, and for a script.
    """

    program: Path | None
    profile: Path | None
    show: bool
    hosts: Sequence[str]
    detours: Sequence[Detour]
    cacert: Path | None
    agent: str
    timeout: float


class Browser:
    """A browser while it is open; to be used by one thread.

    Attributes:
        driver: Selenium's end of it.
        timeout: Seconds that a page has.

    Raises:
        Unavailable: There is no browser, or it does not start.
    """

    driver: Remote

    def __init__(self, settings: BrowserSettings) -> None:
        self._settings = settings
        self.timeout = settings.timeout
        self._program = find_browser(settings.program)
        self._driver_program = find_driver(self._program)

    def __enter__(self) -> Self:
        self._guard = Guard(self._driver_program)
        try:
            self.driver = self._connect(open_profile(self._settings.profile or self._guard.scratch / "profile"))
        except BaseException:
            self.cut()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "driver"):
            with suppress(Exception):  # a browser that hangs or is gone is ended below all the same
                self.driver.quit()  # so that cookies reach the disk
        self.cut()

    def cut(self) -> None:
        """End it at once, from any thread: whoever waits for it is told that it is gone."""
        if hasattr(self, "_guard"):
            self._guard.end()

    def _connect(self, profile: Path) -> Remote:
        port = self._guard.port(_START_S)
        if port is None:
            raise Unavailable(f"{self._driver_program} does not start", "is it the driver of this browser's version?")
        address = f"http://127.0.0.1:{port}"
        direct = Proxy({"proxyType": ProxyType.DIRECT})
        config = ClientConfig(address, timeout=_START_S + 2 * self._settings.timeout, proxy=direct)
        try:
            driver = Remote(ChromeRemoteConnection(address, client_config=config), options=self._options(profile))
        except WebDriverException as error:
            raise Unavailable(
                f"{self._program} does not start: {_reason(error)}", "--browser names another one"
            ) from None
        driver.set_page_load_timeout(self._settings.timeout)
        driver.set_script_timeout(self._settings.timeout)
        own = driver.execute_script("return navigator.userAgent")
        agent = {"userAgent": f"{own} {self._settings.agent}"}
        driver.execute("executeCdpCommand", {"cmd": "Network.setUserAgentOverride", "params": agent})
        return driver

    def _options(self, profile: Path) -> ChromeOptions:
        settings = self._settings
        options = ChromeOptions()
        options.binary_location = str(self._program)
        options.page_load_strategy = "eager"
        for flag in _FLAGS:
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={profile}")
        options.add_argument(f"--host-resolver-rules={resolver_rules(settings.hosts, settings.detours)}")
        if not settings.show:
            options.add_argument("--headless=new")
        if settings.cacert is not None and settings.detours:
            options.add_argument(f"--ignore-certificate-errors-spki-list={trusted_key(settings.cacert)}")
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # it refuses to run as root otherwise
        options.add_experimental_option(
            "prefs", {"credentials_enable_service": False, "profile.password_manager_enabled": False}
        )
        return options

    def load(self, url: str) -> int:
        """Go to a page; returns its HTTP status, 0 where there is none.

        Raises:
            Unavailable: It does not come.
        """
        try:
            self.driver.get(url)
        except TimeoutException:
            raise Unavailable(f"{url} does not come", "--timeout") from None
        except (WebDriverException, HTTPError) as error:
            raise Unavailable(f"{url} cannot be had: {_reason(error)}") from None
        return self.run("const [page] = performance.getEntriesByType('navigation'); return page?.responseStatus ?? 0")

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page, which may be an asynchronous function's body; returns what it returns.

        Raises:
            Unavailable: The browser is gone, or its page does not answer.
        """
        try:
            return self.driver.execute_script(script, *arguments)
        except TimeoutException:
            raise Unavailable("the page does not answer", "--timeout") from None
        except (WebDriverException, HTTPError) as error:
            raise Unavailable(f"the browser fails: {_reason(error)}", "run it again to go on") from None

    def type_into(self, element: WebElement, text: str) -> None:
        """Type text into a field; it stands in no message, whatever happens."""
        self._do(lambda: element.send_keys(text))

    def click(self, element: WebElement) -> None:
        """Click on something, also where another part of the page lies over it."""
        self._do(lambda: self.driver.execute_script("arguments[0].click()", element))

    def _do(self, act: Callable[[], object]) -> None:
        try:
            act()
        except (WebDriverException, HTTPError) as error:
            raise Unavailable(f"the page cannot be used: {type(error).__name__}", "run it again") from None


def _reason(error: WebDriverException | HTTPError) -> str:
    """The first line of what the driver says; where it is gone, that."""
    told = error.msg if isinstance(error, WebDriverException) else "it is gone"
    return (told or type(error).__name__).splitlines()[0].removeprefix("unknown error: ")
