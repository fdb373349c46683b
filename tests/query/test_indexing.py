"""The sealer says in the index where the content of closed packs lies, and what is lost of it comes back."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files
from runstore.disk.packed import Index
from runstore.format import names
from runstore.query import indexing
from runstore.query.workspace import Workspace
from tests.query import blocked


@pytest.fixture
def ended(ws: Workspace) -> Any:
    with ws.experiment("e").start_logging() as run:
        for number in range(5):
            run._store(f"{number}", b"content %d" % number)
    return run


def sha256(number: int) -> str:
    return hashlib.sha256(b"content %d" % number).hexdigest()


def index_files(workspace: Path) -> list[str]:
    return [name for name in files.names_in(workspace / names.BLOBS) if names.is_index(name)]


def test_the_packs_of_an_ended_run_are_indexed_and_verify(ended: Any) -> None:
    workspace = ended.experiment.workspace.path
    indexing.index(workspace, ended.path)
    for number in range(5):
        (spot,) = Index(workspace).find(sha256(number))
        data = (workspace / spot.path).read_bytes()
        assert data[spot.offset : spot.offset + spot.size] == b"content %d" % number


def test_a_run_is_indexed_once(ended: Any) -> None:
    workspace = ended.experiment.workspace.path
    indexing.index(workspace, ended.path)
    before = index_files(workspace)
    assert not indexing.index(workspace, ended.path)
    assert index_files(workspace) == before


def test_a_pack_that_its_writer_has_not_closed_is_not_indexed(ws: Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        run._store("a", b"a")
        assert indexing.closed(run.path) == []
        assert not indexing.index(ws.path, run.path)


def test_a_lost_index_is_made_again_for_every_run(ended: Any) -> None:
    workspace = ended.experiment.workspace
    with workspace.experiment("e").start_logging() as other:
        other._store("other", b"other")
    indexing.index(workspace.path, other.path)
    for name in index_files(workspace.path):
        (workspace.path / names.BLOBS / name).unlink()
    indexing.index(workspace.path, other.path)
    assert list(Index(workspace.path).find(sha256(3)))
    assert list(Index(workspace.path).find(hashlib.sha256(b"other").hexdigest()))


def test_what_lies_in_blocks_is_indexed_where_the_index_is_lost(ended: Any) -> None:
    workspace = ended.experiment.workspace.path
    blocked.put(workspace)
    other = ended.experiment.start_logging()
    other._store("x", b"other")
    other.complete()
    indexing.index(workspace, other.path)
    (spot,) = Index(workspace).find(sha256(3))
    assert (workspace / spot.path).parent == ended.path
