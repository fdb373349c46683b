"""What a run printed; this version records none of it, so the lines are made here."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

import runstore
from runstore.cli import logs
from tests.cli import scenes
from tests.cli.conftest import Call

_AT = datetime.fromisoformat("2026-01-02T03:04:05")
LINES = [  # attempt, writer, stream, line, time, level, logger, text, exception
    (1, "w", "stdout", 0, _AT, None, None, "epoch 1\x1b[2J", None),
    (1, "w", "log", 0, _AT + timedelta(seconds=1), "WARNING", "train", "slow", None),
    (1, "w", "log", 1, _AT + timedelta(seconds=2), "ERROR", "train", "bad", "Traceback\nValueError"),
]


class _Relation:
    def fetchall(self) -> list[tuple[object, ...]]:
        return list(LINES)


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> None:
    true = runstore.Workspace.sql

    def one(self: runstore.Workspace, query: str, params: object = None) -> object:
        return _Relation() if "FROM logs" in query else true(self, query, params)  # type: ignore[arg-type]

    monkeypatch.setattr(runstore.Workspace, "sql", one)


def test_where_there_is_nothing_it_says_so_kindly(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    done = call("logs", run_id[:6])
    assert (done.exit_code, done.stdout) == (0, "")
    assert f"run {run_id[:8]} has no logs" in done.stderr
    assert json.loads(call("logs", run_id, "--json").stdout) == []


def test_following_ends_when_the_run_has_ended(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    assert call("logs", run_id, "-f").exit_code == 0


@pytest.mark.usefixtures("printed")
def test_lines_are_shown_harmless_in_order_with_their_exceptions(ws: runstore.Workspace, call: Call) -> None:
    done = call("logs", scenes.finished(ws))
    assert done.stdout.splitlines() == ["epoch 1\\x1b[2J", "slow", "bad", "Traceback", "ValueError"]
    done = call("logs", "-t", "-n", 2)
    assert done.stdout.splitlines()[0] == "2026-01-02 03:04:06 slow"


@pytest.mark.usefixtures("printed")
def test_a_level_leaves_out_what_is_below_it_and_what_has_none(ws: runstore.Workspace, call: Call) -> None:
    told = json.loads(call("logs", scenes.finished(ws), "--level", "error", "--json").stdout)
    assert [line["text"] for line in told] == ["bad"]
    assert told[0]["exception"] == "Traceback\nValueError"


@pytest.mark.usefixtures("printed")
def test_following_shows_each_line_once(ws: runstore.Workspace, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    waits = iter([lambda: None, run.complete])
    monkeypatch.setattr(logs, "time", SimpleNamespace(sleep=lambda seconds: next(waits)()))
    done = call("logs", run.id, "-f", "--json")
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["epoch 1\x1b[2J", "slow", "bad"]
