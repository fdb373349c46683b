"""Gathered points of runs that can't change any more, kept: whoever zooms, or comes later, reads no file again.

A run that is settled is the same object as long as nothing came to its directory, nor to the blocks that it lies in
(``listing.some``); what was gathered of it is true for just as long.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from runstore.query import gathered, listing
from runstore.query.curves import Asked
from runstore.query.gathered import Gathered
from runstore.runs.state import RunState

Runs = Mapping[str, RunState]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was gathered, of these runs as they were just before."""

    runs: Runs
    view: str
    x: str
    points: Gathered

    def tells(self, runs: Runs, asked: Asked) -> bool:
        """Whether a curve can be made of it, of these runs as they are now."""
        if (asked.view, asked.x) != (self.view, self.x) or not self.points.has(asked):
            return False
        return all(runs.get(run_id) is self.runs.get(run_id) for run_id in asked.run_ids or ())


class Remembered:
    """What was gathered lately. Threads may share it."""

    def __init__(self, most: int = gathered.MOST) -> None:
        """Nothing yet. ``most``: how many points are kept."""
        self._most, self._lock = most, Lock()
        self._kept: list[_Kept] = []  # what was used last comes last

    @property
    def count(self) -> int:
        """How many points are kept."""
        return sum(one.points.count for one in self._kept)

    def find(self, runs: Runs, asks: Iterable[Asked]) -> dict[Asked, Gathered]:
        """What is kept for curves. ``runs``: as ``runs_of`` gave them now."""
        found: dict[Asked, Gathered] = {}
        with self._lock:
            for asked in filter(gathered.fits, asks):
                one = next((one for one in reversed(self._kept) if one.tells(runs, asked)), None)
                if one is not None:
                    found[asked] = one.points
                    self._kept.remove(one)
                    self._kept.append(one)
        return found

    def keep(self, runs: Runs, read: Mapping[Asked, Gathered]) -> None:
        """Keep what was read, as far as it stays true. ``runs``: as ``runs_of`` gave them before it was read."""
        several = {id(points): (asked, points) for asked, points in read.items() if points.entire}
        with self._lock:
            for asked, points in several.values():
                own = {run_id: run for run_id in points.runs if (run := runs.get(run_id)) is not None}
                if all(map(listing.remembered, own.values())):
                    self._kept.append(_Kept(own, asked.view, asked.x, points))
            while self.count > self._most:
                del self._kept[0]


def runs_of(workspace: Path, asks: Iterable[Asked]) -> Runs:
    """The runs of curves that are made of gathered points, as they are now."""
    ids = {run_id for one in asks if gathered.fits(one) for run_id in one.run_ids or ()}
    return {run.run_id: run for run in listing.some(workspace, ids)}


@functools.lru_cache(maxsize=1)
def of_process() -> Remembered:
    """What this process keeps."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=of_process.cache_clear)
    return Remembered()
