"""Runs as a wide table: the right value in the right column, however many there are and whatever they are called."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runstore
from runstore.errors import QueryError, UsageError
from runstore.query import leaderboard, pivot, sealing
from tests.query import stores
from tests.query.stores import Told

FIXED = ["run_id", "experiment", "name", "status"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stores.stores, st.sampled_from(leaderboard.OF), st.booleans())
def test_it_is_what_the_points_say(told: list[Told], of: str, chosen: bool) -> None:
    names = ["val/loss", "acc%", "nobody's"] if chosen else None
    with stores.made(told) as ws:
        table = ws.pivot(names, of)
        metrics = names or list(dict.fromkeys(name for one in told for name in one.series))
        assert sorted(table.columns) == sorted(FIXED + metrics)
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
        assert [row["run_id"] for row in rows] == [one.run_id for one in reversed(told)]
        for row, one in zip(rows, reversed(told), strict=True):
            for metric in metrics:
                value = one.figure(metric, of)
                if value is None:
                    assert row[metric] is None
                else:
                    assert row[metric] == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True)


@pytest.fixture
def sweep(ws: runstore.Workspace) -> runstore.Workspace:
    for at in range(3):
        params = {"lr": at / 10, "optimizer": {"name": "adam", "beta": at}, "loss": "mse"}
        with runstore.start_run("e", run_id=f"r{at}", params=params, workspace=ws) as run:
            run.log({"train/loss": at, "val/loss": at + 0.5, "val/acc": math.nan, "val_loss": 1.0, "loss": 2.0})
        sealing.seal(ws.path, run.path)
    return ws


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        ("val/*", ["val/acc", "val/loss"]),
        ("%loss", ["loss", "train/loss", "val/loss", "val_loss"]),
        ("val?loss", ["val/loss", "val_loss"]),
        ("[tv]*/loss", ["train/loss", "val/loss"]),
        ("val_loss", ["val_loss"]),
        ("nothing*", []),
        (["val/acc", "none", "val/acc"], ["none", "val/acc"]),
        ((one for one in ["loss"]), ["loss"]),
        ([], []),
    ],
)
def test_columns_are_chosen_by_name_or_pattern(sweep: runstore.Workspace, names: str, columns: list[str]) -> None:
    table = sweep.pivot(names)
    assert sorted(table.columns[4:]) == columns
    assert len(table.fetchall()) == 3


def test_a_name_that_has_the_signs_of_a_pattern_is_that_name(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        run.log({"x[0]": 1.0, "x0": 2.0, "100%": 3.0, "100 of": 4.0})
    assert ws.pivot("x[0]").columns[4:] == ["x[0]"]
    assert ws.pivot("100%").columns[4:] == ["100%"]


def test_metrics_are_columns_in_the_order_of_their_names(ws: runstore.Workspace) -> None:
    for metrics in ({"z": 1.0, "b": 2.0}, {"c": 3.0, "a": 4.0}):
        with runstore.start_run("e", workspace=ws) as run:
            run.log(metrics)
    assert ws.pivot().columns[4:] == ["a", "b", "c", "z"]
    assert [*ws.sql("select last from runs").fetchall()[0][0]] == ["a", "b", "c", "z"]
    assert ws.pivot(["z", "a"]).columns[4:] == ["z", "a"]


def test_params_are_columns_in_their_own_types(sweep: runstore.Workspace) -> None:
    table = sweep.pivot([], params="*")
    assert table.columns == [*FIXED, "lr", "optimizer.name", "optimizer.beta", "loss"]
    assert table.fetchall()[0] == ("r2", "e", None, "Completed", 0.2, "adam", 2, "mse")
    assert sweep.pivot([], params=["optimizer.beta"]).columns == [*FIXED, "optimizer.beta"]


def test_a_name_of_two_columns_says_which_it_is(sweep: runstore.Workspace) -> None:
    with runstore.start_run("e", params={"status": 1}, workspace=sweep) as run:
        run.log({"name": 1.0, "Status": 2.0})
    columns = sweep.pivot("*", of="max", params="*").columns
    assert {"params.loss", "max.loss", "params.status", "max.name", "max.Status"} <= set(columns)
    assert len({column.lower() for column in columns}) == len(columns)


def test_only_the_runs_that_are_meant_have_rows_and_only_their_metrics_columns(sweep: runstore.Workspace) -> None:
    with runstore.start_run("other", workspace=sweep) as run:
        run.log("alone", 1.0)
    assert sweep.pivot(experiment="other").columns == [*FIXED, "alone"]
    table = sweep.pivot(["val/loss"], where="lr > 0.05 and experiment = 'e'")
    assert table.fetchall() == [("r2", "e", None, "Completed", 2.5), ("r1", "e", None, "Completed", 1.5)]


def test_names_that_differ_by_case_or_hold_odd_signs_are_columns_each(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        run.log({"Loss": 1.0, "loss": 2.0, 'a"b': 3.0, "it's": 4.0, "\u00e4": 5.0})
    table = ws.pivot()
    assert dict(zip(table.columns[4:], table.fetchall()[0][4:], strict=True)) == {
        "Loss": 1.0, "loss": 2.0, 'a"b': 3.0, "it's": 4.0, "\u00e4": 5.0
    }  # fmt: skip


def test_a_name_that_can_be_no_column_is_left_out_and_said(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", params={"p\0q": 1}, workspace=ws) as run:
        run.log({"a\0b": 1.0, "c": 2.0})
    with pytest.warns(UserWarning, match="NUL"):
        assert ws.pivot(params="*").columns == [*FIXED, "c"]


def test_thousands_of_names_are_columns(ws: runstore.Workspace) -> None:
    for at in range(2):
        with runstore.start_run("e", workspace=ws) as run:
            run.log({f"layer/{n}/norm": at + n / 10 for n in range(3000)})
        sealing.seal(ws.path, run.path)
    table = ws.pivot()
    newest, oldest = table.fetchall()
    assert len(table.columns) == 3004
    assert newest[4:] == tuple(1 + int(name.split("/")[1]) / 10 for name in table.columns[4:])
    assert oldest[4:] == tuple(int(name.split("/")[1]) / 10 for name in table.columns[4:])


def test_more_columns_than_make_sense_are_refused_with_what_to_do(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pivot, "WIDEST", 5)
    with runstore.start_run("e", workspace=ws) as run:
        run.log({f"m{n}": n for n in range(6)})
    with pytest.raises(QueryError, match=r"6 names are more than the 5 columns .* names=.* from metric_summary"):
        ws.pivot()
    assert len(ws.pivot("m[0-4]").columns) == 9


def test_a_live_run_has_its_newest_values(ws: runstore.Workspace) -> None:
    run = runstore.start_run("e", workspace=ws)
    run.log({"loss": 1.0}, step=0)
    run.log({"loss": 0.5}, step=1)
    assert ws.pivot().fetchall() == ws.pivot(["loss"]).fetchall() == [(run.id, "e", None, "Running", 0.5)]
    run.complete()


def test_an_empty_workspace_has_no_rows(ws: runstore.Workspace) -> None:
    assert ws.pivot(params="*").fetchall() == []
    with pytest.raises(UsageError, match="of is one of"):
        ws.pivot(of="median")
