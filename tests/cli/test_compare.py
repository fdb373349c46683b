"""Runs side by side: what differs, by how much, and which is better."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

import runstore
from tests.cli.conftest import Call


@pytest.fixture
def pair(ws: runstore.Workspace) -> tuple[str, str]:
    """Two runs that differ in a learning rate, an optimizer and what came of it."""
    ids = ("aa11" + "0" * 8, "bb22" + "0" * 8)
    for run_id, lr, name, loss in zip(ids, (0.1, 0.01), ("adam", "sgd"), (0.5, 0.75), strict=True):
        params = {"lr": lr, "batch": 32, "optimizer": {"name": name}}
        with runstore.start_run("mnist", run_id=run_id, params=params, workspace=ws) as run:
            run.log({"loss": loss, "acc": 1 - loss, "epochs": 3, "size": lr})
    return ids


def test_params_that_differ_come_first_and_what_is_the_same_is_only_counted(pair: tuple[str, str], call: Call) -> None:
    done = call("compare", "aa", "bb")
    assert done.exit_code == 0
    assert "batch" not in done.stdout
    assert "epochs" not in done.stdout
    assert "the same in all: 1 param and 1 metric; --all shows them" in done.stdout
    order = [done.stdout.index(text) for text in ("\nlr ", "\noptimizer.name", "\nacc ", "\nloss ")]
    assert order == sorted(order)


def test_metrics_show_the_difference_to_the_first_run_and_its_percentage(pair: tuple[str, str], call: Call) -> None:
    (row,) = [line.split() for line in call("compare", *pair).stdout.splitlines() if line.startswith("loss")]
    assert row == ["loss", "0.5*", "0.75", "+0.25", "+50.0"]


def test_the_best_is_marked_where_the_name_says_which_way_is_better(pair: tuple[str, str], call: Call) -> None:
    metrics = json.loads(call("compare", *pair, "--json").stdout)["metrics"]
    assert {row["name"]: row["best"] for row in metrics} == {"acc": 0.5, "loss": 0.5, "epochs": None, "size": None}


@pytest.mark.parametrize(
    ("name", "best"),
    [("val/loss", 1.0), ("valLoss", 1.0), ("test_rmse", 1.0), ("top1", 2.0), ("F1-score", 2.0), ("steps", None),
     ("glossary", None), ("loss_score", None)],
)  # fmt: skip
def test_a_name_is_read_word_by_word(ws: runstore.Workspace, call: Call, name: str, best: float | None) -> None:
    for run_id, value in (("one", 1.0), ("two", 2.0)):
        with runstore.start_run("x", run_id=run_id, workspace=ws) as run:
            run.log(name, value)
    assert json.loads(call("compare", "one", "two", "--json").stdout)["metrics"][0]["best"] == best


def test_what_is_no_number_is_never_the_best(ws: runstore.Workspace, call: Call) -> None:
    for run_id, value in (("one", float("-inf")), ("two", 2.0), ("three", float("nan"))):
        with runstore.start_run("x", run_id=run_id, workspace=ws) as run:
            run.log("loss", value)
    told = json.loads(call("compare", "one", "two", "three", "--json").stdout)["metrics"][0]
    assert told["best"] == 2.0
    assert told["percent"] == [None, None, None]


def test_all_shows_what_is_the_same_too(pair: tuple[str, str], call: Call) -> None:
    done = call("compare", *pair, "--all")
    assert "batch" in done.stdout
    assert "epochs" in done.stdout
    assert "the same in all" not in done.stdout


def test_runs_that_are_alike_are_said_to_be(ws: runstore.Workspace, call: Call) -> None:
    for run_id in ("one", "two"):
        with runstore.start_run("x", run_id=run_id, params={"lr": 1}, workspace=ws) as run:
            run.log("loss", float("nan"))
    assert "no differences in params or metrics" in call("compare", "one", "two").stdout


def test_a_param_that_is_missing_is_no_none(ws: runstore.Workspace, call: Call) -> None:
    runstore.start_run("x", run_id="one", params={"seed": None}, workspace=ws).complete()
    runstore.start_run("x", run_id="two", workspace=ws).complete()
    (row,) = [line.split() for line in call("compare", "one", "two").stdout.splitlines() if line.startswith("seed")]
    assert row == ["seed", "None", "-"]


def test_true_is_not_one(ws: runstore.Workspace, call: Call) -> None:
    runstore.start_run("x", run_id="one", params={"flag": True}, workspace=ws).complete()
    runstore.start_run("x", run_id="two", params={"flag": 1}, workspace=ws).complete()
    assert json.loads(call("compare", "one", "two", "--json").stdout)["params"][0]["changed"] is True


def test_csv_has_a_column_for_each_run_in_the_order_given(pair: tuple[str, str], call: Call) -> None:
    rows = list(csv.reader(io.StringIO(call("compare", pair[1], pair[0], "--csv").stdout)))
    assert rows[0] == ["kind", "name", "changed", pair[1], pair[0]]
    assert ["param", "batch", "false", "32", "32"] in rows
    assert ["metric", "loss", "true", "0.75", "0.5"] in rows


def test_three_runs_fit_eighty_columns(
    pair: tuple[str, str], ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]
) -> None:
    with runstore.start_run("mnist", run_id="cc33", params={"lr": 1e-5, "note": "long " * 30}, workspace=ws) as run:
        run.log({"loss": 1234567.891, "a/rather/long/name/of/a/metric": 1.0})
    terminal(80)
    done = call("compare", *pair, "cc33", "--all")
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "left out" not in done.stdout


def test_names_and_values_are_made_harmless(ws: runstore.Workspace, call: Call) -> None:
    for run_id, value in (("one", "\x1b[31mred"), ("two", "\u202eback")):
        runstore.start_run("x\x07", run_id=run_id, params={"p\n": value}, workspace=ws).complete()
    done = call("compare", "one", "two")
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)
    assert "\\x1b[31mred" in done.stdout


@pytest.mark.parametrize("runs", [("aa",), ("aa", "aa11")], ids=["one", "the same twice"])
def test_one_run_alone_is_a_usage_mistake(pair: tuple[str, str], call: Call, runs: tuple[str, ...]) -> None:
    done = call("compare", *runs)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_an_unknown_run_is_named(pair: tuple[str, str], call: Call) -> None:
    done = call("compare", "aa", "zz")
    assert done.exit_code == 1
    assert "'zz'" in done.stderr
