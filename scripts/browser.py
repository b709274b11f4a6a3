"""A headless Chromium without a network, and the checks that are counted."""
import json
import shutil

from selenium import webdriver
from selenium.webdriver.common.by import By

checks = 0


def check(condition, what):
    global checks
    assert condition, what
    checks += 1


def check_close(shown, wanted, allowed, what):
    """As many numbers as expected, at least one, and each within what is allowed for the one that is expected."""
    check(len(shown) == len(wanted) > 0, f"{what}: {len(shown)} numbers, expected {len(wanted)}")
    wrong = [(index, a, b) for index, (a, b) in enumerate(zip(shown, wanted)) if not abs(a - b) <= allowed(b)]
    check(not wrong, f"{what}: {len(wrong)} numbers differ, the first (index, shown, expected): {wrong[:1]}")


class Page:
    """A page in a browser that has no network."""

    def __init__(self, screenshots):
        options = webdriver.ChromeOptions()
        for flag in ("--headless=new", "--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--window-size=1280,1000",
                     "--disable-gpu", "--disable-dev-shm-usage"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        options.binary_location = shutil.which("chromium") or shutil.which("google-chrome")
        # Named, so that Selenium does not go looking for one on the network.
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        self.screenshots = screenshots

    def open(self, path):
        self.driver.get(path.as_uri())

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def shot(self, name):
        if self.screenshots:
            self.driver.save_screenshot(str(self.screenshots / f"{name}.png"))

    def size(self, width, height):
        """The window; below 500 a phone's."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
        # What listens to it runs with the next frame.
        self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def media(self, name, value):
        """A preference of the reader, such as a dark scheme."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": name, "value": value}]})
        self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def check_quiet(self):
        """Nothing was asked of the network, and nothing complained."""
        errors = [entry for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]
        check(not errors, f"the console says {errors}")
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        urls = [message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"]
        check(urls, "the browser has logged no request, not even that for the page")
        check(all(url.startswith(("file:", "data:")) for url in urls), f"requests beyond the page: {urls}")
