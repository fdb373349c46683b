"""A name keeps its bytes, and the run knows in few bytes which names it has."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from runstore.errors import UsageError
from runstore.runs import edits
from runstore.runs.artifact_names import Taken
from runstore.runs.workspace import Workspace

ONE, OTHER = (hashlib.sha256(data).hexdigest() for data in (b"one", b"other"))


@pytest.fixture
def run(tmp_path: Path) -> Any:
    with Workspace(tmp_path / "w").experiment("e").start_logging() as one:
        yield one


def test_a_name_that_nobody_has_is_free(run: Any) -> None:
    taken = Taken(run.path)
    taken.allow("a", ONE)
    assert not taken.same("a", ONE)


def test_the_same_bytes_again_are_known_and_other_bytes_refused(run: Any) -> None:
    run._store("a", b"one")
    taken = Taken(run.path)
    assert taken.same("a", ONE)
    taken.allow("a", ONE)
    with pytest.raises(UsageError, match="overwrite"):
        taken.allow("a", OTHER)


def test_a_clash_is_believed_only_if_the_facts_say_so(run: Any) -> None:
    taken = Taken(run.path)
    taken.put("a", ONE)  # as if another name had the same key
    taken.allow("a", OTHER)


def test_a_name_is_free_again_when_it_was_removed(run: Any) -> None:
    taken = Taken(run.path)
    taken.put("a", ONE)
    taken.drop(["a"])
    assert not taken.same("a", ONE)
    taken.allow("a", OTHER)


def test_what_was_removed_from_outside_is_not_taken_for_stored(run: Any) -> None:
    run._store("a", b"one")
    taken = Taken(run.path)
    edits.record(run.experiment.workspace.path, run.id, "e", [("removed", {"artifacts": ["a"]})])
    assert not taken.same("a", ONE)
