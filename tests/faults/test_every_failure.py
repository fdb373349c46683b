"""Whichever file calls fail, once or several in a row, log() never raises and the account of what is lost is exact."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from runstore.format import names
from runstore.runs import state
from tests.crash import oracle
from tests.crash.template import Template
from tests.faults.session import PARTS, POINTS, session

ENOUGH = 1000  # calls through the seam; a session makes fewer
SPARE = 40  # calls that a session must still make after the last fault to record what happened


@pytest.mark.parametrize("way", ["mapped", pytest.param("written", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("code", "times"),
    [
        (errno.EIO, 1),
        pytest.param(errno.ENOSPC, 1, marks=pytest.mark.slow),
        pytest.param(errno.ENOSPC, 6, marks=pytest.mark.slow),
        pytest.param(errno.EMFILE, 12, marks=pytest.mark.slow),
    ],
)
def test_any_file_call_may_fail(
    way: str, code: int, times: int, templates: dict[str, Template], workspace: Path
) -> None:
    first, step = (code == errno.ENOSPC) + 1, 2 if way == "mapped" else 4  # every call meets one of two errors
    for number in range(first, ENOUGH, max(times // 2, step)):
        run_id = f"fails at call {number}"
        child = templates[way].start(session, path=workspace, run_id=run_id, number=number, times=times, code=code)
        raised, later = child.talk.receive()
        assert child.wait() == 0, run_id
        assert raised == [], run_id
        path = workspace / names.run_dir(run_id)
        steps = found(path, run_id)
        if later < 0:
            break
        if later >= times + SPARE:
            exact(path, run_id, steps, several=times > 1)
    assert later < 0 and number > 40
    exact(path, run_id, steps, several=False)
    oracle.sound(workspace)


def found(path: Path, run_id: str) -> int:
    """How many points are there: each once, in order, and no damage."""
    steps = [step for own in oracle.decoded(path).values() for _, _, step, _ in own]
    assert steps == sorted(set(steps)), run_id
    assert state.fold(path).damaged == [], run_id
    return len(steps)


def exact(path: Path, run_id: str, steps: int, several: bool) -> None:
    """What is not there is counted, and the run has ended.

    Several failures in a row may leave a claim of the attempt that could not be undone; the next try joined it then.
    """
    folded = state.fold(path)
    assert steps + folded.dropped == POINTS, run_id
    assert [w.state for w in folded.writers if w.end] == ["Completed"], run_id
    assert folded.status == "Completed" or (several and len(folded.writers) == 2), run_id
    assert len(folded.params) == PARTS, run_id
