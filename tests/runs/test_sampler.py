"""One thread samples for every open run of a process, late enough, once more at the end, and hurts nobody."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk.capabilities import CAN
from runstore.errors import RunClosed
from runstore.runs import sampler, seal


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(tmp_path / "ws")


class Machine:
    """A machine that counts how often it was looked at."""

    def __init__(self) -> None:
        self.looked = 0
        self.failing = False

    def sample(self) -> dict[str, float]:
        self.looked += 1
        if self.failing:
            raise RuntimeError("broken")
        return {"cpu.percent": float(self.looked)}

    def space(self, path: Path) -> dict[str, float]:
        return {"disk.free_bytes": float(len(path.name))}


class Writer:
    """What the sampler needs of a writer."""

    def __init__(self, name: str = "abc") -> None:
        self.directory = Path(name)
        self.taken: list[Mapping[str, float]] = []
        self.ended = False

    def side(self) -> Writer:
        return self

    def system(self, sample: Mapping[str, float]) -> None:
        if self.ended:
            raise RunClosed("ended")
        self.taken.append(sample)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A sampler in a hurry."""
    settled()
    one = Machine()
    monkeypatch.setattr(sampler, "FIRST", 0.05)
    monkeypatch.setattr(sampler, "PATIENCE", 10.0)
    monkeypatch.setattr(sampler, "_machine", lambda: one)
    monkeypatch.setattr(sampler, "_absent", False)
    monkeypatch.setenv("RUNSTORE_SYSTEM", "1")
    monkeypatch.setenv("RUNSTORE_SYSTEM_INTERVAL", "0.05")
    yield one
    for writer in list(sampler._writers):
        sampler.remove(writer)
    settled()


def waited(what: Callable[[], object], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.005)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "runstore-sampler"]


def settled() -> None:
    waited(lambda: not threads())


def test_every_open_run_gets_every_sample_with_its_own_disk(machine: Machine) -> None:
    one, other = Writer("abc"), Writer("abcdef")
    sampler.add(one)
    sampler.add(other)
    assert threads() == ["runstore-sampler"]
    waited(lambda: len(other.taken) > 2)
    assert [sample["cpu.percent"] for sample in one.taken[:2]] == [1.0, 2.0]
    assert (one.taken[0]["disk.free_bytes"], other.taken[0]["disk.free_bytes"]) == (3.0, 6.0)


def test_a_run_that_ends_before_the_first_sample_has_none(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "FIRST", 60.0)
    one = Writer()
    sampler.add(one)
    sampler.remove(one)
    settled()
    assert (one.taken, machine.looked) == ([], 0)


def test_a_run_that_ends_gets_a_last_sample_before_its_end_goes_on(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNSTORE_SYSTEM_INTERVAL", "600")
    one = Writer()
    sampler.add(one)
    waited(lambda: one in sampler._sampled)
    sampler.remove(one)
    assert len(one.taken) == 2


def test_the_end_of_a_run_does_not_wait_long_for_a_machine_that_hangs(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, go_on = threading.Event(), threading.Event()
    one = Writer()
    sampler.add(one)
    waited(lambda: one in sampler._sampled)
    monkeypatch.setattr(machine, "sample", lambda: (hanging.set(), go_on.wait(30), {})[2])
    waited(hanging.is_set)
    monkeypatch.setattr(sampler, "PATIENCE", 0.01)
    sampler.remove(one)
    assert not go_on.is_set()
    go_on.set()


def test_the_thread_ends_with_the_last_run_and_comes_back_with_the_next(machine: Machine) -> None:
    one = Writer()
    for _ in range(2):
        sampler.add(one)
        waited(lambda: one in sampler._sampled)
        sampler.remove(one)
        settled()
    assert len(one.taken) >= 4
    assert sampler._thread is None


def test_a_run_that_has_ended_meanwhile_stops_nothing(machine: Machine) -> None:
    one, other = Writer(), Writer()
    one.ended = True
    sampler.add(one)
    sampler.add(other)
    waited(lambda: len(other.taken) > 1)
    assert one.taken == []


def test_a_machine_that_fails_is_told_once_and_asked_again(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.failing = True
    one = Writer()
    sampler.add(one)
    waited(lambda: machine.looked > 2)
    machine.failing = False
    waited(lambda: one.taken)
    sampler.remove(one)
    assert capsys.readouterr().err.count("sampling the machine failed") == 1


def test_without_psutil_nothing_is_sampled_nor_asked_for_again(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(sampler, "FIRST", 0.01)
    monkeypatch.setattr(sampler, "_absent", False)
    monkeypatch.delitem(sys.modules, "runstore.runs.system", raising=False)
    monkeypatch.setitem(sys.modules, "psutil", None)
    monkeypatch.setenv("RUNSTORE_SYSTEM", "1")
    one = Writer()
    sampler.add(one)
    waited(lambda: sampler._absent)
    settled()
    sampler.add(one)
    assert (threads(), one.taken, sampler._writers) == ([], [], [])
    assert capsys.readouterr().err == ""


def test_it_can_be_switched_off(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_SYSTEM", "0")
    sampler.add(Writer())
    assert (threads(), sampler._writers) == ([], [])


def test_no_thread_to_be_had_is_no_fault(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise RuntimeError("can't start new thread")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampler, "Thread", refuse)
        one = Writer()
        sampler.add(one)
        sampler.remove(one)
    sampler.add(one)
    waited(lambda: one.taken)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("", 10.0), ("2.5", 2.5), ("0", 10.0), ("-3", 10.0), ("nan", 10.0), ("inf", 10.0), ("x", 10.0)],
)
def test_the_interval_comes_from_the_environment_where_that_makes_sense(
    monkeypatch: pytest.MonkeyPatch, given: str, seconds: float
) -> None:
    monkeypatch.setenv("RUNSTORE_SYSTEM_INTERVAL", given)
    assert sampler.interval() == seconds


def test_the_samples_of_a_run_are_in_its_system_metrics_the_last_one_included(
    machine: Machine, ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNSTORE_SYSTEM_INTERVAL", "600")
    run = ws.experiment("e").start_logging(run_id="r")
    waited(lambda: sampler._sampled)
    run.complete()
    found = ws.sql("select value from system_metrics where name = 'cpu.percent' order by step").fetchall()
    assert found == [(1.0,), (2.0,)]
    assert ws.sql("select points from runs").fetchall() == [(0,)]


def test_psutil_is_loaded_with_the_first_sample_and_not_before(tmp_path: Path) -> None:
    program = """
import sys, time, runstore
from runstore.runs import sampler
assert (sampler.FIRST, sampler.EVERY) == (1.0, 10.0)
for first in (600.0, 0.01):
    sampler.FIRST = first
    run = runstore.start_run("e", workspace=runstore.Workspace("ws"))
    run.log("loss", 0.5)
    while first < 1 and not sampler._sampled:
        time.sleep(0.01)
    run.complete()
    print("psutil" in sys.modules)
"""
    environment = {**os.environ, "RUNSTORE_SYSTEM": "1"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["False", "True"], done.stderr


def test_a_child_forked_while_the_libraries_load_can_load_them_as_well(tmp_path: Path) -> None:
    if not CAN.fork:
        return
    (tmp_path / "psutil.py").write_text("import time\nopen('loading', 'w').close()\ntime.sleep(0.3)\n")
    program = """
import os, sys, time, runstore
from runstore.runs import sampler
sampler.FIRST = 0.01
run = runstore.start_run("e", workspace=runstore.Workspace("ws"))
while not os.path.exists("loading"):
    time.sleep(0.001)
pid = os.fork()
if not pid:
    import psutil
    print("loaded", flush=True)
    os._exit(0)
os.waitpid(pid, 0)
"""
    environment = {
        **os.environ,
        "RUNSTORE_SYSTEM": "1",
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}",
    }
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["loaded"], done.stderr


def test_where_runstore_is_disabled_nothing_is_sampled(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    runstore.start_run("e", workspace=runstore.Workspace(tmp_path / "none")).complete()
    assert threads() == []


def test_a_forked_child_is_sampled_only_if_it_logs(machine: Machine, ws: runstore.Workspace) -> None:
    if not CAN.fork:
        return
    run = ws.experiment("e").start_logging(run_id="r")
    for logs in (True, False):
        pid = os.fork()
        if pid == 0:
            try:
                there = [thread.name for thread in threading.enumerate() if thread.name == "runstore-sampler"]
                assert (there, sampler._writers, sampler._thread) == ([], [], None)
                if logs:
                    run.log("loss", 1.0)
                    waited(lambda: sampler._sampled)
                    run.complete()
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    waited(lambda: sampler._sampled)
    run.complete()
    found = ws.sql("select writer, count(*) from system_metrics where name = 'cpu.percent' group by 1").fetchall()
    assert len(found) == 2
    assert all(count >= 2 for _, count in found)
