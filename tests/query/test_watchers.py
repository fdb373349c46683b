"""Whoever waits for work that nobody asked for is told how far it is."""

from __future__ import annotations

import sys
from subprocess import run

from runstore.query import watchers


def test_those_who_watch_are_told_until_they_go() -> None:
    told: list[tuple[int, int]] = []
    with watchers.watched(lambda done, total: told.append((done, total))):
        watchers.tell(1, 2)
    watchers.tell(2, 2)
    assert told == [(1, 2)]


def test_who_watches_for_good_takes_the_place_of_another() -> None:
    told: list[str] = []
    watchers.watch(lambda done, total: told.append("first"))
    watchers.watch(lambda done, total: told.append("second"))
    watchers.tell(0, 1)
    watchers.watch(lambda done, total: None)
    assert told == ["second"]


def test_to_watch_loads_no_engine() -> None:
    program = "import sys, runstore.query.watchers; sys.exit('duckdb' in sys.modules)"
    assert run([sys.executable, "-c", program], check=False).returncode == 0
