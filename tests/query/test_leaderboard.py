"""The best runs first, by whichever figure of whichever metric, and nothing that is no number leads."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import runstore
from runstore.errors import QueryError, UsageError
from runstore.query import leaderboard, points, sealing
from tests.query import stores
from tests.query.stores import Attempt, Told

RANDOM = settings(
    max_examples=15, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@pytest.fixture
def sweep(ws: runstore.Workspace) -> runstore.Workspace:
    """Five runs of a learning rate, the last of which diverged, and one that measured nothing."""
    for at, losses in enumerate([[3.0, 0.5], [0.1, 0.6], [4.0, 0.25], [2.0, math.nan], []]):
        with runstore.start_run("e", run_id=f"r{at}", params={"lr": at / 10}, workspace=ws) as run:
            for step, loss in enumerate(losses):
                run.log({"loss": loss, "acc": 1 - loss}, step=step)
        sealing.seal(ws.path, run.path)
    return ws


def expected(told: list[Told], metric: str, mode: str, of: str) -> list[tuple[int | None, str]]:
    """Rank and run by the figures alone."""
    found = {one.run_id: one.figure(metric, of) for one in told}
    keys = {
        run: (value if mode == "min" else -value)
        for run, value in found.items()
        if value == value and value is not None
    }
    newest = [one.run_id for one in reversed(told)]
    ordered = sorted(newest, key=lambda run: (run not in keys, keys.get(run, 0)))
    return [(1 + sum(k < keys[run] for k in keys.values()) if run in keys else None, run) for run in ordered]


@RANDOM
@given(
    stores.stores, st.sampled_from(stores.METRICS), st.sampled_from(leaderboard.MODES), st.sampled_from(leaderboard.OF)
)
@example([Told([Attempt([("loss", 2**53 + 1, 0)], True)], {}, "a", True)], "loss", "min", "last")
def test_it_is_what_the_points_say(told: list[Told], metric: str, mode: str, of: str) -> None:
    assume(any(metric in [name for name, _, _ in a.points] for one in told for a in one.attempts))
    with stores.made(told) as ws:
        rows = ws.leaderboard(metric, mode, of=of).fetchall()
        if of != "mean":
            assert [(row[0], row[1]) for row in rows] == expected(told, metric, mode, of)
        for row in rows:
            value = next(one.figure(metric, of) for one in told if one.run_id == row[1])
            assert (
                row[5] == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True) if value is not None else row[5] is None
            )


@RANDOM
@given(stores.stores, st.sampled_from(stores.METRICS), st.sampled_from(leaderboard.MODES))
def test_the_macro_gives_the_same(told: list[Told], metric: str, mode: str) -> None:
    assume(any(metric in [name for name, _, _ in a.points] for one in told for a in one.attempts))
    with stores.made(told) as ws:
        called = ws.sql("select * from leaderboard(?, ?)", [metric, mode])
        board = ws.leaderboard(metric, mode)
        assert called.columns == board.columns
        assert repr(called.fetchall()) == repr(board.fetchall())


@RANDOM
@given(stores.stores, st.sampled_from(["loss", "val/loss"]), st.sampled_from(["", " desc"]))
def test_the_runs_sorted_by_a_metric_are_in_the_same_order(told: list[Told], metric: str, way: str) -> None:
    """Where all of its values are floats: what is of several types is typed as one there (docs/sql.md)."""
    for one in told:
        one.params.pop("loss", None)
        for attempt in one.attempts:
            attempt.points[:] = [point for point in attempt.points if isinstance(point[1], float)]
    assume(any(metric in [name for name, _, _ in a.points] for one in told for a in one.attempts))
    with stores.made(told) as ws:
        board = ws.leaderboard(metric, "max" if way else "min").fetchall()
        rows = ws.runs(sort=f"last.{metric}{way}", columns=["run_id", f"last.{metric}"]).fetchall()
        assert repr([row for row in rows if row[1] == row[1] and row[1] is not None]) == repr(
            [(row[1], row[5]) for row in board if row[0] is not None]
        )
        assert {row[0] for row in rows} == {row[1] for row in board}


@pytest.mark.parametrize(
    ("of", "mode", "best", "value"),
    [("last", "min", "r2", 0.25), ("last", "max", "r1", 0.6), ("min", "min", "r1", 0.1), ("max", "max", "r2", 4.0),
     ("mean", "min", "r1", 0.35), ("first", "max", "r2", 4.0)],
)  # fmt: skip
def test_any_figure_leads_either_way(sweep: runstore.Workspace, of: str, mode: str, best: str, value: float) -> None:
    (first,) = sweep.leaderboard("loss", mode, of=of, limit=1).fetchall()
    assert (first[0], first[1], first[5]) == (1, best, pytest.approx(value))


def test_what_is_no_number_comes_last_without_a_rank(sweep: runstore.Workspace) -> None:
    rows = sweep.leaderboard("loss").fetchall()
    assert [(row[0], row[1]) for row in rows] == [(1, "r2"), (2, "r0"), (3, "r1"), (None, "r4"), (None, "r3")]
    assert rows[3][5] is None
    assert math.isnan(rows[4][5])


def test_columns_a_filter_and_a_page_are_chosen(sweep: runstore.Workspace) -> None:
    board = sweep.leaderboard("loss", where="lr < 0.25", columns=["lr", "acc", "points"], limit=2, offset=1)
    assert board.columns == ["rank", "run_id", "experiment", "name", "status", "value", "lr", "acc", "points"]
    assert board.fetchall() == [
        (2, "r0", "e", None, "Completed", 0.5, 0.0, 0.5, 4),
        (3, "r1", "e", None, "Completed", 0.6, 0.1, 0.4, 4),
    ]


def test_a_column_may_be_called_as_one_of_the_board_is(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", run_id="r", params={"value": 3, "rank": 4}, workspace=ws) as run:
        run.log({"key": 1.0, "loss": 2.0})
    assert ws.leaderboard("loss", columns=["value", "rank", "key"]).fetchall()[0][5:] == (2.0, 3, 4, 1.0)


def test_only_the_runs_of_an_experiment_are_ranked(sweep: runstore.Workspace) -> None:
    with runstore.start_run("other", run_id="x", workspace=sweep) as run:
        run.log("loss", 0.0)
    assert [row[1] for row in sweep.leaderboard("loss", experiment="other").fetchall()] == ["x"]
    assert sweep.leaderboard("loss", experiment="e").fetchall()[0][:2] == (1, "r2")
    assert sweep.leaderboard("loss", experiment="none").fetchall() == []


def test_a_metric_may_be_called_anything(ws: runstore.Workspace) -> None:
    for name in ("it's", 'a"b', "val/loss; drop", "last", "name", "nul\0l"):
        with runstore.start_run("e", run_id=name.replace("\0", "0"), workspace=ws) as run:
            run.log(name, 1.5)
        assert ws.leaderboard(name).fetchall()[0][5] == 1.5


def test_a_metric_that_only_a_live_run_has_is_found(ws: runstore.Workspace) -> None:
    run = runstore.start_run("e", workspace=ws)
    run.log("fresh", 2.0)
    assert [row[1] for row in ws.leaderboard("fresh").fetchall()] == [run.id]
    run.complete()


@pytest.mark.parametrize("of", leaderboard.OF)
def test_points_are_not_read_where_summaries_tell(
    sweep: runstore.Workspace, of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("points were read")

    monkeypatch.setattr(points.Points, "sql", refuse)
    for path in Path(sweep.path).rglob("points-*.parquet"):
        path.unlink()  # what isn't there can't be read
    with pytest.warns(UserWarning, match="missing"):
        assert len(sweep.leaderboard("loss", of=of).fetchall()) == 5


def test_what_there_is_not_is_said(sweep: runstore.Workspace) -> None:
    with pytest.raises(QueryError, match=r"no run has a metric 'los'; did you mean loss"):
        sweep.leaderboard("los")
    with pytest.raises(UsageError, match=r"mode is one of 'min', 'max', not 'least'"):
        sweep.leaderboard("loss", "least")
    with pytest.raises(UsageError, match="of is one of 'last'"):
        sweep.leaderboard("loss", of="median")
    with pytest.raises(UsageError, match="at least 0"):
        sweep.leaderboard("loss", offset=-1)
