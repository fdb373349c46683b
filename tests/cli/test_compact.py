"""What compact does and says."""

from __future__ import annotations

import json

import runstore
from tests.cli import scenes
from tests.cli.conftest import Call


def test_it_seals_what_is_finished_and_says_so(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws)
    scenes.finished(ws)
    done = call("compact")
    assert done.exit_code == 0
    assert done.stdout.startswith("2 runs: 2 sealed")
    assert " -> " in done.stdout
    assert call("compact").stdout.startswith("2 runs: nothing to do (")


def test_grace_0_leaves_nothing_that_was_replaced(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    call("compact", "--grace", "0")
    call("compact", "--grace", "0")
    names = {path.name.partition("-")[0] for path in ws.get_run(run_id).path.iterdir()}
    assert "p" not in names
    assert ws.sql("select count(*) from metrics").fetchall() == [(6,)]


def test_json_gives_the_figures(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws)
    told = json.loads(call("compact", "--json").stdout)
    assert told["runs"] == told["sealed"] == 1
    assert told["damaged"] == []


def test_damage_exits_1_and_is_named(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    (journal,) = ws.get_run(run_id).path.glob("p-*.jsonl")
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 1
    journal.write_bytes(data)
    done = call("compact")
    assert done.exit_code == 1
    assert journal.name in done.stderr
    assert json.loads(call("compact", "--json").stdout)["damaged"][0]["run"].startswith("runs/")


def test_a_negative_grace_is_a_usage_mistake(ws: runstore.Workspace, call: Call) -> None:
    assert call("compact", "--grace", "-1").exit_code == 2


def test_many_runs_are_put_into_a_block_and_it_says_so(ws: runstore.Workspace, call: Call) -> None:
    for _ in range(16):
        scenes.finished(ws)
    rows = ws.sql("select count(*) from metrics").fetchall()
    told = json.loads(call("compact", "--grace", "0", "--json").stdout)
    assert (told["blocked"], told["blocks"], told["files_before"] > told["files_after"]) == (16, 1, True)
    assert ws.sql("select count(*) from metrics").fetchall() == rows
    assert call("compact").stdout.strip().endswith(", 1 block)")
    scenes.finished(ws)
    assert " files -> " in call("compact").stdout
