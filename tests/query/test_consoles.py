"""Raw logs as lines of the view and as files."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import Damaged
from runstore.query import consoles, thawing
from runstore.runs import logfile, state
from runstore.runs.spool import Spool
from tests.query import blocked

STD = "user_logs/std_log.txt"


@pytest.fixture
def ws(tmp_path: Path) -> runstore.Workspace:
    return runstore.Workspace(tmp_path / "ws")


@pytest.fixture
def run(ws: runstore.Workspace) -> runstore.Run:
    return runstore.start_run("x", workspace=ws)


def write(run: runstore.Run, data: bytes, stream: str = STD) -> logfile.LogFile:
    file = logfile.opened(run._live(), stream)
    file.write(data)
    return file


def texts(ws: runstore.Workspace) -> list[tuple[Any, ...]]:
    return ws.sql("SELECT line, text FROM logs ORDER BY line").fetchall()


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"one\n\ntwo", ["one", "", "two"]),
        (b"10%\r50%\r100%\n", ["100%"]),
        (b"10%\r\r\n", ["10%"]),
        (b"\r\n", [""]),
        (b"dos\r\n", ["dos"]),
        (b"\x1b[31mred\x1b[0m\n", ["\x1b[31mred\x1b[0m"]),
        (b"a\0b\xff\n", ["a\ufffdb\ufffd"]),
        ("ä € 😀\n".encode(), ["ä € 😀"]),
        (b'"quoted", and \\ back\n', ['"quoted", and \\ back']),
        (b"x" * 3_000_000 + b"\nshort\n", ["x" * 3_000_000, "short"]),
    ],
)
@pytest.mark.parametrize("settled", [False, True])
def test_bytes_become_lines(
    ws: runstore.Workspace, run: runstore.Run, data: bytes, wanted: list[str], settled: bool
) -> None:
    file = write(run, data)
    if settled:
        file.settle()
    assert texts(ws) == list(enumerate(wanted))
    run.complete()


def test_many_lines_keep_their_numbers(ws: runstore.Workspace, run: runstore.Run) -> None:
    write(run, b"".join(b"line %d\n" % number for number in range(300_000)))
    odd = ws.sql("SELECT count(*), count(*) FILTER (text <> 'line ' || line), max(line) FROM logs").fetchall()
    assert odd == [(300_000, 0, 299_999)]
    run.complete()


def test_a_line_has_the_time_of_the_first_mark_after_it() -> None:
    data = b"one\ntwo\nthree\nfour\n"
    cut = [(data[start:end], time) for start, end, time in consoles._pieces(data, [(6, 1), (8, 2)], 3)]
    assert cut == [(b"one\n", 1), (b"two\n", 2), (b"three\nfour\n", 3)]


def test_marks_reach_the_view_live_and_sealed(
    ws: runstore.Workspace, run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logfile, "MARK_SECONDS", 0.0)
    for data in (b"one\n", b"two\n"):
        file = write(run, data)
        file.advance()
        file.mark()
    times = ws.sql("SELECT time FROM logs ORDER BY line").fetchall()
    assert times[0] < times[1]
    run.complete()
    assert ws.sql("SELECT time FROM logs ORDER BY line").fetchall() == times


def test_no_file_is_read_where_logs_are_not_asked_for(
    ws: runstore.Workspace, run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(run, b"one\n")
    monkeypatch.setattr(consoles, "load", None)
    assert ws.sql("SELECT count(*) FROM runs").fetchall() == [(1,)]
    run.complete()


def test_what_does_not_match_its_hash_is_left_out_with_a_warning(ws: runstore.Workspace, run: runstore.Run) -> None:
    file = write(run, b"one\n")
    file.settle()
    run.complete()
    file.path.write_bytes(b"two\n")
    with pytest.warns(UserWarning, match="does not match its SHA-256"):
        assert texts(ws) == []
    with pytest.raises(Damaged):
        consoles.files(state.fold(run.path))[STD].read()


def test_what_others_append_later_is_there_too(ws: runstore.Workspace, run: runstore.Run) -> None:
    file = write(run, b"one\n")
    file.settle()
    run.complete()
    with file.path.open("ab") as late:
        late.write(b"late\n")
    assert texts(ws) == [(0, "one"), (1, "late")]


def test_what_a_spool_still_holds_is_read_from_it(ws: runstore.Workspace, run: runstore.Run) -> None:
    file = write(run, b"one\n")
    left = Spool(run.path / f"e-{run._live().identity.writer}-0000.log")
    os.write(left.fd, b"two\n")
    assert texts(ws) == [(0, "one"), (1, "two")]
    assert consoles.files(state.fold(run.path))[STD].read() == b"one\ntwo\n"
    left.drain(file)
    assert texts(ws) == [(0, "one"), (1, "two")]
    left.leave()
    run.complete()


def test_several_writers_and_attempts_have_streams_and_files_apart(ws: runstore.Workspace) -> None:
    first = runstore.start_run("x", run_id="r", workspace=ws)
    second = runstore.start_run("x", run_id="r", workspace=ws, rank=3)
    for run, data in ((first, b"first\n"), (second, b"second\n")):
        write(run, data)
    second.complete()
    first.complete()
    again = runstore.start_run("x", run_id="r", workspace=ws)
    write(again, b"again\n")
    again.complete()
    found = consoles.files(state.fold(first.path))
    assert {name: file.read() for name, file in found.items()} == {
        STD: b"first\n", "user_logs/std_log_process_3.txt": b"second\n", "user_logs/std_log_attempt_2.txt": b"again\n",
    }  # fmt: skip
    rows = ws.sql("SELECT attempt, stream, text FROM logs ORDER BY ALL").fetchall()
    assert rows == [(1, STD, "first"), (1, "user_logs/std_log_process_3.txt", "second"), (2, STD, "again")]


def test_only_the_runs_asked_for_are_read(ws: runstore.Workspace, run: runstore.Run) -> None:
    other = runstore.start_run("x", workspace=ws)
    file = write(other, b"one\n")
    file.settle()
    other.complete()
    file.path.write_bytes(b"two\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ws.sql("SELECT * FROM logs WHERE run_id = ?", params=[run.id]).fetchall() == []
    run.complete()


def test_the_logs_of_a_run_in_a_block_are_the_same_lines_at_the_same_times(
    ws: runstore.Workspace, run: runstore.Run
) -> None:
    write(run, b"one\ntwo").settle()
    run.complete()
    asked = "SELECT line, text, time FROM logs ORDER BY line"
    before = ws.sql(asked).fetchall()
    blocked.put(ws.path)
    assert ws.sql(asked).fetchall() == before
    assert [(name, file.size, file.read()) for name, file in consoles.files(state.fold(run.path)).items()] == [
        (STD, 7, b"one\ntwo")
    ]


def test_the_last_lines_of_a_log_that_nobody_left_keep_their_time_in_a_block(
    ws: runstore.Workspace, run: runstore.Run
) -> None:
    write(run, b"one\ntwo\n")  # its writer ends without a word about it
    run.complete()
    (path,) = run.path.glob("o-*.log")
    os.utime(path, (10**9, 10**9))
    asked = "SELECT line, text, time FROM logs ORDER BY line"
    before = ws.sql(asked).fetchall()
    assert before[0][2].year == 2001
    blocked.compacted(ws.path)
    assert ws.sql(asked).fetchall() == before
    thawing.thaw(ws.path, run.path)
    assert os.stat(path).st_mtime == 10**9
