"""A workspace made, found, or refused."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

import runstore
from tests.cli.conftest import Call


def test_it_makes_the_workspace_and_says_what_next(workspace: Path, call: Call) -> None:
    done = call("init")
    assert done.exit_code == 0
    assert (workspace / "workspace.json").exists()
    assert done.stdout.startswith(f"made a workspace: {workspace}\n")
    assert "runstore.start_run(" in done.stdout
    assert "runstore runs\n" in done.stdout
    assert "RUNSTORE_DIR" not in done.stdout  # it is found from here


def test_a_second_time_it_only_says_that_it_is_there(ws: runstore.Workspace, call: Call) -> None:
    done = call("init")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"already a workspace: {ws.path}\n")


def test_a_named_place_is_in_the_next_commands(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("init", "my runs")
    assert (tmp_path / "my runs" / "workspace.json").exists()
    assert "runstore runs -w 'my runs'\n" in done.stdout
    assert 'ws = runstore.Workspace("my runs")\n' in done.stdout
    assert f"export RUNSTORE_DIR='{tmp_path / 'my runs'}'" in done.stdout


def test_what_it_says_to_log_can_be_run_as_it_stands(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = call("init", "here").stdout.splitlines()
    exec(textwrap.dedent("\n".join(lines[lines.index("log into it") + 1 : lines.index("ask it")])), {})
    assert runstore.Workspace("here").sql("select last.loss from runs").fetchall() == [(0.5,)]


def test_without_a_name_it_is_made_here_not_in_a_parent(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNSTORE_DIR")
    runstore.Workspace(tmp_path / ".runstore")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert call("init").exit_code == 0
    assert (tmp_path / "below" / ".runstore" / "workspace.json").exists()


def test_a_place_that_holds_something_else_is_refused(tmp_path: Path, call: Call) -> None:
    (tmp_path / "theirs").write_text("x")
    done = call("init", tmp_path)
    assert done.exit_code == 1
    assert "no runstore workspace" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]


def test_two_places_are_a_usage_mistake(tmp_path: Path, call: Call) -> None:
    assert call("init", tmp_path / "a", "-w", tmp_path / "b").exit_code == 2


def test_json_gives_place_and_id(workspace: Path, call: Call) -> None:
    told = json.loads(call("init", "--json").stdout)
    assert told == {"workspace": str(workspace), "created": True}
    assert json.loads(call("init", "--json").stdout)["created"] is False


def test_nothing_is_made_where_logging_is_disabled(
    workspace: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    done = call("init")
    assert done.exit_code == 2
    assert "RUNSTORE_MODE" in done.stderr
    assert not workspace.exists()
