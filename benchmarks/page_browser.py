"""A page in headless Chromium, as somebody has it who opens it for the first time: when its first chart is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import child

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

WAIT = 300  # seconds until a page that shows no chart is an error
FLAGS = ("--disable-gpu", *(("--no-sandbox",) if getattr(os, "geteuid", lambda: 1)() == 0 else ()))
UNCAPPED = ("--disable-frame-rate-limit", "--disable-gpu-vsync")  # frames follow each other as fast as they are drawn
SIZE = {"width": 1500, "height": 900}
_FIRST = """name => new Promise((done, failed) => {
    const said = () => document.body.innerText.slice(0, 300);
    const end = setTimeout(() => failed(new Error(`no chart: ${said()}`)), SECONDS * 1000);
    const look = () => {
        const [mark] = performance.getEntriesByName(name);
        if (!mark) return setTimeout(look, 10);
        clearTimeout(end);
        done({at: performance.timeOrigin + mark.startTime, begun: performance.timeOrigin});
    };
    look();
})""".replace("SECONDS", str(WAIT))
_LINES = """lines => new Promise((done, failed) => {
    const end = setTimeout(() => failed(new Error("no chart")), SECONDS * 1000);
    const drawn = () => [...document.querySelectorAll(lines)].some((one) => one.getAttribute("d")?.length > 100);
    const look = () => {
        if (!drawn()) return requestAnimationFrame(look);
        clearTimeout(end);
        const at = performance.timeOrigin;
        requestAnimationFrame(() => done({at: at + performance.now(), begun: at}));
    };
    look();
})""".replace("SECONDS", str(WAIT))
_DRAWN = """() => Math.max(...[...document.querySelectorAll("canvas")].map(canvas => {
    if (!canvas.width || !canvas.height) return 0;
    const dots = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    let found = 0;
    for (let at = 0; at < dots.length; at += 4) {
        const [red, green, blue, alpha] = dots.subarray(at, at + 4);
        if (alpha > 100 && Math.max(red, green, blue) - Math.min(red, green, blue) > 40) found++;
    }
    return found;
}), 0)"""
MARK = "runstore: first chart"


@dataclass(frozen=True, slots=True)
class First:
    """When the page was gone to and when its first chart was on the screen, in milliseconds since the epoch."""

    begun: float
    at: float


@contextmanager
def opened(playwright: Playwright, *flags: str) -> Iterator[Page]:
    """An empty page of a browser that has never seen any: profile and cache are new."""
    own = shutil.which("chromium")
    browser = playwright.chromium.launch(executable_path=own and Path(own), args=[*FLAGS, *flags])
    try:
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        page.goto("about:blank")
        yield page
    finally:
        browser.close()


def visit(page: Page, url: str, lines: str | None = None) -> First:
    """Go to a page; when its first chart was there.

    Args:
        page: an empty one.
        url: the address.
        lines: the selector of a chart's lines, for pages that do not say themselves when the first is drawn.

    Raises:
        RuntimeError: it says that it has drawn a chart, and no coloured pixel is there.
    """
    page.goto(url, wait_until="commit")
    found = page.evaluate(_LINES, lines) if lines else page.evaluate(_FIRST, MARK)
    if lines is None and page.evaluate(_DRAWN) < 20:
        raise RuntimeError(f"{url.partition('?')[0]}: a chart is said to be drawn, and no line is to be seen")
    return First(found["begun"], found["at"])


def rest(page: Page) -> None:
    """Wait until a page has asked for nothing during a second."""
    before, now = -1, 0
    while now != before:
        before = now
        page.wait_for_timeout(1000)
        now = page.evaluate("() => performance.getEntriesByType('resource').length")


@dataclass(frozen=True, slots=True)
class Server:
    """A server at work. ``started``: when its process was, in milliseconds since the epoch."""

    url: str
    started: float


@contextmanager
def serving(argv: Sequence[str]) -> Iterator[Server]:
    """A server in a fresh process, from when it tells its address as its first line on."""
    started = time.time() * 1e3
    process = subprocess.Popen(argv, env=child.environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url.startswith("http"):
            raise RuntimeError(f"no server: {' '.join(argv)}")
        yield Server(url, started)
    finally:
        process.terminate()
        process.communicate()


def ours(ws: Path) -> list[str]:
    """The command that shows a workspace."""
    return [sys.executable, "-m", "runstore", "ui", "-w", str(ws), "--no-browser", "--port", "0"]


def floor(points: Path, size: int) -> list[str]:
    """The command of the least that does so (``benchmarks.page_floor``)."""
    return [sys.executable, "-m", "benchmarks.page_floor", str(points), str(size)]


def script_bytes(page: Page) -> int:
    """How many bytes of scripts and styles a page has loaded."""
    found: Any = page.evaluate(
        "() => performance.getEntriesByType('resource').filter(one => /\\.(js|css)$/.test(one.name))"
        ".reduce((sum, one) => sum + one.decodedBodySize, 0)"
    )
    return int(found)
