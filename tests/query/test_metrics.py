"""What was logged comes back in its shape, whatever it was, at once and after sealing."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.query import check, sealing
from tests.query.scenes import die

EXACT = [0.1, -0.0, 5e-324, 1.7976931348623157e308, math.nan, math.inf, -math.inf, 0, -1, 2**53, 2**53 + 1, -(2**63),
         2**64 - 1, 2**64, -(10**40), True, False, None, "", "x\0é\n😀", "1.5", "null", "nan"]  # fmt: skip
Settle = Callable[[runstore.Run], None]


@pytest.fixture(params=["live", "ended", "sealed"])
def settle(request: pytest.FixtureRequest) -> Settle:
    def settled(run: runstore.Run) -> None:
        if request.param != "live":
            run.complete()
        if request.param == "sealed":
            sealing.seal(run.experiment.workspace.path, run.path)

    return settled


@pytest.fixture
def run(ws: runstore.Workspace) -> runstore.Run:
    return ws.experiment("e").start_logging(run_id="r")


def shown(logged: list[Any]) -> list[tuple[type, str]]:
    return [(type(value), repr(value)) for value in logged]


@pytest.mark.parametrize("way", ["log", "dict", "log_list", "log_batch"])
def test_values_come_back_exactly_as_they_were_logged(run: runstore.Run, settle: Settle, way: str) -> None:
    for number, value in enumerate(EXACT):
        if way == "log":
            run.log(f"one {number}", value)
            run.log("all", value)
        elif way == "dict":
            run.log({f"one {number}": value, "all": value})
        else:
            getattr(run, way)(f"one {number}", [value])
    if way.startswith("log_"):
        getattr(run, way)("all", EXACT)
    settle(run)
    found = run.get_metrics()
    assert shown(found["all"]) == shown(EXACT)
    assert shown([found[f"one {number}"] for number in range(len(EXACT))]) == shown(EXACT)


def test_one_value_is_a_scalar_and_several_are_a_list_in_the_order_of_logging(
    run: runstore.Run, settle: Settle
) -> None:
    run.log("once", 3)
    for value in (1, 2.5, "x"):
        run.log("often", value, step=-1)
    run.log_list("listed", [1])
    run.log_list("listed twice", (n for n in (1, 2)))
    run.log_list("listed twice", [3])
    settle(run)
    assert run.get_metrics() == {"once": 3, "often": [1, 2.5, "x"], "listed": 1, "listed twice": [1, 2, 3]}


def test_one_row_is_a_dict_of_scalars_and_several_are_a_dict_of_lists(run: runstore.Run, settle: Settle) -> None:
    run.log_row("one", a=1, b=math.inf)
    run.log_row("two", a=1, b=math.inf)
    run.log_row("two", a=2**70, c=[1, {"f": "nan"}])
    run.log_table("table of one", {"x": [1], "y": ["a"]})
    run.log_table("table", {"x": [1, 2], "y": ["a", "b"]})
    run.log_table("table", {"x": 3, "z": True})
    settle(run)
    assert run.get_metrics() == {
        "one": {"a": 1, "b": math.inf},
        "two": {"a": [1, 2**70], "b": [math.inf, None], "c": [None, [1, {"f": "nan"}]]},
        "table of one": {"x": 1, "y": "a"},
        "table": {"x": [1, 2, 3], "y": ["a", "b", None], "z": [None, None, True]},
    }


def test_what_is_a_file_is_its_uri_and_a_list_of_them_where_it_is_repeated(run: runstore.Run, settle: Settle) -> None:
    run.log_predictions("pred", {"a": 1})
    for matrix in ({"a": 1}, {"a": 2}, {"a": 1}):
        run.log_confusion_matrix("a matrix", matrix)
    settle(run)
    assert run.get_metrics() == {
        "pred": "runstore://r/pred",
        "a matrix": ["runstore://r/a matrix", "runstore://r/a matrix_1", "runstore://r/a matrix_2"],
    }


def test_populated_metrics_hold_the_bytes(run: runstore.Run, settle: Settle) -> None:
    run.log_text("notes/first", "hello")
    run.log_residuals("r", {"a": 1})
    run.log_residuals("r", {"a": 2})
    run.log("loss", 1.0)
    settle(run)
    found = run.get_metrics(populate=True)
    uri = run.get_metrics("notes/first")["notes/first"]
    assert (found["notes/first"].data, found["notes/first"].data_location) == (b"hello", uri)
    assert found["notes/first"].filename == uri.rpartition("/")[2]
    assert [one.data for one in found["r"]] == [b'{"a":1}', b'{"a":2}']
    assert found["loss"] == 1.0


def test_an_uploaded_file_is_no_metric(run: runstore.Run, tmp_path: Path) -> None:
    (tmp_path / "f.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    run.upload_file("f.png", tmp_path / "f.png")
    assert run.get_metrics() == {}
    run.log_image("shown", path=tmp_path / "f.png")
    assert run.get_metrics() == {"shown": "runstore://r/f.png"}


def test_a_file_that_was_removed_is_no_metric_either(run: runstore.Run) -> None:
    run.log_predictions("p", {})
    run.remove_files(["p"])
    assert run.get_metrics() == {}


@pytest.mark.parametrize("name", ["loss", "t", "p", "trailing ", "/é\n'\""])
def test_a_name_chooses_one_metric_and_is_verbatim(run: runstore.Run, settle: Settle, name: str) -> None:
    for other in ("trailing", "trailing ", "/é\n'\"", "loss"):
        run.log(other, 1)
    run.log_row("t", a=1)
    run.log_predictions("p", {})
    settle(run)
    assert run.get_metrics(name) == {name: run.get_metrics()[name]}
    assert run.get_metrics(f"no {name}") == {}


def test_of_several_kinds_under_one_name_the_first_counts(ws: runstore.Workspace, run: runstore.Run) -> None:
    run.log_row("row first", a=1)
    run.log("row first", 1.0)
    run.log("point first", 1.0)
    run.log_row("point first", a=1)
    run.log_predictions("file first", {})
    run.log("file first", 1.0)
    run.log("point before file", 1.0)
    run.log_predictions("point before file", {})
    assert run.get_metrics() == {
        "row first": {"a": 1}, "point first": 1.0, "file first": "runstore://r/file first", "point before file": 1.0,
    }  # fmt: skip


def test_recursive_gives_the_metrics_of_all_runs_below_by_id(ws: runstore.Workspace, run: runstore.Run) -> None:
    child = run.child_run(run_id="child", type="train")
    grandchild = child.child_run(run_id="grandchild", type="eval")
    empty = run.child_run(run_id="empty")
    other = ws.experiment("e").start_logging(run_id="other")
    for number, one in enumerate((run, child, grandchild, other)):
        one.log("n", number)
    child.log_row("t", a=1)
    assert run.get_metrics(recursive=True) == {"r": {"n": 0}, "child": {"n": 1, "t": {"a": 1}}, "grandchild": {"n": 2}}
    assert run.get_metrics(recursive=True, run_type="eval") == {"r": {"n": 0}, "grandchild": {"n": 2}}
    assert run.get_metrics("t", recursive=True) == {"child": {"t": {"a": 1}}}
    assert empty.get_metrics(recursive=True) == {}
    assert child.get_metrics(recursive=True) == {"child": {"n": 1, "t": {"a": 1}}, "grandchild": {"n": 2}}


def test_what_was_logged_is_there_at_once(run: runstore.Run) -> None:
    for number in range(20):
        run.log_list("n", [number])
        run.log_row("t", a=number)
        assert (run.get_metrics("n"), run.get_metrics("t")) == (
            {"n": [*range(number + 1)] if number else 0},
            {"t": {"a": [*range(number + 1)] if number else 0}},
        )


def test_one_table_of_many_attempts_goes_on(ws: runstore.Workspace, run: runstore.Run, settle: Settle) -> None:
    run.log_row("t", a=1)
    run.complete()
    again = ws.experiment("e").start_logging(run_id="r")
    again.log_row("t", a=2)
    settle(again)
    assert again.get_metrics() == {"t": {"a": [1, 2]}}


def test_what_was_logged_outlives_a_process_that_is_killed_at_once(run: runstore.Run) -> None:
    def log() -> None:
        run.log_list("list", range(1500))
        run.log_batch("batch", [0.5, math.nan], steps=[3, 2])
        run.log_table("table", {"a": [1, 2]})
        run.log_text("text", "hello")

    die(log)
    found = run.get_metrics(populate=True)
    assert found["list"] == [*range(1500)]
    assert repr(found["batch"]) == "[0.5, nan]"
    assert found["table"] == {"a": [1, 2]}
    assert found["text"].data == b"hello"


def test_a_check_of_lists_tables_and_files_finds_nothing(
    ws: runstore.Workspace, run: runstore.Run, settle: Settle
) -> None:
    for _ in range(3):
        run.log_list("list", [1, "x", None] * 1000)
        run.log_table("table", {"a": [1, 2]})
        run.log_histogram("histogram", [1, 2, 3])
    settle(run)
    assert [finding for finding in check.check(ws.path) if finding.severity == "damage"] == []
    assert ws.sql("select count(*), count(distinct seq) from metrics").fetchall() == [(9000, 9000)]
    assert ws.sql("select points from runs").fetchall() == [(9006,)]
