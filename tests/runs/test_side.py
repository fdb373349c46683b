"""The side of a writer: log records and system metrics, in journals that have nothing to do with its points."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files, inventory
from runstore.disk.capabilities import CAN
from runstore.format import journal, names
from runstore.runs import side, state
from runstore.runs import stream as streams
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace
from tests.runs.test_writer import facts, gone, opened

__all__ = ["workspace"]


def items(path: Path) -> list[list[Any]]:
    """What the side journals of a directory hold, one after another."""
    found: list[list[Any]] = []
    for one in inventory.scan(path).sides:
        found.extend(journal.read(files.read(one)).items())
    return found


def test_no_journal_is_begun_before_something_is_put_into_it(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.side()
    one.stream.hot.log("a", 1.0, step=0)
    one.flush()
    assert inventory.scan(tmp_path).sides == []
    one.end("Completed", None, True, gone)
    assert inventory.scan(tmp_path).sides == []
    assert "side" not in facts(tmp_path)[-1][2]


def test_records_marks_and_system_metrics_lie_in_a_journal_of_the_writers_side(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.side().log("run.log", "a.b", "INFO", "hello", time_ns=5)
    one.side().log("run.log", None, None, "again", "Traceback ...", time_ns=6)
    one.side().mark("std_log.txt", 120)
    one.side().system({"cpu.percent": 2.5, "memory.used_bytes": 7})
    (path,) = inventory.scan(tmp_path).sides
    assert path.name == f"p-{one.identity.writer}s-0000.jsonl"
    first, second, mark, sample = items(tmp_path)
    record = {"logger": "a.b", "level": "INFO", "text": "hello", "exception": None}
    assert first == ["run.log", {"log": record}, [0], 5]
    assert second[1]["log"]["exception"] == "Traceback ..."
    assert second[2:] == [[1], 6]
    assert mark[:3] == ["std_log.txt", {"log": {"mark": 120}}, [0]]
    assert sample[:3] == [None, {"cpu.percent": 2.5, "memory.used_bytes": 7}, [0, 0]]
    one.end("Completed", None, True, gone)


def test_a_side_takes_no_number_from_the_points(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.side().log("s", None, None, "x")
    one.stream.hot.log("a", 1.0, step=0)
    one.side().system({"cpu.percent": 1.0, "memory.used_bytes": 2.0})
    one.end("Completed", None, True, gone)
    told = {kind: body for kind, _, body in facts(tmp_path)}
    assert (told["points"]["count"], told["end"]["points"], told["end"]["journals"]) == (1, 1, 1)
    assert told["side"]["count"] == 3
    assert told["end"]["side"] == {"records": 3, "journals": 1, "dropped": 0}


def test_lines_of_a_stream_are_counted_apart_from_those_of_another_and_from_its_marks(tmp_path: Path) -> None:
    one = opened(tmp_path)
    for stream in ("a", "b", "a"):
        one.side().log(stream, None, None, "x")
        one.side().mark(stream, 1)
    assert [item[2] for item in items(tmp_path)] == [[0], [0], [0], [0], [1], [1]]
    one.end("Completed", None, True, gone)


def test_text_that_is_no_unicode_is_kept_as_its_escapes_without_a_warning(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.side().log("s\udc80", None, None, "x\udcff", "y\udcfe")
    (item,) = items(tmp_path)
    assert item[0] == "s\\udc80"
    assert (item[1]["log"]["text"], item[1]["log"]["exception"]) == ("x\\udcff", "y\\udcfe")
    one.end("Completed", None, True, gone)


def test_side_journals_are_checked_rotated_and_closed_like_those_of_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ROTATE", 2000)
    monkeypatch.setattr(streams, "LOOK", 1)
    one = opened(tmp_path)
    for number in range(100):
        one.side().log("s", None, None, f"line {number}")
        if number % 10 == 0:
            one.flush()
    one.end("Completed", None, True, gone)
    found = [journal.read(files.read(path)) for path in inventory.scan(tmp_path).sides]
    assert len(found) > 2
    assert all(part.closed for part in found)
    closed = [body for kind, _, body in facts(tmp_path) if kind == "side"]
    assert [(part.header["number"], part.header["first"]) for part in found] == [
        (b["number"], b["first"]) for b in closed
    ]
    assert [item[2] for item in items(tmp_path)] == [[number] for number in range(100)]


def test_threads_share_a_side(tmp_path: Path) -> None:
    one = opened(tmp_path)

    def log(name: str) -> None:
        for number in range(200):
            one.side().log(name, None, None, str(number))

    threads = [threading.Thread(target=log, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inventory.scan(tmp_path).sides) == 1
    for name in "abcd":
        assert [item[1]["log"]["text"] for item in items(tmp_path) if item[0] == name] == [*map(str, range(200))]
    one.end("Completed", None, True, gone)


def test_what_finds_no_room_is_counted_apart_from_points_and_never_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = opened(tmp_path)
    one.stream.hot.log("a", 1.0, step=0)
    with pytest.MonkeyPatch.context() as patch:

        def full(*_: object, **__: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        patch.setattr(files, "create", full)
        for _ in range(3):
            one.side().log("s", None, None, "x")
        one.side().system({"cpu.percent": 1.0, "memory.used_bytes": 2.0})
    one.flush()
    one.end("Completed", None, True, gone)
    told = [body for kind, _, body in facts(tmp_path) if kind == "dropped"]
    assert [(body["points"], body["records"]) for body in told] == [(0, 5)]
    end = facts(tmp_path)[-1][2]
    assert (end["dropped"], end["side"]["dropped"]) == (0, 5)
    said = capsys.readouterr().err
    assert f"{side.THINGS} are counted and lost" in said
    assert f"5 {side.THINGS} could not be kept" in said


def test_a_run_with_a_side_counts_its_points_and_its_writers_only(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging(run_id="r")
    writer = run._live()
    for step in range(4):
        run.log("a", 1.0, step=step)
        writer.side().log("s", None, None, "x")
    for _ in ("open", "flushed"):
        found = state.fold(run.path)
        assert (found.points, len(found.writers), found.dropped, found.damaged) == (4, 1, 0, [])
        run.flush()
    run.complete()
    assert state.fold(run.path).points == 4


def test_a_side_survives_the_death_of_its_process(workspace: Workspace) -> None:
    def log() -> None:
        run = workspace.experiment("e").start_logging(run_id="r")
        for number in range(50):
            run._live().side().log("s", None, None, str(number))

    scenes.die(log)
    path = workspace.path / names.run_dir("r")
    assert [item[1]["log"]["text"] for item in items(path)] == [*map(str, range(50))]
    assert state.fold(path).points == 0


def test_a_forked_child_has_a_side_of_its_own_also_through_one_kept_from_before(workspace: Workspace) -> None:
    if not CAN.fork:
        return
    run = workspace.experiment("e").start_logging(run_id="r")
    kept = run._live().side()
    kept.log("s", None, None, "parent 0")

    def child() -> None:
        kept.log("s", None, None, "child 0")
        kept.log("s", None, None, "child 1")
        kept.system({"cpu.percent": 1.0})
        run.complete()

    scenes.die(child)
    kept.log("s", None, None, "parent 1")
    run.complete()
    by_writer: dict[str, list[Any]] = {}
    for path in inventory.scan(run.path).sides:
        part = journal.read(files.read(path))
        assert part.closed
        by_writer[part.header["writer"]] = [
            (item[1]["log"]["text"] if item[0] else "system", item[2]) for item in part.items()
        ]
    assert sorted(by_writer.values(), key=len) == [
        [("parent 0", [0]), ("parent 1", [1])],
        [("child 0", [0]), ("child 1", [1]), ("system", [0])],
    ]
    found = state.fold(run.path)
    assert (len(found.writers), found.points) == (2, 0)


def test_a_forked_child_that_gets_no_writer_counts_its_records(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not CAN.fork:
        return
    run = workspace.experiment("e").start_logging(run_id="r")
    kept = run._live().side()

    def child() -> None:
        def refuse(*_: object) -> None:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(run, "_new_writer", refuse)
            kept.log("s", None, None, "lost")
        while state.fold(run.path).dropped == 0 and len(inventory.scan(run.path).sides) == 0:
            kept.log("s", None, None, "later")
        run.complete()

    scenes.die(child)
    run.complete()
    ends = [part.end for part in state.fold(run.path).writers if part.end]
    assert [end["dropped"] for end in ends] == [0, 0]
    assert sum(end["side"]["dropped"] for end in ends if "side" in end) >= 1
