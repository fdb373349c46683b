"""Damage that is met while runs are listed is told; a workspace that is whole has nothing to tell."""

from __future__ import annotations

import pytest

import runstore
from runstore.query import catalog, damage


def noticed(ws: runstore.Workspace) -> list[str]:
    return damage.noticed(catalog.of(ws.path))


def test_a_workspace_that_is_whole_tells_nothing(ws: runstore.Workspace) -> None:
    ws.experiment("e").start_logging().complete()
    ws.experiment("e").start_logging()
    gone = ws.experiment("e").start_logging()
    gone.complete()
    ws.delete(gone.id)
    assert noticed(ws) == []


@pytest.mark.filterwarnings("ignore:run ")  # listing them says so too
def test_a_run_whose_journal_has_an_odd_byte_is_told_by_its_id(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    run.log_params({"lr": 0.1})
    run.complete()
    journal = run.path / "a1.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"lr"', b'"lx"'))
    told = noticed(ws)
    assert told and all(line.startswith(f"run {run.id}: ") for line in told)


@pytest.mark.filterwarnings("ignore:run ")
def test_a_directory_in_which_no_fact_can_be_read_is_told_by_its_place(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    run.complete()
    journal = run.path / "a1.jsonl"
    journal.write_bytes(b"\xff" * 40 + journal.read_bytes()[40:])
    (line,) = noticed(ws)
    assert line.startswith(f"{run.path.relative_to(ws.path)}: ")


@pytest.mark.filterwarnings("ignore:run ")
def test_of_very_many_runs_the_directories_are_not_walked_again(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(damage, "_WALKED", 0)
    ws.experiment("e").start_logging().complete()
    run = ws.experiment("e").start_logging()
    run.complete()
    journal = run.path / "a1.jsonl"
    journal.write_bytes(b"\xff" * 40 + journal.read_bytes()[40:])
    assert noticed(ws) == []
