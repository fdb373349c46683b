"""Runs whose curves are known point by point, and a person's ways with a chart."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

import runstore

STEPS = 3000  # six points to a bucket, where nothing is zoomed
SPIKE, SPIKE_AT, LONG = 50.0, 34_567, 100_000
VIEW = "#/runs?experiment=curves"
ALL = (0.0, 1.0, 0.0, 1.0)


@dataclass
class Charted:
    """The runs, and of every metric the values that each of them has logged, by step."""

    ws: runstore.Workspace
    ids: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, dict[int, float]]] = field(default_factory=dict)

    def log(self, experiment: str, name: str, curves: dict[str, dict[int, float]]) -> None:
        """A run with these curves."""
        with self.ws.experiment(experiment).start_logging(name, params={"team": name[-1] in "ab"}) as run:
            for step in sorted({step for curve in curves.values() for step in curve}):
                run.log({metric: curve[step] for metric, curve in curves.items() if step in curve}, step=step)
        self.ids[name] = run.id
        self.values[name] = curves


def made(place: Path) -> Charted:
    """Three runs of noisy curves, odd ones too; one run of many steps with a single spike."""
    charted = Charted(runstore.Workspace(place))
    for number, name in enumerate(("run a", "run b", "run c")):
        noise = random.Random(number)
        steps = range(STEPS)
        curves = {
            "loss": {step: 2 * math.exp(-step / 600) + number / 5 + noise.random() / 3 for step in steps},
            "epoch": {step: step / 100 for step in steps},
            "coarse": {step: math.sin(step / 300) + noise.random() - 0.5 for step in range(0, STEPS, 10)},
            "odd": {step: odd(step) for step in steps},
            "signed": {step: float(step - 50) for step in range(0, 1000, 5)},
        }
        charted.log("curves", name, curves)
    charted.log("long", "run d", {"spiky": {step: spiky(step) for step in range(LONG)}})
    return charted


def spiky(step: int) -> float:
    """A slow wave, and a single value far above it."""
    return SPIKE if step == SPIKE_AT else 1 + math.sin(step / 10_000) / 10


def odd(step: int) -> float:
    """NaN for a while, infinite now and then."""
    return math.nan if 1000 <= step < 1500 else math.inf if step % 700 == 650 else math.cos(step / 200)


def exponential(values: Iterable[float], weight: float) -> float:
    """The exponential mean after the last of all points, corrected for its start; what is not finite takes no part."""
    total = smoothed = 0.0
    for value in values:
        if math.isfinite(value):
            smoothed = weight * smoothed + (1 - weight) * value
            total = weight * total + 1 - weight
    return smoothed / total


def chart(page: Page, metric: str) -> Locator:
    """The chart of a metric, drawn."""
    found = page.locator(f"[data-metric='{metric}'] .rs-chart, .rs-full-chart .rs-chart[aria-label='{metric}']").first
    found.scroll_into_view_if_needed()
    expect(found.locator(".u-over")).to_be_visible()
    expect(found).not_to_have_class(re.compile("rs-stale"))  # what was asked for last has come
    return found


def at(page: Page, one: Locator, across: float, down: float = 0.5) -> tuple[float, float]:
    """A place in the plotting area, in shares of it; the pointer goes there."""
    box = one.locator(".u-over").bounding_box()
    assert box is not None
    x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
    page.mouse.move(x, y)
    return x, y


def drag(page: Page, one: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of the plotting area to another with the button pressed."""
    at(page, one, *start)
    page.mouse.down()
    for share in (0.25, 0.5, 0.75, 1.0):
        at(page, one, *(a + share * (b - a) for a, b in zip(start, end, strict=True)))
    page.mouse.up()


def focus(one: Locator) -> None:
    """The chart has the keyboard."""
    one.locator(".rs-plot").focus()


def readout(one: Locator) -> dict[str, float]:
    """The crosshair's table: what it says of each run, in its order."""
    expect(one.locator(".rs-readout")).to_be_visible()
    rows = one.locator(".rs-readout tr").all()
    return {row.locator("td").nth(1).inner_text(): number(row.locator("td").nth(2).inner_text()) for row in rows}


def place(one: Locator) -> float:
    """Where the crosshair stands, as a number."""
    return number(one.locator(".rs-readout p").first.inner_text())


def number(text: str) -> float:
    """The number that people read."""
    found = re.search(r"[-−]?[\d,]*\.?\d+(e[-−]?\d+)?|NaN", text)
    assert found is not None, text
    return float(found.group().replace("−", "-").replace(",", ""))


def ink(one: Locator, across: tuple[float, float] = (0, 1), down: tuple[float, float] = (0, 1)) -> list[int]:
    """How many pixels of a part of the canvas are faint and how many are full; the part is told in shares."""
    found: list[int] = one.locator("canvas.rs-chart-curves").evaluate(
        """(canvas, [left, right, top, bottom]) => {
          const { width, height } = canvas;
          const [x, y] = [Math.floor(left * width), Math.floor(top * height)];
          const [w, h] = [Math.ceil((right - left) * width), Math.ceil((bottom - top) * height)];
          const { data } = canvas.getContext("2d").getImageData(x, y, w, h);
          let [faint, full] = [0, 0];
          for (let at = 3; at < data.length; at += 4) {
            if (data[at] > 180) full++;
            else if (data[at] > 8) faint++;
          }
          return [faint, full];
        }""",
        [*across, *down],
    )
    return found


def when(page: Page, one: Locator, drawn: Callable[[list[int]], bool], part: tuple[float, float, float, float]) -> None:
    """Wait until a part of the canvas is drawn so: left, right, top and bottom in shares."""
    for _ in range(200):
        if drawn(ink(one, part[:2], part[2:])):
            return
        page.evaluate("() => new Promise(requestAnimationFrame)")
    raise AssertionError(f"{part} holds {ink(one, part[:2], part[2:])}")


def spoken(one: Locator) -> Locator:
    """What is read out of the crosshair."""
    return one.locator("[aria-live=polite]").first


def menu(page: Page, one: Locator, item: str) -> None:
    """Choose from a chart's menu."""
    one.get_by_role("button", name="More for").click()
    page.get_by_role("menuitem", name=item).or_(page.get_by_role("menuitemcheckbox", name=item)).click()
