"""The browser that pages are looked at in."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """Chromium without a window, with more arguments if need be."""
    program = shutil.which("chromium")
    assert program, "these tests need Chromium: on Debian or Ubuntu, apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *more])
        yield browser
        browser.close()
