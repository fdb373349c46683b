"""A sweep's controller, in a world whose children run as many steps as the test lets them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from runstore.errors import LaunchError, NotWritable
from runstore.launch.config import ScriptRunConfig
from runstore.launch.sweep.config import Sweep
from runstore.launch.sweep.controller import Controller, Seen
from runstore.launch.sweep.policies import Standing
from runstore.launch.sweep.study import Study
from runstore.runs.state import CANCELED, COMPLETED, FAILED, QUEUED, RUNNING, TERMINAL
from tests.launch.sweep.scenes import standing

STEPS = 4  # values that a child logs before it ends


class Killed(BaseException):
    """What no controller survives."""


@dataclass
class World:
    """Children that live in a dict. Each logs its parameter ``x`` once in a step, and ends after ``STEPS`` of them."""

    there: dict[int, Seen] = field(default_factory=dict)
    values: dict[int, list[float]] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    most: int = 0
    asked: list[Collection[int]] = field(default_factory=list)
    ends: Callable[[int], str] = lambda number: COMPLETED
    before_start: Callable[[int], None] = lambda number: None
    old: list[tuple[Seen, Standing]] = field(default_factory=list)

    def all(self) -> list[Seen]:
        return [self.there[number] for number in sorted(self.there)]

    def look(self, numbers: Collection[int]) -> list[Seen]:
        return [self.there[number] for number in sorted(numbers)]

    def standings(self, numbers: Collection[int]) -> Mapping[int, Standing]:
        self.asked.append(numbers)
        return {number: standing(self.values.get(number, [])) for number in numbers}

    def earlier(self) -> list[tuple[Seen, Standing]]:
        return self.old

    def start(self, number: int, values: Mapping[str, Any]) -> None:
        self.before_start(number)
        self.starts.append(number)
        self.there[number] = child(number, RUNNING, values)
        self.most = max(self.most, len(self.running()))

    def stop(self, number: int, why: str, early: bool = False) -> None:
        found = self.there[number]
        if found.status not in TERMINAL:
            self.there[number] = replace(found, status=CANCELED, stopped=found.stopped or early)

    def running(self) -> list[int]:
        return [number for number, seen in self.there.items() if not seen.gone]

    def step(self) -> None:
        for number in self.running():
            seen = self.there[number]
            if seen.status in TERMINAL:
                self.there[number] = replace(seen, alive=False)
                continue
            logged = self.values.setdefault(number, [])
            logged.append(float((seen.values or {}).get("x", 0)))
            if len(logged) == STEPS:
                self.there[number] = replace(seen, status=self.ends(number), alive=False)


def child(number: int, status: str, values: Mapping[str, Any] | None, **other: Any) -> Seen:
    known = {"begun": True, "lost": False, "alive": True, "stopped": False}
    return Seen(number, f"s_{number}", status, values, **{**known, **other})


@dataclass
class Desk:
    """A controller of a world, and what it said."""

    world: World
    sweep: Sweep
    said: list[str] = field(default_factory=list)
    rests: int = 0
    end_after: int | None = None  # rests until the sweep is ended from outside
    kill_after: int | None = None
    deadline: float | None = None

    def run(self) -> tuple[str, str | None]:
        return Controller(self.sweep, Study(self.sweep), self.world, self.say, self.rest, self.deadline).run()

    def say(self, component: str, text: str, level: str = "INFO") -> None:
        self.said.append(f"{component} {level} {text}")

    def rest(self, seconds: float) -> bool:
        assert 0 < seconds <= 5
        self.rests += 1
        self.world.step()
        if self.rests == self.kill_after:
            raise Killed
        return self.rests == self.end_after


def sweep(**given: Any) -> Sweep:
    known = {"parameters": {"x": ("uniform", 1, 2)}, "metric": "loss", "runs": 7, "concurrent": 3, "seed": 1}
    return Sweep(ScriptRunConfig(script="a.py"), **{**known, **given})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def test_every_child_runs_once_and_not_too_many_at_a_time() -> None:
    world = World()
    assert Desk(world, sweep()).run() == (COMPLETED, None)
    assert world.starts == list(range(7))
    assert world.most == 3
    assert {seen.status for seen in world.all()} == {COMPLETED}


def test_a_grid_ends_with_its_last_combination() -> None:
    world = World()
    Desk(world, sweep(parameters={"x": [1, 2], "y": ["a", "b"]}, sampling="grid", runs=100)).run()
    assert [seen.values for seen in world.all()] == [{"x": x, "y": y} for x in (1, 2) for y in ("a", "b")]


def test_without_a_policy_only_what_has_ended_is_read() -> None:
    world = World()
    Desk(world, sweep()).run()
    assert sorted(number for asked in world.asked for number in asked) == list(range(7))


def test_what_takes_long_to_read_is_read_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    world, spent = World(), [0.0]
    monkeypatch.setattr(time, "process_time", lambda: spent[0])
    read = world.standings

    def slow(numbers: Collection[int]) -> Mapping[int, Standing]:
        spent[0] += 1000
        return read(numbers)

    world.standings = slow  # type: ignore[method-assign]
    Desk(world, sweep(policy="median", runs=3)).run()
    first, *others = world.asked
    assert set(first) == {0, 1, 2}
    assert sorted(number for asked in others for number in asked) == [0, 1, 2]  # each once more: when it had ended


def test_of_many_that_may_run_at_a_time_a_few_are_started_between_two_looks() -> None:
    world = World()
    desk = Desk(world, sweep(runs=20, concurrent=20), end_after=2)
    let_go(world)
    desk.run()
    assert len(world.starts) == 8


def test_a_policy_stops_children_and_says_why() -> None:
    world = World()
    desk = Desk(world, sweep(policy={"bandit": {"slack_factor": 0.1}}, runs=20))
    assert desk.run() == (COMPLETED, None)
    stopped = [seen for seen in world.all() if seen.stopped]
    assert world.starts == list(range(20))
    assert 0 < len(stopped) < 20
    assert all(len(world.values[seen.number]) <= STEPS for seen in stopped)
    assert sum("is stopped, bandit: loss" in line for line in desk.said) == len(stopped)


def test_a_stopped_child_counts_as_running_until_its_processes_are_gone() -> None:
    world = World()
    Desk(world, sweep(policy={"bandit": {"slack_amount": 0}}, runs=20, concurrent=2)).run()
    assert world.most == 2


def test_a_sweep_fails_only_if_all_of_its_children_do() -> None:
    world = World(ends=lambda number: FAILED if number else COMPLETED)
    assert Desk(world, sweep()).run() == (COMPLETED, None)
    assert Desk(World(ends=lambda number: FAILED), sweep()).run() == (FAILED, "all 7 children failed")


def test_a_sweep_that_is_canceled_cancels_its_children_and_starts_no_more() -> None:
    world = World()
    desk = Desk(world, sweep(), end_after=2)
    let_go(world)
    assert desk.run() == (CANCELED, None)
    assert len(world.starts) == 3
    assert {seen.status for seen in world.all()} == {CANCELED}
    assert world.running() == []


def let_go(world: World) -> None:
    """Let the processes of canceled children end when the controller looks once more."""
    look = world.look

    def stepping(numbers: Collection[int]) -> list[Seen]:
        found = look(numbers)
        for number in numbers:
            if world.there[number].status in TERMINAL:
                world.there[number] = replace(world.there[number], alive=False)
        return found

    world.look = stepping  # type: ignore[method-assign]


def test_when_its_time_is_over_what_runs_is_canceled_and_the_sweep_completes() -> None:
    world = World()
    let_go(world)
    desk = Desk(world, sweep(), deadline=time.time() - 1)
    assert desk.run() == (COMPLETED, None)
    assert world.starts == []


def test_a_child_that_can_not_be_started_has_failed_and_the_others_run() -> None:
    def refuse(number: int) -> None:
        if number == 1:
            raise LaunchError("no")

    world = World(before_start=refuse)
    desk = Desk(world, sweep())
    assert desk.run() == (COMPLETED, None)
    assert world.starts == [0, 2, 3, 4, 5, 6]
    assert "SCHEDULER ERROR child 1 can't be started: no" in desk.said


def test_a_controller_that_fails_leaves_no_child_running() -> None:
    def refuse(number: int) -> None:
        if number == 2:
            raise NotWritable("full")

    world = World(before_start=refuse)
    let_go(world)
    with pytest.raises(NotWritable):
        Desk(world, sweep()).run()
    assert world.running() == []


# ---- taken over


@pytest.mark.parametrize("kill_after", range(1, 8))
@pytest.mark.parametrize("sampling", ["random", "bayesian"])
def test_whoever_takes_over_loses_no_child_and_runs_none_twice(kill_after: int, sampling: str) -> None:
    world = World()
    desk = Desk(world, sweep(sampling=sampling, policy={"bandit": {"slack_factor": 0.2}}), kill_after=kill_after)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Controller, "_stop_all", lambda *_: None)  # SIGKILL leaves no time for it
        with pytest.raises(Killed):
            desk.run()
    world.step()
    before = {number: seen.values for number, seen in world.there.items()}
    again = Desk(world, desk.sweep)
    assert again.run() == (COMPLETED, None)
    assert world.starts == list(range(7))
    assert world.most <= 3
    assert {number: world.there[number].values for number in before} == before
    assert any("taken over" in line for line in again.said)


def test_a_child_that_waits_is_started_and_one_that_never_got_so_far_too() -> None:
    world = World()
    world.there = {
        0: child(0, QUEUED, {"x": 1.5}, begun=False, alive=False),
        1: child(1, FAILED, {"x": 1.25}, begun=False, alive=False, lost=True),
        2: child(2, QUEUED, None, begun=False, alive=False),
        3: child(3, CANCELED, {"x": 1.75}, begun=False, alive=False),
    }
    assert Desk(world, sweep(concurrent=4)).run() == (COMPLETED, None)
    assert world.starts == [0, 1, 2, 4, 5, 6]
    assert (world.there[0].values, world.there[1].values) == ({"x": 1.5}, {"x": 1.25})
    assert world.there[2].values is not None


def test_a_child_whose_end_was_decided_is_stopped_by_the_next_controller() -> None:
    world = World()
    world.there = {0: child(0, RUNNING, {"x": 1.5}, stopped=True)}
    Desk(world, sweep(runs=1)).run()
    assert world.there[0].status == CANCELED


def test_what_earlier_sweeps_found_is_learnt_from_and_not_counted() -> None:
    old = [(child(-1, COMPLETED, {"x": 1 + number / 10}, alive=False), {1: 1.0}) for number in range(5)]
    old = [(replace(seen, run_id=f"old_{place}"), values) for place, (seen, values) in enumerate(old)]
    world = World(old=old)
    assert Desk(world, sweep(sampling="bayesian")).run() == (COMPLETED, None)
    assert world.starts == list(range(7))
