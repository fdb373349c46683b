"""kill -9 at any instant loses no point whose log() has returned, leaves none twice, and changes none."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runstore.format import names
from runstore.query import sealing
from tests.crash import jobs, oracle
from tests.crash.template import Shared, Template, until

TRIES = 34  # of each phase for each way of writing: 204 tries after thousands of points, and 68 starts
ASKED = 4  # of the tries are read in SQL too, before and after sealing


@dataclass(frozen=True)
class Phase:
    """When to kill: once ``counter`` has reached ``least``, and at most ``linger`` seconds later."""

    counter: int
    least: int
    linger: float
    job: dict[str, int] = field(default_factory=dict)


PHASES = {
    "start": Phase(jobs.PHASE, 0, 0.005),
    "steady": Phase(0, 1500, 0.03, {"threads": 3, "total": 20_000}),
    "rotation": Phase(0, 1500, 0.03, {"threads": 2, "rotate": 1 << 16, "total": 20_000}),
    "complete": Phase(jobs.PHASE, 2, 0.01, {"threads": 2, "rotate": 1 << 16, "total": 1500}),
}


@pytest.mark.parametrize(
    "phase", [pytest.param(name, marks=[pytest.mark.slow] * (name != "complete")) for name in PHASES]
)
@pytest.mark.parametrize("way", ["mapped", pytest.param("written", marks=pytest.mark.slow)])
def test_no_acknowledged_point_is_lost_twice_or_changed(
    way: str, phase: str, templates: dict[str, Template], shared: Shared, workspace: Path
) -> None:
    seeds = [f"{way} {phase} {number}" for number in range(TRIES)]
    for seed in seeds:
        try:
            crash(templates[way], PHASES[phase], random.Random(seed), shared, workspace, run_id=seed)
        except BaseException as error:
            error.add_note(f"in the try of seed {seed!r}")
            raise
    expected = oracle.agree(workspace, seeds[:ASKED])
    for seed in seeds[:ASKED]:
        sealing.seal(workspace, workspace / names.run_dir(seed))
    oracle.sound(workspace)
    asked = oracle.asked(workspace, seeds[:ASKED])
    assert asked == {seed: {w: p for w, p in points.items() if p} for seed, points in expected.items()}


def crash(template: Template, phase: Phase, dice: random.Random, shared: Shared, workspace: Path, run_id: str) -> None:
    shared.clear()
    child = template.start(jobs.crash, shared, path=workspace, run_id=run_id, **phase.job)
    assert child.talk.receive() == "ready"
    child.talk.send("go")
    until(lambda: shared[phase.counter] >= phase.least, "the moment to kill")
    time.sleep(dice.random() * phase.linger)
    child.kill()
    child.wait()
    threads = range(phase.job.get("threads", 1))
    oracle.check(workspace / names.run_dir(run_id), {thread: shared[thread] for thread in threads})
