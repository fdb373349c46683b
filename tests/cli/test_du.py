"""How many bytes things take, as a table and as data."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import runstore
from tests.cli import scenes
from tests.cli.conftest import Call


def shared(ws: runstore.Workspace) -> tuple[str, str]:
    ids = []
    for experiment in ("mnist", "other"):
        with runstore.start_run(experiment, workspace=ws) as run:
            run.upload_file("f", io.BytesIO(b"x" * 5000))
        ids.append(run.id)
    return ids[0], ids[1]


def test_experiments_are_shown_the_largest_first(ws: runstore.Workspace, call: Call) -> None:
    shared(ws)
    lines = call("du").stdout.splitlines()
    assert lines[0].split()[:2] == ["experiment", "bytes"]
    assert [line.split()[0] for line in lines[2:5]] == ["mnist", "other", "(no"]
    assert lines[5].endswith(" in all; 2 experiments")


def test_runs_are_shown_with_what_they_use_of_others(ws: runstore.Workspace, call: Call) -> None:
    first, second = shared(ws)
    call("rm", second)
    lines = call("du", "--runs").stdout.splitlines()
    assert lines[2].startswith(first[:8])
    assert lines[3].startswith(f"{second[:8]} (deleted)")
    assert lines[3].endswith(f"5 kB of {first[:8]}")
    assert " of them in deleted runs; 2 runs" in lines[-1]
    lines = call("du", "--runs", "--limit", "1", "-e", "mnist").stdout.splitlines()
    assert len(lines) == 4


def test_json_adds_up(ws: runstore.Workspace, call: Call) -> None:
    first, second = shared(ws)
    told = json.loads(call("du", "--json").stdout)
    assert told["bytes"] == sum(path.stat().st_size for path in ws.path.rglob("*") if path.is_file())
    assert told["bytes"] == told["rest"]["bytes"] + sum(run["bytes"] for run in told["runs"])
    assert {name: one["files"] > 0 for name, one in told["experiments"].items()} == {"mnist": True, "other": True}
    (one,) = json.loads(call("du", "--json", "-e", "other").stdout)["runs"]
    assert (one["run_id"], one["elsewhere"]) == (second, {first: 5000})


def test_damage_is_said_and_nothing_stops(ws: runstore.Workspace, call: Call) -> None:
    scenes.damaged(ws, scenes.finished(ws))
    done = call("du")
    assert done.exit_code == 0
    assert "may be shown as unused" in done.stderr


def test_it_fits_the_terminal(ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]) -> None:
    shared(ws)
    terminal(60)
    for args in (("du",), ("du", "--runs")):
        assert max(map(len, call(*args).stdout.splitlines())) <= 60
