"""What stands in for Python's own streams."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runstore.runs.stand_in import StandIn, Tee


class Noted:
    """A keeper that notes what it is told, and has an answer for each write that was refused."""

    def __init__(self, *answers: bool) -> None:
        self.kept, self.turns, self.answers = list[bytes](), list[int](), list(answers)

    def turn(self, fd: int) -> None:
        self.turns.append(fd)

    def refused(self, problem: OSError) -> bool:
        return self.answers.pop(0)

    def keep(self, data: bytes) -> None:
        self.kept.append(data)


@contextmanager
def python_own(path: Path) -> Iterator[None]:
    """Descriptor 1 leads to a file and sys.stdout, as Python makes it, to that; in the test, as pytest has its own."""
    kept, before = os.dup(1), sys.stdout
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    os.dup2(fd, 1)
    raw = io.FileIO(1, "wb", closefd=False)
    raw.name = "<stdout>"
    sys.stdout = io.TextIOWrapper(raw, write_through=True)
    sys.stdout.mode = "w"  # type: ignore[attr-defined]
    try:
        yield
    finally:
        sys.stdout = before
        os.dup2(kept, 1)
        os.close(kept)
        os.close(fd)


def test_a_stream_that_leads_elsewhere_gets_its_text_and_so_does_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    own, keeper = io.StringIO(), Noted()
    monkeypatch.setattr(sys, "stdout", own)
    found = StandIn(1, keeper)
    print("a\udc80", end="")
    sys.stdout.writelines(["b", "c"])
    assert (found.tee, own.getvalue(), b"".join(keeper.kept)) == (True, "a\udc80bc", b"a\\udc80bc")
    assert sys.stdout.getvalue() == "a\udc80bc"  # type: ignore[attr-defined]
    found.step_back()
    assert sys.stdout is own


def test_a_place_that_somebody_has_taken_is_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    found, other = StandIn(2, Noted()), io.StringIO()
    sys.stderr = other
    found.step_back()
    assert sys.stderr is other


def test_no_stream_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    found = StandIn(1, Noted())
    found.flush()
    found.step_back()
    assert (found.tee, sys.stdout) == (False, None)


def test_a_tee_is_not_put_upon_a_tee(monkeypatch: pytest.MonkeyPatch) -> None:
    own = io.StringIO()
    monkeypatch.setattr(sys, "stdout", own)
    outer, inner = StandIn(1, Noted()), StandIn(1, Noted())
    assert isinstance(sys.stdout, Tee)
    inner.step_back()
    outer.step_back()
    assert sys.stdout is own


def test_the_own_stream_stays_what_it_was_for_who_asks(tmp_path: Path) -> None:
    keeper = Noted()
    with python_own(tmp_path / "out"):
        before = sys.stdout
        found = StandIn(1, keeper)
        now = sys.stdout
        print("line")
        found.step_back()
    assert now is not before
    for name in ("encoding", "errors", "name", "mode", "line_buffering", "write_through"):
        assert getattr(now, name) == getattr(before, name)
    assert ((tmp_path / "out").read_text(), keeper.turns[0]) == ("line\n", 1)


def test_a_write_that_is_refused_is_tried_again_where_the_descriptor_leads_elsewhere_now(tmp_path: Path) -> None:
    class Leading(Noted):
        def refused(self, problem: OSError) -> bool:
            fd = os.open(tmp_path / "out", os.O_WRONLY | os.O_APPEND)
            if fd != 1:
                os.dup2(fd, 1)
                os.close(fd)
            return True

    with python_own(tmp_path / "out"):
        found = StandIn(1, Leading())
        os.close(1)
        print("line")
        found.step_back()
    assert (tmp_path / "out").read_text() == "line\n"


def test_a_write_that_fails_wherever_it_goes_raises_as_it_always_did(tmp_path: Path) -> None:
    with python_own(tmp_path / "out"):
        found = StandIn(1, Noted(False))
        os.close(1)
        with pytest.raises(OSError, match="Bad file descriptor"):
            sys.stdout.write("line")
        found.step_back()
