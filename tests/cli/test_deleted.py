"""The list of what is deleted."""

from __future__ import annotations

import json
from collections.abc import Callable

import runstore
from tests.cli import scenes
from tests.cli.conftest import Call


def test_deleted_runs_are_listed_when_asked_for(ws: runstore.Workspace, call: Call) -> None:
    first, second = scenes.finished(ws), scenes.finished(ws, experiment="other")
    assert call("runs", "--deleted").stdout == "no run is deleted\n"
    call("rm", first, second)
    lines = call("runs", "--deleted").stdout.splitlines()
    assert lines[0].split() == ["run_id", "experiment", "name", "status", "started", "deleted", "points"]
    assert {line.split()[0] for line in lines[2:4]} == {first, second}
    assert lines[4].startswith("2 deleted runs; ")
    assert first in call("runs", "--deleted", "--experiment", "mnist").stdout
    assert second not in call("runs", "--deleted", "--experiment", "mnist").stdout


def test_json_and_csv_have_every_field(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    call("rm", run_id)
    (told,) = json.loads(call("runs", "--deleted", "--json").stdout)
    assert (told["run_id"], told["status"], told["points"]) == (run_id, "Completed", 6)
    assert call("runs", "--deleted", "--csv").stdout.splitlines()[1].startswith(f"{run_id},mnist,")


def test_it_fits_the_terminal(ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]) -> None:
    call("rm", scenes.finished(ws))
    terminal(60)
    assert max(map(len, call("runs", "--deleted").stdout.splitlines())) <= 60


def test_it_takes_no_filter(ws: runstore.Workspace, call: Call) -> None:
    assert call("runs", "--deleted", "--where", "lr > 1").exit_code == 2
