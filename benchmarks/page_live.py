"""The page of `runstore ui` on a run that logs 10,000 points a second, in headless Chromium.

How long a point takes from ``log()`` until it is drawn, how long the page keeps its reader waiting, whether it grows,
and what the page costs the training: the same training runs before, with nobody looking.
"""

from __future__ import annotations

import json
import select
import statistics
import subprocess
import sys
import time
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks import child, clock, page_browser, report
from benchmarks.page_browser import opened, serving
from benchmarks.report import Claim, Report

if TYPE_CHECKING:
    from runstore import Run

SIZES = {
    "tiny": {"seconds": 2, "rate": 1_000},
    "small": {"seconds": 20, "rate": 10_000},
    "full": {"seconds": 60, "rate": 10_000},
}
NAMES = ("loss", "accuracy", "lr", "grad_norm", "tokens")
TICK = 0.01  # seconds between two bursts of points
WARM = 0.25  # of the time: before it, until the page is taken to have what it needs; after it, paused
PATIENCE = 60.0  # seconds until a chart that is not drawn is an error
OFTEN = 4  # times that each is drawn with new points, at least
ASK = "the same tail asked of the same server when nothing is logged any more, until its answer is there"
STILL = "the same page while it is paused and the training goes on"
NOBODY = "the same training before, with no server and no page"

_WATCH = """() => {
    const found = window.__watched = {drawn: [], gaps: [], tasks: [], since: performance.now()};
    const now = () => performance.timeOrigin + performance.now();
    const look = (canvas) => found.drawn.push([canvas.closest("section").getAttribute("aria-label"),
        Number(canvas.dataset.until), now()]);
    new MutationObserver((changes) => changes.forEach((one) => look(one.target)))
        .observe(document.body, {subtree: true, attributes: true, attributeFilter: ["data-until"]});
    document.querySelectorAll("canvas[data-until]").forEach(look);
    const task = (one) => found.tasks.push([one.startTime, one.duration]);
    new PerformanceObserver((list) => list.getEntries().forEach(task)).observe({type: "longtask"});
    let last = performance.now();
    const frame = (at) => { found.gaps.push([at, at - last]); last = at; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
}"""
_TAKE = """() => {
    const {drawn, gaps, tasks} = window.__watched;
    const taken = {drawn: drawn.splice(0), gaps: gaps.splice(0), tasks: tasks.splice(0)};
    taken.until = performance.timeOrigin + performance.now();
    return taken;
}"""
_TAIL = """async ({run, names, low}) => {
    const token = TOKEN;
    const requests = names.map((metric) => ({key: metric, metric, runs: [run], group: null, x: "step", low, high: null,
        points: 125}));
    const begun = performance.now();
    const answer = await fetch("api/curves", {method: "POST", body: JSON.stringify({requests}),
        headers: {"Content-Type": "application/json", Authorization: `Bearer ${token}`}});
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(String(answer.status));
    return performance.now() - begun;
}"""


def measure(directory: Path, seconds: int, rate: int) -> Report:
    path = directory / f"page-live-{time.time_ns()}"
    with training(path, "alone", rate) as alone:
        _rest(alone, seconds)
        unseen = ended(alone)
    with sync_playwright() as playwright, opened(playwright) as page, serving(page_browser.ours(path)) as server:
        seen = _watched(page, server.url, path, seconds, rate)
    return Report(_claims(unseen, seen), {"unseen": _shown(unseen), **seen})


def _watched(page: Page, url: str, path: Path, seconds: int, rate: int) -> dict[str, Any]:
    """A training whose charts are looked at for so long, and then for a quarter of that while the page is paused."""
    devtools = page.context.new_cdp_session(page)
    with training(path, "seen", rate) as process:
        page.goto(f"{url}#/run/seen?my.tab=metrics", wait_until="commit")
        page.locator("canvas[data-until]").nth(len(NAMES) - 1).wait_for(state="attached")
        page.evaluate(_WATCH)
        _rest(process, WARM * seconds)
        heap = _heap(devtools)
        page.evaluate(_TAKE)
        _rest(process, seconds)
        live = _drawn_often(page, process)
        grown = _heap(devtools)
        page.get_by_role("button", name="Pause").click()
        page.evaluate(_TAKE)
        _rest(process, WARM * seconds)
        told = ended(process)
        paused = page.evaluate(_TAKE)
    low = told["marks"][-1][0] * 95 // 100
    ask = _TAIL.replace("TOKEN", json.dumps(url.partition("token=")[2]))
    asked = clock.interleaved(3, ask=lambda: float(page.evaluate(ask, {"run": "seen", "names": NAMES, "low": low})))
    return {
        "delay_ms": _delays(told["marks"], live),
        "frames": {name: _frames(one) for name, one in (("live", live), ("paused", paused))},
        "heap_mib": {"before": heap, "after": grown},
        "asked_ms": asked["ask"],
        "seen": _shown(told),
    }


def _rest(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Let the training go on for a while.

    Raises:
        RuntimeError: it has ended.
    """
    time.sleep(seconds)
    if process.poll() is not None:
        raise RuntimeError("the training ended early; its own message is above")


def _drawn_often(page: Page, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """What was watched, once every chart was drawn again a few times: a machine may be busy.

    Raises:
        TimeoutError: one was not.
    """
    live: dict[str, Any] = page.evaluate(_TAKE)
    deadline = time.monotonic() + PATIENCE
    while any(len({until for own, until, _ in live["drawn"] if own == name}) < OFTEN for name in NAMES):
        if time.monotonic() > deadline:
            raise TimeoutError("points were logged, and a chart of them was not drawn again")
        _rest(process, 0.5)
        more = page.evaluate(_TAKE)
        live = {key: live[key] + more[key] for key in ("drawn", "gaps", "tasks")} | {"until": more["until"]}
    return live


def _heap(devtools: CDPSession) -> float:
    """MiB that the page's objects take, when nothing is left to be collected."""
    for _ in range(2):
        devtools.send("HeapProfiler.collectGarbage")
    return float(devtools.send("Runtime.getHeapUsage")["usedSize"]) / 2**20


def _delays(marks: Sequence[tuple[int, float]], live: dict[str, Any]) -> dict[str, float]:
    """Milliseconds from the ``log()`` of points until all charts show them."""
    charts: dict[str, list[tuple[int, float]]] = {}
    for name, until, at in live["drawn"]:
        own = charts.setdefault(name, [])
        if not own or until > own[-1][0]:
            own.append((until, at))
    begun = max(own[0][1] for own in charts.values())
    last = min(own[-1][0] for own in charts.values())
    taken = [
        max(own[bisect_left(own, (step, 0.0))][1] for own in charts.values()) - at
        for step, at in marks
        if at > begun and step <= last
    ]
    taken.sort()
    quantiles = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    return {
        **{name: taken[min(len(taken) - 1, int(share * len(taken)))] for name, share in quantiles.items()},
        "max": taken[-1],
        "marks": len(taken),
        "unseen_at_the_end": live["until"] - max(at for step, at in marks if step <= last),
    }


def _frames(found: dict[str, Any]) -> dict[str, float]:
    gaps, tasks = [gap for _, gap in found["gaps"]], [taken for _, taken in found["tasks"]]
    return {
        "longest_task_ms": max(tasks, default=50.0),  # shorter ones are not told
        "tasks": len(tasks),
        "longest_gap_ms": max(gaps, default=0.0),
        "gaps_over_100_ms": sum(gap > 100 for gap in gaps),
        "frames": len(gaps),
    }


def _shown(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key != "marks"}


def _claims(unseen: dict[str, Any], seen: dict[str, Any]) -> list[Claim]:
    live, paused = seen["frames"]["live"], seen["frames"]["paused"]
    heap = seen["heap_mib"]
    return [
        Claim("page-seen", seen["delay_ms"]["p99"], seen["asked_ms"], ASK),
        Claim("page-frame", live["longest_task_ms"], paused["longest_task_ms"], STILL),
        Claim("page-heap", heap["after"] - heap["before"], 0.0, "nothing kept"),
        Claim("page-log", seen["seen"]["log_ns"], unseen["log_ns"], NOBODY),
    ]


# ---- the training


@contextmanager
def training(path: Path, run_id: str, rate: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process that trains until it is told to end, once it has begun. It is killed with the block at the latest."""
    argv = child.command("benchmarks.page_live:train", path=path, run_id=run_id, rate=rate)
    process = subprocess.Popen(argv, env=child.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise RuntimeError("the training did not begin; its own message is above")
        yield process
    finally:
        process.kill()
        process.wait()


def ended(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """End a training; what it tells."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.close()
    told: dict[str, Any] = json.loads(process.stdout.readline())
    return told


def train(path: str, run_id: str, rate: int) -> None:
    """In a child: log so many points a second, in bursts; tell what a call took and when which step was logged."""
    import runstore

    run = runstore.start_run("live", workspace=runstore.Workspace(path), run_id=run_id)
    print("begun", flush=True)
    values, steps = clock.walk(10_000), max(1, round(rate * TICK / len(NAMES)))
    taken, marks = array("d"), []
    step, due = 0, time.monotonic()
    while not select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
        marks.append((step, time.time_ns() / 1e6))
        taken.append(_burst(run, values, step, steps) / (steps * len(NAMES)))
        step += steps
        due += TICK
    told = {"log_ns": statistics.median(taken), "late_s": max(0.0, time.monotonic() - due), "points": step * len(NAMES)}
    print(json.dumps({**told, "marks": marks}), flush=True)
    run.complete()


def _burst(run: Run, values: Sequence[float], first: int, steps: int) -> float:
    """Nanoseconds that logging some steps took."""
    start = perf_counter_ns()
    for step in range(first, first + steps):
        value = values[step % len(values)]
        for name in NAMES:
            run.log(name, value, step=step)
    return perf_counter_ns() - start


if __name__ == "__main__":
    report.main("page_live", SIZES, measure)
