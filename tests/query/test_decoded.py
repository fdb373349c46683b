"""What is kept of decoded journals answers as if they were decoded whole each time, and costs only what is new."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import runstore
from runstore.format import journal, lines
from runstore.format.journal import Journal
from runstore.query import connect, decoded, live, sealing
from runstore.query.decoded import Decoded
from runstore.query.stopping import Stop
from runstore.runs import stream

HEADER = lines.header(lines.POINTS, "r", "e", "w", 1, 0, 0)
TIME = 1_700_000_000_123_456_789


class Counting:
    """``live.load``, and how many points went through it."""

    def __init__(self) -> None:
        self.points = 0

    def __call__(self, connection: Any, journals: Any) -> None:
        live.load(connection, journals)
        ((points,),) = connection.execute("SELECT count(*) FROM live_points").fetchall()
        self.points += points


def growing(steps: int, header: bytes = HEADER) -> bytes:
    """A journal of so many points, a checking line after every tenth."""
    data, start, first = header, 0, 0
    for step in range(steps):
        data += lines.point("ab"[step % 2], step / 7, step, TIME)
        if step % 10 == 9:
            at = len(data)
            data += lines.checksum(lines.SUM, start, at, first, step + 1 - first, zlib.crc32(data[start:at]))
            start, first = at, step + 1
    return data


def asked(kept: Decoded | None, *found: Journal, names: Any = None) -> list[tuple[Any, ...]]:
    connection = connect.connect()
    live.load(connection, found, names, kept)
    return connection.execute("SELECT name, step, value, kind, text, indexed, time FROM live_points").fetchall()


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is kept from the first time on."""
    monkeypatch.setattr(decoded, "ASKED", 1)
    monkeypatch.setattr(decoded, "_STEP", 1)


@pytest.mark.usefixtures("eager")
def test_only_what_came_under_a_checking_line_since_is_decoded_anew() -> None:
    load = Counting()
    kept = Decoded(load)
    for steps in (1000, 1010, 1015, 1030):
        assert len(asked(kept, journal.read(growing(steps)))) == steps
    assert load.points == 1030
    assert sorted(asked(kept, journal.read(growing(1030)))) == sorted(asked(None, journal.read(growing(1030))))
    assert load.points == 1030


def test_a_journal_is_kept_once_it_was_asked_for_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoded, "ASKED", 3)
    kept = Decoded(Counting())
    for size in (0, 0, len(growing(100)), len(growing(100))):
        asked(kept, journal.read(growing(100) + lines.point("a", 1, 1, TIME)))
        assert (kept.size > 0) == (size > 0)


@pytest.mark.usefixtures("eager")
def test_of_the_names_asked_for_only_theirs_are_copied() -> None:
    kept = Decoded(live.load)
    assert {row[0] for row in asked(kept, journal.read(growing(95)), names=["b"])} == {"b"}
    assert {row[0] for row in asked(kept, journal.read(growing(95)))} == {"a", "b"}
    assert asked(kept, journal.read(growing(90)), names=[]) == []


@pytest.mark.usefixtures("eager")
def test_of_a_stretch_of_steps_only_its_points_are_copied() -> None:
    kept, connection = Decoded(live.load), connect.connect()
    data = growing(100)
    live.load(connection, [journal.read(data)], None, kept, since=90)
    assert {step for (step,) in connection.execute("SELECT step FROM live_points").fetchall()} == {*range(90, 100)}


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("attempts", [1, 2])
def test_a_stretch_of_a_curve_is_the_same_wherever_its_points_come_from(ws: runstore.Workspace, attempts: int) -> None:
    """A later attempt overwrites from the step it resumed at, which lies before the stretch."""
    for steps in (range(100), [50, *range(95, 100)])[:attempts]:
        with runstore.start_run("e", workspace=ws, run_id="r") as run:
            for step in steps:
                run.log("loss", step, step=step)
    asked = lambda: ws.curves("loss", low=60, points=5).fetchall()  # noqa: E731
    first, *later = [asked() for _ in range(3)]
    assert decoded.of_process().size > 0
    assert sum(row[3] for row in first) == (40 if attempts == 1 else 5)
    assert later == [first, first]


@pytest.mark.usefixtures("eager")
def test_no_more_is_kept_than_there_is_room_for_and_what_nobody_asks_for_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    kept = Decoded(live.load, lambda: now[0])
    one, other = (growing(100, lines.header(lines.POINTS, "r", "e", writer, 1, 0, 0)) for writer in "vw")
    monkeypatch.setattr(decoded, "MOST", len(one) * 3 // 2)
    for data in (one, other, one, other):
        assert len(asked(kept, journal.read(data))) == 100
        assert kept.size <= decoded.MOST
    assert kept._kept.keys() == {one[: one.index(b"\n") + 1]}
    now[0] = 1000.0
    asked(kept, journal.read(other))
    assert kept._kept.keys() == {other[: other.index(b"\n") + 1]}


@pytest.mark.usefixtures("eager")
def test_a_journal_that_is_another_one_under_the_same_header_is_decoded_anew() -> None:
    kept = Decoded(live.load)
    asked(kept, journal.read(growing(100)))
    other = HEADER + lines.point("else", 1.0, 1, TIME) * 500
    other += lines.checksum(lines.SUM, 0, len(other), 0, 500, zlib.crc32(other))
    for _ in range(2):
        assert {row[0] for row in asked(kept, journal.read(other))} == {"else"}


@pytest.mark.usefixtures("eager")
def test_an_answer_stands_when_what_it_was_copied_from_is_gone(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", workspace=ws, run_id="r") as run:
        run.log("loss", 0.5, step=1)
        run.flush()
        for _ in range(2):
            answer = ws.sql("select value from metrics")
        kept = decoded.of_process()
        assert kept.size > 0
        kept._drop([*kept._kept])
        assert answer.fetchall() == [(0.5,)]


@pytest.mark.usefixtures("eager")
def test_a_database_that_fails_costs_time_but_no_point() -> None:
    kept = Decoded(live.load)
    asked(kept, journal.read(growing(100)))
    connect.connect().execute(f"DROP TABLE {next(iter(kept._kept.values())).table}")
    assert len(asked(kept, journal.read(growing(100)))) == 100
    assert kept.size == 0
    assert len(asked(kept, journal.read(growing(100)))) == 100
    assert kept.size > 0


@pytest.mark.usefixtures("eager")
def test_what_goes_while_a_question_is_stopped_is_gone() -> None:
    kept, stop = Decoded(live.load), Stop()
    asked(kept, journal.read(growing(100)))
    table = next(iter(kept._kept.values())).table
    with stop.of_this_thread():
        stop.now()
        kept._drop([*kept._kept])
    with pytest.raises(connect.NotInCatalog):
        connect.connect().execute(f"FROM {table}")


@pytest.mark.usefixtures("eager")
def test_many_threads_ask_at_once_while_it_grows() -> None:
    from concurrent.futures import ThreadPoolExecutor

    kept = Decoded(live.load)
    sizes = [100 + 10 * number for number in range(24)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda steps: len(asked(kept, journal.read(growing(steps)))), sizes))
    assert found == sizes


@pytest.fixture(params=["mapped", "written"])
def writing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "written":
        monkeypatch.setattr("runstore.runs.run.can_map", lambda path: False)
    yield request.param


@pytest.mark.usefixtures("eager", "writing")
def test_a_run_is_seen_whole_at_every_moment_of_its_life(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writers, journals that are full soon, sealing in between."""
    monkeypatch.setattr(stream, "ROTATE", 3000)
    monkeypatch.setattr(stream, "LOOK", 500)
    runs = [ws.experiment("e").start_logging(run_id="r") for _ in range(2)]
    told: Callable[[str], list[Any]] = lambda query: ws.sql(query).fetchall()  # noqa: E731
    for turn in range(12):
        for number, run in enumerate(runs):
            for step in range(20 * turn, 20 * turn + 20):
                run.log({"x": step + number / 2, "text": f"t{step}"}, step=step)
                run.log("z", step)
            run.log_row("table", turn=turn)
            if turn % 3:
                run.flush()
        if turn % 4 == 3:
            sealing.seal(ws.path, runs[0].path)
        many = 2 * 20 * (turn + 1)
        assert told("select name, count(*), count(distinct (writer, seq)) from metrics group by 1 order by 1") == [
            (name, many, many) for name in ("text", "x", "z")
        ]
        assert told("select row, data->>'turn' from rows order by 1, 2") == [
            (row, str(row)) for row in range(turn + 1) for _ in range(2)
        ]
        assert told("select max(value) from metrics where name = 'x'") == [(20 * turn + 19.5,)]
    for run in runs:
        run.complete()
    assert told("select count(*) from metrics") == [(3 * many,)]


def test_the_child_of_a_fork_keeps_its_own() -> None:
    import os

    mine = decoded.of_process()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writing, b"1" if decoded.of_process() is not mine else b"0")
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(reading, 1) == b"1"
