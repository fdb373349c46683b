"""Views say what was logged, whatever was asked, wherever it lies."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import lock
from runstore.errors import UsageError
from runstore.query import live, sealing
from runstore.runs import state


@pytest.fixture(params=["live", "sealed"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def started(ws: runstore.Workspace, run_id: str, experiment: str = "e", **more: Any) -> runstore.Run:
    return ws.experiment(experiment).start_logging(run_id=run_id, **more)


def settle(ws: runstore.Workspace, place: str, *runs: runstore.Run) -> None:
    for run in runs:
        run.complete()
        if place == "sealed":
            sealing.seal(ws.path, run.path)


def ask(ws: runstore.Workspace, query: str) -> list[tuple[Any, ...]]:
    return ws.sql(query).fetchall()


# ---- runs


def test_a_run_row_says_what_its_facts_say(ws: runstore.Workspace, place: str) -> None:
    run = started(ws, "a", name="first", parent_id="p", tags={"team": "x", "n": 1, "none": None})
    run.log("loss", 1.0)
    settle(ws, place, run)
    columns = "experiment, name, number, parent_id, type, status, attempts, writers, points, dropped, warnings, errors"
    assert ask(ws, f"select {columns}, error, archived, tags from runs") == [
        ("e", "first", 1, "p", None, "Completed", 1, 1, 1, 0, 0, 0, None, False, {"team": "x", "n": "1", "none": None})
    ]
    assert ask(ws, "select started < ended, tags['team'], tags.n, tags['nope'] from runs") == [(True, "x", "1", None)]


def test_numbers_count_within_an_experiment_by_start(ws: runstore.Workspace) -> None:
    for run_id, experiment in (("c", "e"), ("a", "f"), ("b", "e")):
        started(ws, run_id, experiment).complete()
    assert ask(ws, "select run_id, number from runs order by run_id") == [("a", 1), ("b", 2), ("c", 1)]
    assert ask(ws, "select number from runs where run_id = 'b'") == [(2,)]


def test_params_are_typed_over_all_runs(ws: runstore.Workspace) -> None:
    started(ws, "a", params={"lr": 1, "depth": 3, "flag": True, "opt": {"name": "adam"}, "mix": "auto"}).complete()
    started(ws, "b", params={"lr": 0.5, "depth": 4, "flag": False, "opt": {"name": "sgd"}, "mix": 7}).complete()
    found = ws.sql("select params.lr, params.depth, params.flag, params.opt.name, params.mix from runs order by run_id")
    assert list(map(str, found.types)) == ["DOUBLE", "BIGINT", "BOOLEAN", "VARCHAR", "BIGINT"]
    assert found.fetchall() == [(1.0, 3, True, "adam", None), (0.5, 4, False, "sgd", 7)]


def test_params_compare_as_what_they_are(ws: runstore.Workspace) -> None:
    for number in (2, 10, 100):
        started(ws, str(number), params={"n": number}).complete()
    assert ask(ws, "select params.n from runs where params.n > 9 order by params.n desc") == [(100,), (10,)]


def test_nested_quoted_and_bracketed_names_are_the_same(ws: runstore.Workspace) -> None:
    started(ws, "a", params={"opt": {"name": "adam", "lr": 1}, "a b": 2}).complete()
    query = 'select params.opt.name, params."opt.name", params[\'opt.name\'], r.params.opt, params."a b" from runs r'
    assert ask(ws, query) == [("adam", "adam", "adam", {"name": "adam", "lr": 1}, 2)]


def test_the_whole_struct_has_all_fields_and_a_star_names_none(ws: runstore.Workspace, place: str) -> None:
    run = started(ws, "a", params={"lr": 1, "opt": {"name": "x"}})
    run.log({"loss": 1.5, "val/loss": 2})
    settle(ws, place, run)
    assert ask(ws, "select params, last from runs") == [({"lr": 1, "opt.name": "x"}, {"loss": 1.5, "val/loss": 2})]
    assert ws.sql("select params.*, last.* from runs").columns == ["lr", "opt.name", "loss", "val/loss"]
    everything = ws.sql("select * from runs")
    row = dict(zip(everything.columns, everything.fetchall()[0], strict=True))
    assert (row["params"], row["last"]) == (None, None)


def test_an_unknown_field_is_null_with_a_warning(ws: runstore.Workspace) -> None:
    with started(ws, "a", params={"lr": 1}) as run:
        run.log("a", 1)
    with pytest.warns(UserWarning, match="no run has a param 'nope'"):
        assert ask(ws, "select params.nope from runs where params.nope is null or params.nope < 3") == [(None,)]
    with pytest.warns(UserWarning, match="no run has a metric 'a.b'"):
        assert ask(ws, "select last.a.b from runs") == [(None,)]


def test_a_newer_attempts_params_stand_over_older_ones(ws: runstore.Workspace) -> None:
    started(ws, "a", params={"lr": 1, "seed": 5}).complete()
    started(ws, "a", params={"lr": 2}).complete()
    assert ask(ws, "select params.lr, params.seed, attempts from runs") == [(2, 5, 2)]
    assert ask(ws, "select attempt, name, value from params order by 1, 2") == [
        (1, "lr", 1),
        (1, "seed", 5),
        (2, "lr", 2),
    ]


@pytest.mark.parametrize(
    ("values", "kind", "last"),
    [
        ([1, 2], "BIGINT", 2),
        ([1, 2.5], "DOUBLE", 2.5),
        ([0.5, 3], "BIGINT", 3),
        ([True, False], "BOOLEAN", False),
        (["a", "b"], "VARCHAR", "b"),
        ([1.0, math.inf], "DOUBLE", math.inf),
        ([2**70], "DOUBLE", 2.0**70),
        ([1.0, None], "VARCHAR", None),
    ],
)
def test_last_is_the_last_value_with_its_type(
    ws: runstore.Workspace, place: str, values: list[Any], kind: str, last: Any
) -> None:
    run = started(ws, "a")
    for value in values:
        run.log("m", value)
    settle(ws, place, run)
    found = ws.sql("select last.m from runs")
    assert (str(found.types[0]), found.fetchall()) == (kind, [(last,)])


def test_last_of_names_written_otherwise_is_found_live_too(ws: runstore.Workspace, place: str) -> None:
    run = started(ws, "a")
    run.log({"Val.Loss": 1.0, "val.acc": 2.0, "x": 3})
    settle(ws, place, run)
    assert ask(ws, 'select last."val.loss", last.val.acc, last.x from runs') == [(1.0, 2.0, 3)]
    assert ask(ws, "select last.val from runs") == [({"acc": 2.0},)]


def test_live_points_of_runs_that_are_not_asked_about_are_not_decoded(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run_id, experiment in (("a", "e"), ("b", "f")):
        run = started(ws, run_id, experiment)
        run.log("loss", 1.0)
        run.complete()
    loaded: list[str] = []
    true = live.load

    def load(connection: Any, journals: Any, *narrowed: Any, **more: Any) -> None:
        found = list(journals)
        loaded.extend(journal.header["run"] for journal in found)
        true(connection, found, *narrowed, **more)

    monkeypatch.setattr(live, "load", load)
    ask(ws, "select value from metrics where run_id = 'a'")
    ask(ws, "select last.loss from runs where experiment = 'f'")
    ask(ws, "select * from runs")
    assert loaded == ["a", "b"]


# ---- the other facts


def test_experiments_count_their_runs(ws: runstore.Workspace) -> None:
    ws.experiment("empty")
    started(ws, "a").complete()
    started(ws, "b").complete()
    found = ask(ws, "select experiment, runs, last_start is not null, created is not null from experiments order by 1")
    assert found == [("e", 2, True, True), ("empty", 0, False, True)]
    assert ask(ws, "select last_start = (select max(started) from runs) from experiments where runs > 0") == [(True,)]


def test_every_leaf_of_the_params_is_a_row(ws: runstore.Workspace) -> None:
    given = {"f": 0.5, "i": 2**60, "b": True, "s": "x", "n": None, "l": [1, "a"], "d": {"e": {}}, "inf": math.inf}
    started(ws, "a", params=given).complete()
    assert ask(ws, "select name, kind, value, text from params order by name") == [
        ("b", "bool", 1.0, None), ("d.e", "json", None, "{}"), ("f", "float", 0.5, None),
        ("i", "int", 2.0**60, str(2**60)), ("inf", "float", math.inf, None), ("l", "json", None, '[1,"a"]'),
        ("n", "none", None, None), ("s", "str", None, "x"),
    ]  # fmt: skip


def test_tags_change_and_properties_do_not(ws: runstore.Workspace) -> None:
    with started(ws, "a", tags={"t": "old"}) as run:
        run.tag("t", "new")
        run.tag("bare")
        run.add_properties({"p": 1})
        with pytest.raises(UsageError):
            run.add_properties({"p": 2})
    assert ask(ws, "select name, value, time is not null from tags order by 1") == [
        ("bare", None, True),
        ("t", "new", True),
    ]
    assert ask(ws, "select name, value from properties") == [("p", "1")]


def test_artifacts_are_rows(ws: runstore.Workspace, tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_bytes(b"hello")
    with started(ws, "a") as run:
        run.upload_file("out/m.txt", tmp_path / "m.txt", step=4)
    found = ask(ws, "select run_id, name, size, media_type, kind, step, length(sha256) from artifacts")
    assert found == [("a", "out/m.txt", 5, "text/plain", "file", 4, 64)]


def test_writers_tell_their_own_state(ws: runstore.Workspace) -> None:
    first = started(ws, "a", rank=0)
    second = started(ws, "a", rank=1)
    second.fail("boom")
    found = ask(ws, "select attempt, rank, state, ended is null, host, dropped from writers order by rank")
    assert found == [(1, 0, "Running", True, lock.host(), 0), (1, 1, "Failed", False, lock.host(), 0)]
    assert ask(ws, "select status, writers from runs") == [("Running", 2)]
    first.complete()


# ---- points


def test_points_come_as_they_were_logged(ws: runstore.Workspace, place: str) -> None:
    run = started(ws, "a")
    run.log("x", 0.5, step=7)
    run.log({"y": 2**60, "z": "é\0"}, step=-1)
    run.log("x", None)
    run.log("x", True)
    settle(ws, place, run)
    found = ask(ws, "select name, step, value, attempt, seq, kind, text from metrics order by seq")
    assert found == [
        ("x", 7, 0.5, 1, 0, "float", None), ("y", -1, 2.0**60, 1, 1, "int", str(2**60)),
        ("z", -1, None, 1, 2, "str", "é\0"), ("x", 0, None, 1, 3, "none", None), ("x", 1, 1.0, 1, 4, "bool", None),
    ]  # fmt: skip
    assert ask(ws, "select count(*) from curve_points") == [(5,)]


@pytest.mark.parametrize("sealed", [(), (0,), (0, 1), (0, 1, 2)])
def test_a_curve_leaves_out_what_later_attempts_logged_again(ws: runstore.Workspace, sealed: tuple[int, ...]) -> None:
    plans = [
        [("loss", step, 1.0) for step in range(10)] + [("other", 3, 1.0)],
        [("loss", step, 2.0) for step in (6, 7, 2)],
        [("loss", step, 3.0) for step in (8, 9)],
    ]
    for number, plan in enumerate(plans):
        run = started(ws, "a")
        for name, step, value in plan:
            run.log(name, value, step=step)
            run.log("free", value)
        run.complete()
        if number in sealed:
            sealing.seal(ws.path, run.path)
    found = ask(ws, "select attempt, step from curve_points where name = 'loss' order by attempt, seq")
    assert found == [(1, step) for step in range(6)] + [(2, 6), (2, 7), (2, 2), (3, 8), (3, 9)]
    assert ask(ws, "select count(*) from metrics where name = 'loss'") == [(15,)]
    assert ask(ws, "select count(*) from curve_points where name in ('other', 'free')") == [(17,)]
    assert ask(ws, "select count, last, last_step from metric_summary where name = 'loss'") == [(11, 3.0, 9)]
    assert ask(ws, "select last.loss, last.other from runs") == [(3.0, 1.0)]


def test_a_step_is_an_index_where_none_was_given(ws: runstore.Workspace, place: str) -> None:
    run = started(ws, "a")
    for name in ("x", "y", "x", "x"):
        run.log(name, 1.0)
    run.log({"x": 1, "y": 2})
    settle(ws, place, run)
    assert ask(ws, "select name, step from metrics order by name, seq") == [("x", n) for n in range(4)] + [
        ("y", 0),
        ("y", 1),
    ]


def test_many_writers_of_one_run_are_all_there(ws: runstore.Workspace, place: str) -> None:
    runs = [started(ws, "a", rank=rank) for rank in range(4)]
    for rank, run in enumerate(runs):
        for step in range(5):
            run.log("loss", rank * 10 + step, step=step)
    settle(ws, place, *reversed(runs))
    assert ask(ws, "select count(*), count(distinct writer), sum(value) from metrics") == [
        (20, 4, sum(range(5)) * 4 + 300)
    ]
    assert ask(ws, "select max(points), count(*) from runs") == [(20, 1)]


def test_rows_of_a_table_keep_their_data(ws: runstore.Workspace, place: str) -> None:
    run = started(ws, "a")
    run.log_row("t", a=1, b=["x", None], step=5)
    run.log_row("t", {"a b": math.nan})
    settle(ws, place, run)
    query = "select name, row, step, data->>'$.b[0]', data->'a b', data from rows order by row"
    assert ask(ws, query) == [
        ("t", 0, 5, "x", None, '{"a":1,"b":["x",null]}'),
        ("t", 1, 0, None, '{"f":"nan"}', '{"a b":{"f":"nan"}}'),
    ]


def test_a_vanished_process_leaves_its_points(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = started(ws, "a")
    run.log("loss", 1.0)
    monkeypatch.setattr(lock, "verdict", lambda identity, path: "dead")
    assert ask(ws, "select status, error, points, last.loss from runs") == [("Failed", state.VANISHED, 1, 1.0)]
    run.complete()


def test_the_name_of_a_run_is_its_display_name_where_it_has_one(workspace: Path) -> None:
    with runstore.start_run("x", name="first", workspace=workspace) as run:
        pass
    ws = runstore.Workspace(workspace)
    assert ws.sql("SELECT name FROM runs").fetchall() == [("first",)]
    run.display_name = "baseline"
    assert ws.sql("SELECT name FROM runs").fetchall() == [("baseline",)]
