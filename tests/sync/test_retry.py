"""What can't be reached is tried again, more and more rarely, until the time is over; no test waits for it."""

from __future__ import annotations

import pytest

from runstore.errors import Refused, Unreachable
from runstore.sync.retry import Patience, retry


class Line:
    """A line that is down for so many calls, and a clock that only sleeping moves."""

    def __init__(self, down: int, after: float = 0.0) -> None:
        self.down, self.after, self.calls, self.now = down, after, 0, 0.0
        self.slept: list[float] = []

    def call(self) -> str:
        self.calls += 1
        if self.calls <= self.down:
            raise Unreachable("down", self.after)
        return "done"

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def run(self, patience: Patience) -> str:
        return retry(self.call, patience, self.sleep, lambda: self.now, lambda: 1.0)


def test_pauses_grow_up_to_the_longest() -> None:
    line = Line(5)
    assert line.run(Patience(first=1, longest=4, total=100)) == "done"
    assert line.slept == [1, 2, 4, 4, 4]


def test_no_pause_goes_beyond_the_time_there_is() -> None:
    line = Line(100)
    with pytest.raises(Unreachable):
        line.run(Patience(first=1, longest=4, total=10))
    assert sum(line.slept) <= 10 and line.calls == len(line.slept) + 1


def test_a_remote_that_wants_to_be_left_alone_is() -> None:
    line = Line(1, after=7)
    assert line.run(Patience(first=1, longest=4, total=10)) == "done"
    assert line.slept == [7]


def test_what_is_refused_is_not_asked_again() -> None:
    calls = []

    def refused() -> None:
        calls.append(1)
        raise Refused("no")

    with pytest.raises(Refused):
        retry(refused)
    assert calls == [1]


def test_pauses_are_spread_by_chance() -> None:
    line = Line(3)
    retry(line.call, Patience(first=1, longest=8, total=100), line.sleep, lambda: line.now, lambda: 0.5)
    assert line.slept == [0.5, 1, 2]
