"""Runs to be shown, and a JupyterLab for those who look at them in a browser."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import runstore
from runstore.errors import RunClosed, RunNotFound
from runstore.runs import seal
from tests.view.notebook.lab import COUNTED, Lab, Notebook, started

HOSTILE = '</script><img src=x onerror="alert(1)">&\'\x01\ud800'


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    """A workspace in which nothing is sealed by itself."""
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(tmp_path / "ws")


@pytest.fixture
def run(ws: runstore.Workspace) -> Iterator[runstore.Run]:
    """A run at work with two curves, a value and some params."""
    made = runstore.start_run("mnist", params={"lr": 0.1, "model": {"name": "cnn"}}, workspace=ws)
    for step in range(200):
        made.log({"loss": math.exp(-step / 50), "accuracy": 1 - math.exp(-step / 40)}, step=step)
    made.log("final", 3)
    yield made
    with suppress(RunClosed, RunNotFound):  # else it would end with the test's process, and be sealed then
        made.complete()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with started(tmp_path_factory.mktemp("lab")) as one:
        yield one


@pytest.fixture
def opened(lab: Lab, browser: Browser) -> Iterator[Callable[[str, Sequence[str]], Notebook]]:
    """``opened(name, cells)``: a notebook, its kernel started. What reaches elsewhere, or fails, fails the test."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    errors: list[str] = []
    elsewhere: list[str] = []

    def one(name: str, cells: Sequence[str]) -> Notebook:
        page = context.new_page()
        page.add_init_script(COUNTED)
        sent: list[str] = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(_text(frame))))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda asked: elsewhere.append(asked.url) if _leads_away(asked.url, lab.origin) else None)
        page.goto(lab.notebook(name, cells))
        return Notebook(page, lab.directory, sent)

    yield one
    for page in context.pages:
        page.evaluate("fetch('/api/sessions').then(a => a.json()).then(all => Promise.all(all.map(one => "
                      "fetch('/api/kernels/' + one.kernel.id, {method: 'DELETE', headers: {'X-XSRFToken': "
                      "document.cookie.replace(/.*_xsrf=([^;]*).*/, '$1')}}))))")  # fmt: skip
    context.close()
    assert errors == []
    assert elsewhere == []


def _leads_away(url: str, origin: str) -> bool:
    return not url.startswith((origin, origin.replace("http", "ws", 1), "data:", "blob:"))


def _text(frame: str | bytes) -> str:
    return frame if isinstance(frame, str) else frame.decode("latin-1")
