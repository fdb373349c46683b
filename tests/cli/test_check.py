"""What check says, and what it ends with."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

import runstore
from runstore.cli import check as check_command
from runstore.format import names
from runstore.query import check
from tests.cli import scenes
from tests.cli.conftest import Call
from tests.query import blocked


def test_where_all_is_well_it_exits_0_and_says_what_it_looked_at(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws)
    scenes.finished(ws)
    done = call("check")
    assert (done.exit_code, done.stdout) == (0, "nothing is damaged: 2 runs checked\n")


def test_damage_exits_1_and_names_file_and_run(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, run_id="good")
    name = scenes.damaged(ws, scenes.finished(ws, run_id="bad"))
    done = call("check")
    assert done.exit_code == 1
    assert name in done.stdout
    assert "run bad" in done.stdout
    assert "run good" not in done.stdout
    assert "damage in 2 places: 2 runs checked" in done.stdout


def test_notes_do_not_fail(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws)
    (ws.path / "mine.txt").write_text("x")
    done = call("check")
    assert done.exit_code == 0
    assert "note    mine.txt" in done.stdout
    assert "nothing is damaged: 1 run checked, 1 note" in done.stdout


def test_one_run_is_checked_by_a_beginning_of_its_id(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, run_id="good-one")
    scenes.damaged(ws, scenes.finished(ws, run_id="bad-one"))
    assert call("check", "goo").exit_code == 0
    assert call("check", "bad-one").exit_code == 1


def test_a_run_in_a_block_is_checked_and_its_damage_is_of_the_block(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, run_id="kept")
    path = ws.path / "blocks" / blocked.put(ws.path) / "members.bin"
    assert call("check", "kept").stdout == "nothing is damaged: run kept checked\n"
    path.write_bytes(b"?" + path.read_bytes()[1:])
    done = call("check", "kept")
    assert (done.exit_code, f"blocks/{path.parent.name}/members.bin" in done.stdout) == (1, True)


def test_json_gives_the_verdict_and_the_findings(ws: runstore.Workspace, call: Call) -> None:
    assert json.loads(call("check", "--json").stdout) == {"ok": True, "damage": 0, "findings": []}
    scenes.damaged(ws, scenes.finished(ws, run_id="bad"))
    done = call("check", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert not told["ok"]
    assert told["damage"] == len(told["findings"]) > 0
    assert {one["run_id"] for one in told["findings"]} == {"bad"}
    assert {one["severity"] for one in told["findings"]} == {check.DAMAGE}


def test_a_damaged_or_missing_workspace_document_is_a_finding_not_an_error(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws)
    document = ws.path / "workspace.json"
    document.write_bytes(document.read_bytes().replace(b"workspace", b"workspacf", 1))
    done = call("check")
    assert (done.exit_code, done.stderr) == (1, "")
    assert "damage  workspace.json" in done.stdout
    document.unlink()
    done = call("check")
    assert (done.exit_code, done.stderr) == (1, "")
    assert "missing" in done.stdout


def test_nothing_is_wider_than_the_terminal(
    ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]
) -> None:
    scenes.damaged(ws, scenes.finished(ws))
    terminal(80)
    assert max(map(len, call("check").stdout.splitlines())) <= 80


def _beyond_mending(ws: runstore.Workspace) -> str:
    """A run of whose points some are lost; gives the damaged file."""
    scenes.finished(ws, run_id="bad")
    path = sorted((ws.path / names.run_dir("bad")).glob("p-*"))[0]
    data = path.read_bytes()
    path.write_bytes(data[:-80] + bytes(30) + data[-50:])
    return path.name


def test_a_repair_tells_what_is_saved_and_lost_and_where_the_damaged_files_are(
    ws: runstore.Workspace, call: Call
) -> None:
    name = _beyond_mending(ws)
    done = call("check", "--repair")
    assert done.exit_code == 1
    assert "lost    " in done.stdout and "run bad: " in done.stdout and " points of writer " in done.stdout
    (kept,) = (ws.path / "damaged").iterdir()
    assert done.stdout.splitlines()[-1].endswith(f"kept in damaged/{kept.name}")
    assert len(list(kept.rglob(name))) == 1
    assert call("check").exit_code == 0
    assert call("check", "--repair").stdout == "nothing is damaged: nothing to repair\n"


def test_a_dry_run_tells_the_same_and_changes_nothing(ws: runstore.Workspace, call: Call) -> None:
    _beyond_mending(ws)
    told = call("check", "--repair", "--dry-run")
    assert told.exit_code == 1 and "would be kept in damaged" in told.stdout
    assert call("check").exit_code == 1 and not (ws.path / "damaged").exists()
    assert call("check", "--repair").stdout.splitlines()[:-1] == told.stdout.splitlines()[:-1]


def test_what_is_repaired_without_loss_exits_0(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws)
    for path in (ws.path / "experiments").iterdir():
        path.write_bytes(b"?")
    done = call("check", "--repair")
    assert (done.exit_code, "everything is whole again" in done.stdout) == (0, True)


def test_a_repair_as_json(ws: runstore.Workspace, call: Call) -> None:
    _beyond_mending(ws)
    told = json.loads(call("check", "--repair", "--dry-run", "--json").stdout)
    assert (told["whole"], told["done"], told["place"]) == (False, False, "")
    done = json.loads(call("check", "--repair", "--json").stdout)
    assert {one["run_id"] for one in done["lost"]} == {"bad"} and done["done"]
    assert sorted(done) == ["aside", "done", "left", "lost", "place", "saved", "whole"]


def test_a_dry_run_without_a_repair_is_an_error(ws: runstore.Workspace, call: Call) -> None:
    done = call("check", "--dry-run")
    assert done.exit_code == 2 and "--repair" in done.stderr


def test_a_repair_is_no_wider_than_the_terminal(
    ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]
) -> None:
    _beyond_mending(ws)
    terminal(80)
    assert max(map(len, call("check", "--repair").stdout.splitlines())) <= 80


def test_a_long_list_of_losses_is_cut_where_it_is_read_by_people(
    ws: runstore.Workspace, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run_id in ("one", "two", "three"):
        runstore.start_run("e", run_id=run_id, workspace=ws).complete()
    for path in (ws.path / "runs").glob("*/*/a1.jsonl"):
        path.write_bytes(b"\0\nx\n")
    monkeypatch.setattr(check_command, "_SHOWN", 1)
    done = call("check", "--repair")
    assert done.stdout.count("left    ") == 2 and "2 more; --json tells all of them" in done.stdout
