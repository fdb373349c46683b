"""The sealing child may be killed at any instant, again and again: every answer stays the same."""

from __future__ import annotations

import random
import time
from pathlib import Path

from runstore.disk import inventory
from runstore.format import names
from tests.crash import jobs, oracle
from tests.crash.template import Shared, Template

RUNS = 3
TRIES = 24


def test_killing_the_sealer_changes_no_answer(templates: dict[str, Template], shared: Shared, workspace: Path) -> None:
    run_ids = [f"sealed {number}" for number in range(RUNS)]
    for run_id in run_ids:
        job = {"path": workspace, "run_id": run_id, "threads": 2, "total": 2000, "rotate": 1 << 17}
        child = templates["mapped"].start(jobs.crash, shared, **job)
        child.talk.receive()
        child.talk.send("go")
        assert child.wait() == 0
    expected = {run_id: oracle.decoded(workspace / names.run_dir(run_id)) for run_id in run_ids}
    assert sum(len(points) for run in expected.values() for points in run.values()) > 10_000
    dice = random.Random("sealing")
    for number in range(TRIES):
        child = templates["sealer"].start(jobs.seal_all, shared, path=workspace, run_ids=run_ids)
        child.talk.receive()
        child.talk.send("go")
        time.sleep(dice.random() * 0.02 * (1 + number))
        child.kill()
        child.wait()
        assert oracle.asked(workspace, run_ids) == expected
    child = templates["sealer"].start(jobs.seal_all, shared, path=workspace, run_ids=run_ids)
    child.talk.receive()
    child.talk.send("go")
    assert child.wait() == 0
    assert oracle.asked(workspace, run_ids) == expected
    for run_id in run_ids:
        found = inventory.scan(workspace / names.run_dir(run_id))
        assert (found.points, found.damaged) == ([], [])
        assert found.segments("points")
    oracle.sound(workspace)
