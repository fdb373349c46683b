"""What one does with a chart that is there: having it drawn anew, and zooming until the finer curves are painted."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks import clock

if TYPE_CHECKING:
    from playwright.sync_api import Page

_FRAME = "const frame = () => new Promise(requestAnimationFrame);"

# It is done when the frame after the one that drew it begins, as for the floor: by then it is on its way to the screen.
_DONE = """
    const erase = CanvasRenderingContext2D.prototype.clearRect;
    let drawn = null;
    CanvasRenderingContext2D.prototype.clearRect = function (...given) {
        if (this.canvas.matches(".rs-chart-curves") && drawn) {
            requestAnimationFrame(drawn);
            drawn = null;
        }
        return erase.apply(this, given);
    };
    const taken = [];
    for (let at = 0; at < count; at++) {
        const start = performance.now();
        await new Promise((done) => {
            drawn = done;
            move(at);
        });
        taken.push(performance.now() - start);
    }
    CanvasRenderingContext2D.prototype.clearRect = erase;
    return taken;
}"""
# The curves are moved along their axis, to and fro: all of them, and the axis, are drawn again.
_REDRAW = (
    "async (count) => {"
    + _FRAME
    + """
    const over = document.querySelector(".rs-plot .u-over");
    const { left, top } = over.getBoundingClientRect();
    const told = { shiftKey: true, bubbles: true, cancelable: true, clientX: left + 99, clientY: top + 99 };
    const move = (at) => over.dispatchEvent(new WheelEvent("wheel", { ...told, deltaY: at % 2 ? 40 : -40 }));
"""
    + _DONE
)
# Another run stands out, as when the pointer goes down the legend.
_HOVER = (
    "async (count) => {"
    + _FRAME
    + """
    const items = [...document.querySelectorAll(".rs-legend li")];
    const move = (at) => items[at % items.length].dispatchEvent(new MouseEvent("mouseenter"));
"""
    + _DONE
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
    page.evaluate(_ZOOM)  # there is somewhere to move to
    return _told(page.evaluate(_REDRAW, count))


def hover(page: Page, count: int) -> dict[str, float]:
    """The same until another run stands out."""
    return _told(page.evaluate(_HOVER, count))


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
