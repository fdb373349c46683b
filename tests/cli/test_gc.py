"""What gc tells and does."""

from __future__ import annotations

import json

import runstore
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
