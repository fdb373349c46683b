"""The public classes find runs by what people call them, and asking changes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import QueryError, RunNotFound
from runstore.query import sealing


@pytest.fixture(params=["live", "sealed"])
def sweep(request: pytest.FixtureRequest, ws: runstore.Workspace) -> runstore.Workspace:
    for number, lr in enumerate((0.5, 0.05, 0.005)):
        params = {"lr": lr, "opt": {"name": "adam" if number else "sgd"}}
        with ws.experiment("sweep").start_logging(f"run {number}", f"r{number}", params=params) as run:
            run.log("loss", 10.0 * lr, step=1)
            if number:
                run.log("val/loss", number)
        if request.param == "sealed":
            sealing.seal(ws.path, run.path)
    ws.experiment("other").start_logging(run_id="o").complete()
    return ws


def ids(relation: Any) -> list[str]:
    return [row[0] for row in relation.fetchall()]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("lr < 0.1", ["r1", "r2"]),
        ("lr < 0.1 and loss < 0.1", ["r2"]),
        ("opt.name = 'sgd' or \"val/loss\" = 2", ["r0", "r2"]),
        ("status = 'Completed' and experiment = 'sweep'", ["r0", "r1", "r2"]),
        ("loss is null", ["o"]),
        ("params.lr = last.loss / 10", ["r0", "r1", "r2"]),
        (None, ["o", "r0", "r1", "r2"]),
    ],
)
def test_runs_are_filtered_by_any_name(sweep: runstore.Workspace, where: str | None, found: list[str]) -> None:
    assert sorted(ids(sweep.runs(where, columns=["run_id"]))) == found


@pytest.mark.parametrize(
    ("sort", "desc", "found"),
    [
        (None, False, ["o", "r2", "r1", "r0"]),
        ("loss", False, ["r2", "r1", "r0", "o"]),
        ("loss", True, ["r0", "r1", "r2", "o"]),
        ("val/loss desc", False, ["r2", "r1", "o", "r0"]),
        ("lr asc", True, ["r2", "r1", "r0", "o"]),
        (["opt.name", "lr desc"], False, ["r1", "r2", "r0", "o"]),
        ("number", True, ["r2", "r1", "o", "r0"]),
        ("params.lr", False, ["r2", "r1", "r0", "o"]),
    ],
)
def test_runs_are_sorted_by_any_name_and_what_lacks_it_comes_last(
    sweep: runstore.Workspace, sort: Any, desc: bool, found: list[str]
) -> None:
    assert ids(sweep.runs(sort=sort, desc=desc, columns=["run_id"])) == found


def test_runs_have_the_columns_asked_for_under_their_names(sweep: runstore.Workspace) -> None:
    found = sweep.runs("lr > 0.1", columns=["run_id", "lr", "val/loss", "opt.name", "last.loss", "status"])
    assert found.columns == ["run_id", "lr", "val/loss", "opt.name", "last.loss", "status"]
    assert found.fetchall() == [("r0", 0.5, None, "sgd", 5.0, "Completed")]


def test_runs_without_columns_have_all_of_them_and_every_field(sweep: runstore.Workspace) -> None:
    found = sweep.runs(sort="lr", limit=1, experiment="sweep")
    row = dict(zip(found.columns, found.fetchall()[0], strict=True))
    assert (row["params"], row["last"]) == ({"lr": 0.005, "opt.name": "adam"}, {"loss": 0.05, "val/loss": 2})


def test_runs_of_one_experiment_and_no_more_than_the_limit(sweep: runstore.Workspace) -> None:
    assert ids(sweep.runs(columns=["run_id"], experiment="other")) == ["o"]
    assert ids(sweep.runs(columns=["run_id"], limit=2)) == ["o", "r2"]
    assert ids(sweep.runs(columns=["run_id"], limit=0)) == []
    assert ids(sweep.runs(columns=["run_id"], experiment="it's none")) == []


@pytest.mark.parametrize("options", [{"where": "nope < 1"}, {"sort": "nope"}, {"columns": ["nope"]}, {"where": "lr <"}])
def test_a_name_that_means_nothing_is_refused(sweep: runstore.Workspace, options: dict[str, Any]) -> None:
    with pytest.raises(QueryError):
        sweep.runs(**options)


def test_a_run_is_got_by_its_id_or_a_unique_beginning(ws: runstore.Workspace) -> None:
    for run_id in ("abc", "abd", "abcd"):
        ws.experiment("e").start_logging(run_id=run_id).complete()
    assert [ws.get_run(text).id for text in ("abc", "abd", "abcd")] == ["abc", "abd", "abcd"]
    run = ws.get_run("abd")
    assert (run.status, run.experiment.name, run.path.is_dir()) == ("Completed", "e", True)


@pytest.mark.parametrize(
    ("text", "message"), [("ab", "2 runs begin with 'ab'"), ("x", "no run's id"), ("", "no run's id|begin with ''")]
)
def test_an_unclear_id_is_refused_in_one_line(ws: runstore.Workspace, text: str, message: str) -> None:
    for run_id in ("abc", "abd"):
        ws.experiment("e").start_logging(run_id=run_id).complete()
    with pytest.raises(RunNotFound, match=message):
        ws.get_run(text)


def test_the_public_classes_make_each_other(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    child = run.child_run()
    assert {type(run), type(child), type(ws.get_run(run.id))} == {runstore.Run}
    assert {type(run.experiment), type(ws.get_run(run.id).experiment)} == {runstore.Experiment}
    child.complete()
    run.complete()


@pytest.mark.parametrize("given", [str, Path, runstore.Workspace])
def test_a_run_is_started_in_one_call(tmp_path: Path, given: Any) -> None:
    with runstore.start_run(
        "e", "name", params={"a": 1}, tags={"b": 2}, workspace=given(tmp_path / "w"), rank=3
    ) as run:
        run.log("loss", 1.0)
    found = runstore.Workspace(tmp_path / "w").sql(
        "select r.name, params.a, tags.b, rank from runs r join writers using (run_id)"
    )
    assert found.fetchall() == [("name", 1, "2", 3)]


def test_asking_changes_nothing_on_disk(sweep: runstore.Workspace) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {str(p): (p.stat().st_mtime_ns, p.stat().st_size) for p in sorted(sweep.path.rglob("*"))}

    before = state()
    sweep.sql("select * from runs r, metrics m, rows").fetchall()
    sweep.runs().fetchall()
    sweep.get_run("r0").get_metrics()
    list(sweep.get_run("r0").experiment.get_runs())
    assert state() == before


def test_logging_never_loads_duckdb(tmp_path: Path) -> None:
    code = "import sys, runstore\nwith runstore.start_run('e', params={'a': 1}, workspace=sys.argv[1]) as run:\n"
    code += " run.log('loss', 1.0); run.log_row('t', a=1)\nassert not {'duckdb', 'pyarrow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "w")], check=True)


def test_asking_never_loads_pyarrow(sweep: runstore.Workspace) -> None:
    code = "import sys, runstore\nws = runstore.Workspace(sys.argv[1])\nws.runs('lr < 1', sort='loss').fetchall()\n"
    code += "ws.sql('select * from metrics, rows').fetchall(); ws.get_run('r0').get_metrics()\n"
    code += "assert 'pyarrow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code, str(sweep.path)], check=True)


def test_a_run_that_diverged_is_sorted_last_either_way(tmp_path: Path) -> None:
    ws = runstore.Workspace(tmp_path / "diverged")
    for value in (0.5, float("nan"), 2.0):
        with runstore.start_run("e", workspace=ws) as run:
            run.log("score", value, step=0)
    for desc, expected in ((True, [2.0, 0.5]), (False, [0.5, 2.0])):
        found = [row[0] for row in ws.runs(sort="score", desc=desc, columns=["score"]).fetchall()]
        assert found[:2] == expected
        assert found[2] != found[2]
