"""Content is found across runs once its pack is closed, is verified where it lies, and is touched."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import pack, packed
from runstore.disk.packed import Spot
from runstore.format import names
from runstore.query import indexing
from runstore.runs import dedup
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from tests.query import blocked

DATA = b"the same bytes"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(packed, "_FRESH_SECONDS", 0.0)
    dedup.forget()
    yield
    dedup.forget()


@pytest.fixture
def run(tmp_path: Path) -> Any:
    return Workspace(tmp_path / "w").experiment("e").start_logging()


def found(run: Run) -> dedup.Where | None:
    return dedup.find(run.experiment.workspace.path, SHA256, len(DATA))


def indexed(run: Run) -> None:
    """As if the sealer had been here, and this were another process."""
    directory, writer = run.path, run._writer.identity.writer  # type: ignore[union-attr]
    spots = [
        Spot(blob.sha256, f"{directory.parent.name}/{directory.name}", writer, 0, blob.offset, blob.size)
        for blob in pack.frames(directory / names.pack(writer, 0))
    ]
    packed.add(run.experiment.workspace.path, spots)
    dedup.forget()


def test_a_pack_counts_once_it_is_closed(run: Any) -> None:
    body = run._store("a", DATA)
    writer = run._writer.identity.writer
    assert found(run) is None
    run.complete()
    assert found(run) == (*body["pack"], writer, run.id)


def test_other_bytes_and_other_workspaces_have_nothing_of_it(run: Any, tmp_path: Path) -> None:
    run._store("a", DATA)
    run.complete()
    assert dedup.find(run.experiment.workspace.path, hashlib.sha256(b"x").hexdigest(), 1) is None
    assert dedup.find(tmp_path / "other", SHA256, len(DATA)) is None


def test_another_process_finds_it_by_the_index(run: Any) -> None:
    body = run._store("a", DATA)
    writer = run._writer.identity.writer
    indexed(run)
    assert found(run) == (*body["pack"], writer, run.id)
    run.complete()


@pytest.mark.parametrize("damage", ["gone", "cut", "changed"])
def test_what_is_no_longer_there_is_not_found(run: Any, damage: str) -> None:
    offset = run._store("a", DATA)["pack"][1]
    indexed(run)
    path = run.path / names.pack(run._writer.identity.writer, 0)
    run.complete()
    dedup.forget()
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(data[: offset + 5] if damage == "cut" else data[: offset - 5] + b"X" + data[offset - 4 :])
    assert found(run) is None


def test_what_is_found_is_touched(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedup, "_touched", {})
    run._store("a", DATA)
    path = run.path / names.pack(run._writer.identity.writer, 0)
    run.complete()
    os.utime(path, (1, 1))
    assert found(run) is not None
    assert path.stat().st_mtime > 1


def test_old_packs_are_let_go_and_memory_stays_bounded(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedup, "MOST", 3)
    run._store("a", DATA)
    run.complete()
    other = run.experiment.start_logging()
    for number in range(3):
        other._store(f"{number}", b"%d" % number)
    other.complete()
    assert sum(len(one.offsets) for one in dedup._closed) == 3
    assert found(run) is None


def test_a_blob_of_another_size_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / names.blob(SHA256)
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    assert dedup.has_blob(tmp_path, SHA256, len(DATA))
    assert not dedup.has_blob(tmp_path, SHA256, len(DATA) + 1)
    assert not dedup.has_blob(tmp_path, hashlib.sha256(b"x").hexdigest(), 1)


def test_content_of_a_run_in_a_block_is_found_and_the_block_is_touched(run: Run) -> None:
    workspace = run.experiment.workspace.path
    where = run._put(DATA)["pack"]
    run.complete()
    indexing.index(workspace, run.path)
    members = workspace / names.BLOCKS / blocked.put(workspace) / names.BLOCK_MEMBERS
    os.utime(members, (1.0, 1.0))
    dedup.forget()
    assert found(run) == tuple(where)
    assert os.stat(members).st_mtime > 1.0


def test_content_in_a_block_is_not_found_once_its_run_was_removed(run: Run) -> None:
    workspace = run.experiment.workspace.path
    run._put(DATA)
    run.complete()
    indexing.index(workspace, run.path)
    blocked.put(workspace)
    tombstone = workspace / names.tombstone(run.path.parent.name + run.path.name)
    tombstone.parent.mkdir()
    tombstone.write_bytes(b"")
    assert found(run) is None
