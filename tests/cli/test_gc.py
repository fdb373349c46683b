"""What gc tells and does."""

from __future__ import annotations

import json

import runstore
from runstore.format import documents, names
from tests.cli import scenes
from tests.cli.conftest import Call


def total(ws: runstore.Workspace) -> int:
    return sum(path.stat().st_size for path in ws.path.rglob("*") if path.is_file())


def test_it_tells_first_and_does_it_when_that_is_said(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    call("rm", run_id)
    before = total(ws)
    lines = call("gc", "--now").stdout.splitlines()
    assert lines[0].endswith(f"run {run_id[:8]}")
    assert lines[-1].endswith(" would be freed; --yes does it")
    assert total(ws) == before
    told = json.loads(call("gc", "--now", "--yes", "--json").stdout)
    assert (told["done"], told["bytes"], told["trouble"]) == (True, before - total(ws), [])
    assert call("gc", "--now", "--yes").stdout == "nothing to remove\n"
    assert f"{run_id} was deleted and removed" in call("restore", run_id).stderr


def test_what_was_deleted_lately_stays_and_that_is_said(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    call("rm", run_id)
    done = call("gc", "--yes")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "nothing to remove")
    assert f"run {run_id}: can be restored for 7.0 more days" in done.stdout
    assert call("restore", run_id).exit_code == 0


def test_damage_is_in_the_way_and_exits_1(ws: runstore.Workspace, call: Call) -> None:
    scenes.damaged(ws, scenes.finished(ws))
    for args in (("gc",), ("gc", "--yes")):
        done = call(*args)
        assert done.exit_code == 1
        assert "run `check`" in done.stderr
    assert json.loads(call("gc", "--json").stdout)["trouble"][0]["what"] == "content"


def test_long_curves_are_thinned_when_that_is_asked(ws: runstore.Workspace, call: Call) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        for step in range(3000):
            run.log("loss", step * 0.1, step=step)
    call("compact")
    query = "select count(*) from metrics"
    lines = call("gc", "--thin", "100", "--older-than", "0").stdout.splitlines()
    assert (lines[0].split("  ")[-1].endswith(" points of 1 run"), "would be freed" in lines[-1]) == (True, True)
    assert (call("gc", "--thin", "100").stdout, ws.sql(query).fetchall()) == ("nothing to remove\n", [(3000,)])
    told = json.loads(call("gc", "--thin", "100", "--older-than", "0", "--json").stdout)["thinned"]
    done = call("gc", "--thin", "100", "--older-than", "0", "--yes")
    assert "more will go with a gc in 10 minutes or later" in done.stdout
    assert ws.sql(query).fetchall() == [(told[0]["kept"],)]
    assert ws.sql("select count from metric_summary").fetchall() == [(3000,)]
    assert call("gc", "--thin", "8").exit_code == 2


def test_what_can_not_be_thinned_is_named_and_exits_1(ws: runstore.Workspace, call: Call) -> None:
    with runstore.start_run("e", run_id="r", workspace=ws) as run:
        for step in range(300):
            run.log("loss", step * 0.1, step=step)
    call("compact")
    (segment,) = run.path.glob("points-*.parquet")
    segment.write_bytes(segment.read_bytes()[:-1])
    done = call("gc", "--thin", "100", "--older-than", "0", "--yes")
    assert (done.exit_code, "run r: " in done.stderr) == (1, True)


def test_where_there_are_remotes_runs_that_none_of_them_has_are_named(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    call("rm", run_id)
    assert "remote" not in call("gc", "--now").stdout
    (ws.path / names.REMOTES).mkdir()
    (ws.path / names.remote("team")).write_bytes(documents.render({"runstore": 1, "name": "team"}))
    lines = call("gc", "--now").stdout.splitlines()
    assert lines[0].endswith(f"run {run_id[:8]}, which no remote has")
    assert lines[1].endswith("  of these in 1 run that no remote has")
    told = json.loads(call("gc", "--now", "--yes", "--json").stdout)
    assert [part["only"] for part in told["parts"] if part["kind"] == "run"] == [True]
