"""Whatever a script starts, and however far that goes, is found and ended."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from runstore.disk import processes
from runstore.disk.capabilities import CAN
from runstore.disk.processes import Process
from runstore.launch import tree
from tests.launch.scripts import SLEEP, child, lives, pid, running

DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
DAEMON = "if os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\n"


def test_a_child_and_its_child_belong_to_the_script(tmp_path: Path) -> None:
    grandchild = child("born('c')\n" + SLEEP)
    with running(tmp_path, child("born('b')\n" + grandchild + SLEEP) + "born('a')\n" + SLEEP) as script:
        three = {pid(tmp_path / name) for name in "abc"}

        assert tree.find(script.ranks.groups, script.ranks.mark) >= three
        assert tree.kill(script.ranks.groups, script.ranks.mark) == set()

        assert not any(lives(one) for one in three)
        assert tree.find(script.ranks.groups, script.ranks.mark) == set()


@pytest.mark.parametrize(
    ("far", "more"),
    [("os.setsid()\n", ""), (DAEMON, ""), ("", ", env={}, start_new_session=True"), (DEAF, "")],
    ids=["session", "daemon", "unmarked", "deaf"],
)
def test_none_gets_away(tmp_path: Path, far: str, more: str) -> None:
    if not hasattr(os, "fork") and far != DEAF:
        return
    with running(tmp_path, child(far + "born('b')\n" + SLEEP, more) + "born('a')\n" + SLEEP) as script:
        both = {pid(tmp_path / name) for name in "ab"}

        assert tree.kill(script.ranks.groups, script.ranks.mark, grace=0.5) == set()

        assert not any(lives(one) for one in both)


def test_what_a_script_left_behind_is_found_when_it_has_gone(tmp_path: Path) -> None:
    if not CAN.groups and not processes.table():
        return
    with running(tmp_path, child("born('b')\n" + SLEEP)) as script:
        left = pid(tmp_path / "b")
        while script.ranks.poll() == [None]:
            pass

        assert tree.find(script.ranks.groups, script.ranks.mark) == {left}
        assert tree.kill(script.ranks.groups, script.ranks.mark) == set()

        assert not lives(left)


def test_they_are_asked_first(tmp_path: Path) -> None:
    said = "signal.signal(signal.SIGTERM, lambda *_: (born('asked'), sys.exit(0)))\n"
    with running(tmp_path, said + "born('a')\n" + SLEEP) as script:
        pid(tmp_path / "a")

        tree.kill(script.ranks.groups, script.ranks.mark, grace=60)

        assert (tmp_path / "asked").exists()


def test_one_that_is_stopped_can_be_ended(tmp_path: Path) -> None:
    with running(tmp_path, "born('a')\n" + SLEEP) as script:
        stopped = pid(tmp_path / "a")
        os.kill(stopped, signal.SIGSTOP)

        assert tree.kill(script.ranks.groups, script.ranks.mark, grace=60) == set()

        assert not lives(stopped)


def test_one_that_goes_on_starting_others_is_ended(tmp_path: Path) -> None:
    forks = "born('a')\nwhile True:\n    subprocess.Popen(['sleep', '600'])\n    time.sleep(0.002)\n"
    with running(tmp_path, DEAF + forks) as script:
        pid(tmp_path / "a")

        assert tree.kill(script.ranks.groups, script.ranks.mark, grace=0.1) == set()
        assert tree.find(script.ranks.groups, script.ranks.mark) == set()


def test_nothing_is_found_where_nothing_was_started() -> None:
    assert tree.find([], "nobody has this mark") == set()
    assert tree.kill([], "nobody has this mark") == set()


def test_without_a_list_of_processes_the_ranks_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "table", list)
    with running(tmp_path, DEAF + "born('a')\n" + SLEEP) as script:
        pid(tmp_path / "a")

        assert tree.kill(script.ranks.groups, script.ranks.mark) == set()

        while script.ranks.poll() == [None]:
            pass


def process(pid: int, parent: int = 1, group: int = 1, session: int = 1, environment: bytes = b"") -> Process:
    return Process(pid, parent, group, session, environment)


def belonging(*table: Process) -> set[int]:
    return tree._belonging(table, {10}, "m")


def test_group_session_descent_and_mark_each_suffice() -> None:
    assert belonging(process(10)) == {10}
    assert belonging(process(11, group=10)) == {11}
    assert belonging(process(11, session=10)) == {11}
    assert belonging(process(12, parent=11), process(11, parent=10), process(10)) == {10, 11, 12}
    assert belonging(process(11, environment=b"A=1\0RUNSTORE_LAUNCH=m\0B=2"), process(12, parent=11)) == {11, 12}
    assert belonging(process(11, environment=b"sleep 600 A=1 RUNSTORE_LAUNCH=m B=2")) == {11}


def test_neither_a_longer_mark_nor_a_longer_name_is_the_mark() -> None:
    assert belonging(process(11, environment=b"RUNSTORE_LAUNCH=mm\0")) == set()
    assert belonging(process(11, environment=b"X_RUNSTORE_LAUNCH=m\0")) == set()


def test_what_carries_another_mark_belongs_to_another_run_with_all_it_has_started() -> None:
    other = process(11, parent=10, environment=b"RUNSTORE_LAUNCH=other\0")
    assert belonging(process(10), other, process(12, parent=11)) == {10}


def test_the_process_that_asks_is_never_found() -> None:
    assert belonging(process(os.getpid(), group=10)) == set()


def test_one_that_can_not_be_ended_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "table", lambda: [process(10)])
    monkeypatch.setattr(processes, "ask_to_end", lambda pid: None)
    monkeypatch.setattr(processes, "destroy", lambda pid: None)
    monkeypatch.setattr(tree, "STUBBORN", 0.05)
    assert tree.kill([10], "m", grace=0) == {10}


def test_what_has_another_runs_mark_is_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = b"A=1\0RUNSTORE_LAUNCH=mine\0", b"RUNSTORE_LAUNCH=theirs\0B=2\0"
    listed = [
        Process(10, 1, 10, 10, mine),
        Process(11, 10, 11, 11, theirs),  # started by a process of this run
        Process(12, 11, 11, 11, theirs),
        Process(13, 11, 13, 13, b""),
        Process(14, 10, 14, 14, b""),
    ]
    monkeypatch.setattr(processes, "table", lambda: listed)
    assert tree.find([10], "mine") == {10, 14}
