"""What one does with a chart that is there: having it drawn anew, and zooming until the finer curves are painted."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks import clock

if TYPE_CHECKING:
    from playwright.sync_api import Page

_FRAME = "const frame = () => new Promise(requestAnimationFrame);"

# Another run stands out, as when the pointer goes down the legend: all bands and lines are drawn again. It is done when
# the frame after the one that drew them begins.
_REDRAW = (
    "async (count) => {"
    + _FRAME
    + """
    const erase = CanvasRenderingContext2D.prototype.clearRect;
    let drawn = 0;
    CanvasRenderingContext2D.prototype.clearRect = function (...given) {
        if (this.canvas.matches(".rs-chart-curves")) drawn++;
        return erase.apply(this, given);
    };
    const items = [...document.querySelectorAll(".rs-legend li")], taken = [];
    for (let at = 0; at < count; at++) {
        const [before, start] = [drawn, performance.now()];
        items[at % items.length].dispatchEvent(new MouseEvent("mouseenter"));
        while (drawn === before) await frame();
        await frame();
        taken.push(performance.now() - start);
    }
    CanvasRenderingContext2D.prototype.clearRect = erase;
    return taken;
}"""
)
_BARE_REDRAW = (
    "async (count) => {"
    + _FRAME
    + """
    const curves = await window.curves();
    await frame();
    const taken = [];
    for (let at = 0; at < count; at++) {
        const start = performance.now();
        await frame();
        window.draw(curves);
        await frame();
        taken.push(performance.now() - start);
    }
    return taken;
}"""
)
_ZOOM = (
    "async () => {"
    + _FRAME
    + """
    const plot = document.querySelector(".rs-plot"), chart = plot.closest(".rs-chart");
    const asked = () => performance.getEntriesByType("resource").filter((one) => one.name.endsWith("api/curves"));
    const before = asked().length, start = performance.now();
    plot.dispatchEvent(new KeyboardEvent("keydown", {key: "+", bubbles: true}));
    while (!chart.matches(".rs-stale")) await frame();
    while (chart.matches(".rs-stale")) await frame();
    await frame();
    const end = performance.now(), request = asked()[before];
    return {refetch_ms: end - request.startTime, answered_ms: request.responseEnd - request.startTime,
        rest_ms: request.startTime - start};
}"""
)
_BARE_ZOOM = (
    "async ([low, high]) => {"
    + _FRAME
    + """
    const start = performance.now();
    window.draw(await window.curves(low, high));
    await frame();
    await frame();
    return performance.now() - start;
}"""
)


def redraw(page: Page, count: int) -> dict[str, float]:
    """Milliseconds until all is drawn anew, in a browser whose frames wait for no screen: median, and the worst."""
    return _told(page.evaluate(_REDRAW, count))


def bare_redraw(page: Page, count: int) -> dict[str, float]:
    """The same of the floor's canvas."""
    return _told(page.evaluate(_BARE_REDRAW, count))


def _told(times: list[float]) -> dict[str, float]:
    warm = times[len(times) // 5 :]  # what is compiled while it runs is at first slower
    return {"drawn_ms": statistics.median(warm), "worst_ms": max(warm)}


def zoom(page: Page, count: int) -> dict[str, float]:
    """Milliseconds of zooming in, each time to the half around the middle; medians.

    ``refetch_ms`` is from the request to its curves on the screen; before it the zoom rests for ``rest_ms``.
    """
    return clock.medians([page.evaluate(_ZOOM) for _ in range(count)])


def bare_zoom(page: Page, count: int, steps: int) -> dict[str, float]:
    """The same of the floor."""
    halves = [steps / 2 ** (place + 2) for place in range(count)]
    taken = [page.evaluate(_BARE_ZOOM, [steps / 2 - half, steps / 2 + half]) for half in halves]
    return clock.medians([{"refetch_ms": one} for one in taken])
