"""What a script runs in: an interpreter as it is, a virtual environment built for it, or a container.

Each kind is a module, imported where it is asked for: an interpreter that is there costs no more than its look-up.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from runstore.errors import LaunchError
from runstore.launch.config import Environment
from runstore.launch.environments.prepared import Prepared
from runstore.launch.environments.tools import Say, Stop, Stopped, never
from runstore.runs.redact import Redactor

__all__ = ["Prepared", "Stopped", "check", "realise", "settled"]


def check(environment: Environment) -> None:
    """Find out what can be known before anything starts.

    Raises:
        LaunchError: the environment can't be had; it says why.
    """
    try:
        if environment.docker is not None:
            from runstore.launch.environments import docker

            docker.check(environment)
        elif environment.user_managed:
            from runstore.launch.environments import user_managed

            user_managed.check(environment)
        else:
            from runstore.launch.environments import system_managed

            system_managed.check(environment)
    except LaunchError as problem:
        raise LaunchError(_redactor(environment).line(str(problem))) from None


def settled(environment: Environment) -> Environment:
    """The same without what only this process and its current directory know: for a launcher that runs elsewhere.

    Raises:
        LaunchError: the interpreter is not there, or the Dockerfile can't be read.
    """
    if environment.docker is not None:
        from runstore.launch.environments import images

        given = environment.docker.dockerfile
        text = given and images.dockerfile(given, [Path.cwd()])
        return replace(environment, docker=replace(environment.docker, dockerfile=text))
    if not environment.user_managed:
        return replace(environment)
    from runstore.launch.environments import user_managed

    return replace(environment, interpreter=user_managed.interpreter(environment))


def realise(environment: Environment, directory: Path, say: Say, run_id: str, stop: Stop = never) -> Prepared:
    """Have the environment: found, built or pulled.

    Args:
        environment: what is asked for.
        directory: where its processes will run.
        say: gets lines about what is done and the tools' output, without secrets.
        run_id: names containers.
        stop: asked every 0.2 s while something is built or waited for.

    Raises:
        LaunchError: the environment can't be had; it says why.
        Stopped: ``stop`` said so.
    """
    redactor = _redactor(environment)

    def said(line: str) -> None:
        say(redactor.line(line))

    try:
        if environment.docker is not None:
            from runstore.launch.environments import docker

            return docker.realise(environment, directory, said, stop, run_id)
        if environment.user_managed:
            from runstore.launch.environments import user_managed

            return user_managed.realise(environment)
        from runstore.launch.environments import system_managed

        return system_managed.realise(environment, said, stop)
    except LaunchError as problem:
        raise type(problem)(redactor.line(str(problem))) from None


def _redactor(environment: Environment) -> Redactor:
    """Knows also the secrets of the environment: its variables, the registry's password, what addresses hold."""
    addresses = [environment.index_url or "", *(environment.packages or ())]
    found = [part for line in addresses for given in re.findall(r"://([^/\s@]+)@", line) for part in given.split(":")]
    if environment.docker is not None:
        found.append(environment.docker.registry.password or "")
    return Redactor({**os.environ, **environment.variables, **{f"{n}_PASSWORD": one for n, one in enumerate(found)}})
