"""A run that is started again is joined while it lives, and resumed as its next attempt when it doesn't."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from runstore.disk import lock
from runstore.disk.capabilities import CAN
from runstore.errors import RunNotFound, StoreError
from runstore.format import names
from runstore.runs import attempts, state
from runstore.runs.experiment import Experiment
from runstore.runs.workspace import Workspace


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    return Workspace(tmp_path / "w").experiment("e")


def test_a_new_id_opens_attempt_one(experiment: Experiment) -> None:
    run = experiment.start_logging(run_id="r")
    assert (run.path / names.facts(1)).exists()
    run.complete()


def test_a_live_run_is_joined_by_one_more_writer(experiment: Experiment) -> None:
    run = experiment.start_logging(run_id="r")
    other = experiment.start_logging(run_id="r")
    other.log("a", 1.0, step=0)
    run.log("a", 2.0, step=0)
    folded = state.fold(run.path)
    assert (len(folded.attempts), len(folded.writers)) == (1, 2)
    other.complete()
    assert run.status == "Running"
    run.complete()
    assert run.status == "Completed"


def test_the_end_of_a_joined_writer_never_ends_the_run(experiment: Experiment) -> None:
    run = experiment.start_logging(run_id="r")
    joined = experiment.start_logging(run_id="r")
    joined.fail("rank 1 broke")
    assert run.status == "Running"
    run.complete()
    folded = state.fold(run.path)
    assert folded.status == "Completed"
    assert sorted(writer.state for writer in folded.writers) == ["Completed", "Failed"]


def test_an_ended_run_is_resumed_as_the_next_attempt(experiment: Experiment) -> None:
    experiment.start_logging(run_id="r", params={"lr": 1}).fail("first")
    again = experiment.start_logging(run_id="r", params={"lr": 2})
    assert again.status == "Running"
    again.complete()
    folded = state.fold(again.path)
    assert [attempt.number for attempt in folded.attempts] == [1, 2]
    assert folded.status == "Completed"


def test_a_dead_run_is_resumed_as_the_next_attempt(experiment: Experiment) -> None:
    pid = os.fork()
    if pid == 0:
        experiment.start_logging(run_id="r").log("a", 1.0, step=0)
        os._exit(0)  # as if killed: nothing gets a chance to end
    os.waitpid(pid, 0)
    for entry in os.scandir(experiment.workspace.path / names.run_dir("r")):
        if entry.name.endswith(".lock"):
            os.utime(entry.path, (1, 1))  # where nothing proves the death, silence has to do
    run = experiment.start_logging(run_id="r")
    run.complete()
    assert [attempt.number for attempt in state.fold(run.path).attempts] == [1, 2]


def test_a_given_attempt_is_entered_whatever_lives(experiment: Experiment) -> None:
    run = experiment.start_logging(run_id="r")
    second = experiment.start_logging(run_id="r", attempt=2)
    third = experiment.start_logging(run_id="r", attempt=2)
    assert sorted(w.attempt for w in state.fold(run.path).writers) == [1, 2, 2]
    for one in (third, second, run):
        one.complete()


def test_a_run_stays_in_its_experiment(experiment: Experiment) -> None:
    experiment.start_logging(run_id="r").complete()
    with pytest.raises(StoreError, match="in experiment 'e'"):
        experiment.workspace.experiment("other").start_logging(run_id="r")


def test_a_missing_run_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound, match="runstore runs"):
        attempts.existing(tmp_path / "none", "r")


def test_a_claim_without_a_first_line_does_not_block_for_ever(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "_CLAIM_SECONDS", 0.05)
    directory = experiment.workspace.path / names.run_dir("r")
    directory.mkdir(parents=True)
    (directory / names.facts(1)).write_bytes(b"")
    run = experiment.start_logging(run_id="r")
    run.log("a", 1.0, step=0)
    run.complete()
    assert run.status == "Completed"


def test_a_claim_that_a_busy_disk_holds_up_is_waited_for(experiment: Experiment, tmp_path: Path) -> None:
    elsewhere = Workspace(tmp_path / "elsewhere").experiment("e").start_logging(run_id="r")
    directory = experiment.workspace.path / names.run_dir("r")
    directory.mkdir(parents=True)
    claimed = directory / names.facts(1)
    claimed.write_bytes(b"")
    disk = threading.Timer(3, claimed.write_bytes, (elsewhere.path.joinpath(claimed.name).read_bytes(),))
    disk.start()
    run = experiment.start_logging(run_id="r")
    disk.join()
    assert run._writer is not None and run._writer.identity.attempt == 1
    for one in (run, elsewhere):
        one.complete()


def test_who_comes_before_the_openers_lock_is_made_joins_it(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "verdict", lambda identity, path: "unknown")
    joined = []

    class Slow(lock.Liveness):
        def __init__(self, path: Path) -> None:
            monkeypatch.setattr(lock, "Liveness", self.__class__.__base__)
            joined.append(experiment.start_logging(run_id="r"))
            super().__init__(path)

    monkeypatch.setattr(lock, "Liveness", Slow)
    run = experiment.start_logging(run_id="r")
    assert [one._writer.identity.attempt for one in (run, *joined) if one._writer] == [1, 1]
    for one in (*joined, run):
        one.complete()


def _queued(experiment: Experiment, **start: object) -> Path:
    """A run that was written down for somebody else to begin."""
    run = experiment.workspace.run_class(experiment, "r")
    run._open({"queued": True, "rank": None, "user": "", "name": "n", "type": "script", **start}, 1, opener=False)
    run._record("definition", {"script": "train.py"})
    run._end(state.QUEUED, None, explicit=False)
    return run.path


def test_a_queued_run_waits_and_says_what_it_will_be(experiment: Experiment) -> None:
    folded = state.fold(_queued(experiment))
    assert (folded.status, folded.ended, folded.name, folded.type) == ("Queued", None, "n", "script")
    assert folded.definition == {"script": "train.py"}


def test_who_opens_a_queued_run_begins_its_first_attempt(experiment: Experiment) -> None:
    path = _queued(experiment)
    run = experiment.start_logging(run_id="r")
    assert run._writer is not None and run._writer.identity[2:4] == (1, True)
    other = experiment.start_logging(run_id="r")
    assert other._writer is not None and other._writer.identity[2:4] == (1, False)
    other.complete()
    run.complete()
    folded = state.fold(path)
    assert (folded.status, folded.name, len(folded.attempts)) == ("Completed", "n", 1)


def test_a_queued_run_that_was_canceled_is_resumed_as_the_next_attempt(experiment: Experiment) -> None:
    path = _queued(experiment)
    experiment.workspace.run_class(experiment, "r").cancel()
    assert state.fold(path).status == "Canceled"
    again = experiment.start_logging(run_id="r")
    assert again._writer is not None and again._writer.identity[2:4] == (2, True)
    again.complete()


def test_a_live_openers_phase_is_the_status_until_it_ends(experiment: Experiment) -> None:
    run = experiment.start_logging(run_id="r")
    joined = experiment.start_logging(run_id="r")
    for phase in ("Preparing", "Finalizing"):
        run._phase(phase)
        joined._phase("Starting")  # of a writer that is not the opener it says nothing
        assert run.status == phase
    joined.complete()
    run.complete()
    assert run.status == "Completed"


def ended(experiment: Experiment, rank: int | None) -> tuple[list[int], int]:
    """Start and complete a writer of a run; give the numbers of its attempts and how many writers the newest has."""
    run = experiment.start_logging(run_id="r", rank=rank)
    run.complete()
    folded = state.fold(run.path)
    numbers = [attempt.number for attempt in folded.attempts]
    return numbers, sum(writer.attempt == numbers[-1] for writer in folded.writers)


def test_a_rank_that_has_not_written_yet_joins_an_ended_attempt(experiment: Experiment) -> None:
    assert [ended(experiment, rank) for rank in (0, 2, 1)] == [([1], 1), ([1], 2), ([1], 3)]


def test_a_rank_that_comes_again_resumes_the_run_and_the_others_follow_it(experiment: Experiment) -> None:
    for rank in (0, 1):
        ended(experiment, rank)
    assert ended(experiment, 1) == ([1, 2], 1)
    assert ended(experiment, 0) == ([1, 2], 2)
    assert ended(experiment, 0) == ([1, 2, 3], 1)


def test_a_process_without_a_rank_is_rank_zero_and_resumes_what_has_ended(experiment: Experiment) -> None:
    assert ended(experiment, None) == ([1], 1)
    assert ended(experiment, 1) == ([1], 2)
    assert ended(experiment, 0) == ([1, 2], 1)
    assert ended(experiment, None) == ([1, 2, 3], 1)


def test_ranks_resume_together_what_a_process_without_a_rank_did_not_end(experiment: Experiment) -> None:
    program = "import os, sys; from runstore.runs.workspace import Workspace; "
    program += "Workspace(sys.argv[1]).experiment('e').start_logging(run_id='r'); os._exit(0)"
    subprocess.run([sys.executable, "-c", program, str(experiment.workspace.path)], check=True)
    for writer in (experiment.workspace.path / names.run_dir("r")).glob("*.lock"):
        os.utime(writer, (0, 0))  # where nothing proves the death, the silence tells it
    assert ended(experiment, 3) == ([1, 2], 1)


def test_a_rank_that_comes_late_does_not_change_how_the_run_ended(experiment: Experiment) -> None:
    experiment.start_logging(run_id="r", rank=0).fail("boom")
    late = experiment.start_logging(run_id="r", rank=1)
    assert late.status == "Failed"
    late.complete()
    assert (late.status, len(state.fold(late.path).attempts)) == ("Failed", 1)


def test_a_claim_whose_process_died_is_no_attempt_to_join(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "_CLAIM_SECONDS", 0.05)
    directory = experiment.workspace.path / names.run_dir("r")
    directory.mkdir(parents=True)
    (directory / names.facts(1)).write_bytes(b"")
    assert ended(experiment, 3) == ([2], 1)


BECOMES_ANOTHER = """
import os, sys
from runstore.runs.workspace import Workspace
run = Workspace(sys.argv[1]).experiment("e").start_logging(run_id="r")
run.log("loss", 1.0)
if len(sys.argv) == 2:
    os.execv(sys.executable, [*sys.orig_argv, "again"])
run.complete()
print("completed", flush=True)
sys.stdin.readline()
"""


def test_a_program_that_replaced_the_writer_of_a_run_resumes_it(tmp_path: Path) -> None:
    directory = tmp_path / "w" / names.run_dir("r")
    process = subprocess.Popen(
        [sys.executable, "-c", BECOMES_ANOTHER, str(tmp_path / "w")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "completed\n"
    folded = state.fold(directory)
    assert (folded.status, len(folded.attempts), {writer.pid for writer in folded.writers}) == (
        "Completed", 2, {process.pid},
    )  # fmt: skip
    if CAN.proc:
        assert [(writer.state, writer.error) for writer in folded.writers] == [
            ("Failed", state.VANISHED), ("Completed", None),
        ]  # fmt: skip
    process.communicate("\n")
    folded = state.fold(directory)
    assert (folded.status, folded.points, process.returncode) == ("Completed", 2, 0)
