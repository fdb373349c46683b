"""The page in a browser, as a person has it, over a workspace of a few runs."""

from __future__ import annotations

import asyncio
import math
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import runstore
from runstore.view.server import serving
from runstore.view.server.app import Page as Served

TOKEN = "a-token-that-only-tests-know"
RUNS = 14
_WIDE = {"width": 1500, "height": 900}


def log(ws: runstore.Workspace, number: int, *, experiment: str = "mnist") -> runstore.Run:
    """One run: fast ones learn more; the fourth fails."""
    params = {"lr": (0.1, 0.01)[number % 2], "seed": number, "epochs": 3}
    run = runstore.start_run(experiment, params=params, workspace=ws)
    for step in range(60):
        loss = math.exp(-step / 20) + number / 10
        run.log({"train/loss": loss, "val/loss": loss * 1.1, "accuracy": 1 - loss / 3}, step=step)
    if number == 3:
        run.fail("no memory")
    else:
        run.complete()
    return run


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> runstore.Workspace:
    """Fourteen runs in an experiment, one in another."""
    ws = runstore.Workspace(tmp_path_factory.mktemp("page") / "store")
    for number in range(RUNS):
        log(ws, number)
    log(ws, 0, experiment="other")
    return ws


@pytest.fixture(scope="session")
def address(store: runstore.Workspace) -> Iterator[str]:
    """Where the page is, without its token."""
    at = serving.listening("127.0.0.1", 0)
    ready = threading.Event()
    server = serving.server(Served(store, TOKEN, serving.names_of("127.0.0.1")), ready.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([at])), daemon=True)
    thread.start()
    assert ready.wait(30)
    yield f"http://127.0.0.1:{at.getsockname()[1]}/"
    server.should_exit = True
    thread.join(30)
    at.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; else the one that Playwright fetched."""
    own = shutil.which("chromium")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=own and Path(own), args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[[str], Page]]:
    """``visit("#/runs")``: a page of its own at that view. An error in it fails the test."""
    context = browser.new_context(viewport=_WIDE, permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    errors: list[str] = []

    def at(view: str) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}?token={TOKEN}{view}")
        return page

    yield at
    context.close()
    assert errors == []


def asked(page: Page, name: str) -> list[str]:
    """What the address says of one part of the view."""
    return parse_qs(page.url.partition("#")[2].partition("?")[2], keep_blank_values=True).get(name, [])
