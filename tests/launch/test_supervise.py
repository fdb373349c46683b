"""A script is watched to its end, and when that has come none of its processes is left."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from runstore.disk import processes
from runstore.launch import supervise as module
from runstore.launch.supervise import Outcome, end, supervise
from tests.launch.scripts import SLEEP, child, lives, pid, running


def nobody() -> None:
    """Nobody has ended the run."""


def test_a_script_that_ends_well_has_code_0(tmp_path: Path) -> None:
    with running(tmp_path, "pass", "pass") as script:
        assert supervise(script.ranks, nobody) == Outcome("ended", 0)


def test_all_ranks_are_waited_for(tmp_path: Path) -> None:
    slow = "while not os.path.exists('go'): time.sleep(0.001)\n"
    with running(tmp_path, "born('go')", slow) as script:
        assert supervise(script.ranks, nobody) == Outcome("ended", 0)
        assert script.ranks.codes == [0, 0]


@pytest.mark.parametrize(("script", "code"), [("sys.exit(3)", 3), ("os.kill(os.getpid(), 9)", -9), ("1 / 0", 1)])
def test_a_rank_that_fails_ends_the_run_and_its_error_counts(tmp_path: Path, script: str, code: int) -> None:
    with running(tmp_path, "born('other')\n" + SLEEP, script) as ranks:
        other = pid(tmp_path / "other")

        assert supervise(ranks.ranks, nobody) == Outcome("ended", code, 1)
        assert end(ranks.ranks, ranks.output, None) == set()

        assert not lives(other)
        assert ranks.ranks.codes == [-signal.SIGTERM, code]


def test_an_end_told_from_outside_is_told_on(tmp_path: Path) -> None:
    answers = iter(["", None, "Canceled"])
    with running(tmp_path, SLEEP) as script:
        assert supervise(script.ranks, lambda: next(answers)) == Outcome("outside", said="Canceled")


def test_time_runs_out(tmp_path: Path) -> None:
    with running(tmp_path, SLEEP) as script:
        assert supervise(script.ranks, nobody, timeout=0.01) == Outcome("timeout")


def test_a_script_that_has_ended_did_not_run_out_of_time(tmp_path: Path) -> None:
    with running(tmp_path, "sys.exit(2)") as script:
        while script.ranks.poll() == [None]:
            pass
        assert supervise(script.ranks, lambda: "Canceled", timeout=0, stopped=lambda: True) == Outcome("ended", 2)


def test_this_process_may_be_told_to_stop(tmp_path: Path) -> None:
    with running(tmp_path, SLEEP) as script:
        assert supervise(script.ranks, nobody, stopped=lambda: True) == Outcome("stopped")


@pytest.mark.parametrize("script", ["os.kill(os.getpid(), signal.SIGTERM)", "sys.exit(128 + signal.SIGTERM)"])
def test_a_scheduler_that_ends_the_script_together_with_this_process_stops_the_run(tmp_path: Path, script: str) -> None:
    with running(tmp_path, script) as one:
        while one.ranks.poll() == [None]:
            pass
        assert supervise(one.ranks, nobody, stopped=lambda: True) == Outcome("stopped")
        assert supervise(one.ranks, nobody).ending == "ended"  # as it is where it was killed alone


def test_there_is_time_for_other_things_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASK", 0.0)
    ticks: list[int] = []
    with running(tmp_path, SLEEP) as script:
        supervise(script.ranks, nobody, stopped=lambda: len(ticks) > 3, tick=lambda: ticks.append(1))
    assert len(ticks) == 4


def test_what_a_script_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    if not processes.table():
        return
    waits = "while not os.path.exists('left'): time.sleep(0.001)\nprint('last')"
    with running(tmp_path, child("born('left')\n" + SLEEP) + waits, guarded=True) as script:
        assert supervise(script.ranks, nobody) == Outcome("ended", 0)
        left = pid(tmp_path / "left")

        assert end(script.ranks, script.output, script.guard) == set()

        assert not lives(left)
        assert script.read() == b"last\n"


def test_what_a_script_says_when_it_is_ended_is_kept(tmp_path: Path) -> None:
    farewell = "signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(0)))\nborn('a')\n"
    with running(tmp_path, farewell + SLEEP) as script:
        pid(tmp_path / "a")
        end(script.ranks, script.output, None)
        assert script.read() == b"bye\n"


def test_an_end_can_be_made_twice_and_before_the_start(tmp_path: Path) -> None:
    with running(tmp_path, "pass", guarded=True) as script:
        supervise(script.ranks, nobody)
        end(script.ranks, script.output, script.guard)
    assert end(module.Ranks([], tmp_path, "m"), module.Output([]), None) == set()


def test_many_scripts_leave_nothing_open(tmp_path: Path) -> None:
    def one() -> int:
        directory = tmp_path / os.urandom(4).hex()
        directory.mkdir()
        with running(directory, "print(1)", guarded=True) as script:
            supervise(script.ranks, nobody)
        assert script.read() == b"1\n"
        fd = os.open(tmp_path, os.O_RDONLY)
        os.close(fd)
        return fd

    first = one()
    assert {one() for _ in range(20)} == {first}
