"""What a workspace is asked about many runs: the calls take runs, ids and the beginnings of ids."""

from __future__ import annotations

import pytest

import runstore
from runstore.errors import RunNotFound


@pytest.fixture
def pair(ws: runstore.Workspace) -> list[runstore.Run]:
    runs = []
    for run_id, loss in (("aaaa1", 0.5), ("bbbb2", 0.25)):
        with runstore.start_run("e", run_id=run_id, params={"lr": loss}, workspace=ws) as run:
            run.log("loss", loss)
        runs.append(run)
    return runs


def test_runs_are_compared_however_they_are_named(ws: runstore.Workspace, pair: list[runstore.Run]) -> None:
    by_name = ws.compare(["bbbb", "aaaa1"])
    assert [run.run_id for run in by_name.runs] == ["bbbb2", "aaaa1"]
    assert by_name == ws.compare(reversed(pair))
    assert by_name == ws.compare([pair[1], "a"])


def test_one_run_and_no_run_can_be_compared(ws: runstore.Workspace, pair: list[runstore.Run]) -> None:
    (alone,) = ws.compare(["a"]).params
    assert (alone.changed, alone.values) == (False, [0.5])
    assert ws.compare([]).metrics == []


def test_a_run_that_is_not_there_is_said(ws: runstore.Workspace, pair: list[runstore.Run]) -> None:
    with pytest.raises(RunNotFound, match="cccc"):
        ws.compare(["aaaa1", "cccc"])


def test_a_leaderboard_and_a_pivot_have_the_runs_and_their_values(
    ws: runstore.Workspace, pair: list[runstore.Run]
) -> None:
    assert ws.leaderboard("loss").fetchall()[0] == (1, "bbbb2", "e", None, "Completed", 0.25)
    assert ws.pivot(params="*").fetchall() == [
        ("bbbb2", "e", None, "Completed", 0.25, 0.25), ("aaaa1", "e", None, "Completed", 0.5, 0.5)
    ]  # fmt: skip


def test_runs_come_in_pages(ws: runstore.Workspace) -> None:
    for at in range(7):
        with runstore.start_run("e", run_id=f"r{at}", workspace=ws) as run:
            run.log("loss", at // 2)
    for sort in (None, "loss", "loss desc"):
        pages = [ws.runs(sort=sort, columns=["run_id"], limit=3, offset=at).fetchall() for at in (0, 3, 6, 9)]
        assert [len(page) for page in pages] == [3, 3, 1, 0]
        assert [row for page in pages for row in page] == ws.runs(sort=sort, columns=["run_id"]).fetchall()
    assert ws.runs(columns=["run_id"], offset=5).fetchall() == [("r1",), ("r0",)]
