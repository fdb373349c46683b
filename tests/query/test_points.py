"""Points are read at one moment: damage is left out, what vanished is looked for again, nothing comes twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import files, segment, tail
from runstore.errors import StoreError
from runstore.query import connect, listing, points, sealing
from runstore.query.points import Points
from runstore.runs import stream


@pytest.fixture
def run(ws: runstore.Workspace) -> runstore.Run:
    run = ws.experiment("e").start_logging(run_id="r")
    for step in range(20):
        run.log("loss", step / 3, step=step)
        run.log_row("table", a=step)
    return run


def held(ws: runstore.Workspace, kind: str = "points", names: Any = None) -> list[tuple[Any, ...]]:
    connection = connect.connect()
    found = Points(connection, listing.runs(ws.path), names)
    column = "value" if kind == "points" else "data"
    return connection.execute(f"SELECT name, seq, {column} FROM ({found.sql(kind)}) ORDER BY seq").fetchall()


def file(run: runstore.Run, pattern: str) -> Path:
    (path,) = run.path.glob(pattern)
    return path


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_the_same_points_and_rows_come_live_and_sealed(ws: runstore.Workspace, run: runstore.Run) -> None:
    live = held(ws), held(ws, "rows")
    assert (len(live[0]), len(live[1])) == (20, 20)
    run.complete()
    sealing.seal(ws.path, run.path)
    assert (held(ws), held(ws, "rows")) == live


def test_what_is_sealed_and_what_is_live_add_up(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "ROTATE", 1)  # as soon as a journal's first pages are full
    monkeypatch.setattr(stream, "LOOK", 1000)
    run = ws.experiment("e").start_logging()
    for step in range(2000):
        run.log("loss", step, step=step)
        run.log_row("table", a=step)
    run.flush()
    sealing.seal(ws.path, run.path)
    assert list(run.path.glob("points-*.parquet")) and list(run.path.glob("p-*.jsonl"))
    assert [value for _, _, value in held(ws)] == list(range(2000))
    assert ws.sql("select row, data->>'a' from rows order by row").fetchall() == [(n, str(n)) for n in range(2000)]
    run.complete()


def test_a_damaged_segment_is_left_out_with_a_warning(ws: runstore.Workspace, run: runstore.Run) -> None:
    run.complete()
    sealing.seal(ws.path, run.path)
    with ws.experiment("e").start_logging() as other:
        other.log("loss", 7.0)
    path = file(run, "points-*.parquet")
    flip(path, path.stat().st_size // 2)
    with pytest.warns(UserWarning, match=path.name):
        assert held(ws) == [("loss", 0, 7.0)]


def test_a_segment_is_verified_once_while_it_stays_the_same(
    ws: runstore.Workspace, run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.complete()
    sealing.seal(ws.path, run.path)
    held(ws)
    monkeypatch.setattr(files, "sha256", lambda path: pytest.fail("hashed again"))
    held(ws)
    path = file(run, "points-*.parquet")
    os.utime(path, ns=(1, 1))
    with pytest.raises(pytest.fail.Exception):
        held(ws)


def test_only_files_that_are_needed_are_verified(
    ws: runstore.Workspace, run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.complete()
    sealing.seal(ws.path, run.path)
    with ws.experiment("e").start_logging() as other:
        other.log("loss", 7.0)
    sealing.seal(ws.path, other.path)
    verified: list[Path] = []
    monkeypatch.setattr(segment, "verify", lambda path, entry: verified.append(path))
    ws.sql("select run_id, last.loss, points from runs").fetchall()
    assert verified == []
    ws.sql(f"select value from metrics where run_id = '{other.id}'").fetchall()
    assert [path.parent for path in verified] == [other.path]


def test_damaged_lines_are_left_out_with_a_warning(ws: runstore.Workspace, run: runstore.Run) -> None:
    run.flush()
    run.log("loss", 100.0, step=20)
    run.flush()
    flip(file(run, "p-*.jsonl"), file(run, "p-*.jsonl").read_bytes().index(b"100.0"))
    with pytest.warns(UserWarning, match=r"run r: p-.*checksum"):
        assert len(held(ws)) == 20
    run.cancel()


def test_a_journal_that_is_sealed_meanwhile_is_found_in_its_segment(
    ws: runstore.Workspace, run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = held(ws)
    run.complete()
    monkeypatch.setattr(tail, "opened", once(tail.opened, lambda: sealing.seal(ws.path, run.path)))
    assert held(ws) == expected


def test_a_journal_that_is_sealed_while_others_are_read_is_read_all_the_same(
    ws: runstore.Workspace, run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = held(ws)
    run.complete()
    monkeypatch.setattr(tail, "judged", once(tail.judged, lambda: sealing.seal(ws.path, run.path)))
    assert held(ws) == expected
    assert not list(run.path.glob("p-*"))


def test_a_segment_that_vanished_is_looked_for_once_more(
    ws: runstore.Workspace, run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.complete()
    sealing.seal(ws.path, run.path)
    expected = held(ws)
    gone = FileNotFoundError(2, "gone")
    monkeypatch.setattr(segment, "verify", once(segment.verify, lambda: (_ for _ in ()).throw(gone)))
    assert held(ws) == expected


def test_files_that_go_on_vanishing_are_an_error_of_one_line(
    ws: runstore.Workspace, run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(path: Path) -> Any:
        raise FileNotFoundError(2, "gone")

    monkeypatch.setattr(files, "opened", gone)
    with pytest.raises(StoreError, match=r"run r: .* ask again"):
        held(ws)
    run.cancel()


def once(true: Callable[..., Any], before: Callable[[], Any]) -> Callable[..., Any]:
    """The function, with something happening just before its first call."""
    calls: list[object] = []

    def called(*args: Any, **options: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            before()
        return true(*args, **options)

    return called


@pytest.mark.parametrize("thorough", [True, False])
def test_a_metric_is_found_in_journals_by_its_bytes(ws: runstore.Workspace, thorough: bool) -> None:
    run = ws.experiment("e").start_logging()
    run.log("narrow", "mentioned, only")
    run.log({"first": 1, "é": 2, "third": "x"})
    (folded,) = listing.runs(ws.path)
    found = {
        name: points.mentions(folded, name, thorough) for name in ("narrow", "first", "é", "third", "mentioned", "x")
    }
    assert found == {"narrow": True, "first": True, "é": True, "third": True, "mentioned": False, "x": False}
    run.complete()


def test_files_of_several_runs_are_verified_together(
    ws: runstore.Workspace, run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ws.experiment("e").start_logging(run_id="s")
    other.log("loss", 1.0, step=0)
    for one in (run, other):
        one.complete()
        sealing.seal(ws.path, one.path)
    together: list[int] = []
    monkeypatch.setattr(segment, "verify_ahead", lambda found: together.append(len(found)))
    assert (len(held(ws)), together) == (21, [2])
