"""With a stand-in for docker, which runs the command on this machine: no container is made by these tests."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

import runstore
from runstore.errors import LaunchError
from runstore.launch.config import Docker, Environment
from runstore.launch.environments import docker as containers
from runstore.launch.environments import links, tools
from runstore.launch.environments.docker import Container
from tests.launch.docker_stand_in import StandIn

SCRIPT = """
import os, sys, runstore
with runstore.start_run("e") as run:
    run.log("loss", 0.5)
print(os.getcwd(), os.environ.get("TOKEN"), os.environ["HOME"], "ELSEWHERE" in os.environ)
sys.exit(3)
"""


def realise(directory: Path, said: list[str], **known: object) -> Container:
    known.setdefault("image", "x:1")
    environment = Environment("mine", docker=Docker(**known))  # type: ignore[arg-type]
    containers.check(environment)
    return containers.realise(environment, directory, said.append, tools.never, "run 1")


def value(command: list[str], option: str) -> list[str]:
    return [command[at + 1] for at, word in enumerate(command) if word == option]


def wait_for(docker: StandIn, number: int) -> None:
    """Until so many containers run."""
    until = time.monotonic() + 60
    while len(docker.alive()) != number and time.monotonic() < until:
        time.sleep(0.01)
    assert len(docker.alive()) == number


# ---- before anything starts


def test_no_docker_is_found_out_before_anything_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LaunchError, match=r"'mine' is to run in a container, and there is no docker command on PATH"):
        containers.check(Environment("mine", docker=Docker("x")))


def test_so_is_a_daemon_that_does_not_answer(docker: StandIn) -> None:
    docker.set("no_daemon")
    with pytest.raises(LaunchError, match=r"docker's daemon does not answer \(Cannot connect to the Docker daemon"):
        containers.check(Environment("mine", docker=Docker("x")))


def test_so_are_a_missing_image_and_requirements_that_are_none(docker: StandIn) -> None:
    with pytest.raises(LaunchError, match="no image and no Dockerfile"):
        containers.check(Environment("mine", docker=Docker()))
    with pytest.raises(LaunchError, match="is no pip requirement"):
        containers.check(Environment("mine", packages=["a b"], docker=Docker("x")))
    containers.check(Environment("mine", docker=Docker(dockerfile="FROM x")))
    assert [call["argv"][0] for call in docker.calls()] == ["version"] * 3


# ---- the command


def test_a_script_in_a_container_logs_into_the_workspace(docker: StandIn, directory: Path, said: list[str]) -> None:
    prepared = realise(directory, said)
    workspace = directory.parent / "ws"
    runstore.Workspace(workspace)
    (directory / "train.py").write_text(SCRIPT)
    own = {"RUNSTORE_DIR": str(workspace), "TOKEN": "s3cret-word", "RUNSTORE_PROVENANCE": "0", "RUNSTORE_SYSTEM": "0"}

    argv, variables = prepared.start(["python", "train.py"], own)
    around = {**os.environ, **variables, "ELSEWHERE": "1"}
    done = subprocess.run(argv, env=around, capture_output=True, text=True, cwd=directory)

    assert (done.stdout, done.stderr, done.returncode) == (f"{directory} s3cret-word /tmp False\n", "", 3)
    assert runstore.Workspace(workspace).sql("select last.loss from runs").fetchall() == [(0.5,)]
    assert "s3cret-word" not in str(argv)


def test_directories_are_mounted_where_they_are(docker: StandIn, directory: Path, said: list[str]) -> None:
    argv, _ = realise(directory, said).start(["python", "a.py"], {"RUNSTORE_DIR": "/data/ws"})
    link = links.link() / "runstore"
    mounted = [f"{directory}:{directory}", "/data/ws:/data/ws", f"{Path(runstore.__file__).resolve().parent}:{link}:ro"]
    assert value(argv, "--volume") == mounted
    assert value(argv, "--workdir") == [str(directory)]


def test_the_options_of_the_environment_come_last_so_that_they_count(
    docker: StandIn, directory: Path, said: list[str]
) -> None:
    prepared = realise(directory, said, shm_size="8g", arguments=["--gpus", "all"])
    argv, _ = prepared.start(["python", "a.py", "--lr", "1"], {})
    assert argv[:2] == [str(docker.bin / "docker"), "run"]
    assert argv[-7:] == ["--gpus", "all", "x:1", "python", "a.py", "--lr", "1"]
    assert value(argv, "--shm-size") == ["8g"]
    assert {"--rm", "--init"} <= set(argv)


def test_who_writes_the_files_is_the_user(docker: StandIn, directory: Path, said: list[str]) -> None:
    expected = [f"{os.getuid()}:{os.getgid()}"]
    assert value(realise(directory, said).start(["python"], {})[0], "--user") == expected


def test_without_roots_rights_dockers_root_is_the_user(docker: StandIn, directory: Path, said: list[str]) -> None:
    docker.set("rootless")
    assert value(realise(directory, said).start(["python"], {})[0], "--user") == []


def test_variables_are_passed_by_name_and_those_of_ranks_always(
    docker: StandIn, directory: Path, said: list[str]
) -> None:
    argv, variables = realise(directory, said).start(["python"], {"A": "b", "HOME": "/h", "PATH": "/p", "RANK": "0"})
    passed = value(argv, "--env")
    assert {"A", "RANK", "MASTER_ADDR", "PYTHONPATH", "HOME=/h", "PATH=/p"} <= set(passed)
    assert len(passed) == len(set(passed))
    assert (variables["A"], "HOME" in variables, "PATH" in variables) == ("b", False, False)


def test_the_interpreter_of_the_environment_is_one_of_the_image(
    docker: StandIn, directory: Path, said: list[str]
) -> None:
    prepared = realise(directory, said)
    prepared.python = "/opt/conda/bin/python"
    assert prepared.start(["python", "a.py"], {})[0][-2:] == ["/opt/conda/bin/python", "a.py"]
    assert prepared.start(["torchrun", "a.py"], {})[0][-2:] == ["torchrun", "a.py"]


def test_ranks_find_each_other(docker: StandIn, directory: Path, said: list[str]) -> None:
    prepared = realise(directory, said)
    assert value(prepared.start(["python"], {"WORLD_SIZE": "2"})[0], "--network") == ["host"]
    assert value(prepared.start(["python"], {"WORLD_SIZE": "1"})[0], "--network") == []


def test_each_container_has_a_name_of_its_own(docker: StandIn, directory: Path, said: list[str]) -> None:
    prepared = realise(directory, said)
    commands = [prepared.start(["python"], {})[0] for _ in range(3)]
    names = [value(command, "--name")[0] for command in commands]
    assert len(set(names)) == 3
    assert all(name.startswith("runstore-") for name in names)
    assert prepared.stop_commands() == [[prepared.docker, "rm", "--force", name] for name in names]


def test_a_directory_that_docker_can_not_mount_is_said(docker: StandIn, directory: Path, said: list[str]) -> None:
    with pytest.raises(LaunchError, match="colon in its name"):
        realise(directory, said).start(["python"], {"RUNSTORE_DIR": "/data:1/ws"})


# ---- the end


def test_stopping_ends_containers_whose_docker_command_was_killed(
    docker: StandIn, directory: Path, said: list[str]
) -> None:
    prepared = realise(directory, said)
    started = []
    for _ in range(2):
        argv, variables = prepared.start(["python", "-c", "import time; time.sleep(600)"], {})
        started.append(subprocess.Popen(argv, env={**os.environ, **variables}, cwd=directory))
    wait_for(docker, 2)
    for process in started:
        process.kill()
        process.wait()
    assert len(docker.alive()) == 2

    prepared.stop()

    wait_for(docker, 0)
    prepared.stop()  # there is nothing left to end, and that is fine


def test_a_signal_to_the_docker_command_reaches_the_script(docker: StandIn, directory: Path, said: list[str]) -> None:
    argv, variables = realise(directory, said).start(["python", "-c", "import time; time.sleep(600)"], {})
    process = subprocess.Popen(argv, env={**os.environ, **variables}, cwd=directory)
    wait_for(docker, 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM


def test_what_an_image_holds_is_not_known(docker: StandIn, directory: Path, said: list[str]) -> None:
    assert realise(directory, said).packages() == ""
    assert said[-1] == "image x:1"
