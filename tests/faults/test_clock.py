"""A clock set back, or far ahead, in mid-run reorders nothing and loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.format import names
from runstore.query import sealing
from runstore.query.workspace import Workspace
from tests.crash import calls, oracle
from tests.crash.template import Template
from tests.faults import clocks
from tests.faults.clocks import EACH, HOUR, STEPS

ways = pytest.mark.parametrize("way", ["mapped", "written"])


@ways
@pytest.mark.parametrize("beat", [True, False])
def test_points_stay_in_the_order_of_logging_whatever_the_clock_does(
    way: str, beat: bool, templates: dict[str, Template], workspace: Path
) -> None:
    child = templates[way].start(clocks.set_to_and_fro, path=workspace, run_id="r", threads_beat=beat)
    assert child.wait() == 0
    path = workspace / names.run_dir("r")
    assert oracle.check(path, {0: len(STEPS) * EACH}) == len(STEPS) * EACH
    times = [item[3] for own in oracle.items(path).values() for _, item in own]
    assert times == sorted(times)
    run = Workspace(workspace).get_run("r")
    live = repr(run.history().fetchall())
    logged = [name for i in range(len(STEPS) * EACH) if i % 16 != 13 for name, _, _ in calls.points(0, i)]
    assert [name for (name,) in run.history().select("name").fetchall()] == logged
    sealing.seal(workspace, path)
    assert repr(run.history().fetchall()) == live
    assert run.status == "Completed"


@ways
def test_attempts_keep_their_order_though_the_later_one_has_the_earlier_clock(
    way: str, templates: dict[str, Template], workspace: Path
) -> None:
    for number, off in enumerate((0, -24 * HOUR, -HOUR)):
        job = {"path": workspace, "run_id": "r", "off": off, "first": number * EACH}
        assert templates[way].start(clocks.set_back, **job).wait() == 0
    run = Workspace(workspace).get_run("r")
    for _ in ("live", "sealed"):
        rows = run.history().select("attempt", "step", "value").fetchall()
        assert rows == [(1 + i // EACH, i, float(i)) for i in range(3 * EACH)]
        assert run.get_metrics() == {"v": list(range(3 * EACH))}
        ((last, status, attempts),) = Workspace(workspace).sql("select last.v, status, attempts from runs").fetchall()
        assert (last, status, attempts) == (3 * EACH - 1, "Completed", 3)
        sealing.seal(workspace, workspace / names.run_dir("r"))
    oracle.sound(workspace)
