"""Points come while one looks: the page goes on by itself, keeps what was zoomed, and says how the run stands."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Request, expect

import runstore
from tests.view.page.conftest import Visit, asked

_TRAIN = """
import sys, runstore
run = runstore.Workspace(sys.argv[1]).experiment("live").start_logging("at work")
step = 0
print(run.id, flush=True)
for line in sys.stdin:
    if line == "end\\n":
        break
    for step in range(step, step + int(line)):
        run.log("loss", 1 / (step + 1), step=step)
        run.log({"accuracy": step / 100, "lr": 0.1}, step=step)
    step += 1
    run.flush()
    print(step - 1, flush=True)
run.complete()
"""


class Training:
    """A process that logs when it is told to."""

    def __init__(self, ws: runstore.Workspace) -> None:
        self.ws = ws
        argv = [sys.executable, "-c", _TRAIN, str(ws.path)]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.run_id = self._line()

    def log(self, steps: int) -> int:
        """Log so many steps more; the last of them."""
        self._tell(f"{steps}\n")
        return int(self._line())

    def end(self) -> None:
        """Let it complete."""
        self._tell("end\n")
        self.process.wait()

    def _tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def training(tmp_path: Path) -> Iterator[Training]:
    """A run of 300 steps that waits to go on."""
    one = Training(runstore.Workspace(tmp_path / "store"))
    one.log(300)
    yield one
    one.process.kill()
    one.process.communicate()


@pytest.fixture
def page(visit: Visit, training: Training) -> Page:
    """The charts of that run, drawn."""
    page = opened(visit, training)
    shows(page, 299)
    return page


def opened(visit: Visit, training: Training) -> Page:
    return visit(f"#/run/{training.run_id}?my.tab=metrics", training.ws)


def curve(page: Page, name: str = "loss") -> Locator:
    """The canvas that a metric's curve is drawn on."""
    return page.get_by_role("region", name=name, exact=True).locator("canvas[data-until]")


def curves_asked(page: Page) -> list[Request]:
    """The requests for curves that the page makes from now on."""
    sent: list[Request] = []

    def heard(request: Request) -> None:
        if request.url.endswith("api/curves"):
            sent.append(request)

    page.on("request", heard)
    return sent


def shows(page: Page, step: int) -> None:
    """Every chart shows the run up to this step."""
    for name in ("loss", "accuracy", "lr"):
        expect(curve(page, name)).to_have_attribute("data-until", str(step))


def test_the_last_point_logged_is_shown_without_a_reload_and_on_the_same_canvas(page: Page, training: Training) -> None:
    page.evaluate("window.before = [...document.querySelectorAll('canvas[data-until]')]")
    for steps in (1, 50, 2000, 1):
        shows(page, training.log(steps))
    drawn = page.evaluate(
        "[...document.querySelectorAll('canvas[data-until]')].map((one) => window.before.includes(one))"
    )
    assert drawn == [True] * 3


def test_only_the_tail_of_a_live_curve_is_asked_for_all_charts_in_one_request(page: Page, training: Training) -> None:
    sent = curves_asked(page)
    for _ in range(3):
        shows(page, training.log(100))
    assert sent
    for one in sent:
        requests = (one.post_data_json or {})["requests"]
        assert sorted(curve["metric"] for curve in requests) == ["accuracy", "loss", "lr"]
        assert all(isinstance(curve["low"], int) and curve["low"] > 0 for curve in requests)


def test_points_that_come_leave_the_zoom_as_it_is(page: Page, training: Training) -> None:
    chart = page.get_by_role("region", name="loss", exact=True).get_by_role("img")
    chart.focus()
    chart.press("+")
    chart.press("+")
    expect(page).to_have_url(re.compile("zoom="))
    zoomed = asked(page, "zoom")
    with page.expect_response("**/api/curves"):
        last = training.log(500)
    with page.expect_response("**/api/curves"):
        last = training.log(500)
    assert asked(page, "zoom") == zoomed
    expect(curve(page)).not_to_have_attribute("data-until", str(last))
    chart.press("r")
    shows(page, last)


def test_a_pause_holds_the_picture_and_what_came_meanwhile_shows_afterwards(
    page: Page, visit: Visit, training: Training
) -> None:
    page.get_by_role("button", name="Pause").click()
    other = opened(visit, training)
    last = training.log(700)
    shows(other, last)
    shows(page, 299)
    page.get_by_role("button", name="Go on").click()
    shows(page, last)
    shows(page, training.log(1))


_HIDE = """state => {
    Object.defineProperty(document, "visibilityState", {value: state, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_hidden_tab_asks_for_nothing_until_it_is_looked_at(page: Page, visit: Visit, training: Training) -> None:
    page.evaluate(_HIDE, "hidden")
    sent = curves_asked(page)
    other = opened(visit, training)
    for _ in range(2):
        last = training.log(400)
        shows(other, last)
    assert sent == []
    shows(page, 299)
    page.evaluate(_HIDE, "visible")
    shows(page, last)


def status(page: Page) -> Locator:
    return page.locator(".rp-title .rs-status")


def test_a_run_that_ends_is_shown_as_completed(page: Page, training: Training) -> None:
    expect(status(page)).to_contain_text("Running")
    last = training.log(10)
    training.end()
    expect(status(page)).to_contain_text("Completed")
    shows(page, last)


def test_a_run_whose_process_was_killed_is_shown_as_failed(page: Page, training: Training) -> None:
    training.process.kill()
    training.process.wait()
    expect(status(page)).to_contain_text("Failed")
    expect(page.get_by_text("its process ended without a word")).to_be_visible()
    expect(page.get_by_text("running for")).to_have_count(0)


def test_a_run_that_gives_no_sign_of_life_is_said_to_give_none(page: Page, training: Training) -> None:
    expect(page.get_by_text("last sign of life")).to_be_visible()
    training.process.send_signal(signal.SIGSTOP)
    try:
        long_ago = time.time() - 3600  # as if it had been stopped an hour ago
        for lock in training.ws.get_run(training.run_id).path.glob("*.lock"):
            os.utime(lock, (long_ago, long_ago))
        expect(page.get_by_text("no sign of life for")).to_be_visible()
    finally:
        training.process.send_signal(signal.SIGCONT)
