"""Of a run that both have, what one lacks is taken: journals, segments and facts, sealed or not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import runstore
from runstore.disk.capabilities import CAN
from runstore.format import names
from runstore.query import compaction, sealing
from runstore.query.check import check
from tests.query import unions


@pytest.fixture
def other(ws: runstore.Workspace, tmp_path: Path) -> runstore.Workspace:
    return runstore.Workspace(tmp_path / "other")


def files(ws: runstore.Workspace, run_id: str = "r0") -> list[str]:
    return sorted(path.name for path in (ws.path / names.run_dir(run_id)).iterdir())


def points(ws: runstore.Workspace) -> list[tuple[int, float]]:
    return ws.sql("select step, value from metrics where run_id = 'r0' order by all").fetchall()


def test_a_running_run_is_taken_as_far_as_it_is_and_the_rest_later(
    ws: runstore.Workspace, other: runstore.Workspace
) -> None:
    run = runstore.start_run("e", run_id="r0", workspace=other)
    run.log("loss", 0.5, step=0)
    assert ws.merge(other).refused == []
    assert points(ws) == [(0, 0.5)]
    assert not [name for name in files(ws) if name.endswith(".lock")]
    assert ws.get_run("r0").status != "Failed"
    run.log("loss", 0.25, step=1)
    run.complete()
    assert ws.merge(other).refused == []
    assert unions.answers(ws) == unions.answers(other)
    assert (check(ws.path), ws.merge(other).files) == ([], 0)


def test_what_one_has_sealed_or_merged_and_the_other_in_journals_is_one_thing(
    ws: runstore.Workspace, other: runstore.Workspace
) -> None:
    run = unions.logged(ws, "r0", f=b"f")
    other.merge(ws)
    sealing.seal(other.path, other.path / names.run_dir(run.id))
    compaction.compact(ws.path, grace=0)
    before = files(ws), files(other)
    assert (ws.merge(other).files, other.merge(ws).files) == (0, 0)
    assert (files(ws), files(other)) == before
    assert unions.answers(ws) == unions.answers(other)


def test_a_beginning_that_was_sealed_here_and_the_whole_sealed_there_count_once(
    ws: runstore.Workspace, other: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runstore.start_run("e", run_id="r0", workspace=other)
    run.log("loss", 0.5, step=0)
    ws.merge(other)
    monkeypatch.setattr("runstore.query.sealing._gone", lambda part, run_path: True)
    sealing.seal(ws.path, ws.path / names.run_dir("r0"))
    monkeypatch.undo()
    run.log("loss", 0.25, step=1)
    run.complete()
    sealing.seal(other.path, other.path / names.run_dir("r0"))
    assert ws.merge(other).refused == []
    assert points(ws) == [(0, 0.5), (1, 0.25)]
    assert ws.sql("select count, mean from metric_summary").fetchall() == [(2, 0.375)]
    compaction.compact(ws.path, grace=0)
    assert points(ws) == [(0, 0.5), (1, 0.25)]
    assert ws.merge(other).files == 0


@pytest.mark.parametrize("sealed", ["neither", "here", "there", "both"])
def test_other_values_under_the_same_numbers_are_refused_and_named(
    ws: runstore.Workspace, other: runstore.Workspace, sealed: str
) -> None:
    unions.logged(ws, "r0")
    other.merge(ws)
    (path,) = (ws.path / names.run_dir("r0")).glob("p-*.jsonl")
    (path.parent / path.name).write_bytes(forged(path.read_bytes()))
    for one, when in ((ws, "here"), (other, "there")):
        if sealed in (when, "both"):
            sealing.seal(one.path, one.path / names.run_dir("r0"))
    unions.logged(other, "r1")
    before = points(ws)
    done = ws.merge(other)
    assert len(done.refused) == 1 and names.run_dir("r0") in done.refused[0][0]
    assert points(ws) == before
    assert len(ws.sql("select * from runs").fetchall()) == 2


def forged(data: bytes) -> bytes:
    """A journal with another value and right checksums."""
    import zlib

    from runstore.format import lines

    head, _, rest = data.partition(b"\n")
    body = [line for line in rest.rstrip(b"\0").splitlines(keepends=True) if line.startswith(b"[")]
    text = head + b"\n" + b"".join(body).replace(b'["loss",0.1,', b'["loss",0.7,')
    assert text != head + b"\n" + b"".join(body)
    return text + lines.checksum(lines.END, 0, len(text), 0, len(body), zlib.crc32(text))


def test_an_attempt_that_was_begun_in_both_keeps_both_writers(
    ws: runstore.Workspace, other: runstore.Workspace
) -> None:
    unions.logged(ws, "r0")
    other.merge(ws)
    unions.logged(ws, "r0", 1), unions.logged(other, "r0", 2)
    compaction.compact(other.path, grace=0)
    ws.merge(other), other.merge(ws)
    for one in (ws, other):
        compaction.compact(one.path, grace=0)
        assert len(one.sql("select * from writers").fetchall()) == 3
        assert check(one.path) == []
    assert unions.answers(ws) == unions.answers(other)


def test_of_a_run_that_vanished_it_is_known_when(ws: runstore.Workspace, other: runstore.Workspace) -> None:
    if not CAN.proc:  # nothing proves a death then
        return
    code = (
        "import os, sys, runstore; run = runstore.start_run('e', run_id='r0', workspace=sys.argv[1]); "
        "run.log('loss', 0.5, step=0); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(other.path)], check=False)
    ws.merge(other)
    assert unions.answers(ws) == unions.answers(other)


def test_what_is_damaged_there_is_refused_and_the_rest_comes(ws: runstore.Workspace, other: runstore.Workspace) -> None:
    unions.logged(other, "r0"), unions.logged(other, "r1")
    (path,) = (other.path / names.run_dir("r0")).glob("p-*.jsonl")
    path.write_bytes(path.read_bytes().replace(b'["loss",0.1', b'["loss",0.2'))
    done = ws.merge(other)
    assert [Path(what).name for what, _ in done.refused] == [path.name]
    assert len(ws.sql("select * from metrics where run_id = 'r1'").fetchall()) == 3
