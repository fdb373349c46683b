"""Remotes are gone on with when something changes, not too often, through trouble, until somebody ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from runstore.errors import Refused, RunstoreError, Unreachable
from runstore.runs import follow
from runstore.sync import watching
from runstore.sync.watching import EVERY, LONGEST, POLL, SHARE, Pace, Watching


class Clock:
    """Time passes where somebody sleeps; what is planned happens then."""

    def __init__(self) -> None:
        self.now = 0.0
        self.planned: list[tuple[float, Callable[[], object]]] = []

    def __call__(self) -> float:
        return self.now

    def at(self, when: float, call: Callable[[], object]) -> None:
        self.planned.append((when, call))

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds
        for one in [one for one in self.planned if one[0] <= self.now]:
            self.planned.remove(one)
            one[1]()


class Scene:
    """A watching of remotes whose turns are noted; ``trouble``: what a remote's turns raise."""

    def __init__(self, workspace: Path, *remotes: str) -> None:
        self.clock, self.said, self.turns = Clock(), list[str](), list[tuple[str, float]]()
        self.trouble: dict[str, Exception] = {}
        self.takes = 0.0
        turns = {name: lambda name=name: self._turn(name) for name in remotes}  # type: ignore[misc]
        self.watching = Watching(workspace, turns, self.said.append, self.clock, self.clock.sleep)

    def _turn(self, name: str) -> None:
        self.turns.append((name, self.clock.now))
        self.clock.now += self.takes
        if name in self.trouble:
            raise self.trouble[name]

    def run(self, until: float) -> list[float]:
        self.clock.at(until, self.watching.stop)
        self.watching.run()
        return [when for _, when in self.turns]


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is noticed by itself."""
    monkeypatch.setattr(follow.Notices, "follow", lambda self, directory: False)


def test_without_notices_it_looks_from_time_to_time(silent: None, workspace: Path) -> None:
    assert Scene(workspace, "a").run(3.5 * POLL) == [0, POLL, 2 * POLL, 3 * POLL]


def test_changes_bring_a_turn_sooner_but_not_one_for_each(silent: None, workspace: Path) -> None:
    scene = Scene(workspace, "a")
    for tenth in range(1, 70):
        scene.clock.at(tenth / 10, lambda: scene.watching._notice("x"))
    assert scene.run(7.0) == [0, EVERY, 2 * EVERY]


def test_where_looking_takes_long_it_is_done_less_often(silent: None, workspace: Path) -> None:
    scene = Scene(workspace, "a")
    scene.takes = 2.0
    first, second = scene.run(SHARE * 2.0 + 10)
    assert second - first == pytest.approx(2.0 + SHARE * 2.0, abs=0.6)


def test_a_remote_that_cannot_be_reached_is_said_once_and_tried_less_and_less(silent: None, workspace: Path) -> None:
    scene = Scene(workspace, "a", "b")
    scene.trouble["a"] = Unreachable("nobody answers")
    scene.run(3000.0)
    tries = [when for name, when in scene.turns if name == "a"]
    gaps = [after - before for before, after in pairwise(tries)]
    assert scene.said == ["a: nobody answers; it is tried again and again"]
    assert gaps[0] <= 2 * EVERY + 1 and max(gaps) <= LONGEST + 1 and gaps[-1] >= LONGEST / 2
    assert len([name for name, _ in scene.turns if name == "b"]) == pytest.approx(3000 / POLL, abs=10)
    assert scene.watching.troubled == ["a"]


def test_who_is_named_by_the_trouble_is_not_named_twice(silent: None, workspace: Path) -> None:
    scene = Scene(workspace, "a")
    scene.trouble["a"] = Unreachable("a can't be reached (refused); try again")
    scene.run(1.0)
    assert scene.said == ["a can't be reached (refused); it is tried again and again"]


def test_no_change_hurries_a_remote_that_cannot_be_reached(silent: None, workspace: Path) -> None:
    pace = Pace(0.0, chance=lambda: 1.0)
    pace.failed(0.0)
    pace.noticed()
    assert pace.wait(0.0) == 2 * EVERY
    pace.failed(0.0, after=500.0)
    assert pace.wait(0.0) == 500.0


def test_when_it_goes_well_again_that_is_said_and_the_pace_is_as_before(silent: None, workspace: Path) -> None:
    scene = Scene(workspace, "a")
    scene.trouble["a"] = Unreachable("nobody answers")
    scene.clock.at(60.0, scene.trouble.clear)
    turns = scene.run(200.0)
    assert scene.said[1:] == ["a: goes well again"]
    assert turns[-1] - turns[-2] == pytest.approx(POLL, abs=0.6)
    assert scene.watching.troubled == []


@pytest.mark.parametrize("problem", [Refused("a: the token has expired"), RunstoreError("odd"), OSError(28, "full")])
def test_other_trouble_ends_nothing_either_and_is_said_once(silent: None, workspace: Path, problem: Exception) -> None:
    scene = Scene(workspace, "a")
    scene.trouble["a"] = problem
    assert len(scene.run(100.0)) > 3
    assert len(scene.said) == 1


def test_a_bug_is_not_swallowed(silent: None, workspace: Path) -> None:
    scene = Scene(workspace, "a")
    scene.trouble["a"] = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        scene.run(10.0)


def test_what_is_under_way_is_ended_before_it_ends(silent: None, workspace: Path) -> None:
    scene = Scene(workspace, "a", "b")
    ended: list[str] = []

    def turn() -> None:
        scene.watching.stop()
        ended.append("a")

    scene.watching._turns = {"a": turn, "b": lambda: ended.append("b")}
    scene.watching.run()
    assert ended == ["a"]


def test_a_file_that_is_made_below_the_runs_is_noticed(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "EVERY", 0.01)
    monkeypatch.setattr(watching, "POLL", 1e9)
    (workspace / "runs").mkdir(parents=True)
    turns: list[int] = []

    def turn() -> None:
        turns.append(len(turns))
        if len(turns) == 2:
            found.stop()

    def sleep(seconds: float) -> object:
        (workspace / "runs" / f"new{len(turns)}").write_bytes(b"x")
        return found._wake.wait(seconds)

    found = Watching(workspace, {"a": turn}, print, sleep=sleep)
    found.run()
    assert turns == [0, 1]


def test_a_signal_ends_it(tmp_path: Path) -> None:
    program = """
import signal, sys
from pathlib import Path
from runstore.sync.watching import Watching
watching = Watching(Path(sys.argv[1]), {"a": lambda: print("turn", flush=True)}, print)
signal.signal(signal.SIGTERM, lambda *_: watching.stop())
watching.run()
print("ended")
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "turn\n"
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=60)[0] == "ended\n"
