"""A run watched until it ends: its preparation beside what it prints, its end as a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest

import runstore
from runstore.cli import logs, watch
from runstore.cli.progress import Spinner
from runstore.errors import RunFailed

PRINTED = "user_logs/std_log.txt"
Steps = Callable[..., None]


@pytest.fixture
def run(ws: runstore.Workspace) -> runstore.Run:
    """A run that is being prepared."""
    run = runstore.start_run("mnist", run_id="mnist_1", workspace=ws)
    run._phase("Preparing")
    run.attach_log(logs.BUILT, b"Collecting numpy\nInstalling numpy\n")
    return run


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    """``steps(a, b)``: what happens between two looks, one after another."""

    def one(*calls: Callable[[], object]) -> None:
        waits = iter(calls)
        monkeypatch.setattr(logs, "time", SimpleNamespace(sleep=lambda seconds: next(waits)()))

    return one


def test_preparation_goes_to_stderr_and_what_is_printed_to_stdout(
    ws: runstore.Workspace, run: runstore.Run, steps: Steps, capsys: pytest.CaptureFixture[str]
) -> None:
    steps(lambda: run._phase("Running"), lambda: run.attach_log(PRINTED, b"epoch 1\n"), run.complete)
    watch.follow(ws, run, None)
    told = capsys.readouterr()
    assert told.out == "epoch 1\n"
    assert told.err.splitlines()[:2] == ["Collecting numpy", "Installing numpy"]
    assert told.err.splitlines()[2].startswith("run mnist_1 is completed after ")


def test_a_run_that_fails_says_why(ws: runstore.Workspace, run: runstore.Run) -> None:
    run.fail("ValueError: no")
    with pytest.raises(RunFailed, match=r"^run mnist_1 has failed after .*: ValueError: no$"):
        watch.follow(ws, run, None)


def test_a_run_that_is_canceled_is_no_success(ws: runstore.Workspace, run: runstore.Run) -> None:
    run.cancel()
    with pytest.raises(RunFailed, match="run mnist_1 was canceled"):
        watch.follow(ws, run, None)


def test_for_a_program_every_line_and_the_end_are_objects(
    ws: runstore.Workspace, run: runstore.Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run.attach_log(PRINTED, b"epoch 1\n")
    run.complete()
    watch.follow(ws, run, "json")
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told[0]["text"] == "epoch 1"
    assert told[-1] == {"run_id": "mnist_1", "status": "Completed", "error": None}


def test_the_terminal_shows_the_newest_line_of_the_preparation_and_all_of_one_that_failed(
    ws: runstore.Workspace, run: runstore.Run, terminal: Callable[[int], None], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, steps: Steps,
) -> None:  # fmt: skip
    terminal(80)
    shown: list[str] = []
    monkeypatch.setattr(Spinner, "__call__", lambda self, what, word="": shown.append(f"{what}: {word}"))
    steps(lambda: None, lambda: run.fail("no numpy"))
    with pytest.raises(RunFailed, match="no numpy"):
        watch.follow(ws, run, None)
    assert shown[-1] == "preparing: Installing numpy"
    assert capsys.readouterr().err.splitlines() == ["Collecting numpy", "Installing numpy"]
