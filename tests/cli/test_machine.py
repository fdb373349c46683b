"""The machine in a few lines."""

from __future__ import annotations

import json

import runstore
from tests.cli.conftest import Call


def sampled(ws: runstore.Workspace) -> runstore.Run:
    with runstore.start_run("mnist", workspace=ws) as run:
        side = run._live().side()
        side.system(
            {"cpu.percent": 10.0, "gpu.0.utilization": 80.0, "process.memory.rss_bytes": 2e9, "disk.percent": 5.0}
        )
        side.system({"cpu.percent": 30.0, "gpu.0.utilization": 81.5})
    return run


def test_what_tells_how_busy_and_how_full_it_was_is_shown(ws: runstore.Workspace, call: Call) -> None:
    lines = [line.split() for line in call("show", sampled(ws).id).stdout.splitlines()]
    at = lines.index(["machine"])
    assert lines[at + 1 : at + 5] == [
        ["name", "mean", "max"], ["cpu.percent", "20.0", "%", "30.0", "%"],
        ["gpu.0.utilization", "80.8", "%", "81.5", "%"], ["process.memory.rss_bytes", "2", "GB", "2", "GB"],
    ]  # fmt: skip
    assert ["disk.percent", "5.0", "%", "5.0", "%"] not in lines


def test_json_has_every_system_metric(ws: runstore.Workspace, call: Call) -> None:
    told = json.loads(call("show", sampled(ws).id, "--json").stdout)["system"]
    assert {"name": "disk.percent", "count": 1, "mean": 5.0, "max": 5.0} in told


def test_where_nothing_was_sampled_nothing_is_said(ws: runstore.Workspace, call: Call) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        pass
    assert "machine" not in call("show", run.id).stdout
