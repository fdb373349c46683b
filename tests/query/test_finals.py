"""Final values come from seal records where these tell, and from points where they don't."""

from __future__ import annotations

import pytest

import runstore
from runstore.query import connect, sealing
from runstore.query.finals import Finals
from runstore.query.points import Points
from runstore.query.statement import Statement


def finals(ws: runstore.Workspace) -> Finals:
    return Finals(connect.connect(), ws.path, Statement({"metric_summary"}))


def test_sealed_runs_are_told_by_their_record(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with ws.experiment("e").start_logging(run_id="a") as run:
        run.log("loss", 1.0)
        run.log("loss", 2**60)
    sealing.seal(ws.path, run.path)
    monkeypatch.setattr(Points, "sql", None)  # nobody reads points
    assert finals(ws).values("last") == {"a": {"loss": 2**60}}
    assert finals(ws).values("min") == {"a": {"loss": 1.0}}


def test_live_runs_are_told_by_their_points(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging(run_id="a") as run:
        run.log("loss", 1.0)
        run.log("loss", 3)
        run.flush()
        assert finals(ws).values("last") == {"a": {"loss": 3}}
        assert finals(ws).values("mean") == {"a": {"loss": 2.0}}


def test_of_several_attempts_only_what_counts_is_summed_up(ws: runstore.Workspace) -> None:
    for value in (1.0, 5.0):
        with ws.experiment("e").start_logging(run_id="a") as run:
            run.log("loss", value, step=3)
    assert finals(ws).values("max") == {"a": {"loss": 5.0}}
    assert finals(ws).values("min") == {"a": {"loss": 5.0}}
