"""A script in a container, from its start to its end; `docker` is the stand-in, which runs it on this machine."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from runstore.errors import LaunchError
from runstore.launch.config import Docker, Environment
from tests.launch.docker_stand_in import StandIn
from tests.launch.lab import Lab
from tests.launch.scripts import SLEEP, lives, pid, until

IMAGE = Environment("mine", docker=Docker(image="python:3.11"))


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = StandIn(tmp_path / "docker")
    monkeypatch.setenv("PATH", f"{made.bin}{os.pathsep}{os.environ['PATH']}")
    return made


def test_a_script_in_a_container_logs_into_its_run_and_leaves_its_outputs(lab: Lab, docker: StandIn) -> None:
    script = """
        import runstore
        runstore.start_run('x').log('loss', 0.5)
        pathlib.Path('outputs/model').write_text('weights')
        print('printed')
    """
    run = lab.run(script, environment=IMAGE)
    assert run.status == "Completed", run.error
    assert run.get_metrics() == {"loss": 0.5}
    assert (lab.log(run), run.read_file("outputs/model")) == ("printed\n", b"weights")
    assert docker.alive() == []


def test_how_the_image_came_is_a_log_of_its_own(lab: Lab, docker: StandIn) -> None:
    run = lab.run("pass", environment=IMAGE)
    assert "python:3.11" in lab.log(run, "azureml-logs/20_image_build_log.txt")


def test_cancel_ends_the_container(lab: Lab, docker: StandIn) -> None:
    run = lab.submit("born(str(out / 'it')); " + SLEEP, environment=IMAGE)
    script = pid(lab.out / "it")
    run.cancel()
    assert not lives(script) and docker.alive() == []


def test_a_launcher_that_is_killed_leaves_no_container(lab: Lab, docker: StandIn) -> None:
    run = lab.submit("born(str(out / 'it')); " + SLEEP, environment=IMAGE)
    script = pid(lab.out / "it")
    until(lambda: run.status == "Running")
    os.kill(lab.launcher(run), signal.SIGKILL)
    until(lambda: not lives(script))
    until(lambda: docker.alive() == [])


def test_without_docker_nothing_is_queued(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(lab.out))
    with pytest.raises(LaunchError, match="docker"):
        lab.submit("pass", environment=IMAGE)
    assert list(lab.experiment.get_runs()) == []
