"""Logs of other sources."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import InvalidValue
from runstore.runs import attached

NAME = "system_logs/container/main.txt"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Run:
    monkeypatch.setattr(attached, "POLL", 0.01)
    return runstore.start_run("x", workspace=tmp_path / "ws")


def lines(run: runstore.Run) -> list[str]:
    query = "SELECT text FROM logs WHERE run_id = ? AND stream = ? ORDER BY line"
    return [text for (text,) in run.experiment.workspace.sql(query, params=[run.id, NAME]).fetchall()]  # type: ignore[attr-defined]


def soon(run: runstore.Run, wanted: list[str]) -> None:
    deadline = time.monotonic() + 30
    while lines(run) != wanted and time.monotonic() < deadline:
        time.sleep(0.01)
    assert lines(run) == wanted


def a_socket() -> Any:
    here, there = socket.socketpair()
    there.sendall(b"one\ntwo\n")
    there.close()
    return here


def a_pipe() -> Any:
    reading, writing = os.pipe()
    subprocess.run([sys.executable, "-c", "print('one')\nprint('two')"], stdout=writing, check=True)
    os.close(writing)
    return open(reading, "rb")


def slow(blocking: bool) -> Any:
    """One that is read before anything has come."""
    here, there = socket.socketpair()
    here.settimeout(0.01 if blocking else 0)

    def say() -> None:
        for line in (b"one\n", b"two\n"):
            time.sleep(0.03)
            there.sendall(line)
        there.close()

    threading.Thread(target=say).start()
    return here


def a_process() -> Any:
    with subprocess.Popen(
        [sys.executable, "-c", "print('one')\nprint('two')"], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        stream = process.stdout
        process.stdout = None  # it stays open
    return stream


SOURCES: dict[str, Callable[[], Any]] = {
    "bytes": lambda: b"one\ntwo\n",
    "binary file": lambda: io.BytesIO(b"one\ntwo\n"),
    "text file": lambda: io.StringIO("one\ntwo\n"),
    "pipe": a_pipe,
    "socket": a_socket,
    "socket that does not block": lambda: slow(False),
    "socket with a timeout": lambda: slow(True),
    "a process's text": a_process,
    "iterator": lambda: iter(["one\n", b"", b"two\n"]),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_kind_of_source_is_read_to_its_end(run: runstore.Run, source: str) -> None:
    opened = SOURCES[source]()
    run.attach_log(NAME, opened)
    soon(run, ["one", "two"])
    run.complete()
    assert lines(run) == ["one", "two"]
    assert NAME in run.get_file_names()
    if hasattr(opened, "close"):
        opened.close()


def test_a_file_is_followed_from_before_it_is_there_until_the_run_ends(run: runstore.Run, tmp_path: Path) -> None:
    path = tmp_path / "tool.log"
    run.attach_log(NAME, path)
    path.write_text("one\n", encoding="utf-8")
    soon(run, ["one"])
    with path.open("a", encoding="utf-8") as file:
        file.write("two\n")
    run.complete()
    assert lines(run) == ["one", "two"]


def test_a_file_that_is_rotated_goes_on(run: runstore.Run, tmp_path: Path) -> None:
    path = tmp_path / "tool.log"
    path.write_text("one\n", encoding="utf-8")
    run.attach_log(NAME, str(path))
    soon(run, ["one"])
    path.rename(tmp_path / "tool.log.1")
    path.write_text("two\n", encoding="utf-8")
    soon(run, ["one", "two"])
    path.write_text("", encoding="utf-8")
    time.sleep(0.05)
    path.write_text("3\n", encoding="utf-8")
    soon(run, ["one", "two", "3"])
    run.complete()


def test_a_source_that_never_ends_does_not_hold_the_run_up(run: runstore.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached, "PATIENCE", 0.05)
    reading, writing = os.pipe()
    with open(reading, "rb") as source:
        os.write(writing, b"one\n")
        run.attach_log(NAME, source)
        soon(run, ["one"])
        run.complete()
        os.close(writing)
        for thread in threading.enumerate():
            if thread.name == "runstore-attached":
                thread.join()
    assert lines(run) == ["one"]
    assert run.status == "Completed"


def test_a_source_that_fails_costs_a_word(run: runstore.Run, capsys: pytest.CaptureFixture[str]) -> None:
    class Broken:
        def read(self, size: int) -> bytes:
            raise OSError("gone")

    run.attach_log(NAME, Broken())
    run.complete()
    assert "ends here (gone)" in capsys.readouterr().err


def test_the_end_of_a_source_can_be_waited_for(run: runstore.Run) -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as source:
        held = run.attach_log(NAME, source)
        assert not held.wait(0)
        os.write(writing, b"one\n")
        os.close(writing)
        assert held.wait(30)
    assert lines(run) == ["one"]
    run.complete()


def test_a_source_can_be_let_go_before_the_run_ends(run: runstore.Run, tmp_path: Path) -> None:
    (tmp_path / "tool.log").write_text("one\n", encoding="utf-8")
    held = run.attach_log(NAME, tmp_path / "tool.log")
    held.close()
    assert held.wait(0)
    (tmp_path / "tool.log").write_text("other\n", encoding="utf-8")
    run.complete()
    assert lines(run) == ["one"]


def test_where_runstore_is_disabled_a_source_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    source = io.BytesIO(b"one\n")
    held = runstore.start_run("x", workspace=tmp_path / "ws").attach_log(NAME, source)
    assert held.wait()
    held.close()
    assert source.read() == b"one\n"


def test_what_is_no_source_is_refused_at_once(run: runstore.Run) -> None:
    with pytest.raises(InvalidValue, match="not int"):
        run.attach_log(NAME, 7)
    run.complete()
