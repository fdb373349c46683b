"""The machine's figures of a run are named with how many samples there are."""

from __future__ import annotations

import runstore
from runstore.view.feed import system
from tests.query import scenes


def test_figures_of_the_machine_are_named(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    assert system.system(ws, run.id) == {"metrics": []}
    scenes.log_side(run, 2)
    assert system.system(ws, run.id) == {
        "metrics": [{"name": "cpu.percent", "points": 2}, {"name": "memory.used_bytes", "points": 2}]
    }
