"""Sweeps of real processes: whatever becomes of the controller, every child runs, and runs once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk.capabilities import CAN
from runstore.launch import handover
from runstore.launch.config import ScriptRunConfig
from runstore.launch.handover import local
from runstore.launch.sweep.config import Sweep
from runstore.query import listing
from runstore.runs import state

PATIENCE = 240.0  # seconds, of a machine that is busy with other things
SCRIPT = """
import argparse, os, time
import runstore
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float)
parser.add_argument("--steps", type=int, default=4)
given = parser.parse_args()
with open(os.environ["STARTS"], "a") as file:
    file.write(os.environ["RUNSTORE_RUN_ID"] + "\\n")
run = runstore.start_run("e", run_id=os.environ["RUNSTORE_RUN_ID"])
for step in range(given.steps):
    run.log("loss", given.x + 1 / (step + 1))
    time.sleep(0.05)
"""


class Bench:
    """A script that says when it is started, and what there is of a sweep of it."""

    def __init__(self, directory: Path, workspace: Path) -> None:
        self.source, self.starts = directory / "src", directory / "starts.txt"
        self.source.mkdir()
        (self.source / "train.py").write_text(SCRIPT)
        self.experiment = runstore.Experiment(runstore.Workspace(workspace), "e")

    def sweep(self, arguments: list[str] | None = None, **given: Any) -> Sweep:
        config = ScriptRunConfig(
            str(self.source), "train.py", arguments=arguments, variables={"STARTS": str(self.starts)}
        )
        known = {"parameters": {"x": ("uniform", 0, 1)}, "metric": "loss", "seed": 1, "concurrent": 3}
        return Sweep(config, **{**known, **given})

    def children(self, run: runstore.Run) -> list[state.RunState]:
        return [child._folded() for child in run.get_children()]

    def alive(self, run: runstore.Run) -> list[str]:
        """The children whose launcher has not ended."""
        every = [(child.run_id, one) for child in self.children(run) for one in child.writers]
        return [run_id for run_id, writer in every if writer.opener and not writer.settled]

    def started(self) -> list[str]:
        return self.starts.read_text().split() if self.starts.exists() else []


@pytest.fixture
def bench(tmp_path: Path, workspace: Path) -> Bench:
    return Bench(tmp_path, workspace)


def until(true: Callable[[], bool]) -> None:
    last = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < last, "it did not come to pass"
        time.sleep(0.05)


def controller(run: runstore.Run) -> int:
    """The process that controls a sweep now."""
    newest = max((writer for writer in run._folded().writers if writer.opener), key=lambda writer: writer.attempt)
    assert newest.pid is not None
    return newest.pid


def kill(run: runstore.Run) -> None:
    os.kill(controller(run), getattr(signal, "SIGKILL", signal.SIGTERM))
    until(lambda: run.status == "Failed")


@pytest.mark.slow
def test_fifty_children_with_early_stopping_survive_two_deaths_of_their_controller(bench: Bench) -> None:
    if not CAN.proc:
        return  # nobody can prove that the controller is dead
    policy = {"bandit": {"slack_factor": 0.3}}
    run = bench.experiment.submit(bench.sweep(runs=50, concurrent=4, policy=policy))
    for reached in (12, 30):
        until(lambda count=reached: len(bench.started()) >= count)  # type: ignore[misc]
        kill(run)
        assert run.error == state.VANISHED
        run = bench.experiment.resume(run.id)
    details = run.wait_for_completion()

    found = bench.children(run)
    assert details["status"] == "Completed"
    assert sorted(child.run_id for child in found) == sorted(f"{run.id}_{number}" for number in range(50))
    failed = [(child.run_id, child.error) for child in found if child.status == "Failed"]
    assert failed == []
    assert all(sum(writer.opener for writer in child.writers) == 1 for child in found)
    assert len(bench.started()) == len(set(bench.started()))
    assert len(run._folded().attempts) == 3
    ran = set(bench.started())
    stopped = [child for child in found if "stopped_by" in child.tags]
    assert stopped
    assert {child.run_id for child in found if child.status == "Completed"} <= ran
    assert [child for child in found if child.status == "Canceled" and child not in stopped] == []
    best = run.best_child()
    assert best is not None and best.id == run.get_properties()["best_child_run_id"]
    assert run.read_file("azureml-logs/hyperdrive.txt")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_whenever_its_controller_dies_a_sweep_loses_no_child_and_runs_none_twice(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    run = bench.experiment.submit(bench.sweep(runs=30, concurrent=4, policy="median", arguments=["--steps", "2"]))
    for _ in range(8):
        time.sleep(chance.uniform(0, 2))
        if run.status != "Running":
            break
        kill(run)
        run = bench.experiment.resume(run.id)
    assert run.wait_for_completion()["status"] == "Completed"
    found = bench.children(run)
    assert sorted(child.run_id for child in found) == sorted(f"{run.id}_{number}" for number in range(30))
    assert [(child.run_id, child.error) for child in found if child.status == "Failed"] == []
    assert all(sum(writer.opener for writer in child.writers) == 1 for child in found)
    assert len(bench.started()) == len(set(bench.started()))


def test_a_child_goes_on_where_its_controller_dies_while_it_begins(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[handover.Queued] = []
    monkeypatch.setattr(handover, "start", lambda launcher, one: queued.append(one) or "")
    config = bench.sweep(arguments=["--steps", "1"]).child({"x": 0.5})
    run = bench.experiment.submit(config)
    reads, writes = os.pipe()
    os.close(reads)
    command = [*queued[0].command, local.DETACH]
    launcher = subprocess.Popen(command, stdout=writes, stderr=subprocess.STDOUT, env=queued[0].environment)
    os.close(writes)
    assert run.wait_for_completion()["status"] == "Completed"
    assert launcher.wait() == 0


@pytest.mark.slow
def test_the_same_seed_gives_the_same_children_in_spite_of_a_death(bench: Bench) -> None:
    if not CAN.proc:
        return  # nobody can prove that the controller is dead

    def tried(dies: bool) -> list[Any]:
        run = bench.experiment.submit(bench.sweep(runs=6, concurrent=2, arguments=["--steps", "1"]))
        if dies:
            until(lambda: any(run.get_children()))
            kill(run)
            bench.experiment.resume(run.id)
        run.wait_for_completion()
        return [listing.params(one) for one in sorted(bench.children(run), key=lambda one: one.run_id)]

    assert tried(dies=True) == tried(dies=False)


def test_a_sweep_that_is_canceled_leaves_no_process(bench: Bench) -> None:
    run = bench.experiment.submit(bench.sweep(runs=9, arguments=["--steps", "10000"]))
    until(lambda: len(bench.started()) == 3)
    run.cancel()
    found = bench.children(run)
    assert run.status == "Canceled"
    assert [child.status for child in found] == ["Canceled"] * 3
    until(lambda: bench.alive(run) == [])
    assert len(bench.started()) == 3


def test_to_cancel_a_sweep_whose_controller_is_dead_cancels_its_children(bench: Bench) -> None:
    if not CAN.proc:
        return  # nobody can prove that the controller is dead
    run = bench.experiment.submit(bench.sweep(runs=9, arguments=["--steps", "10000"]))
    until(lambda: len(bench.started()) == 3)
    kill(run)
    run.cancel()
    assert {child.status for child in bench.children(run)} == {"Canceled"}
    until(lambda: bench.alive(run) == [])


def test_when_its_time_is_over_a_sweep_ends_with_what_it_has(bench: Bench) -> None:
    run = bench.experiment.submit(bench.sweep(runs=9, arguments=["--steps", "10000"], minutes=2 / 60))
    assert run.wait_for_completion()["status"] == "Completed"
    assert {child.status for child in bench.children(run)} == {"Canceled"}
    assert "the time of the sweep is over" in run.read_file("azureml-logs/hyperdrive.txt").decode()


def test_children_run_what_was_submitted_whatever_its_directory_holds_by_then(bench: Bench) -> None:
    run = bench.experiment.submit(bench.sweep(runs=3, concurrent=1))
    (bench.source / "train.py").write_text("raise SystemExit(3)")
    assert run.wait_for_completion()["status"] == "Completed"
    assert {child.status for child in bench.children(run)} == {"Completed"}


def test_a_sweep_of_a_script_that_always_fails_fails(bench: Bench) -> None:
    run = bench.experiment.submit(bench.sweep(runs=2, arguments=["--unknown"]))
    details = run.wait_for_completion(raise_on_error=False)
    assert (details["status"], run.error) == ("Failed", "all 2 children failed")


def test_a_later_sweep_learns_from_an_earlier_one(bench: Bench) -> None:
    first = bench.experiment.submit(bench.sweep(runs=3, arguments=["--steps", "1"]))
    first.wait_for_completion()
    second = bench.experiment.submit(
        bench.sweep(runs=2, sampling="bayesian", resume_from=[first.id], arguments=["--steps", "1"])
    )
    assert second.wait_for_completion()["status"] == "Completed"
    assert len(second.children_by_metric()) == 2
