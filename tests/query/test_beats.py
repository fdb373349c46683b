"""A run's heartbeat is as old as the newest of its processes'."""

from __future__ import annotations

import os
import time

import runstore
from runstore.format import names
from runstore.query import beats, listing


def test_a_run_at_work_has_a_young_heartbeat_and_one_that_ended_has_none(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    (state,) = listing.some(ws.path, [run.id])
    lock = run.path / names.lock(state.writers[0].writer)
    os.utime(lock, (time.time() - 500, time.time() - 500))
    age = beats.age(state)
    assert age is not None and 499 < age < 4000
    run.complete()
    assert beats.age(listing.some(ws.path, [run.id])[0]) is None
