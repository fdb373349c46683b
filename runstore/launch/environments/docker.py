"""A container for each process, through the docker CLI: the run's directories are mounted where they are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runstore.errors import LaunchError
from runstore.format import names
from runstore.launch.config import PYTHON, Docker, Environment
from runstore.launch.environments import images, links, own, requirements, tools
from runstore.launch.environments.prepared import Prepared, joined
from runstore.launch.environments.tools import Say, Stop

_RANKS = (
    "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "NODE_RANK", "MASTER_ADDR", "MASTER_PORT",
    "RUNSTORE_LAUNCH",
)  # fmt: skip
"""Variables that whoever starts the process may add: where they are not set, docker passes none."""

_BY_VALUE = {"HOME": "/tmp", "PATH": ""}  # would mean something to the docker CLI itself; "": only where it is given
_STOPPING = 30.0  # seconds docker has to end a container


def client(environment: Environment) -> str:
    """The docker CLI, whose daemon answers.

    Raises:
        LaunchError: it is not there, or its daemon does not answer.
    """
    wants = f"environment {environment.name!r} is to run in a container"
    found = shutil.which("docker") if os.name != "nt" else None
    if found is None:
        where = "no docker command on PATH" if os.name != "nt" else "no such containers on Windows: submit inside WSL"
        raise LaunchError(f"{wants}, and there is {where}; install Docker, or use an environment without it")
    done = tools.ask([found, "version", "--format", "{{.Server.Version}}"])
    if done.code != 0:
        raise LaunchError(f"{wants}, and docker's daemon does not answer ({done.last}); start it")
    return os.path.abspath(found)


def check(environment: Environment) -> None:
    """Find out all that can be known without pulling or building.

    Raises:
        LaunchError: no docker, no daemon, no image to start from, or a requirement that is none.
    """
    client(environment)
    asked = environment.docker or Docker()
    if not environment.user_managed:
        requirements.wanted(environment)
    if not asked.dockerfile:
        images.reference(environment)


def realise(environment: Environment, directory: Path, say: Say, stop: Stop, run_id: str) -> Container:
    """Have the image, and know how to start containers from it.

    Raises:
        LaunchError: docker is not there, or the image can't be pulled or built.
        Stopped: ``stop`` said so.
    """
    docker = client(environment)
    image = images.obtain(docker, environment, directory, say, stop)
    rootless = "rootless" in tools.ask([docker, "info", "--format", "{{.SecurityOptions}}"]).last
    say(f"image {image}")
    return Container(
        environment.interpreter,
        links.link(),
        docker=docker,
        image=image,
        directory=directory,
        asked=environment.docker or Docker(),
        name=f"runstore-{names.run_dir(run_id)[-8:]}",
        user=_user(rootless),
    )


def _user(rootless: bool) -> list[str]:
    """Who is in the container whom the files it writes belong to; without root's rights docker's root is the user."""
    if rootless or not hasattr(os, "getuid"):
        return []
    return ["--user", f"{os.getuid()}:{os.getgid()}"]


@dataclass
class Container(Prepared):
    """Starts each process in a container of its own; ``started`` are the names of those."""

    docker: str = "docker"
    image: str = ""
    directory: Path = field(default_factory=Path)
    asked: Docker = field(default_factory=Docker)
    name: str = "runstore"
    user: list[str] = field(default_factory=list)
    started: list[str] = field(default_factory=list)

    def start(self, argv: list[str], variables: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
        """``docker run`` of a command, and the variables that the docker CLI passes on by their names.

        Raises:
            LaunchError: docker can't mount a directory of that name.
        """
        self.started.append(f"{self.name}-{os.urandom(3).hex()}")
        found = dict(variables)
        if self.link:
            found["PYTHONPATH"] = joined(self.link, variables.get("PYTHONPATH", ""))
        inside = [self.python, *argv[1:]] if argv[0] == PYTHON else argv
        options = ["--rm", "--init", "--name", self.started[-1], *self.user, "--shm-size", self.asked.shm_size]
        network = ["--network", "host"] if variables.get("WORLD_SIZE", "1") != "1" else []  # ranks find each other
        known = [*self._mounts(variables), "--workdir", str(self.directory), *_passed(found), *network]
        command = [self.docker, "run", *options, *known, *self.asked.arguments, self.image, *inside]
        return command, {name: value for name, value in found.items() if name not in _BY_VALUE}

    def _mounts(self, variables: Mapping[str, str]) -> list[str]:
        workspace = variables.get("RUNSTORE_DIR")
        places = [f"{place}:{place}" for place in (str(self.directory), workspace) if place]
        if self.link:
            places.append(f"{own.package()}:{self.link / 'runstore'}:ro")
        if odd := [place for place in places if place.removesuffix(":ro").count(":") != 1]:
            raise LaunchError(f"{odd[0]}: docker can't mount a directory with a colon in its name; move it")
        return [word for place in places for word in ("--volume", place)]

    def stop(self) -> None:
        """End every container that was started; those that have ended by themselves are gone."""
        for command in self.stop_commands():
            tools.ask(command, seconds=_STOPPING)

    def stop_commands(self) -> list[list[str]]:
        """What ends them: by force, and also one that is only being made."""
        return [[self.docker, "rm", "--force", name] for name in self.started]


def _passed(variables: Mapping[str, str]) -> list[str]:
    by_name = [name for name in (*variables, *_RANKS) if name not in _BY_VALUE]
    by_value = {name: variables.get(name, usual) for name, usual in _BY_VALUE.items()}
    words = [*dict.fromkeys(by_name), *(f"{name}={value}" for name, value in by_value.items() if value)]
    return [word for given in words for word in ("--env", given)]
