"""The page as a user starts it: `runstore ui` in a process of its own, on a store that was logged into."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, expect

import runstore

DRAWN = """canvas => {
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.some(value => value > 0);
}"""


def test_the_curve_of_a_run_is_drawn_and_the_console_has_no_error(browser: Browser, tmp_path: Path) -> None:
    with runstore.start_run("mnist", workspace=runstore.Workspace(tmp_path / "ws")) as run:
        for step in range(100):
            run.log("loss", 1 / (step + 1), step=step)
    command = [sys.executable, "-m", "runstore", "ui", "--no-browser", "--port", "0", "-w", str(tmp_path / "ws")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            page, errors = browser.new_page(), []
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(f"{server.stdout.readline().strip()}#/runs?experiment=mnist")
            curves = page.locator("canvas.rs-chart-curves").first
            expect(curves).to_be_visible(timeout=30_000)
            page.wait_for_function(f"canvas => ({DRAWN})(canvas)", arg=curves.element_handle())
            assert errors == []
            page.close()
        finally:
            server.kill()
