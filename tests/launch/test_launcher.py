"""A launcher begins the run it is named, or has nothing to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import runstore
from runstore.launch import handover, launcher
from runstore.launch import job as jobs
from tests.launch.lab import Lab


@pytest.fixture
def queued(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> runstore.Run:
    with monkeypatch.context() as patched:
        patched.setattr(handover, "start", lambda launcher, queued: "")
        return lab.submit("print('here'); sys.exit(len(sys.argv) - 1)")


def launched(lab: Lab, run_id: str, *options: str) -> subprocess.CompletedProcess[str]:
    queued = handover.Queued(lab.workspace.path, run_id, "lab")
    return subprocess.run([*queued.command, *options], env=queued.environment, capture_output=True, text=True)


def test_a_queued_run_is_carried_out(lab: Lab, queued: runstore.Run) -> None:
    done = launched(lab, queued.id)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert queued.status == "Completed" and lab.log(queued) == "here\n"


def test_a_run_that_is_begun_is_not_running_before_its_script_is(lab: Lab, queued: runstore.Run) -> None:
    begin = (
        "import sys; from pathlib import Path; from runstore.launch import launcher; from runstore.runs import state; "
        "begun = launcher._begin(Path(sys.argv[1]), sys.argv[2]); print(state.fold(begun.run.path).status)"
    )
    told = subprocess.run(
        [sys.executable, "-c", begin, str(lab.workspace.path), queued.id], capture_output=True, text=True
    )  # fmt: skip
    assert (told.stdout, told.stderr) == ("Preparing\n", "")


def test_its_exit_code_says_whether_the_run_ended_well(lab: Lab, queued: runstore.Run) -> None:
    job = jobs.read(queued.path)
    assert job is not None and job.config is not None
    jobs.write(queued.path, jobs.Job(job.experiment, {**job.config, "arguments": ["fail"]}))
    assert launched(lab, queued.id).returncode == 1
    assert queued.error == "exit code 1"


def test_a_run_that_was_canceled_before_is_not_begun(lab: Lab, queued: runstore.Run) -> None:
    queued.cancel()
    done = launched(lab, queued.id, launcher.DETACH)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert queued.status == "Canceled" and jobs.read(queued.path) is None
    assert not any(writer.opener for writer in queued._folded().writers)


def test_of_two_launchers_one_carries_it_out(lab: Lab, queued: runstore.Run) -> None:
    asked = handover.Queued(lab.workspace.path, queued.id, "lab")
    both = [subprocess.Popen(asked.command, env=asked.environment, stderr=subprocess.PIPE) for _ in range(2)]
    for one in both:
        _, said = one.communicate()
        assert (one.returncode, said) == (0, b"")
    assert lab.log(queued) == "here\n"
    assert len(queued._folded().attempts) == 1


def test_detached_it_says_one_word_and_nothing_more(lab: Lab, queued: runstore.Run) -> None:
    done = launched(lab, queued.id, launcher.DETACH)
    assert (done.stdout, done.stderr) == ("launched\n", "")


def test_a_run_that_is_not_there_is_told_in_one_line(lab: Lab) -> None:
    done = launched(lab, "nobody")
    assert done.returncode == 1 and done.stderr.startswith("runstore: no run nobody in ")
    assert done.stderr.count("\n") == 1


def test_a_damaged_job_is_told_in_one_line(lab: Lab, queued: runstore.Run) -> None:
    (queued.path / "job.json").write_bytes(b"{}\n")
    done = launched(lab, queued.id)
    assert done.returncode == 1 and "checksum" in done.stderr and done.stderr.count("\n") == 1


def test_without_a_run_it_says_how_it_is_called() -> None:
    done = subprocess.run([sys.executable, "-m", launcher.__name__], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("usage: ")


def test_a_workspace_that_cant_be_written_is_told(lab: Lab, queued: runstore.Run) -> None:
    if os.name == "nt" or os.getuid() == 0:
        return  # to root everything is writable
    queued.path.chmod(0o500)
    done = launched(lab, queued.id)
    queued.path.chmod(0o700)
    assert done.returncode == 1 and "not writable" in done.stderr


def test_neither_duckdb_nor_pyarrow_is_loaded_before_the_script_runs(tmp_path: Path) -> None:
    program = (
        "import sys, runstore.launch.launcher, runstore.launch.execution, runstore.launch.environments,"
        "runstore.launch.handover.nodes, runstore.query.snapshots;"
        "sys.exit(bool({'duckdb', 'pyarrow', 'numpy', 'click', 'yaml', 'optuna'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=tmp_path).returncode == 0
