"""What the file system refused is counted exactly and told once."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest

from runstore.runs import faults
from runstore.runs.faults import Faults


def test_each_kind_of_news_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    one = Faults("run r")
    for _ in range(3):
        one.refuse(OSError(errno.ENOSPC, "x"), Path("here"))
        one.doubt(OSError(errno.EIO, "x"))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "No space left" in said[0]
    assert "run r" in said[1]


def test_streams_of_one_writer_tell_once_together(capsys: pytest.CaptureFixture[str]) -> None:
    one, other = Faults("run r"), Faults("run r", things="records")
    other.share(one)
    for each in (other, one):
        each.refuse(OSError(errno.ENOSPC, "x"), Path("here"))
    (said,) = capsys.readouterr().err.splitlines()
    assert "records are counted and lost" in said


def test_the_last_reason_is_kept() -> None:
    one = Faults("run r")
    one.refuse(OSError(errno.EDQUOT, "x"), Path("here"))
    assert "quota" in one.reason.lower()


def test_a_closed_stderr_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    Faults("run r").say("anything")


def test_pauses_between_copies_grow_and_end_with_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(faults.time, "monotonic", lambda: now[0])
    one = Faults("run r")
    assert not one.early()
    assert one.early()
    now[0] += faults.PAUSE
    assert not one.early()
    now[0] += faults.PAUSE
    assert one.early()
    one.settled()
    assert not one.early()
