"""A forked child logs as a writer of its own, and a machine that refuses it one never raises out of log()."""

from __future__ import annotations

import errno
import threading
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files
from runstore.errors import InvalidValue, NotWritable, RunClosed
from runstore.format import journal
from runstore.runs import forked, process, state
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A run as a forked child finds it, its parent's writer still open on the disk."""
    monkeypatch.setattr(forked, "RETRY", 0.0)
    run = Workspace(tmp_path / "w").experiment("e").start_logging()
    run.log("a", 0.0, step=0)
    process.unwatch(run)
    run.forked()
    yield run
    process.unwatch(run)
    if run._writer is not None and not run._writer.ended:
        run.cancel()


def refuse(monkeypatch: pytest.MonkeyPatch, number: int = errno.EMFILE) -> None:
    def create(path: Path, append: bool = False) -> int:
        raise OSError(number, "refused", str(path))

    monkeypatch.setattr(files, "create", create)


def test_a_child_that_does_not_log_writes_nothing(child: Run) -> None:
    assert len(state.fold(child.path).writers) == 1


def test_a_child_that_logs_is_one_more_writer_of_the_attempt(child: Run) -> None:
    child.log("a", 1.0, step=1)
    child.complete()
    folded = state.fold(child.path)
    assert [(w.attempt, w.points) for w in folded.writers] == [(1, 1), (1, 1)]


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOSPC, errno.EACCES, errno.EIO])
def test_while_no_writer_can_be_opened_points_are_counted_and_nothing_is_raised(
    child: Run, number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        refuse(patch, number)
        for step in range(3):
            child.log("a", 1.0, step=step)
        child.log({"a": 1.0, "b": 2.0}, step=3)
    assert capsys.readouterr().err.count("can't write") == 1
    child.log("a", 1.0, step=9)  # by itself, when the fault is over
    child.complete()
    joined = next(w for w in state.fold(child.path).writers if not w.opener)
    assert (joined.points, joined.dropped) == (1, 5)


def test_a_log_kept_from_before_the_fork_does_not_raise_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked, "RETRY", 0.0)
    run = Workspace(tmp_path / "w").experiment("e").start_logging()
    log = run.log
    process.unwatch(run)
    run.forked()
    with monkeypatch.context() as patch:
        refuse(patch)
        log("a", 1.0, step=0)
        log({"a": 1.0, "b": 1.0}, step=0)
    log("a", 1.0, step=1)
    run.complete()
    joined = next(w for w in state.fold(run.path).writers if not w.opener)
    assert (joined.points, joined.dropped) == (1, 3)


def test_a_log_kept_from_before_the_fork_counts_points_without_a_step_from_0(tmp_path: Path) -> None:
    run = Workspace(tmp_path / "w").experiment("e").start_logging()
    log, parent = run.log, run._live().identity.writer
    log("a", 1.0)
    process.unwatch(run)
    run.forked()
    for _ in range(3):
        log("a", 1.0)
    (path,) = [path for path in run.path.glob("p-*.jsonl") if parent not in path.name]
    assert [item[2] for item in journal.read(files.read(path)).items()] == [[0], [1], [2]]
    run.complete()


def test_a_fact_that_can_not_be_taken_is_refused_in_one_line(child: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        refuse(patch)
        with pytest.raises(NotWritable, match="forked child") as caught:
            child.tag("a", "b")
    assert "\n" not in str(caught.value)
    child.tag("a", "b")


def test_a_child_that_never_got_a_writer_tells_at_its_end_what_that_cost(
    child: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        refuse(patch)
        child.log("a", 1.0, step=0)
        assert child in process._open_runs
        child.end_at_exit(None)
    assert "1 points of a forked child" in capsys.readouterr().err


def test_records_of_such_a_child_are_told_apart(
    child: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    side = child._writer.side() if child._writer else None
    assert side is not None
    with monkeypatch.context() as patch:
        refuse(patch)
        side.log("s", None, None, "x")
        child.end_at_exit(None)
    said = capsys.readouterr().err
    assert "1 log records and system metrics of a forked child" in said
    assert "points of a forked child" not in said


def test_wrong_types_raise_in_a_child_too(child: Run) -> None:
    with pytest.raises(InvalidValue):
        child.log("a", object())


def test_after_its_end_a_child_logs_no_more(child: Run) -> None:
    log = child.log
    child.log("a", 1.0, step=0)
    child.complete()
    for call in (child.log, log):
        with pytest.raises(RunClosed):
            call("a", 1.0, step=1)


def test_threads_of_a_child_open_one_writer(child: Run) -> None:
    threads = [threading.Thread(target=child.log, args=("a", 1.0), kwargs={"step": n}) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    child.complete()
    assert [w.points for w in state.fold(child.path).writers] == [1, 8]
