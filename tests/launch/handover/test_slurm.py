"""A run is handed over to Slurm: to a real one where its daemons can be had, and what does not need them without."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import runstore
from runstore.errors import LaunchError
from runstore.launch import handover
from runstore.launch.config import ScriptRunConfig
from runstore.launch.handover import Queued, slurm
from tests.launch.handover import slurm_cluster
from tests.launch.scripts import until

RANKS = """
import os, runstore
run = runstore.start_run("x", rank=int(os.environ["RANK"]))
names = ("SLURMD_NODENAME", "RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "NODE_RANK", "MASTER_ADDR")
print(*(os.environ[name] for name in names), flush=True)
run.log("rank", int(os.environ["RANK"]))
"""
WAITS = """
import pathlib, time
print("on", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def daemons() -> Iterator[Path | None]:
    """The configuration of a cluster of two nodes; None where there can be none."""
    if slurm_cluster.possible():
        # not below the tests' own directory: the paths of sockets are short
        with tempfile.TemporaryDirectory(prefix="slurm", dir="/tmp") as place, slurm_cluster.running(Path(place)) as it:
            yield it
    else:
        yield None


@pytest.fixture
def cluster(daemons: Path | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its configuration. Without the daemons, a stand-in for the commands, whose only node this machine is."""
    if daemons is None:
        directory = slurm_cluster.stand_in(tmp_path / "stand-in")
        monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")
        return directory
    monkeypatch.setenv("SLURM_CONF", str(daemons))
    return daemons


def script(tmp_path: Path, text: str, **how: object) -> ScriptRunConfig:
    (tmp_path / "source").mkdir(exist_ok=True)
    (tmp_path / "source" / "train.py").write_text(text, encoding="utf-8")
    return ScriptRunConfig(str(tmp_path / "source"), "train.py", **how)  # type: ignore[arg-type]


@pytest.fixture
def experiment(workspace: Path) -> runstore.Experiment:
    return runstore.Experiment(runstore.Workspace(workspace), "exp")


def test_a_submitted_script_runs_as_a_job_of_slurm(
    cluster: Path, experiment: runstore.Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "7")  # the one who submits may be a rank of something else
    source = script(
        tmp_path,
        "import os, sys, runstore\n"
        "runstore.start_run('x').log('loss', float(sys.argv[1]))\n"
        "print(os.environ.get('RANK'), os.environ['SLURM_JOB_ID'], os.environ['MODULES'])\n",
        arguments=["0.25"],
    )
    options = {"partition": "main", "setup": "export MODULES=loaded", "time": "10"}
    run = experiment.submit(source, launcher="slurm", launcher_options=options)
    assert run.wait_for_completion()["status"] == "Completed"
    assert run.get_metrics() == {"loss": 0.25}
    properties = run.get_properties()
    assert properties["runstore.scheduler"] == "slurm"
    job = properties["runstore.scheduler_job"]
    assert run.read_file("user_logs/std_log.txt").decode() == f"None {job} loaded\n"
    until(lambda: not list((tmp_path / ".cache" / "runstore" / "slurm").iterdir()))  # nothing is left of what was sent


def test_the_exit_code_of_a_script_is_the_runs_own_affair(
    cluster: Path, experiment: runstore.Experiment, tmp_path: Path
) -> None:
    run = experiment.submit(script(tmp_path, "raise ValueError('bad data')"), launcher="slurm")
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Failed"
    assert "ValueError: bad data" in (run._folded().error or "")


def test_what_slurm_refuses_fails_the_run_with_what_it_said(
    cluster: Path, experiment: runstore.Experiment, tmp_path: Path
) -> None:
    with pytest.raises(LaunchError, match=r"launcher 'slurm': .*nowhere"):
        experiment.submit(script(tmp_path, ""), launcher="slurm", launcher_options={"partition": "nowhere"})
    (run,) = experiment.get_runs()
    assert run.status == "Failed"
    assert "nowhere" in (run._folded().error or "")
    assert list((tmp_path / ".cache" / "runstore" / "slurm").iterdir()) == []


def test_a_job_that_waits_is_a_queued_run_and_canceled_it_never_starts(
    cluster: Path, experiment: runstore.Experiment, tmp_path: Path
) -> None:
    run = experiment.submit(script(tmp_path, WAITS), launcher="slurm", launcher_options={"hold": "true"})
    assert run.status == "Queued"
    run.cancel()
    assert run.status == "Canceled"
    slurm_cluster.ask(cluster, "scontrol", "release", run.get_properties()["runstore.scheduler_job"])
    until(lambda: not list((tmp_path / ".cache" / "runstore" / "slurm").iterdir()))  # the launcher came and went
    assert run.status == "Canceled"
    assert [writer.opener for writer in run._folded().writers if writer.opener] == []


def test_a_run_that_slurm_runs_is_canceled_as_any_other(
    cluster: Path, experiment: runstore.Experiment, tmp_path: Path
) -> None:
    run = experiment.submit(script(tmp_path, WAITS), launcher="slurm")
    until(lambda: run.status == "Running")
    run.cancel()
    assert run.status == "Canceled"


def test_a_job_that_slurm_ends_is_a_canceled_run(
    daemons: Path | None, experiment: runstore.Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if daemons is None:
        return
    monkeypatch.setenv("SLURM_CONF", str(daemons))
    run = experiment.submit(script(tmp_path, WAITS), launcher="slurm")
    until(lambda: run.status == "Running")
    slurm_cluster.ask(daemons, "scancel", run.get_properties()["runstore.scheduler_job"])
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Canceled"
    assert "SIGTERM" in (run._folded().error or "")


def test_ranks_on_several_nodes_log_into_the_one_run(
    daemons: Path | None, experiment: runstore.Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if daemons is None:
        return  # the stand-in has one node; test_nodes.py says where ranks go
    monkeypatch.setenv("SLURM_CONF", str(daemons))
    monkeypatch.setenv("RUNSTORE_WORKING_COPIES", str(tmp_path / "shared"))
    run = experiment.submit(script(tmp_path, RANKS, processes=4), launcher="slurm", launcher_options={"nodes": "2"})
    assert run.wait_for_completion()["status"] == "Completed"
    said = [run.read_file(f"user_logs/std_log_process_{rank}.txt").decode().split() for rank in range(4)]
    assert said == [
        ["here", "0", "0", "4", "2", "0", "here"],
        ["here", "1", "1", "4", "2", "0", "here"],
        ["there", "2", "0", "4", "2", "1", "here"],
        ["there", "3", "1", "4", "2", "1", "here"],
    ]
    assert sorted(run.get_metrics()["rank"]) == [0, 1, 2, 3]
    ranks = experiment.workspace.sql("SELECT rank FROM writers WHERE rank IS NOT NULL ORDER BY rank").fetchall()
    assert ranks == [(0,), (1,), (2,), (3,)]


def test_a_rank_that_fails_on_another_node_ends_them_all(
    daemons: Path | None, experiment: runstore.Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if daemons is None:
        return
    monkeypatch.setenv("SLURM_CONF", str(daemons))
    monkeypatch.setenv("RUNSTORE_WORKING_COPIES", str(tmp_path / "shared"))
    text = "import os, time\nif os.environ['RANK'] == '2':\n    raise ValueError('bad data')\ntime.sleep(600)\n"
    run = experiment.submit(script(tmp_path, text, processes=3), launcher="slurm", launcher_options={"nodes": 2})
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Failed"
    assert "process 2: ValueError: bad data" in (run._folded().error or "")


def test_more_nodes_than_processes_are_refused(cluster: Path) -> None:
    with pytest.raises(LaunchError, match="3 nodes for 2 processes: some would have none"):
        handover.check("slurm", {"nodes": "3"}, 2)
    with pytest.raises(LaunchError, match="nodes='many' is no number"):
        handover.check("slurm", {"nodes": "many"}, 2)


def test_several_nodes_need_a_place_that_all_of_them_see(cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNSTORE_WORKING_COPIES", raising=False)
    with pytest.raises(LaunchError, match="RUNSTORE_WORKING_COPIES"):
        handover.check("slurm", {"nodes": 2}, 2)


def test_without_slurm_nothing_is_queued(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LaunchError, match="needs sbatch, which is not on PATH"):
        handover.check("slurm")


def test_a_name_of_several_lines_is_one_line_of_the_job(tmp_path: Path) -> None:
    queued = Queued(tmp_path, "r", "exp\ntouch injected", 4)
    told = slurm._parameters(queued, {"nodes": 2, "exclusive": "true", "cpus-per-task": 3}, tmp_path)
    assert told["job_name"] == "exp touch injected"
    assert told["ntasks_per_node"] == 2
    assert told["additional_parameters"] == {"exclusive": True, "cpus_per_task": 3}
