"""The judge of the crash tests has teeth: it sees a lost, a doubled, a changed and a reordered point."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runstore.disk import files
from runstore.format import lines, names
from runstore.query.workspace import Workspace
from runstore.runs import seal
from tests.crash import calls, oracle

CALLS = 100


@pytest.fixture
def journal(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The points journal of a run that has ended, as it was before its closing line."""
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    run = Workspace(workspace).experiment("e").start_logging(run_id="r")
    writer = run._writer
    assert writer is not None
    for i in range(CALLS):
        calls.log(run, 0, i)
    path = run.path / names.points(writer.identity.writer, 0)
    data = files.read(path).rstrip(b"\0")
    run.complete()
    path.write_bytes(data)
    return path


def test_what_was_logged_is_recognized(journal: Path, workspace: Path) -> None:
    assert oracle.check(journal.parent, {0: CALLS}) == CALLS
    assert oracle.agree(workspace, ["r"])


def test_one_more_call_than_acknowledged_may_be_there(journal: Path) -> None:
    assert oracle.check(journal.parent, {0: CALLS - 1}) == CALLS
    with pytest.raises(AssertionError):
        oracle.check(journal.parent, {0: CALLS - 2})


def swapped(found: list[bytes]) -> list[bytes]:
    return [*found[:20], found[21], found[20], *found[22:]]


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found[:-1],
        lambda found: [*found[:20], *found[21:]],
        lambda found: [*found[:20], found[20], *found[20:]],
        lambda found: [line.replace(b"1.0", b"1") for line in found],
        lambda found: [line.replace(b"-0.0", b"0.0") for line in found],
        lambda found: [line.replace(b",[2]", b",[3]") for line in found],
        swapped,
    ],
)  # fmt: skip
def test_what_was_not_logged_so_is_refused(journal: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    data = files.read(journal).splitlines(keepends=True)
    changed = [*data[:1], *change(data[1:])]
    assert changed != data
    journal.write_bytes(b"".join(changed))
    with pytest.raises(AssertionError):
        oracle.check(journal.parent, {0: CALLS})


def test_a_repeated_or_missing_range_is_refused(journal: Path) -> None:
    data = files.read(journal)
    for first in (calls.count(0), 10_000):
        head = lines.header(lines.POINTS, "r", "e", journal.name[2:18], 1, 1, first)
        journal.with_name(names.points(journal.name[2:18], 1)).write_bytes(head + data.splitlines(keepends=True)[1])
        with pytest.raises(AssertionError):
            oracle.check(journal.parent, {0: CALLS})
