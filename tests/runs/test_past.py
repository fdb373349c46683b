"""Whether a writer without a last word still lived at an earlier time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runstore.disk import inventory
from runstore.format import names
from runstore.runs import past, state
from runstore.runs.past import Past
from runstore.runs.state import RunState, WriterState
from tests.query import scenes

workspace = scenes.workspace
BEAT = 1_700_000_000_000_000_000


def lived(run_path: Path, until: int, logged: int = 0, silence: float = 0.0) -> bool:
    found = inventory.scan(run_path)
    run, lock = RunState(run_path, found), run_path / "w.lock"
    lock.touch()
    os.utime(lock, ns=(BEAT, BEAT))
    facts: list[state.Fact] = [(BEAT - 5, "w", 0, "start", {}, 1), (BEAT + 99, "other", 0, "start", {}, 1)]
    return Past(until, lambda run, writer: logged).lived(run, WriterState("w", 1), facts, lock, silence)


def test_its_heartbeat_and_its_facts_say_so(tmp_path: Path) -> None:
    assert lived(tmp_path, BEAT - 1)
    assert not lived(tmp_path, BEAT)


def test_what_it_logged_is_asked_only_where_files_are_younger(tmp_path: Path) -> None:
    assert not lived(tmp_path, BEAT, logged=BEAT + 5)
    (tmp_path / names.points("0123456789abcdef", 0)).write_bytes(b"")
    assert lived(tmp_path, BEAT, logged=BEAT + 5)
    assert not lived(tmp_path, BEAT + 5, logged=BEAT + 5)


def test_who_is_silent_counts_as_silent_after_a_while(tmp_path: Path) -> None:
    assert lived(tmp_path, BEAT + 59_000_000_000, silence=60)
    assert not lived(tmp_path, BEAT + 60_000_000_000, silence=60)


def test_an_end_file_counts_from_its_time_on(workspace: scenes.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from runstore.format import documents

    run = workspace.experiment("e").start_logging()
    started = state.fold(run.path).started or 0
    body = {"status": "Canceled", "error": "SIGTERM", "time": started + 10_000}
    (run.path / "a1.end.json").write_bytes(documents.render(body))
    told = [state.fold(run.path, past=Past(at, lambda run, writer: 0)).status for at in (started, started + 10_000)]
    assert told == ["Running", "Canceled"]


def test_nothing_was_logged_in_a_run_without_files_of_it(tmp_path: Path) -> None:
    assert past.newest(inventory.scan(tmp_path)) == 0
