"""What was gathered of runs that can't change any more is not read again, and never outlives what it was true of."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

import runstore
from runstore.disk import inventory
from runstore.query import connect, curves, gathered, remembered, sealing, series
from runstore.query.curves import Asked
from runstore.query.remembered import Remembered


@pytest.fixture(autouse=True)
def nothing_yet() -> Iterator[None]:
    remembered.of_process.cache_clear()
    yield
    remembered.of_process.cache_clear()


def logged(ws: runstore.Workspace, points: int = 40) -> str:
    """A run that ended and is sealed, of long ago."""
    with ws.experiment("e").start_logging() as run:
        for step in range(points):
            run.log({"loss": step * 0.5, "acc": 1.0 - step}, step=step)
    sealing.seal(ws.path, run.path)
    aged(run.path)
    return run.id


def aged(path: Path) -> None:
    past = time.time() - 2 * inventory.SETTLED_SECONDS
    os.utime(path, (past, past))


def told(ws: runstore.Workspace, *asks: Asked) -> list[list[tuple[list[float], ...]]]:
    found = list(series.answers(ws.path, [(asked, None) for asked in asks]))
    assert all(isinstance(one, list) for one in found)
    return [[one.columns for one in several] for several in found if isinstance(several, list)]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """The curves for which files are read, as they come."""
    found: list[Asked] = []
    bind = curves.bind

    def noted(connection: connect.DuckDBPyConnection, workspace: Path, asks: list[Asked]) -> None:
        found.extend(asks)
        bind(connection, workspace, asks)

    monkeypatch.setattr(curves, "bind", noted)
    return found


def test_who_zooms_reads_no_file_and_gets_what_the_files_say(ws: runstore.Workspace, reads: list[Asked]) -> None:
    ids = (logged(ws), logged(ws, 25))
    whole = [Asked((name,), ids, points=10) for name in ("loss", "acc")]
    told(ws, *whole)
    assert reads == whole
    zoomed = Asked(("acc",), ids[:1], points=6, low=3, high=20)
    found = told(ws, zoomed, *whole)
    assert reads == whole
    remembered.of_process.cache_clear()
    assert told(ws, zoomed, *whole) == found
    assert reads == [*whole, zoomed, *whole]


@pytest.mark.parametrize("x", ["time", "relative"])
def test_another_axis_is_kept_for_itself(ws: runstore.Workspace, reads: list[Asked], x: str) -> None:
    asked = [Asked(("loss",), (logged(ws),), x=axis) for axis in ("step", x)]
    assert told(ws, asked[0]) != told(ws, asked[1])
    assert told(ws, *asked) and reads == asked


def test_a_run_that_goes_on_is_read_each_time(ws: runstore.Workspace, reads: list[Asked]) -> None:
    with ws.experiment("e").start_logging() as run:
        run.log("loss", 1.0, step=0)
        run.flush()
        asked = Asked(("loss",), (run.id,))
        assert told(ws, asked)[0][0][2] == [1.0]
        run.log("loss", 3.0, step=1)
        run.flush()
        assert told(ws, asked)[0][0][2] == [1.0, 3.0]
    assert reads == [asked, asked]


def test_a_run_that_was_resumed_is_read_again(ws: runstore.Workspace, reads: list[Asked]) -> None:
    run_id = logged(ws, 3)
    asked = Asked(("loss",), (run_id,))
    assert told(ws, asked)[0][0][2] == [0.0, 0.5, 1.0]
    with ws.experiment("e").start_logging(run_id=run_id) as run:
        run.log("loss", 7.0, step=3)
    assert told(ws, asked)[0][0][2] == [0.0, 0.5, 1.0, 7.0]
    assert reads == [asked, asked]


def test_a_deleted_run_has_no_curve_any_more(ws: runstore.Workspace) -> None:
    asked = Asked(("loss",), (logged(ws),))
    assert len(told(ws, asked)[0]) == 1
    ws.delete(asked.run_ids or ())
    assert told(ws, asked) == [[]]


def test_what_is_not_finite_is_told_truly_though_it_is_kept(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        for step in range(4):
            run.log({"loss": float("nan") if step == 2 else 1.0, "acc": 2.0}, step=step)
    aged(run.path)
    asks = [Asked((name,), (run.id,), points=1) for name in ("loss", "acc")]
    first = told(ws, *asks)
    assert told(ws, *reversed(asks)) == first[::-1]
    assert [one[0][6] for one in first] == [[1], [0]]


def test_a_zoom_that_was_read_alone_is_not_taken_for_all(ws: runstore.Workspace) -> None:
    run_id = logged(ws)
    told(ws, Asked(("loss",), (run_id,), low=10, high=19))
    assert remembered.of_process().count == 0
    assert sum(told(ws, Asked(("loss",), (run_id,)))[0][0][1]) == 40


def test_what_was_used_longest_ago_makes_room(ws: runstore.Workspace) -> None:
    kept, asks = Remembered(most=60), [Asked(("loss",), (logged(ws, 25),)) for _ in range(3)]
    for asked in [asks[0], asks[1], asks[0], asks[2]]:
        runs = remembered.runs_of(ws.path, [asked])
        if not kept.find(runs, [asked]):
            kept.keep(runs, gathering(ws, asked))
    assert kept.count == 50
    runs = remembered.runs_of(ws.path, asks)
    assert list(kept.find(runs, asks)) == [asks[0], asks[2]]


def gathering(ws: runstore.Workspace, asked: Asked) -> dict[Asked, gathered.Gathered]:
    connection = connect.connect()
    curves.bind(connection, ws.path, [asked])
    return gathered.gather(connection, [asked])


def tables() -> set[str]:
    found = connect.connect().execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'gathered'")
    return {name for (name,) in found.fetchall()}


def test_points_that_nobody_keeps_take_no_memory(ws: runstore.Workspace) -> None:
    gc.collect()
    before = tables()
    told(ws, Asked(("loss",), (logged(ws),)))
    assert len(tables() - before) == 1
    remembered.of_process.cache_clear()
    gc.collect()
    assert not tables() - before


def test_threads_that_ask_at_once_all_get_the_truth(ws: runstore.Workspace) -> None:
    asks = [Asked((name,), (logged(ws),), points=5) for name in ("loss", "acc")]
    right, found = told(ws, *asks), list[object]()

    def ask(turn: int) -> None:
        if turn % 3 == 0:
            remembered.of_process.cache_clear()
        found.append(told(ws, *asks))

    threads = [Thread(target=ask, args=(turn,)) for turn in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [right] * 24
