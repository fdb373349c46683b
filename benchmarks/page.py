"""The page of `runstore ui` in headless Chromium: until its first chart is painted, redrawing, and zooming.

A billion points, and 100,000 runs; every visit has a browser of its own whose profile and cache are empty. The floor
is the least that a page with one chart does (``page_floor``), in turns with ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright, sync_playwright

from benchmarks import clock, page_browser, page_moves, page_peers, page_stores, report
from benchmarks.page_browser import UNCAPPED, opened, serving, visit
from benchmarks.page_stores import Store
from benchmarks.report import Claim, Report
from benchmarks.scale_build import Shape

SIZES = {
    "tiny": {"long": 3, "metrics": 2, "steps": 60, "many": 70, "rounds": 1, "moves": 3, "peers": 0},
    "small": {"long": 100, "metrics": 100, "steps": 10_000, "many": 10_000, "rounds": 3, "moves": 5, "peers": 0},
    "full": {"long": 1_000, "metrics": 100, "steps": 10_000, "many": 100_000, "rounds": 5, "moves": 9, "peers": 3},
}  # peers: rounds beside other trackers; 0: not beside them
ONCE = 5_000  # runs in files of their own from which on these are opened once: each of them is read
MOST = 20_000  # and from which on never: from a disk that takes as long as the disk likes, minutes
RUNS = "#/runs"
FLOOR = "a bare page of as many bytes from Starlette, the same buckets from one Parquet file by DuckDB, a canvas"
CANVAS = "a canvas with as many lines of as many points and nothing else"
REFETCH = "the bare page: the same buckets from one Parquet file by DuckDB, drawn on its canvas"
Times = dict[str, float]


def shapes(long: int, metrics: int, steps: int, many: int, **_: int) -> dict[str, Shape]:
    """What is to be in each store."""
    return {"long": Shape(long, metrics, steps), "many": Shape(many, 10, 20, params=20)}


def measure(directory: Path, rounds: int, moves: int, peers: int, **sizes: int) -> Report:
    stores = page_stores.stores(directory, shapes(**sizes))
    found: dict[str, Any] = {}
    with sync_playwright() as playwright:
        for name, store in stores.items():
            found[name] = _openings(playwright, store, rounds)
        found["moves"] = _moves(playwright, stores["long"], moves)
        if peers:
            found["peers"] = page_peers.beside(playwright, directory, peers)
    return Report(_claims(found), {"found": found})


def _openings(playwright: Playwright, store: Store, rounds: int) -> dict[str, Times]:
    """Milliseconds until the first chart is there: of both states of a store, and of the floor, in turns."""
    size = _size(playwright, store.compact)
    commands = {
        "compact": page_browser.ours(store.compact),
        "loose": page_browser.ours(store.loose),
        "floor": page_browser.floor(store.points, size),
    }
    taken: dict[str, list[Times]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, argv in commands.items():
            if name == "loose" and store.shape.runs > (ONCE if number else MOST):
                continue
            taken[name].append(opening(playwright, argv, "" if name == "floor" else RUNS))
    return {name: clock.medians(times) for name, times in taken.items() if times}


def opening(playwright: Playwright, argv: list[str], view: str) -> Times:
    """One start of a server and two visits: by the one who waits for it, and by another one when that has all of it."""
    with opened(playwright) as first, serving(argv) as server:
        cold = visit(first, server.url + view)
        page_browser.rest(first)
        with opened(playwright) as second:
            warm = visit(second, server.url + view)
        return {
            "cold_ms": cold.at - server.started,
            "until_asked_ms": cold.begun - server.started,
            "warm_ms": warm.at - warm.begun,
        }


def _size(playwright: Playwright, ws: Path) -> int:
    with opened(playwright) as page, serving(page_browser.ours(ws)) as server:
        visit(page, server.url + RUNS)
        return page_browser.script_bytes(page)


def _moves(playwright: Playwright, store: Store, count: int) -> dict[str, Times]:
    """Redrawing and zooming one chart of 20 runs."""
    drawn = min(page_stores.DRAWN, store.shape.runs)
    with serving(page_browser.ours(store.compact)) as server, serving(page_browser.floor(store.points, 0)) as floor:
        mine, bare = f"{server.url}{RUNS}?drawn={drawn}&full=m0", f"{floor.url}?runs={drawn}"
        with opened(playwright, *UNCAPPED) as page:
            visit(page, mine)
            found = {"hover": page_moves.hover(page, 20 * count), "redraw": page_moves.redraw(page, 20 * count)}
        with opened(playwright, *UNCAPPED) as page:
            visit(page, bare)
            found["redraw_floor"] = page_moves.bare_redraw(page, 20 * count)
        with opened(playwright) as page:
            visit(page, mine)
            found["zoom"] = page_moves.zoom(page, count)
        with opened(playwright) as page:
            visit(page, bare)
            found["zoom_floor"] = page_moves.bare_zoom(page, count, store.shape.steps)
    return found


def _claims(found: Mapping[str, Any]) -> list[Claim]:
    claims = []
    for name in ("long", "many"):
        own, floor = found[name]["compact"], found[name]["floor"]
        claims.append(Claim(f"page-cold-{name}", own["cold_ms"] / 1e3, floor["cold_ms"] / 1e3, FLOOR))
        claims.append(Claim(f"page-warm-{name}", own["warm_ms"] / 1e3, floor["warm_ms"] / 1e3, FLOOR))
    moves = found["moves"]
    for name in ("redraw", "hover"):
        claims.append(Claim(f"page-{name}", moves[name]["drawn_ms"], moves["redraw_floor"]["drawn_ms"], CANVAS))
    claims.append(Claim("page-zoom", moves["zoom"]["refetch_ms"], moves["zoom_floor"]["refetch_ms"], REFETCH))
    return claims


if __name__ == "__main__":
    report.main("page", SIZES, measure)
