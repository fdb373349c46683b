"""The curves of some runs, each cut into buckets of its own, as frames that the page reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runstore.query.curves import STEP, TIME
from runstore.view.feed import curves, kinds

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

AXES = (STEP, TIME)
"""Along which they are there. Time since the start is told from time; other metrics are no axes in a report."""

MOST = 5000
"""Curves in one report, counted once for both axes."""

SYSTEM = 100
"""Buckets of what the machine was measured at."""

_DRAWN = (kinds.CURVE, kinds.VALUE)
Metrics = Mapping[str, Sequence[Mapping[str, Any]]]


def wanted(metrics: Metrics, runs: Sequence[str]) -> tuple[list[str], int]:
    """The names of the metrics whose curves are taken, and how many are left off: rare ones, where there are too many.

    Args:
        metrics: of each run what it logged, as ``feed.metrics`` tells it.
        runs: their ids.
    """
    counts: dict[str, int] = {}
    for run in runs:
        for one in metrics[run]:
            if one["kind"] in _DRAWN:
                counts[one["name"]] = counts.get(one["name"], 0) + 1
    taken, room = [], MOST
    for name in sorted(counts, key=lambda name: -counts[name]):  # stable: those of most runs first
        room -= counts[name]
        if room < 0:
            break
        taken.append(name)
    return taken, len(counts) - len(taken)


def requests(
    metrics: Metrics, runs: Sequence[str], names: Sequence[str], machine: Mapping[str, Sequence[str]], points: int
) -> list[dict[str, Any]]:
    """What is asked of ``feed.curves``: each curve along each axis, both beside each other, as that packs best.

    Args:
        metrics: of each run what it logged.
        runs: their ids.
        names: of the metrics that are taken.
        machine: of each run the names of its machine's figures.
        points: buckets of a curve.
    """
    taken, found = {*names}, []
    for run in runs:
        for one in metrics[run]:
            if one["kind"] in _DRAWN and one["name"] in taken:
                found += [{"key": "", "metric": one["name"], "runs": [run], "x": x, "points": points} for x in AXES]
        few = min(SYSTEM, points)
        found += [
            {"key": "system", "metric": name, "runs": [run], "x": TIME, "points": few, "source": "system"}
            for name in machine.get(run, ())
        ]
    return found


def frames(ws: Workspace, asked: Sequence[Mapping[str, Any]], progress: Callable[[int, int], None]) -> Iterator[bytes]:
    """The frames of what is asked; ``progress``: called with (curves done, curves there are)."""
    for begin in range(0, len(asked), curves.REQUESTS):
        some = asked[begin : begin + curves.REQUESTS]
        yield curves.curves(ws, some)
        progress(begin + len(some), len(asked))
