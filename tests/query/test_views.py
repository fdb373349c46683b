"""Every view has exactly the columns of the contract, in order and with their types, whatever there is."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

import runstore
from runstore.query import sealing, views

CONTRACT = """
runs(run_id, experiment, name, number, parent_id, type, status, started, ended, attempts, writers, points, dropped,
     warnings, errors, error, host, user, archived, params, last, tags)
experiments(experiment, created, runs, last_start, archived)
params(run_id, experiment, attempt, name, kind, value, text)
tags(run_id, experiment, name, value, time)
properties(run_id, experiment, name, value, time)
metrics(run_id, experiment, name, step, time, value, writer, attempt, seq, kind, text)
curve_points(run_id, experiment, name, step, time, value, writer, attempt, seq, kind, text)
metric_summary(run_id, experiment, name, count, first, last, min, max, mean, last_step, last_time, nan_count, inf_count)
system_metrics(run_id, experiment, name, step, time, value, writer, attempt, seq, kind, text)
rows(run_id, experiment, name, row, step, time, data, writer, attempt)
artifacts(run_id, experiment, name, sha256, size, media_type, kind, step, time)
logs(run_id, experiment, stream, line, time, level, logger, text, exception, writer, attempt)
writers(run_id, writer, attempt, rank, host, pid, state, started, ended, dropped)
models(name, version, aliases, run_id, path, sha256, time)
"""
COLUMNS = {
    name: columns.split(",") for name, columns in re.findall(r"(\w+)\((.*?)\)", re.sub(r"\s", "", CONTRACT), re.S)
}
NO_STRUCT = 'STRUCT("name" VARCHAR)'


def columns(ws: runstore.Workspace, view: str) -> dict[str, str]:
    relation = ws.sql(f"select * from {view}")
    return dict(zip(relation.columns, (str(kind).upper() for kind in relation.types), strict=True))


def expected(view: str) -> dict[str, str]:
    kinds = {c: NO_STRUCT if kind == "STRUCT" else kind for c, kind in views.VIEWS[view].items()}
    return {column: kind.upper() for column, kind in kinds.items()}


def test_the_contract_names_these_views() -> None:
    assert {view: list(kinds) for view, kinds in views.VIEWS.items()} == COLUMNS


@pytest.mark.parametrize("view", COLUMNS)
def test_an_empty_workspace_has_every_view(ws: runstore.Workspace, view: str) -> None:
    assert columns(ws, view) == expected(view)
    assert ws.sql(f"select count(*) from {view}").fetchall() == [(0,)]


@pytest.mark.parametrize("stage", ["live", "sealed", "both"])
@pytest.mark.parametrize("view", COLUMNS)
def test_columns_and_types_do_not_depend_on_where_the_data_lie(
    ws: runstore.Workspace, tmp_path: Path, view: str, stage: str
) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for number in range(2 if stage == "both" else 1):
        with ws.experiment("e").start_logging(params={"lr": 1}, tags={"t": 1}) as run:
            run.log("loss", 1.0)
            run.log({"acc": 1, "note": "x"}, step=3)
            run.log_row("table", a=1)
            run.add_properties({"p": 1})
            run.upload_file("file", tmp_path / "file")
        if stage == "sealed" or (stage == "both" and number):
            sealing.seal(ws.path, run.path)
    assert columns(ws, view) == expected(view)
    empty = {"system_metrics", "logs", "models"}
    ((count,),) = ws.sql(f"select count(*) from {view}").fetchall()
    assert (count == 0) == (view in empty)


def test_a_question_about_the_views_gives_all_of_them(ws: runstore.Workspace) -> None:
    assert {name for (name,) in ws.sql("show tables").fetchall()} == set(COLUMNS)
    found = ws.sql(
        "select table_name, column_name from information_schema.columns order by ordinal_position"
    ).fetchall()
    assert {view: [c for v, c in found if v == view] for view in COLUMNS} == COLUMNS


def test_every_time_is_utc_without_a_zone(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        run.log("a", 1.0)
    near = "between (now() at time zone 'UTC') - interval 1 minute and (now() at time zone 'UTC')"
    for sealed in (False, True):
        if sealed:
            sealing.seal(ws.path, run.path)
        for view, column in (
            ("runs", "started"),
            ("metrics", "time"),
            ("writers", "ended"),
            ("experiments", "created"),
        ):
            assert ws.sql(f"select count(*) from {view} where {column} {near}").fetchall() == [(1,)]


def test_nothing_is_warned_of_where_nothing_is_wrong(ws: runstore.Workspace) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for view in COLUMNS:
            ws.sql(f"select * from {view}").fetchall()
