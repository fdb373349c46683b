"""A run is handed over as a Ray job."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import runstore
from runstore.errors import LaunchError
from runstore.launch import handover
from runstore.launch.config import ScriptRunConfig
from runstore.launch.handover import Queued, ray
from tests.launch.handover import ray_cluster


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in is the ``ray`` on PATH; gives the file in which its calls are."""
    directory = ray_cluster.stand_in(tmp_path / "stand-in")
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")
    return directory.parent / "calls.jsonl"


@pytest.fixture(scope="module")
def head() -> Iterator[dict[str, str] | None]:
    """The environment in which a head lets one in; None without a Ray."""
    if ray_cluster.real():
        # not below the tests' own directory: the paths of sockets are short
        with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp") as place, ray_cluster.head(Path(place)) as let_in:
            yield let_in
    else:
        yield None


@pytest.fixture
def cluster(head: dict[str, str] | None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real head where there can be one, else the stand-in."""
    if head is None:
        request.getfixturevalue("calls")
    else:
        for name, value in head.items():
            monkeypatch.setenv(name, value)


def test_a_submitted_script_runs_as_a_ray_job(cluster: None, workspace: Path, tmp_path: Path) -> None:
    source = tmp_path / "it's a source"
    source.mkdir()
    (source / "train.py").write_text("import runstore, sys\nrunstore.start_run('x').log('loss', float(sys.argv[1]))\n")
    experiment = runstore.Experiment(runstore.Workspace(workspace), "exp")
    run = experiment.submit(
        ScriptRunConfig(str(source), "train.py", arguments=["0.25"]), launcher="ray",
        launcher_options={"entrypoint_num_cpus": 1},
    )  # fmt: skip
    assert run.wait_for_completion()["status"] == "Completed"
    assert run.get_metrics() == {"loss": 0.25}
    properties = run.get_properties()
    assert properties["runstore.scheduler"] == "ray"
    assert properties["runstore.scheduler_job"].startswith(run.id)


def test_what_ray_refuses_fails_the_run_with_what_it_said(cluster: None, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "train.py").write_text("")
    experiment = runstore.Experiment(runstore.Workspace(workspace), "exp")
    with pytest.raises(LaunchError, match=r"'ray' ended with exit code \d: .*[Nn]o such option.*nonsense"):
        experiment.submit(
            ScriptRunConfig(str(tmp_path / "source"), "train.py"), launcher="ray", launcher_options={"nonsense": "1"}
        )
    (run,) = experiment.get_runs()
    assert run.status == "Failed"
    assert "nonsense" in (run._folded().error or "")


def test_options_become_those_of_the_command_and_the_launchers_words_stay_words(calls: Path) -> None:
    queued = Queued(Path("/no such place/it's"), "a b/ü", "exp", 1, {"entrypoint_num_cpus": 2, "address": "http://x"})
    job = ray.start("ray", queued)
    (called,) = [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
    assert called[:3] == ["job", "submit", "--no-wait"]
    assert called[3:6] == [f"--submission-id={job}", "--entrypoint-num-cpus=2", "--address=http://x"]
    assert called[6:] == ["--", *queued.command]
    assert job.startswith("a-b---")


def test_a_run_that_is_handed_over_again_is_another_job(calls: Path) -> None:
    queued = Queued(Path("/no-such-place"), "r", "exp")
    assert ray.start("ray", queued) != ray.start("ray", queued)


def test_without_the_command_nothing_is_queued(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LaunchError, match=r"pip install 'ray\[default\]'"):
        handover.check("ray")


def test_the_cause_that_ends_a_long_trace_is_told_without_colours() -> None:
    said = b"\x1b[31mTraceback\x1b[0m\n" + b"  File x\n" * 200 + b"ValueError: taken\n.\n"
    assert ray._reason(said).endswith("File x; ValueError: taken")
    assert len(ray._reason(said)) < 500
