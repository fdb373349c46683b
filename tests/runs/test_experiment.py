"""Experiments group runs; a name is data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runstore.errors import InvalidValue, UsageError
from runstore.format import documents, names
from runstore.runs.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "w")


def test_an_experiment_exists_once_it_is_named(workspace: Workspace) -> None:
    workspace.experiment("mnist")
    data = (workspace.path / names.experiment_file("mnist")).read_bytes()
    assert documents.parse(data, "")["experiment"] == "mnist"


def test_naming_it_again_changes_nothing(workspace: Workspace) -> None:
    workspace.experiment("mnist")
    before = (workspace.path / names.experiment_file("mnist")).read_bytes()
    workspace.experiment("mnist")
    assert (workspace.path / names.experiment_file("mnist")).read_bytes() == before


@pytest.mark.parametrize("name", ["../../etc", "a/b\\c:d", "x" * 5000, "NUL.txt", "é😀\0", "con"])
def test_any_text_is_a_name_and_never_a_path(workspace: Workspace, name: str) -> None:
    run = workspace.experiment(name).start_logging()
    run.complete()
    for root, _, files in os.walk(workspace.path):
        for file in files:
            added = os.path.relpath(os.path.join(root, file), workspace.path)
            assert len(added) < 100


def test_an_empty_name_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="empty"):
        workspace.experiment("")


def test_a_name_that_is_no_text_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InvalidValue, match="must be text"):
        workspace.experiment(3)  # type: ignore[arg-type]


def test_native_ids_are_uuid4(workspace: Workspace) -> None:
    import uuid

    run = workspace.experiment("e").start_logging()
    assert uuid.UUID(run.id).version == 4
    run.complete()


def test_the_rank_comes_from_the_environment(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "3")
    run = workspace.experiment("e").start_logging()
    run.complete()
    assert b'"rank":3' in (run.path / names.facts(1)).read_bytes()
