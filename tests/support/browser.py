"""A real browser without a window: Debian's Chromium, driven as a person would use it."""

import base64
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

PATIENCE_SECONDS = 30
PHONE = (360, 740)
DESK = (1280, 800)
FINGER = 44
"""What a finger hits, in CSS pixels each way."""


@dataclass(frozen=True, kw_only=True)
class Browser:
    """One browser with one page open. `AFTERSALES_SCREENSHOTS` names a folder for what `picture` takes."""

    driver: Chrome

    @classmethod
    @contextmanager
    def running(cls, *, size: tuple[int, int], language: str) -> Iterator["Browser"]:
        """A fresh one that asks for pages in `language`; without a memory of what was looked at before."""
        options = ChromeOptions()
        options.binary_location = _program("AFTERSALES_CHROMIUM", package="chromium", name="chromium")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        options.add_argument("--headless=new")
        options.add_argument("--disable-dev-shm-usage")
        options.add_argument("--hide-scrollbars")
        options.add_argument("--disable-background-networking")
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium has none for root
        driver_path = _program("AFTERSALES_CHROMEDRIVER", package="chromium-driver", name="chromedriver")
        driver = Chrome(options=options, service=Service(driver_path))
        try:
            width, height = size
            metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < DESK[0]}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            driver.execute_cdp_cmd("Network.enable", {})
            driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": language}})
            yield cls(driver=driver)
        finally:
            driver.quit()

    def open(self, address: str) -> None:
        """Go there."""
        self.driver.get(address)

    def all(self, selector: str) -> list[WebElement]:
        """What a CSS selector finds."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        """The only one of them."""
        [found] = self.all(selector)
        return found

    def text(self, selector: str = "body") -> str:
        """What a person reads there."""
        return self.one(selector).text

    def tick(self, question: str, degree: str) -> None:
        """Tap an answer, where its words are."""
        self.one(f"label:has(input[name={question}][value={degree}])").click()

    def ticked(self) -> dict[str, str]:
        """What is ticked now."""
        inputs = self.all("input[type=radio]:checked")
        return {str(one.get_attribute("name")): str(one.get_attribute("value")) for one in inputs}

    def leave_by(self, act: Callable[[], None]) -> None:
        """Do what loads another page, and wait for it."""
        before = self.one("html")
        act()

        def loaded(driver: Chrome) -> bool:
            found = self.all("html")
            return (
                bool(found) and found != [before] and driver.execute_script("return document.readyState") == "complete"
            )

        WebDriverWait(self.driver, PATIENCE_SECONDS).until(loaded)

    def complaints(self) -> list[str]:
        """What the browser itself found wrong with the page, but for the status of refusals."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [
            entry["message"] for entry in entries if "the server responded with a status of 4" not in entry["message"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        measured: int = self.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        return measured

    def too_small_for_fingers(self) -> list[str]:
        """What can be tapped on and is hard to hit."""
        targets = self.all("button:not(.hidden), .tile, .bar a, .foot a, .faults a, textarea")
        return [one.text for one in targets if one.size["height"] < FINGER or one.size["width"] < FINGER]

    def picture(self, name: str) -> None:
        """Keep what the page looks like in its whole length, where a folder for it is named."""
        folder = os.environ.get("AFTERSALES_SCREENSHOTS")
        if folder is None:
            return
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


def _program(variable: str, *, package: str, name: str) -> str:
    found = os.environ.get(variable) or shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing: install the system package {package} (scripts/setup does), or set {variable}")
    return found
