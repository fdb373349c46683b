"""A process that dies before, or in, any single call through the file seam leaves a run that reads and goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.format import names
from runstore.runs import state
from tests.crash import jobs, oracle
from tests.crash.template import Shared, Template

FEW, ENOUGH = 50, 1000  # calls through the seam; a session makes more, and fewer
NEVER = 0  # no call has this number
CALLS = 120  # of log() in a session

CASES = [(way, during) for way in ("mapped", "written") for during in (False, True)]
each_way_and_moment = pytest.mark.parametrize(("way", "during"), CASES)


@pytest.mark.parametrize(
    ("way", "during"),
    [
        pytest.param(way, during, marks=[pytest.mark.slow] * ((way, during) != ("mapped", True)))
        for way, during in CASES
    ],
)
def test_death_at_any_file_call_of_a_session_loses_nothing(
    way: str, during: bool, templates: dict[str, Template], shared: Shared, workspace: Path
) -> None:
    for number in range(1, ENOUGH):
        shared.clear()
        run_id = f"dies at call {number}"
        child = templates[way].start(jobs.die_at, shared, path=workspace, run_id=run_id, number=number, during=during)
        ended = child.wait() == 0
        path = workspace / names.run_dir(run_id)
        assert oracle.check(path, {0: shared[0]}) >= shared[1], run_id
        if ended:
            break
    assert (state.fold(path).status, shared[0]) == ("Completed", CALLS)
    assert number > FEW
    oracle.sound(workspace)


@pytest.mark.slow
@each_way_and_moment
def test_death_at_any_file_call_of_a_resumed_session_loses_nothing_of_either_attempt(
    way: str, during: bool, templates: dict[str, Template], shared: Shared, workspace: Path
) -> None:
    job = {"path": workspace, "during": during}
    for number in range(1, ENOUGH, 3):
        shared.clear()
        run_id = f"dies twice, the second time at call {number}"
        templates[way].start(jobs.die_at, shared, run_id=run_id, number=90 - number % 60, **job).wait()
        first = shared[0]
        shared.clear()
        child = templates[way].start(jobs.die_at, shared, run_id=run_id, number=number, attempt=2, **job)
        ended = child.wait() == 0
        path = workspace / names.run_dir(run_id)
        found = {attempt: made.get(0, 0) for (attempt, _), made in oracle.made(path).items()}
        assert first <= found.pop(1, 0) <= first + 1, run_id
        assert shared[0] <= found.pop(2, 0) <= shared[0] + 1, run_id
        assert found == {}
        if ended:
            break
    assert (state.fold(path).status, shared[0]) == ("Completed", CALLS)
    assert number > FEW
    oracle.sound(workspace)


@pytest.mark.slow
@each_way_and_moment
def test_a_run_that_died_at_any_file_call_is_completed_by_its_next_attempt(
    way: str, during: bool, templates: dict[str, Template], shared: Shared, workspace: Path
) -> None:
    job = {"path": workspace, "during": during}
    for number in range(1, 100, 4):
        run_id = f"is resumed after call {number}"
        templates[way].start(jobs.die_at, shared, run_id=run_id, number=number, **job).wait()
        assert templates[way].start(jobs.die_at, shared, run_id=run_id, number=NEVER, attempt=2, **job).wait() == 0
        path = workspace / names.run_dir(run_id)
        found = oracle.made(path)
        assert [made for (attempt, _), made in found.items() if attempt == 2] == [{0: CALLS}]
        assert (state.fold(path).status, state.fold(path).error) == ("Completed", None)
