"""Sending again and again: what comes is sent, trouble is said once, a signal ends it with what is on its way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import runstore
from runstore.errors import Refused, Unreachable
from runstore.sync import pull, push, remotes, sending, watching
from tests.cli import scenes
from tests.cli.afar import Afar, afar, failing
from tests.cli.conftest import Call

__all__ = ["afar"]


@pytest.fixture
def team(ws: runstore.Workspace, call: Call, afar: Afar, monkeypatch: pytest.MonkeyPatch) -> Afar:
    """A remote ``team``; turns follow each other at once."""
    call("remote", "add", "team", "s3://b")
    monkeypatch.setattr(watching, "EVERY", 0.0)
    monkeypatch.setattr(watching, "POLL", 0.001)
    monkeypatch.setattr(watching, "SHARE", 0.0)
    monkeypatch.setattr(push, "retry", lambda call, patience: call())
    return afar


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``turns(a, b)``: what happens before each turn; after the last of them somebody ends it."""

    def one(*steps: Callable[[], object]) -> None:
        left, send = list(steps), sending.send

        def sent(*given: object) -> object:
            if left:
                left.pop(0)()
            if not left:
                os.kill(os.getpid(), signal.SIGTERM)
            return send(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(sending, "send", sent)

    return one


def nothing() -> None:
    pass


def test_what_comes_is_sent_until_a_signal_ends_it(
    ws: runstore.Workspace, team: Afar, call: Call, turns: Callable[..., None]
) -> None:
    turns(lambda: scenes.finished(ws, run_id="r0"), nothing, lambda: scenes.finished(ws, run_id="r1"), nothing, nothing)
    before = signal.getsignal(signal.SIGTERM)
    done = call("sync", "--watch")
    assert done.exit_code == 0
    assert [line.partition(";")[0] for line in done.stdout.splitlines()] == ["team: 1 run", "team: 1 run"]
    assert "ending after what is on its way" in done.stderr
    assert {piece.run_id for piece in team.at("s3://b").log} - {""} == {"r0", "r1"}
    assert signal.getsignal(signal.SIGTERM) is before


def test_programs_get_a_line_for_each_turn_that_sent_something(
    ws: runstore.Workspace, team: Afar, call: Call, turns: Callable[..., None]
) -> None:
    turns(lambda: scenes.finished(ws), nothing, lambda: scenes.finished(ws), nothing)
    lines = [json.loads(line) for line in call("sync", "--watch", "--json").stdout.splitlines()]
    assert [one["runs"]["ok"] for one in lines] == [1, 1]


def test_a_remote_that_goes_away_and_comes_back_is_said_once_each(
    ws: runstore.Workspace, team: Afar, call: Call, turns: Callable[..., None]
) -> None:
    away, back = lambda: team.down.add("s3://b"), team.down.clear
    turns(lambda: scenes.finished(ws), nothing, lambda: (away(), scenes.finished(ws)), nothing, nothing, back, nothing)
    team.at("s3://b").fault = lambda what: failing("pieces", Unreachable("gone"))(what) if team.down else None
    done = call("sync", "--watch")
    assert done.exit_code == 0
    assert [line.split(": ", 1)[1] for line in done.stderr.splitlines()][:2] == [
        "team: s3://b: nobody answers; it is tried again and again", "team: goes well again",
    ]  # fmt: skip


def test_ending_in_trouble_is_exit_code_1(
    ws: runstore.Workspace, team: Afar, call: Call, turns: Callable[..., None]
) -> None:
    scenes.finished(ws)
    team.at("s3://b").fault = failing("commit", Refused("the quota is used up"))
    turns(nothing, nothing)
    done = call("sync", "--watch")
    assert (done.exit_code, "the quota is used up" in done.stderr + done.stdout) == (1, True)


def test_bytes_on_their_way_are_ended_and_the_rest_waits_for_the_next_sync(
    ws: runstore.Workspace, team: Afar, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "BYTES", 1)  # a batch for each run
    for number in range(4):
        scenes.finished(ws, run_id=f"r{number}")
    puts: list[str] = []

    def fault(what: str) -> None:
        puts.append(what)
        if what == "has committed":
            os.kill(os.getpid(), signal.SIGINT)

    team.at("s3://b").fault = fault
    done = call("sync", "--watch")
    first = {piece.run_id for piece in team.at("s3://b").log} - {""}
    team.at("s3://b").fault = lambda what: None
    call("sync")
    assert (done.exit_code, len(first) < 4) == (0, True)
    assert len({piece.run_id for piece in team.at("s3://b").log} - {""}) == 4


LIVE = """
import sys, time, runstore
run = runstore.start_run("mnist", run_id="live", workspace=sys.argv[1])
print("logs", flush=True)
step = 0
while True:
    run.log("loss", 1 / (step + 1), step=step)
    step += 1
    time.sleep(0.01)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_run_that_goes_on_is_followed_by_a_process_until_a_signal_ends_that(
    ws: runstore.Workspace, tmp_path: Path, number: signal.Signals
) -> None:
    lake = str(tmp_path / "lake")
    remotes.add(ws.path, "lake", lake, probe=False)
    with (
        subprocess.Popen([sys.executable, "-c", LIVE, str(ws.path)], stdout=subprocess.PIPE, text=True) as logging,
        subprocess.Popen(
            [sys.executable, "-m", "runstore", "sync", "--watch", "--json", "-w", str(ws.path)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as watching,
    ):  # fmt: skip
        assert logging.stdout is not None and logging.stdout.readline() == "logs\n"
        assert watching.stdout is not None
        sizes = [json.loads(watching.stdout.readline())["sent_bytes"] for _ in range(2)]
        watching.send_signal(number)
        said = watching.communicate(timeout=120)[1]
        logging.kill()
    assert (watching.returncode, min(sizes) > 0) == (0, True)
    assert "ending after what is on its way" in said
    other = runstore.Workspace(tmp_path / "other")
    remotes.add(other.path, "lake", lake, probe=False)
    pull.pull(other.path, remotes.opened(other.path))
    steps = [step for (step,) in other.sql("select step from metrics where name = 'loss' order by step").fetchall()]
    assert steps == list(range(len(steps))) != []
