"""A run that goes on is pushed up to now, as often as one likes, beside its writer; a stopped one keeps its tail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import runstore
from runstore.disk.capabilities import CAN
from runstore.sync.pull import pull
from runstore.sync.push import push
from tests.query import unions
from tests.sync.fakes import Memory

TRAINING = """
import sys, time, runstore
run = runstore.start_run("e", run_id="r", workspace=sys.argv[1], params={"lr": 0.1})
for step in range(int(sys.argv[2])):
    run.log("loss", step / 7, step=step)
    if step % 50 == 0:
        time.sleep(0.02)
    if step == 100:
        print("begun", flush=True)
run.complete()
"""


def training(ws: runstore.Workspace, steps: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINING, str(ws.path), str(steps)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "begun\n"
    return process


def count(ws: runstore.Workspace) -> int:
    ((found,),) = ws.sql("select count(*) from metrics").fetchall()
    return int(found)


@pytest.mark.slow
def test_points_of_a_run_that_goes_on_travel_each_time(tmp_path: Path) -> None:
    ws, remote, other = runstore.Workspace(tmp_path / "ws"), Memory(), runstore.Workspace(tmp_path / "other")
    seen: list[int] = []
    with training(ws, 20_000) as process:
        while process.poll() is None and len(seen) < 3:
            before = count(ws)
            assert push(ws.path, remote).failed == {}
            pull(other.path, remote)
            assert count(other) >= before
            seen.append(count(other))
        process.wait()
    assert seen == sorted(seen) and len(set(seen)) > 1
    assert push(ws.path, remote).partial == {}
    pull(other.path, remote)
    assert unions.answers(other) == unions.answers(ws) and count(other) == 20_000


def test_a_writer_that_was_stopped_keeps_its_tail_for_the_next_push(tmp_path: Path) -> None:
    if not hasattr(signal, "SIGSTOP"):
        return
    ws, remote, other = runstore.Workspace(tmp_path / "ws"), Memory(), runstore.Workspace(tmp_path / "other")
    with training(ws, 2_000) as process:
        os.kill(process.pid, signal.SIGSTOP)
        try:
            done = push(ws.path, remote)
            assert "journal" in done.partial["r"] and done.failed == {}
        finally:
            os.kill(process.pid, signal.SIGCONT)
        process.wait()
    assert push(ws.path, remote).partial == {}
    pull(other.path, remote)
    assert count(other) == 2_000


def test_points_of_a_writer_that_was_killed_travel_whole(tmp_path: Path) -> None:
    if not CAN.proc:
        return  # there is no proof of its death
    ws, remote, other = runstore.Workspace(tmp_path / "ws"), Memory(), runstore.Workspace(tmp_path / "other")
    with training(ws, 200_000) as process:
        process.kill()
        process.wait()
    assert push(ws.path, remote).ok == ["r"]
    pull(other.path, remote)
    assert count(other) == count(ws) >= 100
    assert other.sql("select status, error from runs").fetchall() == ws.sql("select status, error from runs").fetchall()


def test_three_laptops_push_at_once_while_one_still_logs(tmp_path: Path) -> None:
    remote = Memory()
    laptops = [runstore.Workspace(tmp_path / f"laptop{number}") for number in range(3)]
    for number, ws in enumerate(laptops):
        unions.logged(ws, f"of{number}", number)
        unions.logged(ws, "shared", number)  # the same name in all: three openers of one attempt
    with training(laptops[0], 5_000) as process:
        for _ in range(3):
            for ws in laptops:
                assert push(ws.path, remote).failed == {}
                pull(ws.path, remote)
        process.wait()
    for ws in (*laptops, *laptops):
        push(ws.path, remote)
        pull(ws.path, remote)
    first, *others = map(unions.answers, laptops)
    assert all(one == first for one in others) and count(laptops[1]) == 5_000 + 3 * 6
