"""A JupyterLab of its own on loopback, and notebooks in a browser's page: what a person does with them."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
from playwright.sync_api import Locator, Page, expect

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "a-token-that-only-tests-know"
STARTING = 120  # seconds
_SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/apputils-extension/themes": {"theme": "JupyterLab Light"},
}


class Lab:
    """A server. ``notebook(name, cells)`` writes a notebook and gives its address."""

    def __init__(self, directory: Path, origin: str) -> None:
        self.directory, self.origin = directory, origin

    def notebook(self, name: str, cells: Sequence[str]) -> str:
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = self.directory / f"{name}.ipynb"
        nbformat.write(made, path)
        return f"{self.origin}/doc/tree/{path.name}?token={TOKEN}&reset"


@contextmanager
def started(below: Path) -> Iterator[Lab]:
    """JupyterLab with directories of its own, so that nobody's settings are read or written."""
    work = below / "work"
    for name in ("work", "config", "data", "runtime", "ipython", "settings", "workspaces"):
        (below / name).mkdir(parents=True)
    for plugin, settings in _SETTINGS.items():
        owner, _, name = plugin.rpartition("/")
        place = below / "settings" / owner
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.jupyterlab-settings").write_text(json.dumps(settings))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ, "HOME": str(below), "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(below / "config"),
        "JUPYTER_DATA_DIR": str(below / "data"), "JUPYTER_RUNTIME_DIR": str(below / "runtime"),
        "IPYTHONDIR": str(below / "ipython"), "JUPYTERLAB_SETTINGS_DIR": str(below / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(below / "workspaces"), "JUPYTER_NO_CONFIG": "1",
        "RUNSTORE_PROVENANCE": "0", "RUNSTORE_SYSTEM": "0",
    }  # fmt: skip
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={work}",
    ]  # fmt: skip
    log = below / "log.txt"
    with log.open("wb") as told:
        process = subprocess.Popen(command, cwd=work, env=environment, stdout=told, stderr=told)
    try:
        origin = f"http://127.0.0.1:{port}"
        _answers(f"{origin}/api/status?token={TOKEN}", process, log)
        yield Lab(work, origin)
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTING
    while process.poll() is None and time.monotonic() < end:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(log.read_text())


COUNTED = """
const held = [];
for (const name of ["addEventListener", "removeEventListener"]) {
  const own = EventTarget.prototype[name];
  EventTarget.prototype[name] = function (type, listener, options) {
    if ([window, document, document.documentElement, document.body].includes(this)) {
      const at = held.findIndex((one) => one[0] === this && one[1] === type && one[2] === listener);
      if (name === "removeEventListener" && at >= 0) held.splice(at, 1);
      if (name === "addEventListener" && at < 0 && new Error().stack.includes("blob:")) {
        const one = [this, type, listener];
        held.push(one);
        options?.signal?.addEventListener("abort", () => held.includes(one) && held.splice(held.indexOf(one), 1));
      }
    }
    return own.call(this, type, listener, options);
  };
}
window.heldByWidgets = () => held.map((one) => one[1]).sort();
"""
"""Keeps account of the listeners that widgets' modules, whose addresses are blobs, have on what outlives them."""

_DONE = re.compile(r"\[\d+\]:")


class Notebook:
    """A notebook as somebody has it before them."""

    def __init__(self, page: Page, directory: Path, sent: list[str]) -> None:
        """Once its kernel listens. ``sent``: what the browser has sent to it."""
        self.page, self.directory, self._sent = page, directory, sent
        expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")

    @property
    def cells(self) -> Locator:
        return self.page.locator(".jp-CodeCell")

    def output(self, number: int) -> Locator:
        return self.cells.nth(number).locator(".jp-Cell-outputWrapper")

    def run(self, number: int, wait: bool = True) -> None:
        """Run a cell; ``wait`` until it has ended."""
        cell = self.cells.nth(number)
        self._enter(number)
        self.page.keyboard.press("Control+Enter")
        if wait:
            expect(cell.locator(".jp-InputPrompt")).to_have_text(_DONE)
            expect(cell.locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
            expect(cell.locator("[data-mime-type='application/vnd.jupyter.error']")).to_have_count(0)

    def clear(self, number: int) -> None:
        """Clear a cell's output, by the menu."""
        self._enter(number)
        self.page.locator(".lm-MenuBar-item", has_text="Edit").click()
        self.page.locator(".lm-Menu-item", has_text="Clear Cell Output").click()

    def listeners(self) -> list[str]:
        """What widgets' modules listen to on the document and what is around it."""
        return list(self.page.evaluate("window.heldByWidgets()"))

    def asked(self, pattern: str) -> None:
        """Wait until a question that is like this has been sent."""
        for _ in range(600):
            if any(re.search(pattern, one) for one in self._sent):
                return
            self.page.wait_for_timeout(100)  # what is sent is heard meanwhile
        raise AssertionError(f"nothing like {pattern} was asked: {self._sent[-5:]}")

    def _enter(self, number: int) -> None:
        cell = self.cells.nth(number)
        cell.locator(".cm-content").click()
        expect(cell.locator(".cm-editor.cm-focused")).to_be_visible()
