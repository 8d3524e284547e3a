"""A user signs in with every provider, says no, comes back twice, and signs in in two tabs at once.

Usage: python sign_in.py EXAMPLE, with Selenium in PYTHONPATH. Prints a line for each thing that is tried; what is not as it
should be ends it with an error, and with what the example said.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as page
from selenium.webdriver.support.wait import WebDriverWait

PATIENCE = 20

# The providers by what their buttons are called, and who the user is there.
USERS = {
    "photos": "248289761001",
    "mail": "ada-7",
    "work": "83692",
}


class Visit:
    """A browser with no memory, at the example's first page."""

    def __init__(self, home):
        self.home = home
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        for flag in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]:
            options.add_argument(flag)
        self.browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
        self.browser.get(home)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.browser.quit()

    def wait(self, css):
        return WebDriverWait(self.browser, PATIENCE).until(page.presence_of_element_located((By.CSS_SELECTOR, css)))

    def press(self, css):
        self.wait(css).click()

    def text(self, css):
        return self.wait(css).text

    def begin(self, provider):
        """Up to the provider's question."""
        self.browser.get(self.home)
        self.press(f"#{provider}")
        self.wait("button[value=allow]")

    def sign_in(self, provider):
        self.begin(provider)
        self.press("button[value=allow]")
        self.is_signed_in(provider)

    def callback(self):
        """The address that the browser was last sent back to."""
        events = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        sent = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return [url for url in sent if "/callback" in url][-1]

    def is_signed_in(self, provider):
        same(self.text("#provider"), provider)
        same(self.text("#identifier"), USERS[provider])


def same(found, expected):
    if found != expected:
        raise AssertionError(f"expected {expected!r}, found {found!r}")


def signs_in(visit, provider):
    visit.sign_in(provider)
    same(USERS[provider] in visit.text("#answer"), True)
    cookie = visit.browser.get_cookie("session")
    same((cookie["httpOnly"], cookie["sameSite"]), (True, "Lax"))


def says_no(visit, provider):
    visit.begin(provider)
    visit.press("button[value=deny]")
    same(visit.text("#failed"), "You said no.")


def comes_back_twice(visit, provider):
    visit.begin(provider)
    visit.press("button[value=allow]")
    visit.is_signed_in(provider)
    callback = visit.callback()
    visit.browser.get(callback)
    same(visit.text("#failed"), "The sign-in failed. Please try again.")


def in_two_tabs(visit, provider):
    """The second one is finished first."""
    visit.begin(provider)
    first = visit.browser.current_window_handle
    visit.browser.switch_to.new_window("tab")
    visit.sign_in(provider)
    visit.browser.switch_to.window(first)
    visit.press("button[value=allow]")
    visit.is_signed_in(provider)


def begun_before(visit, provider):
    """A login that began before somebody else signed in adds no account to theirs."""
    visit.begin(provider)
    first = visit.browser.current_window_handle
    visit.browser.switch_to.new_window("tab")
    visit.sign_in(next(other for other in USERS if other != provider))
    visit.browser.switch_to.window(first)
    visit.press("button[value=allow]")
    same(visit.text("#failed"), "Please begin again.")


def in_another_browser(visit, provider):
    """Whoever is sent to a callback that another began is not signed in."""
    visit.begin(provider)
    visit.press("button[value=allow]")
    visit.is_signed_in(provider)
    callback = visit.callback()
    visit.browser.delete_all_cookies()
    visit.browser.get(callback)
    same(visit.text("#failed"), "The sign-in failed. Please try again.")


SCENARIOS = [signs_in, says_no, comes_back_twice, in_two_tabs, in_another_browser, begun_before]


def play(example, scenario, provider):
    """At an application that nobody knows yet."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([example, "--serve"], stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            home = re.search(r"http://\S+", process.stdout.readline())[0]
            with Visit(home) as visit:
                scenario(visit, provider)
        except Exception:
            process.kill()
            log.seek(0)
            print(process.stdout.read(), log.read().decode(), file=sys.stderr)
            raise
        finally:
            process.kill()
            process.wait()


def main(example):
    for scenario in SCENARIOS:
        for provider in USERS:
            play(example, scenario, provider)
            print(f"ok {scenario.__name__} {provider}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
