"""Questions with a name: what a macro answers, and what it costs."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import runstore
from runstore.errors import QueryError
from runstore.query import connect, macros, statement
from runstore.query.views import VIEWS


@pytest.fixture
def ws(workspace: Path) -> runstore.Workspace:
    """Four runs: a good one, a better one, one that diverged and one that never measured anything."""
    made = runstore.Workspace(workspace)
    for run_id, losses in {"good": [3.0, 0.5], "better": [4.0, 0.25], "diverged": [1.0, math.nan], "none": []}.items():
        with runstore.start_run("e", run_id=run_id, name=run_id.title(), workspace=made) as run:
            for step, loss in enumerate(losses):
                run.log({"loss": loss, "acc": 1 - loss}, step=step)
    return made


def test_a_leaderboard_ranks_the_last_values_and_what_is_no_number_comes_last(ws: runstore.Workspace) -> None:
    asked = ws.sql("select rank, run_id, experiment, name, status, value from leaderboard('loss')")
    rows = asked.fetchall()
    assert rows[:2] == [(1, "better", "e", "Better", "Completed", 0.25), (2, "good", "e", "Good", "Completed", 0.5)]
    assert [(row[0], row[1]) for row in rows[2:]] == [(None, "none"), (None, "diverged")]
    assert ws.sql("select run_id from leaderboard('loss') where rank = 1").fetchall() == [("better",)]


def test_a_leaderboard_may_be_of_the_greatest(ws: runstore.Workspace) -> None:
    for asked in ("leaderboard('loss', 'max')", "leaderboard('loss', mode := 'MAX')"):
        assert [row[0] for row in ws.sql(f"select run_id from {asked} where rank <= 2").fetchall()] == [
            "good",
            "better",
        ]


def test_a_leaderboard_takes_parameters(ws: runstore.Workspace) -> None:
    assert ws.sql("select run_id from leaderboard(?, ?) limit 1", ["acc", "max"]).fetchall() == [("better",)]
    assert ws.sql("select run_id from leaderboard($m) limit 1", {"m": "acc"}).fetchall() == [("good",)]


def test_equal_values_share_a_rank(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", run_id="equal", workspace=ws) as run:
        run.log("loss", 0.25)
    rows = ws.sql("select rank, run_id from leaderboard('loss')").fetchall()
    assert rows[:3] == [(1, "equal"), (1, "better"), (3, "good")]


def test_a_macro_works_wherever_a_table_does(ws: runstore.Workspace) -> None:
    for query in (
        "with l as (from leaderboard('loss')) select l.run_id from l join runs using (run_id) where rank = 1",
        "select run_id from metric_summary where name = 'loss' and run_id in (select run_id from leaderboard('acc'))"
        " and last < 0.3",
        "select a.run_id from leaderboard('loss') a join leaderboard('acc', 'max') b using (run_id, rank) limit 1",
    ):
        assert ws.sql(query).fetchall() == [("better",)], query
    assert len(ws.sql("pivot leaderboard('loss') on status using count(*) group by experiment").fetchall()) == 1


def test_curves_in_sql_have_the_buckets_of_curves_in_python(ws: runstore.Workspace) -> None:
    for steps in (range(40), range(25, 50)):
        with ws.experiment("e").start_logging(run_id="resumed") as run:
            for step in steps:
                run.log({"loss": math.inf if step == 30 else step / 7, "note": "text"}, step=step)
                run.log("loss", math.nan if step % 9 == 0 else -step, step=step)
    for points in (1, 7, 2000):
        rows = ws.sql(f"select * exclude (experiment) from curves('loss', {points})").fetchall()
        wanted = [row[:-1] for row in ws.curves("loss", points=points).fetchall()]
        assert [row[:4] for row in rows] == [row[:4] for row in wanted]
        for row, want in zip(rows, wanted, strict=True):  # threads add up in any order
            assert [*map(_number, row[4:])] == pytest.approx([*map(_number, want[4:])], nan_ok=True)
    assert ws.sql("select count(*) from curves('note')").fetchall() == [(0,)]
    joined = "select distinct r.name from curves('loss') c join runs r using (run_id) where r.name = 'Good'"
    assert ws.sql(joined).fetchall() == [("Good",)]


def _number(value: float | None) -> float:
    return -99.0 if value is None else value


def test_groups_in_sql_are_those_of_python_by_any_expression(ws: runstore.Workspace) -> None:
    for number, loss in enumerate([1.0, 2.0, math.inf, 4.0]):
        with runstore.start_run("e", workspace=ws, params={"lr": number // 2, "seed": number}) as run:
            run.log({"loss": loss, "other": 1.0})
    wanted = [tuple(map(str, row[:5])) for row in ws.groups("loss", by="params.lr").fetchall()]
    for key in ("params.lr", "r.params.lr", "key := params.lr"):
        found = ws.sql(f"select key, n, mean, std, ci_low from group_stats('loss', {key})").fetchall()
        assert [tuple(map(str, row)) for row in found] == wanted
    assert ws.sql("select sum(nan_count), sum(inf_count) from group_stats('loss', name)").fetchall() == [(1, 1)]
    assert ws.sql("select key, n from group_stats('loss')").fetchall() == [(None, 5)]
    assert len(ws.sql("from group_stats('loss', (params.lr, experiment))").fetchall()) == 3


def test_a_wrong_mode_is_said(ws: runstore.Workspace) -> None:
    with pytest.raises(Exception, match="mode is 'min' or 'max', not least"):
        ws.sql("select * from leaderboard('loss', 'least')").fetchall()


def test_an_unknown_macro_is_answered_with_those_there_are(ws: runstore.Workspace) -> None:
    with pytest.raises(QueryError, match=r"leaderbord does not exist.*; the macros are leaderboard"):
        ws.sql("select * from leaderbord('loss')")


def test_one_that_is_not_called_is_not_made(ws: runstore.Workspace) -> None:
    made = "select function_name from duckdb_functions() where database_name = 'temp'"
    assert ws.sql(made).fetchall() == []


@pytest.mark.parametrize("macro", macros.MACROS)
def test_a_macro_names_its_columns_and_what_its_parameters_narrow(macro: str) -> None:
    made = macros.MACROS[macro]
    assert made.narrows.keys() <= made.parameters.keys()
    needs = statement.parse(connect.connect(), made.query, VIEWS)
    assert needs.views
    assert needs.columns is not None, "a star would read every column of its views"
    assert not needs.last and not needs.params, "a name that is a STRUCT's would read every metric or param"
