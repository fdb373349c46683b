"""Ten processes log while others compact and collect, again and again: nobody is disturbed and nothing is lost."""

from __future__ import annotations

import subprocess
import sys

import pytest

import runstore
from runstore.disk import block
from runstore.query import collecting, compaction, levels
from runstore.query.check import check

WRITER = """
import sys, runstore
ws, who, runs = runstore.Workspace(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for number in range(runs):
    with runstore.start_run("e", run_id=f"{who}-{number % 3}", workspace=ws, params={"lr": number}) as run:
        for step in range(50):
            run.log({"loss": who + step / 10, "acc": number}, step=step)
        run.log_row("table", who=who)
    ws.get_run(f"{who}-{number % 3}").set_tags({f"t{number}": who})
"""


def tried(ws: runstore.Workspace, runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "WIDTH", 2)
    monkeypatch.setattr(levels, "FULL_RUNS", 25)
    code = [sys.executable, "-c", WRITER, str(ws.path)]
    writers = [subprocess.Popen([*code, str(who), str(runs)]) for who in range(10)]
    taken = 0
    while any(one.poll() is None for one in writers):
        done = compaction.compact(ws.path, grace=0, enough=1)
        assert done.damaged == []
        taken += done.blocked
        assert collecting.collect(ws.path, grace=0).trouble == []
        asked = "select count(*), count(distinct (run_id, writer, seq)) from metrics"
        ((points, distinct),) = ws.sql(asked).fetchall()
        assert points == distinct
    assert [one.returncode for one in writers] == [0] * 10
    assert taken > 0
    whole(ws, runs)


def whole(ws: runstore.Workspace, runs: int) -> None:
    for _ in range(2):
        compaction.compact(ws.path, grace=0, enough=1)
    assert list(compaction.run_paths(ws.path)) == []
    held = [set(one.keys()) for one in block.active(ws.path)]  # a full block keeps its part of a run that went on
    assert len(set[str]().union(*held)) == 10 * min(runs, 3)
    told = ws.sql("select run_id, status, attempts, points from runs order by run_id").fetchall()
    counts = [len(range(number, runs, 3)) for number in range(min(runs, 3))]
    assert told == [
        (f"{who}-{number}", "Completed", count, 101 * count) for who in range(10) for number, count in enumerate(counts)
    ]
    assert ws.sql("select count(*) from rows").fetchall() == [(10 * runs,)]
    assert ws.sql("select count(*) from tags").fetchall() == [(10 * runs,)]
    assert [one for one in check(ws.path) if one.severity != "note"] == []


@pytest.mark.slow
def test_ten_writers_log_while_it_is_compacted_and_collected(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried(ws, 4, monkeypatch)


@pytest.mark.soak
def test_they_do_so_for_long(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    tried(ws, 60, monkeypatch)
