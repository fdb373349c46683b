"""The browser that pages are tested in: Chromium as the system has it, else the one that Playwright has fetched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (  # it asks nobody but the page's server, and needs neither a screen nor a user of its own
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def installed() -> Path | None:
    """The system's."""
    found = [path for name in NAMES if (path := shutil.which(name))]
    return Path(found[0]) if found else None


@contextmanager
def started() -> Iterator[Browser]:
    """A browser without windows, until the block ends."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=installed(), args=[*FLAGS])
        try:
            yield made
        finally:
            made.close()
